import { randomBytes, randomUUID } from "node:crypto";
import * as nodeFiles from "node:fs/promises";
import { join } from "node:path";

import { Low, type Adapter } from "lowdb";

import { AppError } from "../errors.ts";
import { replaceFile, type FileSystem } from "../runtime/durable-file.ts";
import { cannotRead, cannotWrite, codeOf } from "../runtime/file-failure.ts";
import { writeEnvelope, type Envelope } from "./envelope.ts";
import type { Store } from "./memory-store.ts";
import { migrations, newestVersion, type Migration } from "./migrations/index.ts";
import { backupName, fileName, findState, markerName, readHead, type Found, type Place } from "./recovery.ts";
import type { RunLock } from "./run-lock.ts";
import type { State } from "./state.ts";
import { doubtPending, emptyState } from "./transitions.ts";
import { noteRecovery } from "./troubles.ts";

export interface StateFileOptions {
  readonly directory: string;
  readonly fileSystem?: FileSystem;
  /** From version 1 of the format to the one that is read and written; a test passes its own. */
  readonly chain?: readonly Migration[];
}

export interface OpenOptions extends StateFileOptions {
  /** The run lock, which must still be held whenever the state is written. */
  readonly lock: Pick<RunLock, "isHeld">;
}

/**
 * Opens the state of a run. What waits in a copy that may be behind is held for a look at the channel.
 *
 * @throws AppError `state` when there is a state that cannot be used; a missing or damaged one is never taken for a
 * first run
 */
export async function openStateFile({
  directory,
  lock,
  fileSystem = nodeFiles,
  chain = migrations,
}: OpenOptions): Promise<StateStore> {
  const place = { directory, fileSystem, chain };
  return new StateStore({ ...place, lock, found: await findState(place) });
}

export interface Glance {
  /** As the next run will find it; null where there was never one. */
  readonly state: State | null;
  /** What that run will tell about a recovery. */
  readonly recoveryNote: string | null;
}

/** The state as it is on disk, without touching anything. */
export async function lookAtState({
  directory,
  fileSystem = nodeFiles,
  chain = migrations,
}: StateFileOptions): Promise<Glance> {
  const isThere = await fileSystem.lstat(directory).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null; // a folder that a first run would make
    throw cannotRead(directory, error);
  });
  if (isThere === null) return { state: null, recoveryNote: null };
  const found = await findState({ directory, fileSystem, chain });
  return { state: found.envelope === null ? null : stateOf(found), recoveryNote: noteOn(found) };
}

/** {@link lookAtState} where only the state is wanted. */
export async function readStateFile(options: StateFileOptions): Promise<State | null> {
  return (await lookAtState(options)).state;
}

/** lowdb's own adapters do not flush: after a power cut their file may be old or empty. */
class DurableAdapter implements Adapter<Envelope> {
  /** What was written last. */
  written: Buffer = Buffer.alloc(0);
  readonly #place: Place;
  readonly #beforeRename: () => Promise<void>;

  constructor(place: Place, beforeRename: () => Promise<void>) {
    this.#place = place;
    this.#beforeRename = beforeRename;
  }

  read(): Promise<Envelope | null> {
    return Promise.reject(new Error("the state is read once, by its recovery"));
  }

  async write(envelope: Envelope): Promise<void> {
    const { directory, fileSystem, chain } = this.#place;
    const options = { fileSystem, beforeRename: this.#beforeRename };
    const written = Buffer.from(writeEnvelope(envelope, chain));
    await replaceFile(join(directory, fileName), written, options);
    this.written = written;
  }
}

/** The state of a run, and the only way to change it: transitions that are on disk when their commit resolves. */
export class StateStore implements Store {
  /** `fresh`: never written before; `recovered`: from a copy, because the file was damaged. */
  readonly origin: "fresh" | "loaded" | "recovered";
  /** What to tell the operator about a recovery. */
  readonly recoveryNote: string | null;
  readonly #place: Place;
  readonly #lock: Pick<RunLock, "isHeld">;
  readonly #found: Found;
  readonly #adapter: DurableAdapter;
  readonly #low: Low<Envelope>;
  #state: State;
  /** How the file must still begin when it is replaced; null while there is none. */
  #head: string | null;
  #isPrepared = false;
  #failure: AppError | null = null;
  #flushing: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor({ lock, found, ...place }: Place & { lock: Pick<RunLock, "isHeld">; found: Found }) {
    this.#lock = lock;
    this.#place = place;
    this.#found = found;
    this.#state = stateOf(found);
    this.#head = found.head;
    this.#adapter = new DurableAdapter(place, () => this.#checkOwnership());
    this.#low = new Low(this.#adapter, { generation: found.envelope?.generation ?? 0, state: this.#state });
    this.origin = originOf(found);
    this.recoveryNote = noteOn(found);
  }

  get state(): State {
    return this.#state;
  }

  /**
   * Changes the state at once and resolves when the change is on disk. Commits made while one is being written go
   * to disk together.
   *
   * @throws AppError `state`; after that no commit succeeds, so that nothing more is sent in this run
   */
  async commit(transition: (state: State) => State): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    this.note(transition);
    if (this.#flushing === null) {
      this.#flushing = this.#flush();
      await this.#flushing;
      return;
    }
    this.#next ??= this.#flushing.then(() => {
      this.#next = null;
      this.#flushing = this.#flush();
      return this.#flushing;
    });
    await this.#next;
  }

  note(transition: (state: State) => State): void {
    this.#state = transition(this.#state);
  }

  async #flush(): Promise<void> {
    try {
      if (this.#isPrepared) await this.#keepPrevious();
      else await this.#prepare();
      const generation = this.#low.data.generation + 1;
      this.#low.data = { generation, state: this.#state };
      await this.#low.write();
      this.#head = await readHead(this.#path(fileName), this.#place.fileSystem);
      if (!this.#isPrepared) await this.#settleIn();
      this.#isPrepared = true;
    } catch (error) {
      this.#failure =
        error instanceof AppError ? error : new AppError("state", "cannot save the state", { cause: error });
      throw this.#failure;
    } finally {
      if (this.#next === null) this.#flushing = null;
    }
  }

  /** Before the first write of a run: the damaged file is kept aside, a sound one becomes the backup. */
  async #prepare(): Promise<void> {
    const { damaged, envelope, from, version } = this.#found;
    const { fileSystem, chain } = this.#place;
    if (damaged !== null) {
      const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
      await this.#keepCopy(damaged, `sage-slack.cursor.corrupt-${stamp}`);
    }
    if (from !== null && version !== null && version < newestVersion(chain)) {
      await this.#keepCopy(from, `${fileName}.v${version}.bak`);
    }
    if (envelope !== null) {
      await replaceFile(this.#path(backupName), writeEnvelope(envelope, chain), { fileSystem });
    }
  }

  /** A copy, so that the folder never looks as if there had been no state. */
  async #keepCopy(name: string, copy: string): Promise<void> {
    const { fileSystem } = this.#place;
    try {
      await fileSystem.copyFile(this.#path(name), this.#path(copy));
      await fileSystem.chmod(this.#path(copy), 0o600);
    } catch (error) {
      throw cannotWrite(this.#path(copy), error);
    }
  }

  /** The document that is about to be replaced becomes the backup: at most one commit behind. */
  async #keepPrevious(): Promise<void> {
    const { fileSystem } = this.#place;
    const options = { fileSystem, isFlushed: false };
    await replaceFile(this.#path(backupName), this.#adapter.written, options);
  }

  /**
   * After the first write of a run. The marker comes after the state that it vouches for: a first run that dies in
   * between is a first run again, and nothing has been sent.
   */
  async #settleIn(): Promise<void> {
    const { fileSystem } = this.#place;
    if (!this.#found.isMarked) await replaceFile(this.#path(markerName), "", { fileSystem });
    for (const name of this.#found.leftovers) {
      await fileSystem.unlink(this.#path(name)).catch(() => {}); // only litter
    }
  }

  #path(name: string): string {
    return join(this.#place.directory, name);
  }

  /** The lock may have been lost to another run: whoever finds the file changed writes nothing. */
  async #checkOwnership(): Promise<void> {
    const { directory, fileSystem } = this.#place;
    const path = this.#path(fileName);
    const hint =
      "Nothing was sent after that. Is there a second installation on the same folder, or a restored copy?";
    if (!(await this.#lock.isHeld())) {
      throw new AppError("state", `this run no longer holds the lock of ${directory}`, { hint });
    }
    if ((await readHead(path, fileSystem)) !== this.#head) {
      throw new AppError("state", `${path} was changed by somebody else during this run`, { hint });
    }
  }
}

function stateOf(found: Found): State {
  const { envelope, mayBeBehind } = found;
  if (envelope === null) return emptyState({ instance: randomUUID(), salt: randomBytes(32).toString("hex") });
  const state = noteOn(found) === null ? envelope.state : noteRecovery(envelope.state, Date.now());
  return mayBeBehind ? doubtPending(state) : state;
}

function originOf({ envelope, from, damaged }: Found): StateStore["origin"] {
  if (envelope === null) return "fresh";
  return damaged === null && from !== backupName ? "loaded" : "recovered";
}

function noteOn({ from, damaged, envelope }: Found): string | null {
  if (damaged !== null) {
    return `${fileName} was damaged; went on from ${from}. The damaged file is kept beside it.`;
  }
  if (from === backupName) {
    return `${fileName} is older than its backup; went on from the backup (generation ${envelope?.generation}).`;
  }
  return null;
}

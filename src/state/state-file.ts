import { randomBytes, randomUUID } from "node:crypto";
import * as nodeFiles from "node:fs/promises";
import { join } from "node:path";

import { Low, type Adapter } from "lowdb";

import { AppError } from "../errors.ts";
import { replaceFile, type FileSystem } from "../runtime/durable-file.ts";
import { writeEnvelope, type Envelope } from "./envelope.ts";
import type { Store } from "./memory-store.ts";
import { fileName, findState, markerName, readHead, type Found } from "./recovery.ts";
import type { RunLock } from "./run-lock.ts";
import type { State } from "./state.ts";
import { emptyState } from "./transitions.ts";

export interface StateFileOptions {
  readonly directory: string;
  readonly fileSystem?: FileSystem;
}

export interface OpenOptions extends StateFileOptions {
  /** The run lock, which must still be held whenever the state is written. */
  readonly lock: Pick<RunLock, "isHeld">;
}

/**
 * Opens the state of a run.
 *
 * @throws AppError `state` when there is a state that cannot be used; a missing or damaged one is never taken for a
 * first run
 */
export async function openStateFile({
  directory,
  lock,
  fileSystem = nodeFiles,
}: OpenOptions): Promise<StateStore> {
  const found = await findState(directory, fileSystem);
  return new StateStore({ directory, lock, fileSystem, found });
}

/** The state as it is on disk, without touching anything; null where there was never one. */
export async function readStateFile({
  directory,
  fileSystem = nodeFiles,
}: StateFileOptions): Promise<State | null> {
  try {
    await fileSystem.lstat(directory);
  } catch {
    return null; // a folder that a first run would make
  }
  return (await findState(directory, fileSystem)).envelope?.state ?? null;
}

/** lowdb's own adapters do not flush: after a power cut their file may be old or empty. */
class DurableAdapter implements Adapter<Envelope> {
  readonly #path: string;
  readonly #fileSystem: FileSystem;
  readonly #beforeRename: () => Promise<void>;

  constructor(path: string, fileSystem: FileSystem, beforeRename: () => Promise<void>) {
    this.#path = path;
    this.#fileSystem = fileSystem;
    this.#beforeRename = beforeRename;
  }

  read(): Promise<Envelope | null> {
    return Promise.reject(new Error("the state is read once, by its recovery"));
  }

  async write(envelope: Envelope): Promise<void> {
    const options = { fileSystem: this.#fileSystem, beforeRename: this.#beforeRename };
    await replaceFile(this.#path, writeEnvelope(envelope), options);
  }
}

/** The state of a run, and the only way to change it: transitions that are on disk when their commit resolves. */
export class StateStore implements Store {
  /** `fresh`: never written before; `recovered`: from a copy, because the file was damaged. */
  readonly origin: "fresh" | "loaded" | "recovered";
  /** What to tell the operator about a recovery. */
  readonly recoveryNote: string | null;
  readonly #directory: string;
  readonly #lock: Pick<RunLock, "isHeld">;
  readonly #fileSystem: FileSystem;
  readonly #found: Found;
  readonly #low: Low<Envelope>;
  #state: State;
  /** How the file must still begin when it is replaced; null while there is none. */
  #head: string | null;
  #isPrepared = false;
  #failure: AppError | null = null;
  #flushing: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor({ directory, lock, fileSystem, found }: Required<OpenOptions> & { found: Found }) {
    this.#lock = lock;
    this.#directory = directory;
    this.#fileSystem = fileSystem;
    this.#found = found;
    this.#state =
      found.envelope?.state ?? emptyState({ instance: randomUUID(), salt: randomBytes(32).toString("hex") });
    const generation = found.envelope?.generation ?? 0;
    this.#head = found.head;
    const adapter = new DurableAdapter(join(directory, fileName), fileSystem, () => this.#checkOwnership());
    this.#low = new Low(adapter, { generation, state: this.#state });
    this.origin = found.envelope === null ? "fresh" : found.damaged === null ? "loaded" : "recovered";
    this.recoveryNote =
      found.damaged === null
        ? null
        : `${fileName} was damaged; went on from ${found.from}. The damaged file is kept beside it.`;
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
    this.#state = transition(this.#state);
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

  async #flush(): Promise<void> {
    try {
      if (this.#isPrepared) await this.#keepPrevious();
      else await this.#prepare();
      const generation = this.#low.data.generation + 1;
      this.#low.data = { generation, state: this.#state };
      await this.#low.write();
      this.#head = await readHead(join(this.#directory, fileName), this.#fileSystem);
      if (!this.#isPrepared) await this.#leaveSign();
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
    const path = join(this.#directory, fileName);
    if (this.#found.damaged !== null) {
      const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
      // A copy, so that the folder never looks as if there had been no state.
      await this.#fileSystem.copyFile(path, join(this.#directory, `sage-slack.cursor.corrupt-${stamp}`));
    }
    if (this.#found.envelope !== null) {
      await replaceFile(`${path}.bak`, writeEnvelope(this.#found.envelope), { fileSystem: this.#fileSystem });
    }
  }

  /** The document that is about to be replaced becomes the backup: at most one commit behind. */
  async #keepPrevious(): Promise<void> {
    const { data } = this.#low;
    const options = { fileSystem: this.#fileSystem, isFlushed: false };
    await replaceFile(join(this.#directory, `${fileName}.bak`), writeEnvelope(data), options);
  }

  /** After the first write of a run, because a sign without a state would look as if the state had been lost. */
  async #leaveSign(): Promise<void> {
    await replaceFile(join(this.#directory, markerName), "", { fileSystem: this.#fileSystem });
    for (const name of this.#found.leftovers) {
      await this.#fileSystem.unlink(join(this.#directory, name)).catch(() => {}); // only litter
    }
  }

  /** The lock may have been lost to another run: whoever finds the file changed writes nothing. */
  async #checkOwnership(): Promise<void> {
    const path = join(this.#directory, fileName);
    const hint =
      "Nothing was sent after that. Is there a second installation on the same folder, or a restored copy?";
    if (!(await this.#lock.isHeld())) {
      throw new AppError("state", `this run no longer holds the lock of ${this.#directory}`, { hint });
    }
    if ((await readHead(path, this.#fileSystem)) !== this.#head) {
      throw new AppError("state", `${path} was changed by somebody else during this run`, { hint });
    }
  }
}

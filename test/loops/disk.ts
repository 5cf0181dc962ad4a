import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Chance } from "./chance.ts";

/** A folder whose power can be cut. */
export interface Disk extends AsyncDisposable {
  /** Module to load into the program, and what it needs in its environment. */
  readonly preload?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Power goes and comes back: the folder now holds one of the things that it may hold then. */
  cut(chance: Chance): Promise<void>;
  /** The system writes everything to the disk, as it does by itself after a while. */
  writeBack(): Promise<void>;
}

/**
 * What a disk holds after a power cut, worked out from a journal of everything that was changed and flushed.
 *
 * Assumed, after ALICE (Pillai et al., OSDI 2014) and what POSIX promises:
 * - The bytes of a file are certain only once a flush of that file, begun after they were written, has ended. Of bytes
 *   that are not: all, none, the beginning, or zeros in their place.
 * - An entry of a folder (create, mkdir, link, rename, unlink) is certain only once a flush of that folder, begun after
 *   the change, has ended; flushing the file is not enough. Each change of an entry is atomic, a rename within a folder
 *   included. Of changes that are not certain: the first few in order (a journal, as in ext4 and XFS), or any of them
 *   (btrfs), whether or not the bytes behind them were written.
 * - A flush that was reported is true; bytes once flushed do not rot; a sector is not torn within.
 *
 * ext4 as it is mounted by default is kinder: `auto_da_alloc` writes bytes before a rename, and flushing a file
 * usually takes its entry along. Every outcome here is one that some file system may leave.
 */
export class ModelDisk implements Disk {
  readonly preload = join(import.meta.dirname, "disk-recorder.mjs");
  readonly env: Readonly<Record<string, string>>;
  readonly #root: string;
  readonly #journal: string;
  /** The entries after the last power cut: everything that was on it then is certain. */
  #first: ReadonlyMap<string, Inode> = new Map();

  constructor(root: string, journal: string) {
    this.#root = root;
    this.#journal = journal;
    this.env = { DISK_ROOT: root, DISK_JOURNAL: journal };
  }

  async cut(chance: Chance): Promise<void> {
    const after = survivors(this.#first, await this.#changes(), chance);
    await this.#lay(after);
    // What is there after the reboot has come off the disk.
    for (const inode of after.values()) inode.certain = inode.bytes;
    this.#first = after;
    await writeFile(this.#journal, "");
  }

  async writeBack(): Promise<void> {
    const { entries } = replayed(this.#first, await this.#changes());
    for (const inode of entries.values()) inode.certain = inode.bytes;
    this.#first = entries;
    await writeFile(this.#journal, "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#journal, { force: true });
  }

  async #changes(): Promise<Change[]> {
    const text = await readFile(this.#journal, "utf8");
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Change);
  }

  async #lay(entries: ReadonlyMap<string, Inode>): Promise<void> {
    for (const name of await readdir(this.#root)) await rm(join(this.#root, name), { recursive: true });
    const paths = new Map<Inode, string>();
    for (const [path, inode] of [...entries].toSorted(([a], [b]) => a.length - b.length)) {
      const place = join(this.#root, path);
      const other = paths.get(inode);
      if (inode.isFolder) await mkdir(place, { mode: 0o700 });
      else if (other !== undefined) await link(other, place);
      else await writeFile(place, inode.bytes, { mode: 0o600 });
      paths.set(inode, place);
    }
  }
}

export type Change =
  | { readonly kind: "create"; readonly path: string; readonly handle: string }
  | { readonly kind: "mkdir" | "unlink"; readonly path: string }
  | { readonly kind: "rename" | "link"; readonly from: string; readonly path: string }
  | { readonly kind: "write"; readonly handle: string; readonly bytes: string }
  | {
      readonly kind: "flush-begins";
      readonly flush: string;
      readonly handle?: string;
      readonly folder?: string;
    }
  | { readonly kind: "flush-ends"; readonly flush: string };

/** A file or folder, whatever its names. */
export interface Inode {
  readonly isFolder: boolean;
  /** As the program sees it. */
  bytes: Buffer;
  /** What a flush has made certain. */
  certain: Buffer;
}

/** One change of a folder's entries. */
interface EntryChange {
  readonly folder: string;
  readonly removes: string | null;
  readonly sets: readonly [string, Inode] | null;
  isCertain: boolean;
}

class Replay {
  /** As the program sees them. */
  readonly entries: Map<string, Inode>;
  readonly entryChanges: EntryChange[] = [];
  readonly #handles = new Map<string, Inode>();
  readonly #flushes = new Map<string, () => void>();

  constructor(first: ReadonlyMap<string, Inode>) {
    this.entries = new Map(first);
  }

  take(change: Change): void {
    switch (change.kind) {
      case "create": {
        const inode = newInode(false);
        this.#handles.set(change.handle, inode);
        return this.#change({ removes: null, sets: [change.path, inode] });
      }
      case "mkdir":
        return this.#change({ removes: null, sets: [change.path, newInode(true)] });
      case "unlink":
        return this.#change({ removes: change.path, sets: null });
      case "rename":
        return this.#change({ removes: change.from, sets: [change.path, this.#at(change.from)] });
      case "link":
        return this.#change({ removes: null, sets: [change.path, this.#at(change.from)] });
      case "write": {
        const inode = this.#behind(change.handle);
        inode.bytes = Buffer.concat([inode.bytes, Buffer.from(change.bytes, "base64")]);
        return;
      }
      case "flush-begins":
        this.#flushes.set(change.flush, this.#coveredBy(change));
        return;
      case "flush-ends":
        this.#flushes.get(change.flush)?.();
    }
  }

  #change({ removes, sets }: Pick<EntryChange, "removes" | "sets">): void {
    const folder = dirname(sets?.[0] ?? removes ?? "");
    this.entryChanges.push({ folder, removes, sets, isCertain: false });
    applyTo(this.entries, { removes, sets });
  }

  /** What becomes certain when a flush that begins now ends. */
  #coveredBy({ handle, folder }: { handle?: string; folder?: string }): () => void {
    if (handle !== undefined) {
      const inode = this.#behind(handle);
      const { bytes } = inode;
      return () => {
        if (bytes.length > inode.certain.length) inode.certain = bytes;
      };
    }
    // The root's own path is empty, where `dirname` says ".".
    const covered = this.entryChanges.filter((change) => change.folder === (folder === "" ? "." : folder));
    return () => {
      for (const change of covered) change.isCertain = true;
    };
  }

  #at(path: string): Inode {
    const inode = this.entries.get(path);
    if (inode === undefined) throw new Error(`the journal knows nothing of ${path}`);
    return inode;
  }

  #behind(handle: string): Inode {
    const inode = this.#handles.get(handle);
    if (inode === undefined) throw new Error(`the journal knows no handle ${handle}`);
    return inode;
  }
}

/** One of the sets of entries that a power cut after these changes may leave. */
export function survivors(
  first: ReadonlyMap<string, Inode>,
  changes: readonly Change[],
  chance: Chance,
): Map<string, Inode> {
  const replay = replayed(first, changes);
  const survives = chanceOfEntries(replay.entryChanges, chance);
  const left = new Map(first);
  for (const [index, change] of replay.entryChanges.entries()) {
    if (change.isCertain || survives(index)) applyTo(left, change);
  }
  for (const inode of new Set(left.values())) inode.bytes = remainder(inode, chance);
  // What is in a folder that is gone cannot be found.
  return new Map([...left].filter(([path]) => dirname(path) === "." || left.has(dirname(path))));
}

function replayed(first: ReadonlyMap<string, Inode>, changes: readonly Change[]): Replay {
  const replay = new Replay(first);
  for (const change of changes) replay.take(change);
  return replay;
}

/** Which of the changes that are not certain have reached the disk all the same. */
function chanceOfEntries(changes: readonly EntryChange[], chance: Chance): (index: number) => boolean {
  const how = chance.oneOf(["none", "all", "in order", "in order", "any"] as const);
  const reached = chance.whole(0, changes.length);
  switch (how) {
    case "none":
      return () => false;
    case "all":
      return () => true;
    case "in order":
      return (index) => index < reached;
    case "any":
      return () => chance.happens(0.5);
  }
}

function remainder({ bytes, certain }: Inode, chance: Chance): Buffer {
  if (bytes.length === certain.length) return certain;
  switch (chance.oneOf(["none", "all", "beginning", "zeros"] as const)) {
    case "none":
      return certain;
    case "all":
      return bytes;
    case "beginning":
      return bytes.subarray(0, chance.whole(certain.length, bytes.length));
    case "zeros":
      return Buffer.concat([certain, Buffer.alloc(bytes.length - certain.length)]);
  }
}

function applyTo(
  entries: Map<string, Inode>,
  { removes, sets }: Pick<EntryChange, "removes" | "sets">,
): void {
  if (removes !== null) entries.delete(removes);
  if (sets !== null) entries.set(...sets);
}

function newInode(isFolder: boolean): Inode {
  return { isFolder, bytes: Buffer.alloc(0), certain: Buffer.alloc(0) };
}

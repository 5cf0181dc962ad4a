import { join } from "node:path";

import { AppError } from "../errors.ts";
import { readOwnFile, type FileSystem } from "../runtime/durable-file.ts";
import { cannotRead, codeOf } from "../runtime/file-failure.ts";
import { parseEnvelope, type Envelope, type Parsed } from "./envelope.ts";
import type { Migration } from "./migrations/index.ts";

export const fileName = "sage-slack.cursor.json";
export const backupName = `${fileName}.bak`;
/** Put beside the state when it is first written: without it a lost state would look like a first run. */
export const markerName = "sage-slack.cursor.initialized";
const siblings = "sage-slack.cursor.";
const maxBytes = 32 * 1024 * 1024;

export interface Place {
  readonly directory: string;
  readonly fileSystem: FileSystem;
  readonly chain: readonly Migration[];
}

export interface Found {
  /** Null when there is nothing and no sign that there ever was. */
  readonly envelope: Envelope | null;
  readonly from: string | null;
  /** Version of the format in which it was written. */
  readonly version: number | null;
  /** The state file when it is damaged: to be kept aside. */
  readonly damaged: string | null;
  /** It comes from a copy: what waits in it may have been sent since. */
  readonly mayBeBehind: boolean;
  /** How the state file begins, its checksum included, whether it is valid or not; null where there is none. */
  readonly head: string | null;
  /** The sign that there has been a state stands beside it. */
  readonly isMarked: boolean;
  /** Files that an interrupted write left behind. */
  readonly leftovers: readonly string[];
}

/**
 * The newest valid copy of the state: the file, its backup, or a temporary file that was complete when the power
 * went. Every document ever written states only what was true, so the one with the highest generation is right.
 *
 * @throws AppError `state` when something is there but nothing valid, or a newer program wrote it
 */
export async function findState(place: Place): Promise<Found> {
  const { directory, fileSystem } = place;
  const all = await namesIn(directory, fileSystem);
  const names = all.filter((name) => name.startsWith(siblings));
  // Not the backups that migrations leave: they are from long ago.
  const candidates = names.filter(
    (name) => name === fileName || name === backupName || name.endsWith(".tmp"),
  );
  const read: { name: string; parsed: Parsed }[] = [];
  for (const name of candidates) read.push({ name, parsed: await parseFile(name, place) });

  const newer = read.find(({ parsed }) => parsed.kind === "newer");
  if (newer?.parsed.kind === "newer") {
    throw new AppError(
      "state",
      `${join(directory, newer.name)} was written by a newer sage-slack (format ${newer.parsed.version})`,
      {
        hint: "Install that version again. The file was not touched.",
      },
    );
  }
  const valid = read.flatMap(({ name, parsed }) =>
    parsed.kind === "valid" ? [{ name, envelope: parsed.envelope, version: parsed.version }] : [],
  );
  const best = valid.toSorted((a, b) => b.envelope.generation - a.envelope.generation)[0];
  const backup = valid.find(({ name }) => name === backupName);
  const isMainDamaged = read.some(({ name, parsed }) => name === fileName && parsed.kind === "damaged");
  const leftovers = all.filter((name) => /^sage-slack\.(?:cursor|master)\..*\.tmp$/.test(name));
  const head = await readHead(join(directory, fileName), fileSystem);
  const isMarked = all.includes(markerName);
  if (best === undefined) {
    if (names.some((name) => !name.endsWith(".tmp"))) throw nothingValid(directory, names);
    const nothing = { envelope: null, from: null, version: null, damaged: null, mayBeBehind: false };
    return { ...nothing, head, isMarked, leftovers };
  }
  // The backup is a commit behind: it may stand in for a damaged file, not for one that somebody took away.
  if (!candidates.includes(fileName) && best.name === backupName) throw nothingValid(directory, names);
  return {
    envelope: best.envelope,
    from: best.name,
    version: best.version,
    damaged: isMainDamaged ? fileName : null,
    // The file is a commit ahead of its backup, unless somebody has put that one in its place.
    mayBeBehind: isMainDamaged || backup?.envelope.generation === best.envelope.generation,
    head,
    isMarked,
    leftovers,
  };
}

/** The beginning of a document holds its generation and the checksum of all the rest. */
export async function readHead(path: string, fileSystem: FileSystem): Promise<string | null> {
  const file = await fileSystem.open(path, "r").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw cannotRead(path, error);
  });
  if (file === null) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    return buffer.subarray(0, bytesRead).toString("latin1");
  } catch (error) {
    throw cannotRead(path, error);
  } finally {
    await file.close();
  }
}

async function namesIn(directory: string, fileSystem: FileSystem): Promise<string[]> {
  const names = await fileSystem.readdir(directory).catch((error: unknown) => {
    throw cannotRead(directory, error);
  });
  return names.toSorted();
}

async function parseFile(name: string, { directory, fileSystem, chain }: Place): Promise<Parsed> {
  const text = await readOwnFile(join(directory, name), { maxBytes, fileSystem });
  return text === null ? { kind: "damaged" } : parseEnvelope(text, chain);
}

function nothingValid(directory: string, names: readonly string[]): AppError {
  const isMissing = !names.includes(fileName);
  const what = isMissing
    ? "is gone, though earlier runs left their traces"
    : "is damaged, and so is every copy of it";
  return new AppError("state", `${join(directory, fileName)} ${what}: ${names.join(", ")}`, {
    hint:
      `Restore ${fileName} from your backup (or copy ${fileName}.bak over it when that one is sound). To start over, ` +
      `move all ${siblings}* files elsewhere: the next run then takes what is in Sage as its baseline and posts nothing old.`,
  });
}

import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import * as nodeFiles from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { AppError } from "../errors.ts";
import { cannotRead, cannotWrite, codeOf } from "./file-failure.ts";

/** The calls of `node:fs/promises` that durable files are made with; a test passes one that fails. */
export type FileSystem = Pick<
  typeof nodeFiles,
  "chmod" | "copyFile" | "lstat" | "mkdir" | "open" | "readdir" | "rename" | "unlink"
>;

export interface ReplaceOptions {
  readonly fileSystem?: FileSystem;
  /** False for a copy that may as well be lost; then only a process's death is survived, not a power cut. */
  readonly isFlushed?: boolean;
  /** Permissions of a file that others may read too; owner-only without it. */
  readonly mode?: number;
  /** Called when the new content is on disk, before it takes the old one's place. */
  readonly beforeRename?: () => Promise<void>;
}

/**
 * Replaces a file so that after a power cut it holds the old content or the new, whole: a temporary file beside it,
 * flushed, renamed over it, the folder flushed. Owner-only permissions.
 *
 * @throws AppError `state`; a flush that failed is never tried again, because the kernel may have dropped the data
 */
export async function replaceFile(
  path: string,
  content: string | Buffer,
  options: ReplaceOptions = {},
): Promise<void> {
  const files = options.fileSystem ?? nodeFiles;
  // Random, so that nobody can lay a link in its place.
  const temporary = `${path}.${process.pid}.${randomBytes(8).toString("hex")}.tmp`;
  try {
    const isFlushed = options.isFlushed ?? true;
    const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
    await writeNew(files, temporary, { content: bytes, isFlushed });
    if (options.mode !== undefined) await files.chmod(temporary, options.mode);
    await options.beforeRename?.();
    await renameOver(files, temporary, path);
    if (isFlushed) await flushFolder(files, path);
  } catch (error) {
    await files.unlink(temporary).catch(() => {}); // it may not exist, or have been renamed
    throw error instanceof AppError ? error : cannotWrite(path, error);
  }
}

/**
 * Writes a file that is not there yet, for this user alone.
 *
 * @returns false where something of that name is there; it stays as it is
 * @throws what the system says
 */
export async function createFile(path: string, content: string): Promise<boolean> {
  try {
    await writeNew(nodeFiles, path, { content: Buffer.from(content, "utf8"), isFlushed: true });
    return true;
  } catch (error) {
    // ELOOP: a link that leads nowhere.
    if (["EEXIST", "ELOOP"].includes(codeOf(error))) return false;
    throw error;
  }
}

async function writeNew(
  files: FileSystem,
  path: string,
  { content, isFlushed }: { content: Buffer; isFlushed: boolean },
): Promise<void> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
  const file = await files.open(path, flags, 0o600);
  try {
    let written = 0;
    while (written < content.length) {
      const { bytesWritten } = await file.write(content, written);
      if (bytesWritten === 0) throw new Error("the disk takes no more bytes");
      written += bytesWritten;
    }
    if (isFlushed) await file.sync();
  } finally {
    await file.close();
  }
}

const heldByOthers = new Set(["EPERM", "EACCES", "EBUSY"]);

/** On Windows a virus scanner may hold the file for a while. */
async function renameOver(files: FileSystem, from: string, to: string): Promise<void> {
  for (let waited = 0, pause = 10; ; waited += pause, pause = Math.min(pause * 2, 500)) {
    try {
      await files.rename(from, to);
      return;
    } catch (error) {
      const mayPass = process.platform === "win32" && heldByOthers.has(codeOf(error)) && waited < 30_000;
      if (!mayPass) throw error;
      await delay(pause);
    }
  }
}

/** The rename itself is on disk only when its folder is. Windows cannot flush folders; there the file is flushed again. */
async function flushFolder(files: FileSystem, path: string): Promise<void> {
  const isWindows = process.platform === "win32";
  const handle = await files.open(isWindows ? path : dirname(path), isWindows ? "r+" : "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Not to follow a link, and not to wait for the other end of a pipe that somebody laid in a file's place. */
export const plainRead = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * The text of a file that only this user may have written: regular, not a link, with no second name.
 *
 * @returns null when there is no such file
 * @throws AppError `state`
 */
export async function readOwnFile(
  path: string,
  { maxBytes, fileSystem = nodeFiles }: { maxBytes: number; fileSystem?: FileSystem },
): Promise<string | null> {
  const file = await fileSystem.open(path, plainRead).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    // ENXIO: a socket, or a device that is not there.
    throw ["ELOOP", "ENXIO"].includes(codeOf(error)) ? notPlain(path) : cannotRead(path, error);
  });
  if (file === null) return null;
  try {
    const stat = await file.stat();
    const isOwn = process.platform === "win32" || (stat.uid === process.getuid?.() && stat.nlink === 1);
    if (!stat.isFile() || !isOwn) throw notPlain(path);
    if (stat.size > maxBytes) throw new AppError("state", `${path} is larger than ${maxBytes} bytes`);
    return await file.readFile("utf8");
  } catch (error) {
    throw error instanceof AppError ? error : cannotRead(path, error);
  } finally {
    await file.close();
  }
}

function notPlain(path: string): AppError {
  return new AppError("state", `${path} is not a plain file of this user`, {
    hint: "Somebody may have put a link there. Look at it before you remove it.",
  });
}

/**
 * Makes sure that the folder is there (0700 when it is made here) and that nobody else can put files into it.
 *
 * @throws AppError `state`, with the command that mends it
 */
export async function ensureStateDirectory(path: string, fileSystem: FileSystem = nodeFiles): Promise<void> {
  try {
    const made = await fileSystem.mkdir(path, { recursive: true, mode: 0o700 });
    if (made !== undefined) await flushNewFolders(fileSystem, path, made);
    checkStateDirectory(path, await fileSystem.lstat(path));
  } catch (error) {
    throw error instanceof AppError ? error : cannotWrite(path, error);
  }
}

/** A folder that a power cut takes away takes the state with it, and the next run would be a first run. */
async function flushNewFolders(fileSystem: FileSystem, path: string, outermost: string): Promise<void> {
  if (process.platform === "win32") return;
  for (let folder = path; folder.length >= outermost.length; folder = dirname(folder)) {
    await flushFolder(fileSystem, folder);
  }
}

function checkStateDirectory(path: string, stat: Stats): void {
  if (stat.isSymbolicLink()) {
    throw new AppError("state", `the state folder ${path} is a link`, {
      hint: "Name the folder itself in stateDir: a link can be turned elsewhere between two runs.",
    });
  }
  if (!stat.isDirectory()) throw new AppError("state", `the state folder ${path} is not a folder`);
  const isSticky = (stat.mode & 0o1000) !== 0;
  if (!isSticky && mayOthersWrite(stat)) {
    throw new AppError("state", `others may write into the state folder ${path}`, {
      hint: `chmod go-w "${path}"`,
    });
  }
  if (isForeign(stat.uid)) {
    throw new AppError("state", `the state folder ${path} belongs to another user (${stat.uid})`, {
      hint: `Run as that user, or: chown ${process.getuid?.()} "${path}"`,
    });
  }
}

/** Windows has no such bits: there the rights of the folder decide. */
export function mayOthersWrite({ mode }: Stats): boolean {
  return process.platform !== "win32" && (mode & 0o022) !== 0;
}

/** Neither ours nor root's. To root, who may read everything anyway, no owner is foreign. */
export function isForeign(uid: number): boolean {
  const me = process.getuid?.();
  return me !== undefined && me !== 0 && uid !== me && uid !== 0;
}

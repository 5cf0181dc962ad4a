import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, lstat, open, readdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import { ensureStateDirectory } from "./durable-file.ts";
import { cannotWrite, codeOf } from "./file-failure.ts";

export interface FolderProbe {
  /** It is not there; a run can make it. */
  readonly isNew: boolean;
  /** Files of the tool that others than their owner may read. */
  readonly openFiles: readonly string[];
}

/**
 * Whether a run can keep its state in this folder, found out by writing a file of another name and removing it: nothing
 * that a run under way uses is touched. A folder that is not there is not made, since it would belong to whoever tests.
 *
 * @throws AppError `state`, with the command that mends it
 */
export async function probeStateFolder(path: string): Promise<FolderProbe> {
  if (!(await isThere(path))) {
    await checkParent(path);
    return { isNew: true, openFiles: [] };
  }
  await ensureStateDirectory(path);
  await writeAndRemove(path);
  return { isNew: false, openFiles: await openFilesIn(path) };
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === "ENOENT") return false;
      throw cannotWrite(path, error);
    },
  );
}

/** The nearest folder above that is there must take a new one. */
async function checkParent(path: string): Promise<void> {
  let parent = dirname(path);
  while (parent !== dirname(parent) && !(await isThere(parent))) parent = dirname(parent);
  await access(parent, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
}

async function writeAndRemove(path: string): Promise<void> {
  const probe = join(path, `.sage-slack-test.${randomBytes(8).toString("hex")}`);
  try {
    const file = await open(probe, "wx", 0o600);
    try {
      await file.writeFile("written by sage-slack test; it can be removed\n");
      await file.sync();
    } finally {
      await file.close();
      await unlink(probe);
    }
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

async function openFilesIn(path: string): Promise<string[]> {
  if (process.platform === "win32") return []; // there the rights of the folder decide
  const names = (await readdir(path)).filter((name) =>
    /^sage-slack\.(?:cursor|master)\.|^sage-slack\.lock/.test(name),
  );
  const found: string[] = [];
  for (const name of names) {
    const stat = await lstat(join(path, name)).catch(() => null); // a run may just have replaced it
    if (stat?.isFile() === true && (stat.mode & 0o077) !== 0) found.push(name);
  }
  return found;
}

/** On a system that knows such a user. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

import { access, realpath, stat } from "node:fs/promises";

import { AppError } from "../errors.ts";
import { Directory } from "../routing/directory.ts";
import { readDirectory, type DirectoryTable } from "../routing/directory-file.ts";
import { replaceFile } from "../runtime/durable-file.ts";
import { explained } from "../runtime/file-failure.ts";
import { decode, readBytes, type Encodings } from "./guarded-file.ts";

const saveAs = 'In Excel save it as "CSV UTF-8 (Comma delimited)"';

const excel: Encodings = {
  fromUtf16: `${saveAs}: "Unicode Text" is UTF-16.`,
  fromOther: `${saveAs}: plain "CSV" is Windows-1252 or whatever the system uses, in which letters get lost.`,
};

/**
 * The directory that the configuration names.
 *
 * @throws AppError `config` with all problems at once; for a missing file, unless it may lack
 */
export async function loadDirectory(path: string, { mayLack }: { mayLack: boolean }): Promise<Directory> {
  const table = mayLack ? await findDirectoryFile(path) : await readDirectoryFile(path);
  return new Directory(table?.rows ?? []);
}

/** Null when there is no such file. */
export async function findDirectoryFile(path: string): Promise<DirectoryTable | null> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return isThere ? readDirectoryFile(path) : null;
}

async function readDirectoryFile(path: string): Promise<DirectoryTable> {
  const bytes = await readBytes(path, {
    what: "the directory",
    hint: `Is the path right? "sage-slack sync-master --export ${path}" makes it.`,
    maxMegabytes: 16,
  });
  return readDirectory(decode(bytes, `the directory ${path}`, excel), path);
}

/**
 * Puts the new text in the place of the old one, in one step; where the path is a link, at its end. Whoever could read
 * the file before still can.
 *
 * @throws AppError `config`
 */
export async function saveDirectoryFile(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path); // it is new
  const before = await stat(target).catch(() => null);
  try {
    await replaceFile(target, text, before === null ? {} : { mode: before.mode & 0o755 });
  } catch (error) {
    const { cause } = error instanceof AppError ? error : { cause: error };
    throw new AppError("config", `cannot write the directory ${path} (${explained(cause)})`, {
      hint: "Is the folder there, and may it be written to? Is the file open in a spreadsheet? It is as it was.",
      cause: error,
    });
  }
}

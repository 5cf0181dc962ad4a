import { access } from "node:fs/promises";

import { Directory } from "../routing/directory.ts";
import { readDirectory, type DirectoryTable } from "../routing/directory-file.ts";
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
  if (mayLack && !(await isThere(path))) return new Directory([]);
  return new Directory((await readDirectoryFile(path)).rows);
}

/** @throws AppError `config` */
export async function readDirectoryFile(path: string): Promise<DirectoryTable> {
  const bytes = await readBytes(path, {
    what: "the directory",
    hint: `Is the path right? "sage-slack sync-master --export ${path}" makes it.`,
    maxMegabytes: 16,
  });
  return readDirectory(decode(bytes, `the directory ${path}`, excel), path);
}

/** A link that leads nowhere is there: somebody meant it to lead somewhere. */
export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

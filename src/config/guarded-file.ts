import { readFile, stat } from "node:fs/promises";

import { AppError } from "../errors.ts";
import { isForeign, mayOthersWrite } from "../runtime/durable-file.ts";
import { explained } from "../runtime/file-failure.ts";

export interface GuardedFile {
  /** As an error names it: `the configuration`. */
  readonly what: string;
  readonly hint?: string;
  readonly maxMegabytes?: number;
}

/**
 * A file that others may read but not write: what is in it decides where amounts are posted. It may be a link.
 *
 * @throws AppError `config`
 */
export async function readBytes(
  path: string,
  { what, hint = "Is the path right?", maxMegabytes = 1 }: GuardedFile,
): Promise<Buffer> {
  const found = await stat(path).catch((error: unknown) => {
    throw new AppError("config", `cannot read ${what} ${path} (${explained(error)})`, { hint, cause: error });
  });
  if (!found.isFile()) throw new AppError("config", `${what} ${path} is not a file`);
  if (mayOthersWrite(found)) {
    throw new AppError("config", `others may write to ${what} ${path}`, { hint: `chmod go-w "${path}"` });
  }
  if (isForeign(found.uid)) {
    throw new AppError("config", `${what} ${path} belongs to another user (${found.uid})`, {
      hint: "It must belong to the user of the run, or to root.",
    });
  }
  if (found.size > maxMegabytes * 1024 * 1024)
    throw new AppError("config", `${what} ${path} is larger than ${maxMegabytes} MB`);
  return readFile(path).catch((error: unknown) => {
    throw new AppError("config", `cannot read ${what} ${path} (${explained(error)})`, { cause: error });
  });
}

/** How to save a file so that it can be read. */
export interface Encodings {
  readonly fromUtf16: string;
  readonly fromOther: string;
}

const anyEditor: Encodings = {
  fromUtf16: 'Save it as UTF-8. (The ">" of Windows PowerShell 5 writes UTF-16.)',
  fromOther: "Save it as UTF-8.",
};

/** @throws AppError `config` for anything but UTF-8, with or without a byte order mark */
export function decode(bytes: Buffer, name: string, hints: Encodings = anyEditor): string {
  const [first = 1, second = 1] = bytes;
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  // Without a mark: a Latin letter in two bytes, one of which is zero.
  if (isMarked || (first === 0) !== (second === 0))
    throw new AppError("config", `${name} is UTF-16`, { hint: hints.fromUtf16 });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes); // without its byte order mark
  } catch (error) {
    throw new AppError("config", `${name} is not UTF-8`, { hint: hints.fromOther, cause: error });
  }
}

import { AppError } from "../errors.ts";

export function cannotRead(path: string, error: unknown): AppError {
  return new AppError("state", `cannot read ${path} (${explained(error)})`, { cause: error });
}

/** For an operation on a file or folder of the state that the system refused. */
export function cannotWrite(path: string, error: unknown): AppError {
  return new AppError("state", `cannot write ${path} (${explained(error)})`, {
    hint: "Nothing was sent after this. Check free space and permissions; the next run goes on.",
    cause: error,
  });
}

const words: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EIO: "the disk reports an error",
  EMFILE: "too many open files",
  ENOTDIR: "a part of the path is not a folder",
};

/** `ENOSPC: the disk is full` */
export function explained(error: unknown): string {
  const code = codeOf(error);
  const meaning = words[code];
  return meaning === undefined ? code : `${code}: ${meaning}`;
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : String(error);
}

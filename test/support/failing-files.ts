import fs from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

export type Fault = "ENOSPC" | "EIO" | "EPERM" | "EBUSY" | "EACCES" | "EMFILE" | "short write";

export interface FailingFiles {
  /** Only calls for files and folders below this one count. */
  readonly directory: string;
  readonly fault: Fault;
  /** The call that fails, counted from 1. */
  readonly at: number;
  /** Whether every later call fails too. */
  readonly isPermanent: boolean;
}

const pathCalls = [
  "access",
  "chmod",
  "copyFile",
  "link",
  "lstat",
  "mkdir",
  "open",
  "readdir",
  "readFile",
  "rename",
  "stat",
  "unlink",
] as const;
const handleCalls = ["read", "readFile", "stat", "sync", "write", "writeFile"] as const;

type Call = (...args: unknown[]) => Promise<unknown>;

/**
 * Does some work in this process while one file-system call of it, or all from there on, fails.
 *
 * @returns its result and how many calls it made
 */
export async function withFailingFiles<Result>(
  { directory, fault, at, isPermanent }: FailingFiles,
  work: () => Promise<Result>,
): Promise<{ result: Result; calls: number }> {
  let calls = 0;
  const fails = () => {
    calls += 1;
    return isPermanent ? calls >= at : calls === at;
  };
  const failing = (name: string, call: Call): Call => {
    return async (...args) => {
      if (!fails()) return call(...args);
      if (fault !== "short write") throw Object.assign(new Error(`${fault}: ${name}`), { code: fault });
      return name === "write" ? call(...shortened(args, isPermanent)) : call(...args);
    };
  };
  const files = fs.promises as unknown as Record<string, Call>;
  const originals = Object.fromEntries(pathCalls.map((name) => [name, files[name]])) as Record<string, Call>;
  for (const name of pathCalls) {
    const original = originals[name] as Call;
    const guarded = failing(name, original);
    files[name] = async (...args) => {
      const isOurs = args.some((arg) => typeof arg === "string" && arg.startsWith(directory));
      if (!isOurs) return original(...args);
      const result = await guarded(...args);
      return name === "open" ? watched(result as FileHandle, failing) : result;
    };
  }
  syncBuiltinESMExports();
  try {
    return { result: await work(), calls };
  } finally {
    Object.assign(files, originals);
    syncBuiltinESMExports();
  }
}

function watched(handle: FileHandle, failing: (name: string, call: Call) => Call): FileHandle {
  const calls = handle as unknown as Record<string, Call>;
  for (const name of handleCalls) calls[name] = failing(name, (calls[name] as Call).bind(handle));
  return handle;
}

/** Half of what was to be written, or nothing on a disk that takes no more. */
function shortened([content, from]: unknown[], isNothing: boolean): unknown[] {
  const bytes = content as Buffer;
  const start = from as number;
  return [bytes, start, isNothing ? 0 : Math.max(1, Math.floor((bytes.length - start) / 2))];
}

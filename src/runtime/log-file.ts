import * as nodeFiles from "node:fs";

import { codeOf } from "./file-failure.ts";

/** The calls of `node:fs` that a log is written with; a test passes some that fail. */
export type LogFiles = Pick<
  typeof nodeFiles,
  "closeSync" | "fstatSync" | "openSync" | "renameSync" | "writeSync"
>;

export interface LogFileOptions {
  readonly path: string;
  /** Told once why the file takes nothing. */
  readonly onFailure: (why: string) => void;
  /** From this size on it is put aside under `path.1`, what was there under `path.2`, and so on. */
  readonly maxBytes?: number;
  /** How many of those are kept. */
  readonly keep?: number;
  readonly fileSystem?: LogFiles;
}

const { constants } = nodeFiles;
/** Never through a link that somebody laid, and without waiting for the other end of a pipe. */
const flags =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);

class NotPlain extends Error {}

/**
 * Lines at the end of a file that only its owner may read, each opened, written and closed by itself: runs that overlap
 * keep their lines whole, a rotation by either is respected, and what was written survives any end of the process. It
 * never throws: a run is not failed for its log.
 */
export class LogFile {
  readonly #path: string;
  readonly #onFailure: LogFileOptions["onFailure"];
  readonly #maxBytes: number;
  readonly #keep: number;
  readonly #files: LogFiles;
  #hasFailed = false;
  /** The disk took a part of the last line. */
  #isTorn = false;

  constructor({ path, onFailure, maxBytes = 5_000_000, keep = 5, fileSystem = nodeFiles }: LogFileOptions) {
    this.#path = path;
    this.#onFailure = onFailure;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
    this.#files = fileSystem;
  }

  /** @param line one line, its end included */
  write(line: string): void {
    try {
      if (this.#append(line) >= this.#maxBytes) this.#rotate();
    } catch (error) {
      if (!this.#hasFailed)
        this.#onFailure(error instanceof NotPlain ? "it is not a plain file" : codeOf(error));
      this.#hasFailed = true;
    }
  }

  /** The size of the file before the line. */
  #append(line: string): number {
    const file = this.#files.openSync(this.#path, flags, 0o600);
    try {
      const stat = this.#files.fstatSync(file);
      if (!stat.isFile() || stat.nlink > 1) throw new NotPlain();
      const content = Buffer.from(this.#isTorn ? `\n${line}` : line, "utf8");
      this.#isTorn = this.#files.writeSync(file, content) < content.length;
      return stat.size;
    } finally {
      this.#files.closeSync(file);
    }
  }

  /** Whoever reads the file may hold it, or another run be quicker: then it goes on as it is. */
  #rotate(): void {
    for (let age = this.#keep - 1; age >= 1; age -= 1) this.#rename(`${this.#path}.${age}`, age + 1);
    this.#rename(this.#path, 1);
  }

  #rename(from: string, age: number): void {
    try {
      this.#files.renameSync(from, `${this.#path}.${age}`);
    } catch {
      // it may not be there, or be held; it is tried again with the next line
    }
  }
}

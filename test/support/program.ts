import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { Result } from "./world.ts";

const binary = join(import.meta.dirname, "../../bin/sage-slack.js");

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input, piped. */
  readonly input?: string;
  /** Sent as soon as the returned promise is ready. */
  readonly kill?: { readonly signal: NodeJS.Signals; readonly when: Promise<unknown> };
  /** Another copy of the program than this folder's. */
  readonly binary?: string;
  /** Module loaded into the program before it starts. */
  readonly preload?: string;
  /** Runs it as another user. */
  readonly uid?: number;
  /** Where a file takes its standard output; piped without it. */
  readonly stdout?: number;
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs the built program as a process of its own, with nothing in its environment but what is given. */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<Result> {
  const imported = options.preload === undefined ? [] : ["--import", pathToFileURL(options.preload).href];
  const child = spawn(process.execPath, [...imported, options.binary ?? binary, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env["PATH"], HOME: options.cwd, ...options.env },
    stdio: ["pipe", options.stdout ?? "pipe", "pipe"],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  child.stdin?.end(options.input ?? "");
  void options.kill?.when.then(() => child.kill(options.kill?.signal));
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? -signalNumber(signal), ...output }));
  });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}

import { spawn } from "node:child_process";
import { join } from "node:path";

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
}

/** Runs the built program as a process of its own, with nothing in its environment but what is given. */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<Result> {
  const child = spawn(process.execPath, [options.binary ?? binary, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env["PATH"], HOME: options.cwd, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  child.stdin.end(options.input ?? "");
  void options.kill?.when.then(() => child.kill(options.kill?.signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? -signalNumber(signal), ...output }));
  });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === "SIGKILL" ? 9 : 15;
}

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A finished process. */
export interface Sample {
  readonly wallMs: number;
  /** User and system time of the process itself. */
  readonly cpuMs: number;
  /** The most memory that it held, in MiB. */
  readonly peakMiB: number;
  readonly code: number | null;
  readonly stderr: string;
}

export interface Command {
  /** Arguments of `node`. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const reporter = join(import.meta.dirname, "report-usage.cjs");

/** Runs Node once. Its own figures come from the process itself at its end: of a child there are none otherwise. */
export async function sample({ args, cwd, env }: Command): Promise<Sample> {
  const folder = await mkdtemp(join(tmpdir(), "sage-slack-bench-"));
  const file = join(folder, "usage.json");
  const began = performance.now();
  const child = spawn(process.execPath, ["--require", reporter, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: folder, ...env, USAGE_FILE: file },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const wallMs = performance.now() - began;
  const usage = JSON.parse(await readFile(file, "utf8")) as { cpuMs: number; peakMiB: number };
  await rm(folder, { recursive: true });
  return { wallMs, ...usage, code, stderr };
}

/** Runs several commands in turn, A B C A B C, so that a machine that slows down slows them all. */
export async function inTurn<Name extends string>(
  commands: Readonly<Record<Name, Command>>,
  runs: number,
): Promise<Record<Name, Sample>> {
  const names = Object.keys(commands) as Name[];
  const samples = new Map<Name, Sample[]>(names.map((name) => [name, []]));
  for (let run = -1; run < runs; run += 1) {
    for (const name of names) {
      const one = await sample(commands[name]);
      if (run >= 0) samples.get(name)?.push(one); // the first is to warm up
    }
  }
  return Object.fromEntries(names.map((name) => [name, medianOf(samples.get(name) ?? [])])) as Record<
    Name,
    Sample
  >;
}

function medianOf(samples: readonly Sample[]): Sample {
  const last = samples.at(-1);
  if (last === undefined) throw new Error("nothing was measured");
  const middle = (key: "wallMs" | "cpuMs" | "peakMiB") => median(samples.map((one) => one[key]));
  return { ...last, wallMs: middle("wallMs"), cpuMs: middle("cpuMs"), peakMiB: middle("peakMiB") };
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

/** What a reader needs to know of the machine. */
export function machine(): Readonly<Record<string, string | number>> {
  const cpus = readFileSync("/proc/cpuinfo", "utf8").match(/^model name\s*: (.*)$/gm) ?? [];
  const load = readFileSync("/proc/loadavg", "utf8").split(" ")[0] ?? "";
  return { node: process.version, processors: cpus.length, model: cpus[0]?.split(": ")[1] ?? "", load };
}

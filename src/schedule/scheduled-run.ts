import { createHash } from "node:crypto";

import { AppError } from "../errors.ts";

/** What can call the program; each has a file of its own in this folder. */
export const schedulers = ["windows", "cron", "systemd", "launchd"] as const;

export type Scheduler = (typeof schedulers)[number];

/** How a task of Windows logs on, and so what it can read. */
export const logons = ["password", "no-password", "logged-on"] as const;

export type Logon = (typeof logons)[number];

/** What is to be called, and how often; every path is absolute, because a scheduler has no PATH and no working folder. */
export interface ScheduledRun {
  readonly node: string;
  readonly script: string;
  readonly config: string;
  readonly everyMinutes: number;
  /** Of `poll`, in seconds; infinite for `none`. */
  readonly maxDuration: number;
  /** Where runs leave what they say, in schedulers that keep no log themselves. */
  readonly outputFile: string;
  /** `SAGE_SLACK_..._FILE` and the path, of those that are set where the entry is made; never a secret itself. */
  readonly secretFiles: Readonly<Record<string, string>>;
  readonly logon: Logon;
}

/** An entry as it is printed. */
export interface Entry {
  /** Of the task, the units or the job; the same for the same configuration. */
  readonly name: string;
  readonly files: readonly EntryFile[];
  /** Where the output of the runs can be read. */
  readonly output: string;
}

export interface EntryFile {
  /** Where it belongs; null for lines that join others in a file. */
  readonly path: string | null;
  readonly content: string;
}

/** The usual one of a system. */
export function schedulerOf(platform: NodeJS.Platform): Scheduler {
  if (platform === "win32") return "windows";
  return platform === "darwin" ? "launchd" : "cron";
}

/** Whether a machine of this system can have it. */
export function isAtHome(scheduler: Scheduler, platform: NodeJS.Platform): boolean {
  return homes[scheduler](platform);
}

const homes: Readonly<Record<Scheduler, (platform: NodeJS.Platform) => boolean>> = {
  windows: (platform) => platform === "win32",
  cron: (platform) => platform !== "win32",
  systemd: (platform) => platform === "linux",
  launchd: (platform) => platform === "darwin",
};

/** Two configurations on one machine have two names. Windows does not tell `C:\Books` from `c:\books`. */
export function nameOf(config: string): string {
  const isWindows = /^(?:[a-z]:|\\\\)/i.test(config);
  const path = isWindows ? config.toLowerCase() : config;
  return `sage-slack-${createHash("sha256").update(path).digest("hex").slice(0, 8)}`;
}

/** What follows the script; `--max-duration` only where it is not the usual one. */
export function pollArguments({ config, maxDuration }: ScheduledRun): string[] {
  const words = Number.isFinite(maxDuration) ? String(maxDuration) : "none";
  const limit = maxDuration === usualMaxDuration ? [] : ["--max-duration", words];
  return ["poll", "--config", config, ...limit, "--quiet"];
}

export const usualMaxDuration = 240;

/**
 * After how many seconds a scheduler may end a run that does not end by itself: never before the run would. Past
 * `--max-duration` it waits for the answers that are under way. Null for no limit.
 */
export function timeLimitSeconds({ maxDuration }: ScheduledRun): number | null {
  return Number.isFinite(maxDuration) ? Math.ceil((maxDuration + 300) / 60) * 60 : null;
}

/** Those that divide an hour, or a day: any other interval is uneven in cron and in a calendar. */
export function isEvenInterval(minutes: number): boolean {
  if (!Number.isInteger(minutes) || minutes < 1) return false;
  if (minutes <= 60) return 60 % minutes === 0;
  return minutes % 60 === 0 && 1440 % minutes === 0;
}

/** What no entry could say, or nobody could see in it. */
const unusable = /[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\uFFF9-\uFFFB]/u;

/** @throws AppError `config` for a path that cannot be written into an entry */
export function checkPaths(run: ScheduledRun): void {
  const paths = { ...run.secretFiles, Node: run.node, script: run.script, config: run.config };
  for (const [what, path] of Object.entries({ ...paths, output: run.outputFile })) {
    if (unusable.test(path)) {
      throw new AppError("config", `the path of ${what} holds a character that cannot be seen: ${path}`, {
        hint: "Rename the folder or file: no scheduler's entry can be trusted to keep such a character.",
      });
    }
  }
}

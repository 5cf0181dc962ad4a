import { AppError } from "../errors.ts";
import type { Failure, RunReport } from "../pipeline/report.ts";
import { meaningOf } from "./exit-code.ts";
import type { Context } from "./program.ts";

/** A line of the log. Names, amounts and texts of the books are in none; what a server said is a string like others. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  /** What it concerns: `SAMINC/ap-invoices`, `#treasury`, `Slack`; null for the run as a whole. */
  readonly source: string | null;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** In the last line of a run. */
  readonly exitCode?: number;
}

/** Writes lines to the log of a run. */
export type Log = (line: LogLine) => void;

export function logFailures({ log }: Context, failures: readonly Failure[]): void {
  for (const { scope, message, hint } of failures) {
    log?.({ level: "error", source: scope, message, ...(hint === null || hint === "" ? {} : { hint }) });
  }
}

/** What a run read, posted and met: counts and keys, because the messages say what is in the books. */
export function logRun(context: Context, { sources, posted, failures }: RunReport): void {
  for (const { company, source, outcome, announced, changed } of sources) {
    const message = `${outcome}: ${announced} new, ${changed} changed`;
    context.log?.({ level: "info", source: `${company}/${source}`, message });
  }
  for (const { key, channel, ts } of posted)
    context.log?.({ level: "info", source: channel, message: `posted ${key} as ${ts}` });
  logFailures(context, failures);
}

/** What ended the command before its end. */
export function logError({ log }: Context, error: unknown): void {
  if (log === null) return;
  if (error instanceof AppError) {
    const { message, hint } = error;
    return log({ level: "error", source: null, message, ...(hint === undefined ? {} : { hint }) });
  }
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log({ level: "error", source: null, message: `a bug: ${words}` });
}

/** Always the last line. */
export function logEnd({ log }: Context, exitCode: number): void {
  log?.({
    level: exitCode === 0 ? "info" : "error",
    source: null,
    message: `ends: ${meaningOf(exitCode)}`,
    exitCode,
  });
}

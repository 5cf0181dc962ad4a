import { AppError, type ErrorKind } from "../errors.ts";
import type { OutboxCounts } from "../state/outbox.ts";

/** Something that did not work in a run that otherwise went on. */
export interface Failure {
  /** What it concerns: `SAMINC/ap-invoices`, `#treasury`, `Slack`. */
  readonly scope: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string | null;
  /** One message is concerned, not the channel. */
  readonly isOfMessage?: true;
}

/** A message that Slack has confirmed. */
export interface Posted {
  readonly key: string;
  readonly channel: string;
  readonly ts: string;
  /** The sentence that phones show. */
  readonly text: string;
  readonly transactions: readonly string[];
}

export interface SourceReport {
  readonly company: string;
  readonly source: string;
  /**
   * `baseline`: first run, everything there is was taken note of; `backfill`: only history was read, as somebody asked;
   * `waiting`: its schedule is not due.
   */
  readonly outcome: "read" | "baseline" | "backfill" | "waiting" | "failed";
  /** Records that are new. */
  readonly announced: number;
  /** Records that are otherwise than before. */
  readonly changed: number;
  /** Up to where it is read, per selector. */
  readonly highWater: Readonly<Record<string, string>>;
}

export interface RunReport {
  readonly sources: readonly SourceReport[];
  readonly posted: readonly Posted[];
  readonly outbox: OutboxCounts;
  readonly failures: readonly Failure[];
  readonly sageRequests: number;
}

/** Rights that are missing in every module that was tried are no longer one module's affair. */
export function weighRights(failures: readonly Failure[], sources: readonly SourceReport[]): Failure[] {
  const forbidden = new Set(failures.filter(({ kind }) => kind === "forbidden").map(({ scope }) => scope));
  const tried = sources.filter(({ outcome }) => outcome !== "waiting");
  const isEverywhere =
    tried.length > 0 && tried.every(({ company, source }) => forbidden.has(`${company}/${source}`));
  if (!isEverywhere) return [...failures];
  return failures.map((failure) => (failure.kind === "forbidden" ? { ...failure, kind: "auth" } : failure));
}

/** @throws the error again when it is not a foreseen one: a bug must not look like a failure of the world */
export function failureOf(scope: string, error: unknown): Failure {
  if (!(error instanceof AppError)) throw error;
  return { scope, kind: error.kind, message: error.message, hint: error.hint ?? null };
}

import { AppError, type ErrorKind } from "../errors.ts";

/** Public: scripts and schedulers rely on these numbers. */
export const exitCodeOf = {
  usage: 2,
  config: 2,
  forbidden: 3,
  channel: 3,
  unreadable: 3,
  auth: 4,
  temporary: 5,
  state: 6,
  secrets: 7,
  locked: 8,
} as const satisfies Record<ErrorKind, number>;

export const exitCodes = {
  done: 0,
  bug: 1,
  partly: 3,
  refused: 4,
  /** `test` or a route test found something wrong. */
  failedCheck: 9,
  interrupted: 130,
  terminated: 143,
} as const;

/** The code of a run in which several things failed: what only a human can mend comes before what waiting cures. */
export function worstOf(kinds: readonly ErrorKind[]): number {
  const codes = kinds.map((kind) => exitCodeOf[kind]);
  return [6, 7, 8, 4, 2, 3, 5].find((code) => codes.some((one) => one === code)) ?? exitCodes.done;
}

/** The code of a run that was broken off. */
export function codeOfFailure(error: unknown): number {
  return error instanceof AppError ? exitCodeOf[error.kind] : exitCodes.bug;
}

/** The code of a program that was asked to stop; the reason is the name of the signal. */
export function codeOfSignal({ reason }: AbortSignal): number {
  return reason === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted;
}

/** The code with which a program ends: that of a signal comes before its own. */
export function endingCode(signal: AbortSignal, code: number): number {
  return signal.aborted ? codeOfSignal(signal) : code;
}

const meanings: Readonly<Record<number, string>> = {
  0: "done",
  1: "a bug; the next run goes on",
  2: "a wrong flag, argument or configuration",
  3: "partly done; a part needs somebody",
  4: "credentials or rights refused",
  5: "something temporary; the next run goes on",
  6: "state files",
  7: "secrets unavailable",
  8: "another run held the lock",
  9: "a check of the set-up failed",
  130: "interrupted",
  143: "terminated",
};

/** In a few words. */
export function meaningOf(exitCode: number): string {
  return meanings[exitCode] ?? "unknown";
}

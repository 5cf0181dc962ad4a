import { AppError } from "../../errors.ts";

/** Public with `test --json`: one thing that a scheduled run needs, and whether it is there. */
export interface Check {
  /** What was looked at: `channel #treasury`, `SAMINC ap-invoices`. */
  readonly name: string;
  readonly outcome: "passed" | "warning" | "failed";
  /** What was found. */
  readonly detail: string;
  /** What to do about it; null where nothing needs to be done. */
  readonly hint: string | null;
}

export function passed(name: string, detail: string): Check {
  return { name, outcome: "passed", detail, hint: null };
}

export function warning(name: string, detail: string, hint: string): Check {
  return { name, outcome: "warning", detail, hint };
}

export function failed(name: string, detail: string, hint: string | null): Check {
  return { name, outcome: "failed", detail, hint };
}

/** `slack.channel, route "large invoices", route "rent" and 3 more`. */
export function placesWords(places: readonly string[]): string {
  const shown = places.slice(0, 3).join(", ");
  return places.length > 3 ? `${shown} and ${places.length - 3} more` : shown;
}

/** @throws the error again when it is not a foreseen one */
export function failedBy(name: string, error: unknown): Check {
  if (!(error instanceof AppError)) throw error;
  return failed(name, error.message, error.hint ?? null);
}

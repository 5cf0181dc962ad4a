import type { ErrorKind } from "../errors.ts";
import type { State } from "./state.ts";

/** What is wrong: what a run failed with, or what it met although it went on. */
export const troubleKinds = [
  "usage",
  "config",
  "forbidden",
  "channel",
  "unreadable",
  "auth",
  "temporary",
  "state",
  "secrets",
  "locked",
  /** The channel takes nothing; its messages go to the fallback. */
  "fallback",
  /** A mention that nobody in Slack has. */
  "mention",
  /** A message that Slack refuses in every form, or that never arrived. */
  "dead",
  /** A message of which nobody can know whether it arrived. */
  "held",
  /** The state was read from a copy. */
  "recovered",
] as const;

export type TroubleKind = (typeof troubleKinds)[number];

/** Something that is not in order, from the first run that met it until one that does not. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** Unix milliseconds of the first of these runs. */
  readonly since: number;
  /** How many runs in a row met it. */
  readonly runs: number;
  /** As what the operators were told of it; null while they were not. */
  readonly told: TroubleKind | null;
}

/**
 * Keyed by what it concerns: `SAMINC/ap-invoices`, `SAMINC`, `#treasury`, `Slack`, `run`, `state`,
 * `mention <name>`, `message <key>`.
 */
export type Troubles = Readonly<Record<string, Trouble>>;

/** What one run found out. */
export interface Findings {
  readonly failing: ReadonlyMap<string, TroubleKind>;
  /** What was tried and is in order. */
  readonly working: ReadonlySet<string>;
  /** What nobody asks for any more: forgotten without a word. */
  readonly isGone: (scope: string, trouble: Trouble) => boolean;
}

/** A change of state that the operators should hear of. */
export interface News {
  readonly scope: string;
  readonly trouble: Trouble;
  readonly isOver: boolean;
}

/** So many runs in a row: at the usual five minutes longer than a restart of IIS or an uncertain post. */
const patience = 3;

const cures: ReadonlySet<TroubleKind> = new Set(["temporary", "locked"]);

/** Whether it may pass by itself; anything else needs somebody, and is told at once. */
export function mayPass(kind: TroubleKind): boolean {
  return cures.has(kind);
}

/**
 * The troubles after a run, and what is news in them. Each trouble is news once when it has lasted or needs somebody,
 * once more when something worse takes its place, and, if it was told, when it is over.
 */
export function noteRun(
  before: Troubles,
  { failing, working, isGone }: Findings,
  now: number,
): { troubles: Troubles; news: readonly News[] } {
  const troubles: Record<string, Trouble> = {};
  const news: News[] = [];
  for (const [scope, trouble] of Object.entries(before)) {
    if (failing.has(scope) || isGone(scope, trouble)) continue;
    if (!working.has(scope)) troubles[scope] = trouble;
    else if (trouble.told !== null) news.push({ scope, trouble, isOver: true });
  }
  for (const [scope, kind] of failing) {
    const known = before[scope] ?? { since: now, runs: 0, told: null };
    const trouble = { ...known, kind, runs: known.runs + 1 };
    const isNews = isNewsworthy(trouble);
    if (isNews) news.push({ scope, trouble, isOver: false });
    troubles[scope] = isNews ? { ...trouble, told: kind } : trouble;
  }
  return { troubles, news };
}

function isNewsworthy({ kind, runs, told }: Trouble): boolean {
  if (!mayPass(kind)) return told !== kind;
  return told === null && runs >= patience;
}

/** The state was read from a copy, because the file was damaged or older than that. */
export function noteRecovery(state: State, now: number): State {
  const recovered: Trouble = { kind: "recovered", since: now, runs: 0, told: null };
  return { ...state, troubles: { ...state.troubles, state: recovered } };
}

/** A run that was broken off by this, before it could tell anything. */
export function noteBrokenOff(state: State, kind: ErrorKind, now: number): State {
  const known = state.troubles["run"] ?? { since: now, runs: 0 };
  const trouble: Trouble = { ...known, kind, runs: known.runs + 1, told: kind };
  return { ...state, troubles: { ...state.troubles, run: trouble } };
}

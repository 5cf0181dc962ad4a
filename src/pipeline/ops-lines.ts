import { AppError } from "../errors.ts";
import { placeOf } from "../state/outbox.ts";
import type { Channel, OutboxMessage, State } from "../state/state.ts";
import { noteBrokenOff, noteRun, type Findings, type News, type Trouble } from "../state/troubles.ts";
import { findingsOf, type RunRecord } from "./findings.ts";
import { message } from "./plan.ts";
import type { Ports } from "./ports.ts";

/**
 * Puts down what a run found out, and owes the operators' channel a line for each change of state: in one commit, so
 * that each is told, and told once.
 *
 * @returns the channel in which something waits to be told now; null for none
 */
export async function tellOperators(ports: Ports, run: RunRecord): Promise<Channel | null> {
  const { store, clock, signal } = ports;
  const findings = findingsOf(ports, run);
  if (signal.aborted || (findings.failing.size === 0 && Object.keys(store.state.troubles).length === 0))
    return null;
  const channel = await opsChannel(ports, run);
  const hints = new Map(run.failures.map(({ scope, hint }) => [scope, hint ?? ""]));
  await store.commit((state) => afterRun(state, { findings, channel, hints, now: clock.now() }));
  return channel !== null && store.state.outbox.some((one) => isOpsLine(one, channel)) ? channel : null;
}

/** A run that was broken off could tell nothing; the next whole one tells that this is over. */
export async function noteBreak({ store, clock, signal }: Ports, error: unknown): Promise<void> {
  if (!(error instanceof AppError) || signal.aborted) return;
  // What a state cannot take it cannot remember either, and a mistyped argument is nobody's trouble.
  if (error.kind === "state" || error.kind === "usage") return;
  await store.commit((state) => noteBrokenOff(state, error.kind, clock.now())).catch(() => {}); // what broke the run off is what must be told
}

/** While Slack does not answer the name will do. */
async function opsChannel(
  { config, directory }: Ports,
  { isSlackReachable }: RunRecord,
): Promise<Channel | null> {
  const name = config.slack.opsChannel;
  if (name === undefined) return null;
  if (isSlackReachable) {
    await directory.load({ channels: [name], mentions: [] }).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
    });
  }
  return directory.channel(name);
}

interface Telling {
  readonly findings: Findings;
  /** Null where nobody is told. */
  readonly channel: Channel | null;
  /** What to do, by what failed. */
  readonly hints: ReadonlyMap<string, string>;
  readonly now: number;
}

/** The state with what was found out, and with the lines that are owed for it. */
export function afterRun(state: State, { findings, channel, hints, now }: Telling): State {
  const { troubles, news } = noteRun(state.troubles, findings, now);
  // Whoever names a channel later is told of what still lasts then.
  if (channel === null) return { ...state, troubles: untold(troubles) };
  const lines = linesOf(news, { state, channel, hints, now });
  return lines.length === 0
    ? { ...state, troubles }
    : { ...state, troubles, outbox: withLines(state, channel, lines) };
}

function untold(troubles: State["troubles"]): State["troubles"] {
  return Object.fromEntries(
    Object.entries(troubles).map(([scope, trouble]) => [scope, { ...trouble, told: null }]),
  );
}

const mostLines = 30;

/** Behind what waits, or together with the lines that were never attempted: a channel that is away costs no room. */
function withLines(state: State, channel: Channel, lines: readonly string[]): OutboxMessage[] {
  const open = state.outbox.find((one) => isOpsLine(one, channel) && one.attempts === 0);
  const told = lines.map((text) => ({ kind: "line" as const, text }));
  const notices = [...(open?.notices ?? []), ...told].slice(-mostLines);
  const occasion = JSON.stringify([state.epoch, notices]);
  const owed = message(
    { kind: "operations", channel, transactions: [], notices, part: 0, occasion },
    state.salt,
  );
  return [...state.outbox.filter((one) => one !== open), owed];
}

function isOpsLine(one: OutboxMessage, { id }: Channel): boolean {
  return one.kind === "operations" && one.status === "pending" && one.channel.id === id;
}

/** One line for all that has the same to tell. */
function linesOf(news: readonly News[], telling: Omit<Telling, "findings"> & { state: State }): string[] {
  const groups = new Map<string, Set<string>>();
  for (const one of news) {
    // The channel's own troubles cannot be told there, and must not breed lines.
    if (one.scope === telling.channel?.name) continue;
    const line = lineOf(one, telling);
    if (line === null) continue;
    groups.set(line.words, (groups.get(line.words) ?? new Set()).add(line.subject));
  }
  return [...groups].map(([words, subjects]) => `${inWords([...subjects])}: ${words}`);
}

const mostSubjects = 5;

function inWords(subjects: readonly string[]): string {
  const others = subjects.length - mostSubjects;
  const shown = subjects.slice(0, mostSubjects).join(", ");
  return others > 0 ? `${shown} and ${others} more` : shown;
}

interface Line {
  readonly subject: string;
  readonly words: string;
}

function lineOf(
  { scope, trouble, isOver }: News,
  { state, hints, now }: Omit<Telling, "findings"> & { state: State },
): Line | null {
  const subject = subjectOf(scope, state);
  if (isOver) {
    return { subject, words: `${overWords(scope, trouble)} after ${durationOf(now - trouble.since)}.` };
  }
  // While Slack is away nothing can be told in it: that it is back is told with how long it was away.
  if (scope === "Slack") return null;
  const hint = trouble.kind === "channel" ? (hints.get(scope) ?? "") : "";
  const since = trouble.runs > 1 ? ` ${trouble.runs} runs in a row, since ${utc(trouble.since)}.` : "";
  return { subject, words: `${wordsFor(scope, trouble)}${since} ${hint}`.trim() };
}

/** `ap-invoices of SAMINC`, `#treasury`, `Slack`. */
export function subjectOf(scope: string, { outbox }: Pick<State, "outbox">): string {
  if (scope.startsWith("message ")) {
    const found = outbox.find(({ key }) => scope === `message ${key}`);
    return found === undefined ? "a message" : `a message to ${placeOf(found).name}`;
  }
  const [company = "", source] = scope.split("/");
  if (source !== undefined) return `${source} of ${company}`;
  return { run: "sage-slack", state: "state file" }[scope] ?? scope.replace(/^mention /, "");
}

const sentences: Readonly<Record<Trouble["kind"], string>> = {
  temporary: "failing: not reachable, busy, or not in time. Every run tries again.",
  locked: "failing: another run is in the way.",
  forbidden: 'not read: Sage, or a server before it, refuses a right ("sage-slack test" tells which).',
  unreadable: 'not read in full: Sage answers what cannot be understood ("sage-slack poll" names it).',
  auth: 'failing: credentials or rights are refused ("sage-slack test" tells which, and what to do).',
  config: 'failing: the configuration, an address or a certificate is wrong ("sage-slack test" tells which).',
  usage: "failing: a wrong argument.",
  state: "failing: the state cannot be used.",
  secrets: 'failing: a secret is not available ("sage-slack test" tells which).',
  channel: "messages are refused there, and wait.",
  fallback: "messages are refused there, and go to slack.fallbackChannel instead.",
  mention: "nobody in Slack has this name or address. Messages show it and notify nobody.",
  dead: 'given up: Slack refuses it, or it never arrived ("sage-slack outbox" lists it).',
  held: 'held: nobody can know whether it arrived ("sage-slack outbox" tells what to do).',
  recovered: "damaged or too old; the run went on from a copy, and looks up what may have been sent since.",
};

/** What is wrong, in a sentence of the tool's own: nothing that a server said, no amount and no name of the books. */
export function wordsFor(scope: string, { kind }: Pick<Trouble, "kind">): string {
  if (kind === "temporary" && scope.startsWith("#"))
    return "nothing can be posted there at the moment; messages wait.";
  return sentences[kind];
}

function overWords(scope: string, { kind, runs }: Trouble): string {
  const count = `${runs} ${runs === 1 ? "run" : "runs"}`;
  if (scope === "run") return `runs go through again; ${count} could not begin (${briefly(kind)}),`;
  if (scope === "Slack") return `can be reached again; ${count} could post nothing,`;
  if (scope.startsWith("mention ")) return "known to Slack now,";
  return kind === "fallback" || kind === "channel"
    ? "messages are taken again"
    : `in order again (${count} failed)`;
}

function briefly(kind: Trouble["kind"]): string {
  return kind === "auth" ? "Slack refused the token" : "a setting, an address or a certificate was wrong";
}

/** `2 d 3 h`, `45 min`; never in more than two units. */
function durationOf(milliseconds: number): string {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  const parts = days > 0 ? [`${days} d`, `${hours} h`] : [`${hours} h`, `${minutes % 60} min`];
  return parts.filter((part) => !part.startsWith("0 ")).join(" ");
}

/** To the minute: `2026-11-24 08:05 UTC`. */
function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

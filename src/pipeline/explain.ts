import type { Config } from "../config/config.ts";
import { isOneOf, type Source } from "../sage/source.ts";
import { sources } from "../sage/sources/index.ts";
import { isSettled } from "../state/forget.ts";
import type { SourceState, State } from "../state/state.ts";
import { partsOf } from "../state/transitions.ts";
import { includes } from "../transactions/number-ranges.ts";
import type { Watched } from "../transactions/position.ts";
import { recordNumber } from "../transactions/transaction.ts";
import { nextStep } from "./next-step.ts";

/** A batch or an order in one of the sources, or one entry of it. */
export interface Subject {
  readonly company: string;
  readonly source: string;
  /** As Sage keys it: `28`, `PY-83`. */
  readonly record: string;
  /** Null for the whole of it. */
  readonly entry: string | null;
}

/** A message in which something was announced. */
export interface AnnouncedPost {
  readonly channelId: string;
  /** Slack's id of the message; null where somebody decided that there is to be none. */
  readonly ts: string | null;
  readonly at: string;
  readonly entries: readonly string[];
  /** Null where an older version did not keep it. */
  readonly decidedBy: string | null;
}

/** A message that is not delivered. */
export interface WaitingMessage {
  readonly key: string;
  readonly channel: string;
  readonly status: "pending" | "inflight" | "dead";
  readonly reason: string | null;
  readonly happens: string;
  readonly decidedBy: string | null;
}

export interface Explanation extends Subject {
  /** Sage's name of the status at the last reading; null where the record is not watched any more. */
  readonly status: string | null;
  /** When the source was last read to its end. */
  readonly read: string | null;
  readonly posts: readonly AnnouncedPost[];
  readonly waiting: readonly WaitingMessage[];
  /** Why nothing was announced, in a sentence; null where something was, or waits to be. */
  readonly why: string | null;
}

/** What is remembered of a document, from the state alone. */
export function explain(subject: Subject, state: State, config: Config): Explanation {
  const { company, source, record, entry } = subject;
  const position = state.sources[`${company}/${source}`];
  const watched = position?.watch[record];
  const isMeant = (entries: readonly string[]) => entry === null || entries.includes(entry);
  const channels = Object.entries(state.delivered[`${company}:${source}:${record}`] ?? {});
  const posts = channels.flatMap(([channelId, { posts: all, at }]) =>
    all
      .filter(({ entries }) => isMeant(entries))
      .map(({ ts, via, entries, decidedBy }) => ({
        channelId: via ?? channelId,
        ts,
        at: new Date(at).toISOString(),
        entries,
        decidedBy: decidedBy ?? null,
      })),
  );
  const waiting = waitingOf(subject, state, config);
  const isTold = posts.length > 0 || waiting.length > 0;
  return {
    ...subject,
    status: watched?.status ?? null,
    read:
      position === undefined || position.lastRead === 0 ? null : new Date(position.lastRead).toISOString(),
    posts,
    waiting,
    why: isTold ? null : reasonOf(subject, { state, config, position, watched }),
  };
}

function waitingOf(
  { company, source, record, entry }: Subject,
  state: State,
  { slack }: Config,
): WaitingMessage[] {
  const name = `${company}:${source}:${record}`;
  const concerned = state.outbox.filter(({ transactions }) =>
    transactions.map(partsOf).some((one) => one.record === name && (entry === null || one.entry === entry)),
  );
  return concerned.map((message) => {
    const { key, channel, via, status, reason, notices } = message;
    const { quarantineSeconds } = slack;
    const announcement = notices.find((notice) => notice.kind === "announcement");
    return {
      key,
      channel: (via ?? channel).name,
      status,
      reason,
      happens: nextStep(message, { state, quarantineSeconds, now: Date.now() }).happens,
      decidedBy: announcement?.decidedBy ?? null,
    };
  });
}

interface Remembered {
  readonly state: State;
  readonly config: Config;
  readonly position: SourceState | undefined;
  readonly watched: Watched | undefined;
}

function reasonOf(subject: Subject, remembered: Remembered): string {
  const { config, position, watched } = remembered;
  const { company, source } = subject;
  if (!config.sage.companies.includes(company))
    return `${company} is not one of the companies in "sage.companies".`;
  if (config.sources[source]?.enabled !== true)
    return `${source} is off: it is not named in "sources", or not enabled.`;
  if (position === undefined) return `${source} has not been read so far.`;
  if (watched !== undefined) return watchedReason(subject, watched, config);
  return unwatchedReason(subject, remembered.state, position);
}

function watchedReason({ source, entry }: Subject, watched: Watched, config: Config): string {
  const { announced, entries, status } = watched;
  const statuses = config.sources[source]?.statuses ?? null;
  const isWanted = statuses === null ? !isOneOf(status, ["deleted"]) : isOneOf(status, statuses);
  if (!announced && !isWanted) {
    const wanted = statuses === null ? "any but Deleted" : `${statuses.join(", ")} ("statuses" of ${source})`;
    return `Its status is ${status}; announced is ${wanted}.`;
  }
  if (!announced && watched.header === "")
    return "It could not be read; every run tries again, and says why.";
  if (!announced) return "It has no entries yet: it is announced as soon as somebody has keyed one in.";
  if (entry !== null && entries[entry] === undefined)
    return `It had no entry ${entry} when it was last read.`;
  return "It was there when the first run took note of the source. Its first change is announced.";
}

function unwatchedReason({ company, source, record }: Subject, state: State, position: SourceState): string {
  const series = Object.keys(state.settled).filter((key) => key.startsWith(`${company}:${source}:`));
  const channelIds = series.map((key) => key.split(":").at(-1) ?? "");
  const settledIn = channelIds.find((id) => isSettled(state, `${company}:${source}:${record}`, id));
  if (settledIn !== undefined)
    return `It was announced in ${settledIn}; its thread is closed, because nothing changed in it for 35 days.`;
  const numbered = recordNumber(record);
  const mark = position.highWater[numbered?.selector ?? ""];
  if (numbered === null || mark === undefined) return "Nothing is remembered of it.";
  const { selector, number } = numbered;
  if (number > BigInt(mark))
    return `It is not read yet: ${source} is read up to ${`${selector} ${mark}`.trim()}.`;
  if (!includes(position.known[selector] ?? "", number)) return "Sage had no record of this number so far.";
  return "It was read and is not watched: it was final when the first run took note of it, or had a status that is not announced.";
}

/** What of the state a number or a key as people write it may mean: `28`, `000028`, `PY-83`. */
export function subjectsNamed(name: string, state: State): Subject[] {
  return Object.entries(state.sources).flatMap(([place, position]) => {
    const [company = "", source = ""] = place.split("/");
    return namesIn(
      sources.find((one) => one.name === source),
      name,
    )
      .filter((record) => isRemembered({ company, source, record }, { state, position }))
      .map((record) => ({ company, source, record, entry: null }));
  });
}

/** The same where nothing is remembered of it: in each source that is followed, for what it is not there. */
export function subjectsPossible(name: string, { sage, sources: settings }: Config): Subject[] {
  const followed = sources.filter((source) => settings[source.name]?.enabled === true);
  return sage.companies.flatMap((company) =>
    followed.flatMap((source) =>
      namesIn(source, name).map((record) => ({ company, source: source.name, record, entry: null })),
    ),
  );
}

function namesIn(source: Source | undefined, name: string): string[] {
  if (source === undefined) return [];
  const numbered = recordNumber(name.toUpperCase());
  if (numbered === null) return [];
  const { selector, number } = numbered;
  return source.selectors
    .filter(({ value }) => selector === "" || value === selector)
    .map(({ value }) => source.recordOf(value, String(number)));
}

function isRemembered(
  { company, source, record }: Omit<Subject, "entry">,
  { state, position }: { state: State; position: SourceState },
): boolean {
  const name = `${company}:${source}:${record}`;
  const numbered = recordNumber(record);
  return (
    position.watch[record] !== undefined ||
    state.delivered[name] !== undefined ||
    (numbered !== null && includes(position.known[numbered.selector] ?? "", numbered.number)) ||
    state.outbox.some(({ transactions }) => transactions.some((one) => partsOf(one).record === name))
  );
}

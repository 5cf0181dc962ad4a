import { AppError } from "../errors.ts";
import { listOf } from "../routing/rule.ts";
import { router } from "../routing/whole-batch.ts";
import { start } from "../sage/read-baseline.ts";
import type { DateRange } from "../sage/read-history.ts";
import type { ReadOptions } from "../sage/read-step.ts";
import type { Source } from "../sage/source.ts";
import { sources } from "../sage/sources/index.ts";
import { sealSnapshot, snapshotIn } from "../state/sealed.ts";
import type { OutboxMessage, SourceState, State } from "../state/state.ts";
import { unknownTo } from "../state/transitions.ts";
import { calendarDate } from "../transactions/date.ts";
import type { SageRecord } from "../transactions/transaction.ts";
import { circumstancesOf, dayOfBooks } from "./circumstances.ts";
import { mergeInto } from "./merge.ts";
import type { ReadingContext } from "./plan-reading.ts";
import type { Company, Ports } from "./ports.ts";

/** Which sources a run reads. */
export interface Selection {
  readonly sources: readonly string[];
  /** Reads them whether their schedule is due or not. */
  readonly ignoreSchedules: boolean;
  /** What a source without state does: take note of what there is, or announce all of it. */
  readonly firstRun: "seed" | "post";
  /** A part of the history to announce, instead of what is new. */
  readonly backfill: BackfillOrder | null;
}

/** What `--since` asks for. */
export interface BackfillOrder extends DateRange {
  /** Also what was announced before. */
  readonly isResend: boolean;
  /** Everything goes to this channel, for trying out, and nothing remembers it. */
  readonly trialChannel: string | null;
}

/** The polling of one source of one company by this run. */
export interface Poll {
  readonly ports: Ports;
  readonly company: Company;
  readonly name: string;
  readonly selection: Selection;
  /** Delivers what the outbox holds, so that it stays small while much is read. */
  readonly drain: () => Promise<void>;
}

/** As the state and the failures name it: `SAMINC/ap-invoices`. */
export function placeOf({ company, name }: Poll): string {
  return `${company.id}/${name}`;
}

/**
 * A run that has used up its time, or was stopped, ends after the range it has just committed.
 *
 * @throws AppError `temporary`
 */
export function checkTime({ clock, deadline, signal }: Ports): void {
  if (!signal.aborted && clock.elapsed() <= deadline) return;
  throw new AppError("temporary", signal.aborted ? "stopped before it was read" : "no time left to read it", {
    hint: "The next run goes on from here.",
  });
}

/** The outbox is drained in the middle of reading once it speaks of more than this: every commit writes all of it. */
const outboxWindow = 1000;

/** After each part that is safe: ends the reading when its time is up, and keeps the outbox small. */
export async function takeBreath({ ports, drain }: Poll): Promise<void> {
  checkTime(ports);
  if (isLong(ports.store.state)) await drain();
}

function isLong({ outbox }: State): boolean {
  return outbox.reduce((sum, { transactions }) => sum + transactions.length, 0) > outboxWindow;
}

/** The state with these messages owed, merged with what waits. */
export function owing(state: State, messages: readonly OutboxMessage[]): State {
  return { ...state, outbox: mergeInto(state.outbox, unknownTo(state, messages), state.salt) };
}

export function readOptions(
  { ports, company, name, selection }: Poll,
  source: Source,
  before: SourceState | undefined,
): ReadOptions {
  const { config, sealer } = ports;
  const settings = config.sources[name];
  return {
    client: company.client,
    source,
    position: before ?? (selection.firstRun === "post" ? start : null),
    statuses: settings?.statuses ?? null,
    pageSize: config.sage.pageSize,
    today: dayOfBooks(ports, company),
    lastRead: isRead(before) ? calendarDate(new Date(before.lastRead), config.sage.timeZone) : null,
    lookbackDays: settings?.lookbackDays ?? 0,
    dialect: company.master.dialectOf(source.name),
    lists: { failure: null },
    seal: (snapshot) => sealSnapshot(sealer, snapshot),
  };
}

function isRead(source: SourceState | undefined): source is SourceState {
  return source !== undefined && source.lastRead > 0;
}

/** What planning knows of a source, and the channel of what no route places elsewhere. */
export type SourceContext = ReadingContext & { readonly sourceChannel: string };

export async function sourceContext(poll: Poll): Promise<SourceContext> {
  const { ports, company, name } = poll;
  const { config, directory, spreadsheet, store, sealer } = ports;
  const source = sourceNamed(name);
  const settings = config.sources[source.name];
  if (settings === undefined) throw new Error(`${source.name} is not configured`);
  const routes = config.routes.filter(({ when }) => listOf(when.source)?.includes(name) ?? true);
  await directory.load({
    channels: [settings.channel, ...routes.map(({ channel }) => channel)],
    mentions: routes.flatMap(({ mention }) => mention),
  });
  const routing = { routes, directory: spreadsheet, channel: settings.channel };
  return {
    ...circumstancesOf(ports, {
      source: name,
      company: company.id,
      today: dayOfBooks(ports, company),
      lastRead: store.state.sources[placeOf(poll)]?.lastRead ?? null,
    }),
    source,
    post: settings.post,
    // What a summary has listed is listed again when it has changed.
    repeats: settings.post === "summary",
    updates: settings.updates,
    sourceChannel: settings.channel,
    destinations: router(routing, settings.post),
    salt: store.state.salt,
    occasion: String(store.state.epoch),
    link: config.sage.link ?? null,
    channel: (spelled) => directory.channel(spelled),
    named: (id) => directory.named(id),
    mention: (spelled) => directory.mention(spelled),
    shownBefore: ({ shown }) => snapshotIn(shown === undefined ? null : sealer.open(shown)),
  };
}

/** Channels and people of the directory are asked for as transactions need them: it may have thousands of rows. */
export async function loadDestinations(
  { directory, spreadsheet }: Ports,
  records: readonly SageRecord[],
  { destinations }: SourceContext,
): Promise<void> {
  if (spreadsheet.rows.length === 0) return;
  const found = records.flatMap((record) =>
    record.transactions.flatMap((transaction) => destinations(transaction, record)),
  );
  await directory.load({
    channels: [...new Set(found.map(({ channel }) => channel))],
    mentions: [...new Set(found.flatMap(({ mention }) => mention))],
  });
}

function sourceNamed(name: string): Source {
  const source = sources.find((one) => one.name === name);
  if (source === undefined) throw new Error(`no source is called ${name}`);
  return source;
}

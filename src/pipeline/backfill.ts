import { readHistory, type DateRange, type HistoryPart } from "../sage/read-history.ts";
import { endBackfill, noteProgress } from "../state/backfills.ts";
import { forgetOld } from "../state/forget.ts";
import { sealSnapshot } from "../state/sealed.ts";
import type { Backfill, State } from "../state/state.ts";
import { addDays } from "../transactions/date.ts";
import { includes } from "../transactions/number-ranges.ts";
import type { Watched } from "../transactions/position.ts";
import { revisionsOf, snapshotOf } from "../transactions/snapshot.ts";
import { recordNumber, type SageRecord, type Transaction } from "../transactions/transaction.ts";
import { dayOfBooks } from "./circumstances.ts";
import { planReading, type Plan } from "./plan-reading.ts";
import type { PlanContext } from "./plan.ts";
import { completed, type Read } from "./read-source.ts";
import {
  loadDestinations,
  owing,
  placeOf,
  readOptions,
  sourceContext,
  takeBreath,
  type Poll,
  type SourceContext,
} from "./source-poll.ts";

/** What has been ordered of the history of a source and is not read to its end, oldest first. */
export function backfillsOf(poll: Poll): Backfill[] {
  return poll.ports.store.state.backfills.filter(({ place }) => place === placeOf(poll));
}

/**
 * Announces the documents of the range that have not been announced, and goes on where an earlier run ended. Positions
 * stay where they are: what is new is announced by the ordinary reading.
 */
export async function continueBackfill(poll: Poll, backfill: Backfill): Promise<Read> {
  const { ports } = poll;
  const context = await sourceContext(poll);
  const { resend } = backfill;
  const again = resend === undefined ? { repeats: false } : { repeats: true, edition: resend };
  const read = await readRange(poll, backfill, {
    context: { ...context, ...again, destinations: within(backfill, leftTo(poll, context.destinations)) },
    chosen: (part) => ({
      ...part,
      records: part.records.filter((record) => !isFailedSince(poll, record, part)),
    }),
    keep: (state, { messages }, part) => progressed(owing(state, messages), { poll, backfill, part }),
  });
  await ports.store.commit((state) => endBackfill(state, backfill, ports.clock.now()));
  return read;
}

/** The same with everything sent to one channel, whatever was announced before, and nothing remembered. */
export async function runTrial(poll: Poll, range: DateRange, channel: string): Promise<Read> {
  const { ports } = poll;
  const context = await sourceContext(poll);
  await ports.directory.load({ channels: [channel], mentions: [] });
  const destinations = () => [{ channel, mention: [], decidedBy: "--channel" }];
  const edition = `trial ${ports.store.state.epoch}`;
  return readRange(
    poll,
    { ...range, readUpTo: {}, copies: {} },
    {
      context: { ...context, repeats: true, edition, destinations: within(range, destinations) },
      // An entry of an error batch is told by itself: its original's thread is no place for a trial.
      chosen: (part) => ({ ...part, copies: {} }),
      keep: (state, { messages }) =>
        owing(
          state,
          messages.map((message) => ({ ...message, isTrial: true })),
        ),
    },
  );
}

interface Telling {
  readonly context: SourceContext;
  /** What of a part is told, and how. */
  readonly chosen: (part: HistoryPart) => HistoryPart;
  /** The state once the messages of a part are owed. */
  readonly keep: (state: State, plan: Plan, part: HistoryPart) => State;
}

async function readRange(
  poll: Poll,
  range: DateRange & Pick<Backfill, "readUpTo" | "copies">,
  telling: Telling,
): Promise<Read> {
  const { ports, company } = poll;
  const { keep, chosen } = telling;
  const context = { ...telling.context, days: daysOf(range, telling.context) };
  const read: Read = { outcome: "backfill", announced: 0, changed: 0, unreadable: [] };
  const parts = readHistory(readOptions(poll, context.source, undefined), range, range);
  for await (const found of context.post === "summary" ? inSummaries(parts) : parts) {
    const part = chosen(found);
    const fresh = await completed(part.records, company, context);
    await loadDestinations(ports, fresh, context);
    const plan = planReading(
      { fresh, changed: [], lost: [], gone: [], copies: part.copies },
      context,
      ports.store.state,
    );
    await ports.store.commit((state) => keep(state, plan, part));
    read.announced += part.records.filter(holdsSomeOf(range)).length;
    read.unreadable.push(...part.unreadable.map(({ error }) => error));
    await takeBreath(poll);
  }
  return read;
}

/** What a summary of the range is about. */
function daysOf({ since, until }: DateRange, { today }: SourceContext): SourceContext["days"] {
  const last = until === null ? today : addDays(until, -1);
  return { from: since, to: last < since ? since : last };
}

/** A summary of history tells so many records at a time, because a year of them is more than a message. */
const recordsInSummary = 500;

async function* inSummaries(parts: AsyncIterable<HistoryPart>): AsyncGenerator<HistoryPart> {
  let collected: HistoryPart[] = [];
  for await (const part of parts) {
    collected.push(part);
    if (collected.reduce((sum, { records }) => sum + records.length, 0) < recordsInSummary) continue;
    yield* together(collected);
    collected = [];
  }
  yield* together(collected);
}

function together(parts: readonly HistoryPart[]): HistoryPart[] {
  const last = parts.at(-1);
  if (last === undefined) return [];
  const records = parts.flatMap((part) => part.records);
  return [{ ...last, records, unreadable: parts.flatMap(({ unreadable }) => unreadable) }];
}

/** A document counts by its own date: its batch may be of another month. */
function within(range: DateRange, destinations: PlanContext["destinations"]): PlanContext["destinations"] {
  const isHere = isIn(range);
  return (transaction, record) => (isHere(transaction, record) ? destinations(transaction, record) : []);
}

function holdsSomeOf(range: DateRange): (record: SageRecord) => boolean {
  const isHere = isIn(range);
  return (record) => record.transactions.some((transaction) => isHere(transaction, record));
}

function isIn({ since, until }: DateRange): (transaction: Transaction, record: SageRecord) => boolean {
  return (transaction, record) => {
    const date = transaction.date ?? record.date;
    return date !== null && date >= since && (until === null || date < until);
  };
}

/**
 * An error batch that the ordinary reading has not met: that reads it together with the batch that failed, and so can
 * tell what has been put right in it since.
 */
function isFailedSince(poll: Poll, { record, transactions }: SageRecord, { copies }: HistoryPart): boolean {
  return (
    transactions.some(({ entry }) => copies[`${record}:${entry}`] !== undefined) && !isSeen(poll, record)
  );
}

/** Whether the ordinary reading has met it. */
function isSeen(poll: Poll, record: string): boolean {
  const { selector, number } = recordNumber(record) ?? { selector: "", number: 0n };
  const known = poll.ports.store.state.sources[placeOf(poll)]?.known[selector] ?? "";
  return includes(known, number);
}

/** What was keyed into an announced record since it was last read is told in its thread, by the ordinary reading. */
function leftTo(poll: Poll, destinations: PlanContext["destinations"]): PlanContext["destinations"] {
  return (transaction, record) => {
    const before = poll.ports.store.state.sources[placeOf(poll)]?.watch[record.record];
    const isKeyedInSince =
      before?.announced === true &&
      hasKnownEntries(before) &&
      before.entries[transaction.entry] === undefined;
    return isKeyedInSince ? [] : destinations(transaction, record);
  };
}

function hasKnownEntries({ entries }: Watched): boolean {
  return Object.keys(entries).length > 0;
}

interface Told {
  readonly poll: Poll;
  readonly backfill: Backfill;
  readonly part: HistoryPart;
}

function progressed(state: State, { poll, backfill, part }: Told): State {
  const { readUpTo, copies } = part;
  const closed = part.records.filter(isClosed({ poll, backfill, part }));
  const after = noteProgress(state, backfill, {
    readUpTo,
    copies,
    closed: closed.flatMap(({ record }) => recordNumber(record) ?? []),
  });
  return forgetOld(withWatched(after, { poll, backfill, part }), poll.ports.clock.now());
}

function withWatched(state: State, { poll, backfill, part }: Told): State {
  const source = state.sources[backfill.place];
  if (source === undefined) return state;
  const watch = { ...source.watch };
  for (const { header } of part.unreadable) watch[header.record] ??= unread(header.status);
  for (const record of part.records) {
    const next = watched(watch[record.record], { record, poll, range: backfill });
    if (next !== null) watch[record.record] = next;
  }
  return { ...state, sources: { ...state.sources, [backfill.place]: { ...source, watch } } };
}

/** As long as a thread is remembered after the last change. */
const threadDays = 35;

/**
 * Whether nothing will change in a record: final, and not touched for as long as threads are remembered. One that is
 * told in part keeps its place for the other entries, and one that failed, or was made of one that failed, its thread.
 */
function isClosed({ poll, backfill, part }: Told): (record: SageRecord) => boolean {
  const isHere = isIn(backfill);
  const lastDay = addDays(dayOfBooks(poll.ports, poll.company), -threadDays);
  return (record) =>
    record.status.isFinal &&
    record.lastEdited !== null &&
    record.lastEdited < lastDay &&
    record.transactions.every(
      (one) =>
        isHere(one, record) &&
        one.errorBatch === undefined &&
        part.copies[`${record.record}:${one.entry}`] === undefined,
    );
}

/** What cannot be read is watched, like what the ordinary reading cannot read: it is tried again by every run. */
function unread(status: string): Watched {
  return { header: "", status, isFinal: false, entries: {}, announced: false };
}

/**
 * What is told of an open record is what its changes are compared with from now on: of one that was only taken note of,
 * and of one that the ordinary reading has not met. Null where that knows more, or tells that it is open again, or
 * nothing was told.
 */
function watched(
  before: Watched | undefined,
  { record, poll, range }: { record: SageRecord; poll: Poll; range: DateRange },
): Watched | null {
  const asTold = (told: SageRecord, header: string): Watched => ({
    header,
    isFinal: false,
    announced: true,
    status: told.status.name,
    entries: revisionsOf(told),
    shown: sealSnapshot(poll.ports.sealer, snapshotOf(told)),
  });
  if (before !== undefined)
    return before.announced && !hasKnownEntries(before) ? asTold(record, before.header) : null;
  const isHere = isIn(range);
  const transactions = record.transactions.filter((one) => isHere(one, record));
  if (record.status.isFinal || transactions.length === 0 || isSeen(poll, record.record)) return null;
  // Without a header it is read again by the next run, for the entries that are not in the range.
  return asTold({ ...record, transactions }, "");
}

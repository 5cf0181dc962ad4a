import type { Changed, Gone } from "../sage/read-changes.ts";
import { headerWords, sentence } from "../slack/words.ts";
import type { Channel, Heading, OutboxMessage } from "../state/state.ts";
import { formatMoney, totalsOf } from "../transactions/money.ts";
import type { Change, NoticeRow, Update } from "../transactions/notice.ts";
import type { Watched } from "../transactions/position.ts";
import {
  differencesOf,
  revisionOf,
  shownOf,
  snapshotOf,
  type Difference,
  type Shown,
  type Snapshot,
} from "../transactions/snapshot.ts";
import {
  recordNumber,
  transactionId,
  type SageRecord,
  type Transaction,
} from "../transactions/transaction.ts";
import { announce } from "./announce.ts";
import { message, planMessages, withRevisions, type PlanContext } from "./plan.ts";
import { placeOf, type Thread } from "./threads.ts";

export interface UpdateContext extends PlanContext {
  readonly updates: "thread" | "message" | "off";
  /** What was shown when the record was last read; null when that is not known any more. */
  readonly shownBefore: (watched: Watched) => Snapshot | null;
  /** Whether a message about this transaction waits for this channel. */
  readonly isWaiting: PlanContext["isPromised"];
  /** Where the changes of a record are told. */
  readonly threadsOf: (record: string) => readonly Thread[];
  /** The channel with an id. */
  readonly named: (channelId: string) => Channel;
}

export interface PlannedUpdates {
  readonly messages: readonly OutboxMessage[];
  /** What the headers of the announcements should say by now, by `<channel id> <ts>`. */
  readonly headings: ReadonlyMap<string, Heading>;
}

/**
 * What is owed for a record that was announced and is now otherwise: in the thread of each of its announcements what
 * concerns that one, and an announcement where an entry belongs that has none there yet. A record that was only taken
 * note of is announced by its first change.
 */
export function planUpdates(changed: Changed, context: UpdateContext): PlannedUpdates {
  const comparison = compare(changed, context);
  const { record } = comparison;
  const threads = withStrays(placesOf(record, context), comparison, context);
  if (threads.length === 0)
    return { messages: announcementOf(comparison, changed, context), headings: new Map() };
  const replies = threads.flatMap((thread) =>
    repliesIn(thread, { comparison, context, isFirst: isFirstOf(threads, thread) }),
  );
  const headings =
    context.updates === "thread" ? headingsOf(record, threads, context) : new Map<string, Heading>();
  return { messages: [...replies, ...announcedElsewhere(comparison, threads, context)], headings };
}

/** The threads of a record; where each change is a message of the channel, one for each channel, about all of it. */
function placesOf(record: Named, { threadsOf, updates }: UpdateContext): readonly Thread[] {
  const threads = threadsOf(nameOf(record));
  if (updates !== "message") return threads;
  const places = new Map<string, Thread>();
  for (const thread of threads) {
    const place = places.get(thread.channelId) ?? thread;
    const entries = [...new Set([...place.entries, ...thread.entries])];
    places.set(thread.channelId, { ...place, entries });
  }
  return [...places.values()];
}

function isFirstOf(threads: readonly Thread[], thread: Thread): boolean {
  return threads.find(({ channelId }) => channelId === thread.channelId) === thread;
}

/**
 * An entry that its channel was never told of, as of a batch that history told in part, is at home in the first thread
 * of the channel.
 */
function withStrays(
  threads: readonly Thread[],
  { record, edited }: Comparison,
  context: UpdateContext,
): readonly Thread[] {
  if (context.post !== "batch" || context.updates === "off") return threads;
  return threads.map((thread) => {
    if (!isFirstOf(threads, thread)) return thread;
    const strays = edited.filter(
      (one) => !context.isPromised(one.id, thread.channelId) && belongsIn(thread, one, { record, context }),
    );
    return { ...thread, entries: [...thread.entries, ...strays.map(({ entry }) => entry)] };
  });
}

/** Begins a thread for a record that has none. */
function announcementOf(
  { record, changes, isUnknownBefore }: Comparison,
  { isAnnounceable }: Changed,
  context: UpdateContext,
): OutboxMessage[] {
  // It may never have had a status that is announced.
  if (!isAnnounceable && (isUnknownBefore || !isPromised(record, context))) return [];
  const facts = [...record.facts, ...changes.filter(isOfRecord).map(factOf)];
  // It may have been delivered long ago: then its thread is closed, and this begins a new one.
  return planMessages([{ ...record, facts }], { ...context, isPromised: context.isWaiting });
}

/** Whether something of a record has been told, or waits to be, where it would be told now. */
function isPromised(record: SageRecord, context: PlanContext): boolean {
  return record.transactions.some((one) =>
    context
      .destinations(one, record)
      .some(({ channel }) => context.isPromised(one.id, context.channel(channel).id)),
  );
}

/** What is owed for a record that was open and is gone: nobody can say more of it than that it was deleted. */
export function planGone({ company, record: name, before }: Gone, context: UpdateContext): OutboxMessage[] {
  if (context.updates === "off") return [];
  const number = context.shownBefore(before)?.entries["0"]?.["Document"] ?? plainNumber(name);
  const record = { company, source: context.source.name, record: name, number };
  const changes: Change[] = [{ subject: "", label: "Status", from: before.status, to: "Deleted" }];
  return placesOf(record, context).map((thread) => {
    const told = thread.entries.map(
      (entry) => `${transactionId(record, entry)}@${before.entries[entry] ?? ""}`,
    );
    return reply(thread, { record, changes, rows: [], told }, context);
  });
}

/** `28` of `PY-28`, as Sage shows it. */
function plainNumber(record: string): string {
  return recordNumber(record)?.number.toString() ?? record;
}

interface Comparison {
  readonly record: SageRecord;
  readonly changes: readonly Change[];
  readonly added: readonly Transaction[];
  /** Entries whose revision is another than before. */
  readonly edited: readonly Transaction[];
  /** Entry of each change that is about one. */
  readonly entryOf: ReadonlyMap<Change, string>;
  /** It was seen long ago, and nothing else is known of what it said. */
  readonly isUnknownBefore: boolean;
}

function compare({ record, before }: Changed, context: UpdateContext): Comparison {
  const shown = context.shownBefore(before);
  const now = snapshotOf(record);
  const recordBefore = shown?.record ?? withStatus(now.record, before.status);
  const ofRecord = differencesOf(recordBefore, now.record).map((one): Change => ({ subject: "", ...one }));
  const edited = record.transactions.filter((one) => isEdited(before, one));
  const entryOf = new Map([
    ...edited.flatMap((one) =>
      editsOf(one, shown).map((change): [Change, string] => [
        { subject: subjectOf(one), ...change },
        one.entry,
      ]),
    ),
    ...Object.keys(before.entries)
      .filter((entry) => now.entries[entry] === undefined)
      .map((entry): [Change, string] => [removalOf(entry, shown), entry]),
  ]);
  const added = record.transactions.filter(({ entry }) => before.entries[entry] === undefined);
  const isUnknownBefore = before.status === "";
  return { record, added, edited, changes: [...ofRecord, ...entryOf.keys()], entryOf, isUnknownBefore };
}

function withStatus({ Status: _now, ...others }: Shown, status: string): Shown {
  return status === "" ? others : { ...others, Status: status };
}

function isEdited({ entries }: Watched, transaction: Transaction): boolean {
  const revision = entries[transaction.entry];
  return revision !== undefined && revision !== revisionOf(transaction);
}

/** Where the old values are not known any more, at least the amount of today. */
function editsOf(transaction: Transaction, shown: Snapshot | null): Difference[] {
  const before = shown?.entries[transaction.entry];
  if (before === undefined) return [{ label: "Changed", from: null, to: formatMoney(transaction.amount) }];
  return differencesOf(before, shownOf(transaction));
}

function removalOf(entry: string, shown: Snapshot | null): Change {
  const gone = shown?.entries[entry];
  return {
    subject: gone?.["Document"] ?? `entry ${entry}`,
    label: "Removed",
    from: gone?.["Amount"] ?? "",
    to: null,
  };
}

/** An order is its own document: its record's name says which. */
export function subjectOf({ entry, documentNumber }: Transaction): string {
  return entry === "0" ? "" : documentNumber || `entry ${entry}`;
}

function isOfRecord({ subject }: Change): boolean {
  return subject === "";
}

function factOf({ label, from, to }: Change) {
  return { label: `${label} changed`, value: `${from ?? "—"} → ${to ?? "—"}` };
}

interface ReplyContext {
  readonly comparison: Comparison;
  readonly context: UpdateContext;
  /** The first thread of its channel, which hears of entries that were keyed in since. */
  readonly isFirst: boolean;
}

function repliesIn(thread: Thread, { comparison, context, isFirst }: ReplyContext): OutboxMessage[] {
  const { record, added, entryOf } = comparison;
  const isHere = (change: Change) => {
    const entry = entryOf.get(change);
    return entry === undefined || thread.entries.includes(entry);
  };
  const now = comparison.isUnknownBefore ? [nowOf(comparison, thread, context)] : [];
  const changes = context.updates === "off" ? [] : [...comparison.changes.filter(isHere), ...now];
  const here =
    isFirst && context.post === "batch"
      ? added.filter((one) => belongsIn(thread, one, { record, context }) && !isTold(thread, one, context))
      : [];
  const told = [...record.transactions.filter(({ entry }) => thread.entries.includes(entry)), ...here];
  return portions(changes, here).map(({ changes: some, rows }, part) =>
    reply(thread, { record, changes: some, rows, told: withRevisions(told), part }, context),
  );
}

/** What a thread is about, where nobody knows any more what was told there. */
function nowOf({ record }: Comparison, { entries }: Thread, { source: { noun } }: UpdateContext): Change {
  const here = record.transactions.filter(({ entry }) => entries.includes(entry));
  const count = `${here.length} ${here.length === 1 ? noun.one : noun.many}`;
  const total = totalsOf(here.map(({ amount }) => amount))
    .map(formatMoney)
    .join(" and ");
  return { subject: "", label: "Now", from: null, to: `${count}, ${total} (before: not kept)` };
}

/** It was announced when somebody asked for history. */
function isTold({ channelId }: Thread, { id }: Transaction, context: UpdateContext): boolean {
  return context.isPromised(id, channelId);
}

function belongsIn(
  { channelId }: Thread,
  transaction: Transaction,
  { record, context }: { record: SageRecord; context: UpdateContext },
): boolean {
  return context
    .destinations(transaction, record)
    .some(({ channel }) => context.channel(channel).id === channelId);
}

/** What a reader is told at a time; more goes into further replies. */
const mostChanges = 40;
const mostRows = 25;

function portions(changes: readonly Change[], added: readonly Transaction[]) {
  const found: { changes: readonly Change[]; rows: readonly Transaction[] }[] = [];
  const count = Math.max(Math.ceil(changes.length / mostChanges), Math.ceil(added.length / mostRows));
  for (let part = 0; part < count; part += 1) {
    found.push({
      changes: changes.slice(part * mostChanges, (part + 1) * mostChanges),
      rows: added.slice(part * mostRows, (part + 1) * mostRows),
    });
  }
  return found;
}

interface Content {
  readonly record: Named & Pick<SageRecord, "number">;
  readonly changes: readonly Change[];
  readonly rows: readonly Transaction[];
  /** The transactions that it is about, {@link withRevisions}. */
  readonly told: readonly string[];
  readonly part?: number;
}

/** What a thread hears. */
export function reply(thread: Thread, content: Content, context: UpdateContext): OutboxMessage {
  const { record, changes, rows, told, part = 0 } = content;
  const { source } = context;
  const update: Update = {
    kind: "update",
    company: record.company,
    title: `${source.recordTitle} ${record.number}`,
    changes,
    today: context.today,
    columns: source.columns,
    rows: rows.flatMap((one) => source.rows(one).map((cells): NoticeRow => ({ transaction: one.id, cells }))),
  };
  const planned = message(
    {
      kind: "update",
      channel: context.named(thread.channelId),
      transactions: told,
      notices: [update],
      part,
      occasion: `${context.occasion} ${nameOf(record)} ${JSON.stringify(thread.at)}`,
    },
    context.salt,
  );
  if (context.updates === "message") return planned;
  return { ...planned, ...thread.at, ...(thread.via === undefined ? {} : { via: thread.via }) };
}

/** Where an entry that is new or changed belongs and nothing of it has been told. */
function announcedElsewhere(
  { record, added, edited }: Comparison,
  threads: readonly Thread[],
  context: UpdateContext,
): OutboxMessage[] {
  const isInThread = (channelId: string) =>
    context.post === "batch" && threads.some((thread) => thread.channelId === channelId);
  return planMessages([{ ...record, transactions: [...added, ...edited] }], {
    ...context,
    isPromised: (id, channelId) => context.isPromised(id, channelId) || isInThread(channelId),
  });
}

/** Nothing where several records share a message: its header speaks of all of them. */
function headingsOf(
  record: SageRecord,
  threads: readonly Thread[],
  context: UpdateContext,
): Map<string, Heading> {
  const headings = new Map<string, Heading>();
  for (const place of new Set(threads.map(placeOf))) {
    const together = threads.filter((thread) => placeOf(thread) === place);
    const entries = new Set(together.flatMap((thread) => thread.entries));
    const transactions = record.transactions.filter(({ entry }) => entries.has(entry));
    if (together.some(({ isShared }) => isShared) || transactions.length === 0) continue;
    const announcement = announce({ records: [record], transactions, mentions: [], decidedBy: "" }, context);
    headings.set(place, { headline: headerWords([announcement]), sentence: sentence(announcement) });
  }
  return headings;
}

type Named = Pick<SageRecord, "company" | "source" | "record">;

/** As threads know a record: `SAMINC:ap-invoices:28`. */
export function nameOf({ company, source, record }: Named): string {
  return `${company}:${source}:${record}`;
}

import type { Destination } from "../routing/route.ts";
import { splitRows } from "../slack/fit.ts";
import { messageKey } from "../state/message-key.ts";
import type { Channel, OutboxMessage } from "../state/state.ts";
import type { Mention, Notice } from "../transactions/notice.ts";
import { revisionOf } from "../transactions/snapshot.ts";
import type { SageRecord, Transaction, TransactionId } from "../transactions/transaction.ts";
import { announce, type Post, type Style } from "./announce.ts";

/** What planning needs to know besides the records; no I/O behind any of it. */
export interface PlanContext extends Style {
  /** Where a transaction goes, by the routes and the source's channel. */
  readonly destinations: (transaction: Transaction, record: SageRecord) => readonly Destination[];
  /** Key of the message keys. */
  readonly salt: string;
  /** Tells what one run says of a record from what another does: a change and its reversal are two. */
  readonly occasion: string;
  readonly channel: (name: string) => Channel;
  readonly mention: (name: string) => Mention;
  /** Tells announcements that are made again, or on trial, from those that said the same before. */
  readonly edition?: string;
  /** Whether this transaction has been delivered to this channel, or waits in the outbox for it. */
  readonly isPromised: (transaction: TransactionId, channelId: string) => boolean;
}

/** The messages owed for records that are new, in the order in which they should appear. */
export function planMessages(records: readonly SageRecord[], context: PlanContext): OutboxMessage[] {
  return groupings(records, context.post).flatMap((group) => messagesFor(group, context));
}

/** Each grouping becomes one message in each of its destinations. */
function groupings(records: readonly SageRecord[], post: Post): (readonly SageRecord[])[] {
  switch (post) {
    case "batch":
      return records.map((record) => [record]);
    case "document":
      return records.flatMap((record) =>
        record.transactions.map((transaction) => [{ ...record, transactions: [transaction] }]),
      );
    case "summary":
      return records.length === 0 ? [] : [records];
  }
}

interface Bucket {
  readonly destination: Destination;
  readonly channel: Channel;
  readonly transactions: Transaction[];
  readonly deciders: Set<string>;
}

function messagesFor(records: readonly SageRecord[], context: PlanContext): OutboxMessage[] {
  const buckets = new Map<string, Bucket>();
  for (const record of records) {
    for (const transaction of record.transactions) sort(transaction, { record, buckets, context });
  }
  return [...buckets.values()].flatMap(({ destination, channel, transactions, deciders }) => {
    const told = new Set(transactions);
    const concerned = records.filter((record) => record.transactions.some((one) => told.has(one)));
    const mentions = destination.mention.map(context.mention);
    const decidedBy = inWords([...deciders]);
    const announcement = announce({ records: concerned, transactions, mentions, decidedBy }, context);
    const { first, rest } = splitRows(announcement);
    const about = { channel, transactions: withRevisions(transactions), ...tellingApart(context) };
    const main = message({ ...about, kind: "announcement", notices: [first], part: 0 }, context.salt);
    const replies = rest.map((rows, index) => ({
      ...message({ ...about, kind: "more-rows", notices: [rows], part: index + 1 }, context.salt),
      parent: main.key,
    }));
    return [main, ...replies];
  });
}

/** How a message names the transactions that it is about: each with the revision that it tells. */
export function withRevisions(transactions: readonly Transaction[]): string[] {
  return transactions.map((one) => `${one.id}@${revisionOf(one)}`);
}

function tellingApart({ post, edition, occasion }: PlanContext): { edition?: string; occasion?: string } {
  if (edition !== undefined) return { edition };
  // A summary lists again what has changed, if only its status: that is no repetition of the one before.
  return post === "summary" ? { occasion } : {};
}

function sort(
  transaction: Transaction,
  { record, buckets, context }: { record: SageRecord; buckets: Map<string, Bucket>; context: PlanContext },
): void {
  for (const destination of context.destinations(transaction, record)) {
    const channel = context.channel(destination.channel);
    if (context.isPromised(transaction.id, channel.id)) continue;
    // Whatever decided: what goes to one channel, for the same people, is one message.
    const key = JSON.stringify([channel.id, destination.mention]);
    const bucket = buckets.get(key) ?? { destination, channel, transactions: [], deciders: new Set() };
    bucket.transactions.push(transaction);
    bucket.deciders.add(destination.decidedBy);
    buckets.set(key, bucket);
  }
}

const mostDeciders = 3;

function inWords(deciders: readonly string[]): string {
  const others = deciders.length - mostDeciders;
  const shown = deciders.slice(0, mostDeciders).join("; ");
  return others > 0 ? `${shown}; and ${others} more` : shown;
}

export interface MessageContent {
  readonly kind: OutboxMessage["kind"];
  readonly channel: Channel;
  readonly transactions: readonly string[];
  readonly notices: readonly Notice[];
  readonly part: number;
  readonly occasion?: string;
  readonly edition?: string;
}

/** A message that waits to be sent for the first time. */
export function message(content: MessageContent, salt: string): OutboxMessage {
  const { kind, channel, transactions, notices, part, edition, occasion = edition } = content;
  const identity = { kind, channelId: channel.id, part, transactions };
  return {
    ...(edition === undefined ? {} : { edition }),
    key: messageKey(salt, occasion === undefined ? identity : { ...identity, occasion }),
    kind,
    channel,
    transactions,
    notices,
    status: "pending",
    rendering: "full",
    attempts: 0,
    attempt: null,
    reason: null,
  };
}

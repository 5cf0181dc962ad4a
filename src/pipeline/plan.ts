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
}

function messagesFor(records: readonly SageRecord[], context: PlanContext): OutboxMessage[] {
  const buckets = new Map<string, Bucket>();
  for (const record of records) {
    for (const transaction of record.transactions) sort(transaction, { record, buckets, context });
  }
  return [...buckets.values()].flatMap(({ destination, channel, transactions }) => {
    const concerned = records.filter((record) =>
      record.transactions.some((one) => transactions.includes(one)),
    );
    const mentions = destination.mention.map(context.mention);
    const { decidedBy } = destination;
    const announcement = announce({ records: concerned, transactions, mentions, decidedBy }, context);
    const { first, rest } = splitRows(announcement);
    const ids = transactions.map((transaction) => `${transaction.id}@${revisionOf(transaction)}`);
    const about = {
      channel,
      transactions: ids,
      // A summary lists again what has changed, if only its status: that is no repetition of the one before.
      ...(context.post === "summary" ? { occasion: context.occasion } : {}),
    };
    const main = message({ ...about, kind: "announcement", notices: [first], part: 0 }, context.salt);
    const replies = rest.map((rows, index) => ({
      ...message({ ...about, kind: "more-rows", notices: [rows], part: index + 1 }, context.salt),
      parent: main.key,
    }));
    return [main, ...replies];
  });
}

function sort(
  transaction: Transaction,
  { record, buckets, context }: { record: SageRecord; buckets: Map<string, Bucket>; context: PlanContext },
): void {
  for (const destination of context.destinations(transaction, record)) {
    const channel = context.channel(destination.channel);
    if (context.isPromised(transaction.id, channel.id)) continue;
    const key = JSON.stringify([channel.id, destination.mention, destination.decidedBy]);
    const bucket = buckets.get(key) ?? { destination, channel, transactions: [] };
    bucket.transactions.push(transaction);
    buckets.set(key, bucket);
  }
}

export interface MessageContent {
  readonly kind: OutboxMessage["kind"];
  readonly channel: Channel;
  readonly transactions: readonly string[];
  readonly notices: readonly Notice[];
  readonly part: number;
  readonly occasion?: string;
}

/** A message that waits to be sent for the first time. */
export function message(content: MessageContent, salt: string): OutboxMessage {
  const { kind, channel, transactions, notices, part, occasion } = content;
  const identity = { kind, channelId: channel.id, part, transactions };
  return {
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

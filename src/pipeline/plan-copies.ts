import type { OutboxMessage } from "../state/state.ts";
import { formatMoney } from "../transactions/money.ts";
import type { Change } from "../transactions/notice.ts";
import { differencesOf, shownOf } from "../transactions/snapshot.ts";
import { statusLetters, type SageRecord, type Transaction } from "../transactions/transaction.ts";
import { withRevisions } from "./plan.ts";
import { nameOf, reply, subjectOf, type UpdateContext } from "./plan-updates.ts";

/** Where the entries of error batches come from. */
interface Origins {
  /** The entry that a copy was made from, both as `<record>:<entry>`. */
  readonly of: (copy: string) => string | undefined;
  /** The originals that were read together with the copies. */
  readonly read: readonly SageRecord[];
}

/**
 * An entry of an error batch is the document it was copied from: it is told in that one's thread, which it inherits,
 * with what somebody has put right in it since. What is left of the record is new.
 */
export function planCopies(
  record: SageRecord,
  origins: Origins,
  context: UpdateContext,
): { messages: OutboxMessage[]; rest: SageRecord } {
  const originOf = ({ entry }: Transaction) => origins.of(`${record.record}:${entry}`)?.split(":") ?? [];
  if (!record.transactions.some((one) => originOf(one).length > 0)) return { messages: [], rest: record };
  const messages: OutboxMessage[] = [];
  const rest = record.transactions.filter((copy) => {
    const [from = "", entry = ""] = originOf(copy);
    const threads = context
      .threadsOf(nameOf({ ...record, record: from }))
      .filter(({ entries }) => entries.includes(entry));
    const original = origins.read
      .find((one) => one.record === from)
      ?.transactions.find((one) => one.entry === entry);
    const changes = [
      failureOf(copy, record, `entry ${entry} of ${from}`),
      ...(original === undefined ? [] : mendings(original, copy)),
    ];
    const content = { record, changes, rows: [], told: withRevisions([copy]) };
    const untold = threads.filter(({ channelId }) => !context.isPromised(copy.id, channelId));
    messages.push(...untold.map((thread) => reply(thread, content, context)));
    return threads.length === 0;
  });
  return { messages, rest: { ...record, transactions: rest } };
}

function failureOf(
  { documentNumber, entry, amount }: Transaction,
  { number, status }: SageRecord,
  before: string,
): Change {
  const end = statusLetters(status.name) === "deleted" ? ", which is deleted" : "";
  const to = `now entry ${entry} of error batch ${number}${end} (was ${before}), ${formatMoney(amount)}`;
  return { subject: documentNumber, label: "Posting failed", from: null, to };
}

/** What posting leaves alone and somebody has put right in the copy. */
function mendings(original: Transaction, copy: Transaction): Change[] {
  const [before, after] = [shownOf(original), shownOf(copy)];
  const mended = differencesOf(before, after).filter(({ label }) => mendable.has(label));
  return mended.map((one) => ({ subject: subjectOf(copy), ...one }));
}

const mendable: ReadonlySet<string> = new Set(["Amount", "Date", "Document", "Due", "Vendor", "Customer"]);

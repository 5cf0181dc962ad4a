import type { Source } from "../sage/source.ts";
import { readable, shorten } from "../slack/mrkdwn.ts";
import type { Announcement, Mention, NoticeRow } from "../transactions/notice.ts";
import { byLargest, formatAmount, totalsOf, type Money } from "../transactions/money.ts";
import type { Fact, SageRecord, Transaction } from "../transactions/transaction.ts";

/** What one destination hears of some records of a source. */
export interface Group {
  readonly source: Source;
  readonly records: readonly SageRecord[];
  /** The transactions that go to this destination, of all the records. */
  readonly transactions: readonly Transaction[];
  readonly mentions: readonly Mention[];
  readonly decidedBy: string;
  /** Pattern of the configuration with `{company}` and `{batch}`. */
  readonly link: string | null;
}

/** Says what happened in plain data: exceptions first, then the largest. */
export function announce(group: Group): Announcement {
  const { source, records, transactions } = group;
  const [record] = records;
  if (record === undefined) throw new Error("an announcement needs a record");
  const shown = transactions.toSorted(exceptionsThenLargest);
  const isSummary = records.length > 1;
  return {
    kind: "announcement",
    company: record.company,
    source: source.name,
    record: records.map((one) => one.record).join(", "),
    title: titleOf(group),
    noun: source.noun,
    count: transactions.length,
    countInRecord: records.reduce((sum, one) => sum + one.transactions.length, 0),
    totals: totalsOf(transactions.map(({ amount }) => amount)),
    status: statusesOf(records),
    date: earliest(records.map(({ date }) => date)),
    dueDate: earliest(transactions.map(({ dueDate }) => dueDate)),
    description: isSummary ? "" : record.description,
    facts: factsOf(group),
    columns: isSummary ? [{ title: "Batch", align: "left" }, ...source.columns] : source.columns,
    rows: shown.flatMap((transaction) => rowsOf(transaction, group)),
    mentions: group.mentions,
    decidedBy: group.decidedBy,
    ...(group.link === null || isSummary ? {} : { link: linkTo(group.link, record) }),
  };
}

function titleOf({ source, records }: Group): string {
  const [record] = records;
  if (records.length > 1) return `${records.length} ${source.recordTitle.replace(/batch$/, "batches")}`;
  // People may type the numbers of orders.
  return `${source.recordTitle} ${shorten(readable(record?.number ?? ""), 60)}`;
}

function rowsOf(transaction: Transaction, { source, records }: Group): NoticeRow[] {
  const rows = source.rows(transaction);
  if (records.length === 1) return rows.map((cells) => ({ transaction: transaction.id, cells }));
  const owner = records.find(({ transactions }) => transactions.includes(transaction));
  return rows.map((cells) => ({ transaction: transaction.id, cells: [batchCell(owner), ...cells] }));
}

function batchCell(record: SageRecord | undefined): string | null {
  return record === undefined ? null : `${record.number} (${record.status.name})`;
}

function factsOf({ records, transactions }: Group): Fact[] {
  const facts = records.length === 1 ? (records[0]?.facts ?? []) : [];
  const enteredBy = [...new Set(transactions.map((transaction) => transaction.enteredBy))].filter(
    (name) => name !== "",
  );
  return [
    ...facts.filter(({ value }) => value !== ""),
    ...unappliedFacts(transactions),
    ...(enteredBy.length === 0 ? [] : [{ label: "Entered by", value: enteredBy.slice(0, 5).join(", ") }]),
  ];
}

function unappliedFacts(transactions: readonly Transaction[]): Fact[] {
  const open = transactions
    .map(({ unapplied }) => unapplied)
    .filter((money): money is Money => money !== undefined);
  return totalsOf(open).map((money) => ({
    label: "Unapplied",
    value: `${money.currency} ${formatAmount(money)}`.trim(),
  }));
}

/** Each status with the number of its records, most first: `Posted`, `3 Posted, 1 Open`. */
function statusesOf(records: readonly SageRecord[]): string {
  const counts = new Map<string, number>();
  for (const { status } of records) counts.set(status.name, (counts.get(status.name) ?? 0) + 1);
  const names = [...counts].toSorted(([, a], [, b]) => b - a);
  return records.length === 1
    ? (names[0]?.[0] ?? "")
    : names.map(([name, count]) => `${count} ${name}`).join(", ");
}

const exceptional = ["out-of-balance", "has-errors"] as const;

function exceptionsThenLargest(left: Transaction, right: Transaction): number {
  return (
    Number(isException(right)) - Number(isException(left)) ||
    Number(isCredit(left)) - Number(isCredit(right)) ||
    byLargest(left.amount, right.amount) ||
    Number(left.entry) - Number(right.entry)
  );
}

function isException({ flags }: Transaction): boolean {
  return exceptional.some((flag) => flags.includes(flag));
}

function isCredit({ flags }: Transaction): boolean {
  return flags.includes("credit-note");
}

function earliest(dates: readonly (string | null)[]): string | null {
  return dates.filter((date) => date !== null).toSorted()[0] ?? null;
}

function linkTo(pattern: string, { company, record }: SageRecord): string {
  return pattern
    .replaceAll("{company}", encodeURIComponent(company))
    .replaceAll("{batch}", encodeURIComponent(record.replace(/^[A-Z]{2}-/, "")));
}

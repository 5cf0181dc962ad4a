import type { Source, Table } from "../sage/source.ts";
import { readable, shorten } from "../slack/mrkdwn.ts";
import { byLargest, formatMoney, totalsOf } from "../transactions/money.ts";
import type { Announcement, Column, Days, Mention, NoticeRow } from "../transactions/notice.ts";
import type { IsoDate } from "../transactions/date.ts";
import type { Fact, SageRecord, Transaction } from "../transactions/transaction.ts";
import { countsOf } from "./kinds.ts";
import { attentionTo, byUrgency, noteOf, remarkCounts } from "./remarks.ts";
import { creditsOf, panelsOf } from "./summarize.ts";
import { thresholdWords, type Threshold } from "./thresholds.ts";

/** One message a batch, a document, or a reading. */
export type Post = "batch" | "document" | "summary";

/** What an announcement is made by, whatever it is about. */
export interface Style {
  readonly source: Source;
  readonly post: Post;
  /** By Sage's clock, in the time zone of the books. */
  readonly today: IsoDate;
  /** What a summary made now is about. */
  readonly days: Days;
  /** Amounts from which on a document is large. */
  readonly thresholds: readonly Threshold[];
  /** Pattern of the configuration with `{company}` and `{batch}`. */
  readonly link: string | null;
}

/** What one destination hears of some records of a source. */
export interface Group {
  readonly records: readonly SageRecord[];
  /** The transactions that go to this destination, of all the records. */
  readonly transactions: readonly Transaction[];
  readonly mentions: readonly Mention[];
  readonly decidedBy: string;
}

/** Says what happened in plain data: exceptions first, then the largest, credit notes last. */
export function announce(group: Group, style: Style): Announcement {
  const { records, mentions, decidedBy } = group;
  const [record] = records;
  if (record === undefined) throw new Error("an announcement needs a record");
  const transactions = group.transactions.toSorted(exceptionsThenLargest);
  const common = {
    kind: "announcement" as const,
    company: record.company,
    source: style.source.name,
    record: records.map((one) => one.record).join(", "),
    ...countsOf(transactions, style.source.noun),
    countInRecord: records.reduce((sum, one) => sum + one.transactions.length, 0),
    ...totalsIn(transactions),
    dueDate: earliest(transactions.map(({ dueDate }) => dueDate)),
    ...(style.source.titles?.dueDate === undefined ? {} : { dueTitle: style.source.titles.dueDate }),
    highlights: highlightsOf({ records, transactions }, style),
    today: style.today,
    mentions,
    decidedBy,
  };
  const [only] = transactions;
  if (style.post === "summary") return { ...common, ...ofSummary({ records, transactions }, style) };
  const isDocument = style.post === "document" || only?.entry === "0";
  if (isDocument && transactions.length === 1 && only !== undefined)
    return { ...common, ...ofDocument(only, record, style) };
  return { ...common, ...ofBatch(transactions, record, style) };
}

type Told = Pick<Group, "records" | "transactions">;

/** Journals that balance have one total, others two. */
function totalsIn(transactions: readonly Transaction[]): Pick<Announcement, "totals" | "totalTitle"> {
  const totals = totalsOf(transactions.map(({ amount }) => amount));
  return imbalanceOf(transactions) === "" ? { totals } : { totals, totalTitle: "debits" };
}

/** `credits USD 4,500.25`; empty where that is what is debited. */
function imbalanceOf(transactions: readonly Transaction[]): string {
  const credits = totalsOf(creditsOf(transactions));
  const debits = totalsOf(transactions.map(({ amount }) => amount));
  const isBalanced = credits.length === 0 || JSON.stringify(credits) === JSON.stringify(debits);
  return isBalanced ? "" : `credits ${credits.map(formatMoney).join(" and ")}`;
}

function highlightsOf({ records, transactions }: Told, { source, post, thresholds }: Style): string[] {
  const imbalance = imbalanceOf(transactions);
  // How many lines an order has is beside the point in a summary.
  const isOfSource = post !== "summary" || transactions.some(({ entry }) => entry !== "0");
  return [
    ...(imbalance === "" ? [] : [imbalance]),
    ...thresholdWords(transactions, thresholds),
    ...(isOfSource ? (source.highlights?.(transactions, records) ?? []) : []),
    ...remarkCounts(transactions),
  ];
}

type Body = Pick<
  Announcement,
  "title" | "status" | "date" | "description" | "facts" | "columns" | "rows" | "summary" | "document" | "link"
>;

function ofBatch(transactions: readonly Transaction[], record: SageRecord, style: Style): Body {
  const { source } = style;
  return {
    title: titleOf(record, source),
    status: record.status.name,
    date: record.date,
    description: record.description,
    facts: [
      ...record.facts,
      ...dateFacts(transactions, source),
      { label: source.titles?.enteredBy ?? "Entered by", value: keyedBy(transactions) },
    ].filter(isFilled),
    ...tableOf(transactions, source),
    ...linkOf(record, style),
  };
}

/** The parts of a document are its table; what the table of a batch says of it, its facts. */
function ofDocument(transaction: Transaction, record: SageRecord, style: Style): Body {
  const { source } = style;
  const { description, counterparty } = transaction;
  return {
    title: titleOf(record, source),
    status: record.status.name,
    date: transaction.date,
    // What has no party is known by its description.
    description: description === "" || counterparty === null ? record.description : description,
    document: {
      name: nameOf(transaction),
      party: counterparty === null ? description : partyOf(transaction),
    },
    facts: documentFacts(transaction, record, source).filter(isFilled),
    ...withoutEmpty(
      source.parts.columns,
      source.parts.rows(transaction).map((cells) => ({ transaction: transaction.id, cells })),
    ),
    ...linkOf(record, style),
  };
}

function ofSummary(
  { records, transactions }: Told,
  { source, days }: Style,
): Body & Pick<Announcement, "summary"> {
  // A brief row names its batch, and an order is none.
  const isNamed = source.brief !== undefined || transactions.every(({ entry }) => entry === "0");
  const owners = new Map(records.flatMap((one) => one.transactions.map((entry) => [entry, one])));
  const inRecord: Table = {
    columns: [
      ...(isNamed ? [] : [{ title: "Batch", align: "left" } as const]),
      { title: "Status", align: "left", kind: "status" },
      ...(source.brief ?? source).columns,
    ],
    rows: (transaction) => {
      const owner = owners.get(transaction);
      const place = [...(isNamed ? [] : [owner?.number ?? null]), owner?.status.name ?? null];
      return (source.brief ?? source).rows(transaction).map((cells) => [...place, ...cells]);
    },
  };
  return {
    title: `Summary of ${source.title}`,
    status: "",
    date: null,
    description: "",
    facts: [
      ...sideFacts(transactions),
      ...dateFacts(transactions, source),
      { label: source.titles?.enteredBy ?? "Entered by", value: keyedBy(transactions) },
    ].filter(isFilled),
    summary: {
      days,
      batches: transactions.every(({ entry }) => entry === "0") ? 0 : records.length,
      panels: panelsOf({ source, records, transactions }),
      attention: attentionTo(records, transactions),
    },
    ...tableOf(transactions, inRecord),
  };
}

/** What journals debit and credit. */
function sideFacts(transactions: readonly Transaction[]): Fact[] {
  const credits = totalsOf(creditsOf(transactions));
  if (credits.length === 0) return [];
  const debits = totalsOf(transactions.map(({ amount }) => amount));
  return [
    { label: "Debits", value: debits.map(formatMoney).join(" and ") },
    { label: "Credits", value: credits.map(formatMoney).join(" and ") },
  ];
}

function titleOf({ number }: SageRecord, { recordTitle }: Source): string {
  // People may type the numbers of orders.
  return `${recordTitle} ${shorten(readable(number), 60)}`;
}

/** `Invoice INV-77`, `PO 000123`; without a number by what it is. */
function nameOf({ documentNumber, documentKind, entry }: Transaction): string {
  if (entry === "0") return /^PO/i.test(documentNumber) ? documentNumber : `PO ${documentNumber}`;
  return `${documentKind.charAt(0).toUpperCase()}${documentKind.slice(1)} ${documentNumber}`.trim();
}

function partyOf({ counterparty }: Transaction): string {
  if (counterparty === null) return "";
  const { name, code } = counterparty;
  return name === "" || code === "" ? name || code : `${name} (${code})`;
}

function documentFacts(transaction: Transaction, record: SageRecord, { titles }: Source): Fact[] {
  const { counterparty, counterpartyAmount, unapplied, credits, enteredBy } = transaction;
  return [
    { label: counterparty?.kind === "customer" ? "Customer" : "Vendor", value: partyOf(transaction) },
    ...record.facts.filter(({ label }) => credits === undefined || !/^(?:Debits|Credits)$/.test(label)),
    { label: titles?.reference ?? "Reference", value: transaction.reference },
    {
      label: "Vendor amount",
      value: counterpartyAmount === undefined ? "" : formatMoney(counterpartyAmount),
    },
    { label: "Unapplied", value: unapplied === undefined ? "" : formatMoney(unapplied) },
    { label: titles?.enteredBy ?? "Entered by", value: enteredBy },
    { label: "Note", value: noteOf(transaction) },
  ];
}

function isFilled({ value }: Fact): boolean {
  return value !== "";
}

/** The day of the payments or receipts, where people ask for it: `2026-11-24`, or the first and the last. */
function dateFacts(transactions: readonly Transaction[], { titles }: Source): Fact[] {
  if (titles?.date === undefined) return [];
  const dates = transactions.flatMap(({ date }) => (date === null ? [] : [date])).toSorted();
  const [first = "", last = ""] = [dates[0], dates.at(-1)];
  return [{ label: titles.date, value: first === last ? first : `${first} to ${last}` }];
}

function keyedBy(transactions: readonly Transaction[]): string {
  const names = new Set(transactions.map(({ enteredBy }) => enteredBy).filter((name) => name !== ""));
  return [...names].slice(0, 5).join(", ");
}

/** The rows of some transactions, the first of each with a note where something about it is unusual. */
function tableOf(
  transactions: readonly Transaction[],
  { columns, rows }: Table,
): Pick<Body, "columns" | "rows"> {
  const all: Column[] = [...columns, { title: "Note", align: "left" }];
  const found = transactions.flatMap((transaction) =>
    rows(transaction).map((cells, index) => ({
      transaction: transaction.id,
      cells: [...cells, index === 0 ? noteOf(transaction) : null],
    })),
  );
  return withoutEmpty(all, found);
}

/** A column in which no row has anything takes room from the others. */
function withoutEmpty(
  columns: readonly Column[],
  rows: readonly NoticeRow[],
): Pick<Body, "columns" | "rows"> {
  const isUsed = columns.map(
    (_column, index) => index === 0 || rows.some(({ cells }) => (cells[index] ?? "") !== ""),
  );
  const used = <Item>(items: readonly Item[]) => items.filter((_item, index) => isUsed[index] === true);
  return {
    columns: used(columns),
    rows: rows.map(({ transaction, cells }) => ({ transaction, cells: used(cells) })),
  };
}

function exceptionsThenLargest(left: Transaction, right: Transaction): number {
  return (
    byUrgency(left, right) ||
    Number(isCredit(left)) - Number(isCredit(right)) ||
    byLargest(left.amount, right.amount) ||
    Number(left.entry) - Number(right.entry)
  );
}

function isCredit({ flags }: Transaction): boolean {
  return flags.includes("credit-note");
}

function earliest(dates: readonly (string | null)[]): string | null {
  return dates.filter((date) => date !== null).toSorted()[0] ?? null;
}

function linkOf({ company, record }: SageRecord, { link }: Style): { link?: string } {
  if (link === null) return {};
  return {
    link: link
      .replaceAll("{company}", encodeURIComponent(company))
      .replaceAll("{batch}", encodeURIComponent(record.replace(/^[A-Z]{2}-/, ""))),
  };
}

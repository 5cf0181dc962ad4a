import type { Source } from "../sage/source.ts";
import { movementsOf } from "../transactions/movements.ts";
import { formatMoney, totalsOf, type Money } from "../transactions/money.ts";
import type { Cell, Column, Panel } from "../transactions/notice.ts";
import type { SageRecord, Transaction } from "../transactions/transaction.ts";

/** What a summary is made of. */
interface Summarized {
  readonly source: Source;
  readonly records: readonly SageRecord[];
  /** Those of the records that are told of. */
  readonly transactions: readonly Transaction[];
}

/** The figures of a summary: by what its source sorts it and by status; for journals the accounts that moved most. */
export function panelsOf(summarized: Summarized): Panel[] {
  return [statusPanel(summarized), ...movementPanels(summarized.transactions)];
}

const mostGroups = 15;

interface Group {
  readonly by: string;
  readonly status: string;
  readonly records: SageRecord[];
  readonly transactions: Transaction[];
}

function statusPanel(summarized: Summarized): Panel {
  const { source } = summarized;
  const groups = groupsOf(summarized);
  const shown = groups.length > mostGroups ? [...groups.slice(0, mostGroups - 1), restOf(groups)] : groups;
  const by = source.summaryBy;
  return {
    title: by === undefined ? "By status" : `By ${by.toLowerCase()} and status`,
    columns: [
      ...(by === undefined ? [] : [left(by)]),
      { title: "Status", align: "left", kind: "status" },
      { title: "Batches", align: "right" },
      { title: "Entries", align: "right" },
      ...amountColumns(summarized),
    ],
    rows: shown.map((group) => [
      ...(by === undefined ? [] : [group.by === "" ? "—" : group.by]),
      group.status,
      isOrder(group) ? null : counted(group.records.length, { one: "batch", many: "batches" }),
      counted(group.transactions.length, source.noun),
      ...amountCells(summarized, group.transactions),
    ]),
    isTable: false,
  };
}

function groupsOf({ source, records, transactions }: Summarized): Group[] {
  const told = new Set(transactions);
  const groups = new Map<string, Group>();
  for (const record of records) {
    const by = record.facts.find(({ label }) => label === source.summaryBy)?.value ?? "";
    const key = JSON.stringify([by, record.status.name]);
    const group = groups.get(key) ?? { by, status: record.status.name, records: [], transactions: [] };
    group.records.push(record);
    group.transactions.push(...record.transactions.filter((one) => told.has(one)));
    groups.set(key, group);
  }
  return [...groups.values()].toSorted(
    (a, b) => compare(a.by, b.by) || b.transactions.length - a.transactions.length,
  );
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

function restOf(groups: readonly Group[]): Group {
  const rest = groups.slice(mostGroups - 1);
  return {
    by: "Others",
    status: "",
    records: rest.flatMap(({ records }) => records),
    transactions: rest.flatMap(({ transactions }) => transactions),
  };
}

function isOrder({ transactions }: Group): boolean {
  return transactions.every(({ entry }) => entry === "0");
}

function isJournal({ transactions }: Pick<Summarized, "transactions">): boolean {
  return transactions.some(({ credits }) => credits !== undefined);
}

function amountColumns(summarized: Summarized): Column[] {
  if (isJournal(summarized)) return [right("Debits"), right("Credits")];
  return openOf(summarized.transactions).length === 0
    ? [right("Total")]
    : [right("Total"), right("Unapplied")];
}

function amountCells(summarized: Summarized, transactions: readonly Transaction[]): Cell[] {
  const amounts = sumCell(transactions.map(({ amount }) => amount));
  if (isJournal(summarized)) return [amounts, sumCell(creditsOf(transactions))];
  return openOf(summarized.transactions).length === 0 ? [amounts] : [amounts, sumCell(openOf(transactions))];
}

/** What receipts leave open. */
function openOf(transactions: readonly Transaction[]): Money[] {
  return transactions.flatMap(({ unapplied }) => (unapplied === undefined ? [] : [unapplied]));
}

export function creditsOf(transactions: readonly Transaction[]): Money[] {
  return transactions.flatMap(({ credits }) => (credits === undefined ? [] : [credits]));
}

/** An amount; in several currencies their amounts in words. */
function sumCell(amounts: readonly Money[]): Cell {
  const totals = totalsOf(amounts);
  const [only] = totals;
  return totals.length === 1 && only !== undefined ? only : totals.map(formatMoney).join(" and ");
}

/** Every account that moved, the largest first; what a message has no room for goes to its thread. */
function movementPanels(transactions: readonly Transaction[]): Panel[] {
  if (!isJournal({ transactions })) return [];
  const rows = movementsOf(transactions.flatMap(({ accounts }) => accounts)).map(
    ({ account, description, debits, credits }) => [
      `${account} ${description}`.trim(),
      Number(debits.amount) === 0 ? null : debits,
      Number(credits.amount) === 0 ? null : credits,
    ],
  );
  if (rows.length === 0) return [];
  const columns = [left("Account"), right("Debits"), right("Credits")];
  return [{ title: "Accounts by movement", columns, rows, isTable: true }];
}

function counted(count: number, noun: { readonly one: string; readonly many: string }): string {
  return `${count} ${count === 1 ? noun.one : noun.many}`;
}

function left(title: string): Column {
  return { title, align: "left" };
}

function right(title: string): Column {
  return { title, align: "right" };
}

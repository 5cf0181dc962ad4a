import { fingerprint } from "./fingerprint.ts";
import { formatMoney } from "./money.ts";
import type { SageRecord, Transaction } from "./transaction.ts";

/** What was shown of something, by label: the words in which a later change is told. */
export type Shown = Readonly<Record<string, string>>;

/** What was shown of a record and of each of its entries. */
export interface Snapshot {
  readonly record: Shown;
  readonly entries: Readonly<Record<string, Shown>>;
}

export function snapshotOf(record: SageRecord): Snapshot {
  return {
    record: shownOfRecord(record),
    entries: Object.fromEntries(record.transactions.map((one) => [one.entry, shownOf(one)])),
  };
}

/**
 * Changes whenever something that is shown of a transaction does. Names that come from master data do not count:
 * a vendor renamed is not an invoice changed.
 */
export function revisionOf(transaction: Transaction): string {
  return fingerprint(shownOf(transaction));
}

export function revisionsOf(record: SageRecord): Record<string, string> {
  return Object.fromEntries(record.transactions.map((one) => [one.entry, revisionOf(one)]));
}

function shownOfRecord({ status, date, description, facts }: SageRecord): Shown {
  return filled({
    Status: status.name,
    Date: date ?? "",
    Description: description,
    ...Object.fromEntries(facts.map(({ label, value }) => [label, value])),
  });
}

export function shownOf(transaction: Transaction): Shown {
  const { counterparty, amount, counterpartyAmount, unapplied, accounts, appliedTo, orderLines } =
    transaction;
  return filled({
    Document: transaction.documentNumber,
    Kind: transaction.documentKind,
    [counterparty?.kind === "customer" ? "Customer" : "Vendor"]: counterparty?.code ?? "",
    Amount: formatMoney(amount),
    "Vendor amount": counterpartyAmount === undefined ? "" : formatMoney(counterpartyAmount),
    Unapplied: unapplied === undefined ? "" : formatMoney(unapplied),
    Date: transaction.date ?? "",
    [transaction.entry === "0" ? "Expected arrival" : "Due"]: transaction.dueDate ?? "",
    Accounts: accounts.map((line) => `${line.account} ${formatMoney(line.amount)}`).join("; "),
    "Applied to": appliedTo.map((one) => `${one.documentNumber} ${formatMoney(one.amount)}`).join("; "),
    Ordered: orderLines.map(({ item, ordered }) => `${ordered} of ${item}`).join("; "),
    Received: orderLines
      .filter(({ received }) => received !== "0")
      .map(({ item, ordered, received }) => `${received} of ${ordered} on ${item}`)
      .join("; "),
    Reference: transaction.reference,
    Description: transaction.description,
    Flags: transaction.flags.filter((flag) => lasting.has(flag)).join(", "),
    "Error batch":
      transaction.errorBatch === undefined
        ? ""
        : `${transaction.errorBatch.batch}, entry ${transaction.errorBatch.entry}`,
  });
}

/** Flags that somebody changes; the others follow from the date of the reading. */
const lasting: ReadonlySet<string> = new Set([
  "out-of-balance",
  "has-errors",
  "credit-note",
  "on-hold",
  "unapplied",
]);

function filled(shown: Shown): Shown {
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== ""));
}

/** One thing that is now otherwise. */
export interface Difference {
  readonly label: string;
  /** Null where nothing was shown before, or nothing is now. */
  readonly from: string | null;
  readonly to: string | null;
}

/** What differs, in the order of the labels as they are shown now. */
export function differencesOf(before: Shown, after: Shown): Difference[] {
  const labels = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return labels
    .filter((label) => before[label] !== after[label])
    .map((label) => ({ label, from: before[label] ?? null, to: after[label] ?? null }));
}

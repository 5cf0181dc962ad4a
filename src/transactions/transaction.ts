import type { IsoDate } from "./date.ts";
import type { Money } from "./money.ts";

/** `v1:<company>:<source>:<record>:<entry>`: public, stable for ever; orders have entry `0`. */
export type TransactionId = string;

/** What a route may ask for in `when.flag`. */
export const allFlags = [
  "out-of-balance",
  "has-errors",
  "back-dated",
  "future-dated",
  "credit-note",
  "on-hold",
  "unapplied",
  "new-vendor",
] as const;
export type Flag = (typeof allFlags)[number];

/** Who is on the other side of a transaction. */
export interface Counterparty {
  readonly kind: "vendor" | "customer";
  readonly code: string;
  /** Empty until master data has filled it in. */
  readonly name: string;
  /** Vendor or customer group, when known. */
  readonly group?: string;
  /** Sage has no vendor or customer of that code. */
  readonly isMissing?: true;
}

/** What a transaction books to one general ledger account; debit positive, credit negative. */
export interface AccountLine {
  readonly account: string;
  readonly description: string;
  readonly amount: Money;
}

/** A document that a payment or a receipt was applied to. */
export interface AppliedDocument {
  readonly documentNumber: string;
  readonly amount: Money;
}

/** One line of an order and how much of it has arrived; quantities are decimal strings. */
export interface OrderLine {
  readonly item: string;
  readonly ordered: string;
  readonly received: string;
  readonly description?: string;
  readonly cost?: Money;
}

/** One entry of a batch, or a whole purchase order: what is announced once, routed and followed. */
export interface Transaction {
  readonly id: TransactionId;
  readonly entry: string;
  /** Invoice, check, receipt, journal entry or order number. */
  readonly documentNumber: string;
  /** In words: `invoice`, `credit note`, `payment`, `receipt`, … */
  readonly documentKind: string;
  readonly counterparty: Counterparty | null;
  readonly description: string;
  readonly reference: string;
  readonly date: IsoDate | null;
  readonly dueDate: IsoDate | null;
  /** In document currency (payments: bank currency); a credit note is negative. */
  readonly amount: Money;
  /** In the counterparty's currency, where that differs. */
  readonly counterpartyAmount?: Money;
  /** What a receipt leaves open to be applied. */
  readonly unapplied?: Money;
  /** What a journal entry credits; its amount is what it debits. */
  readonly credits?: Money;
  /** Fiscal year and period of a journal entry that is posted to a month before the one it was keyed in: `2026-10`. */
  readonly priorPeriod?: string;
  readonly accounts: readonly AccountLine[];
  readonly appliedTo: readonly AppliedDocument[];
  readonly orderLines: readonly OrderLine[];
  readonly enteredBy: string;
  readonly flags: readonly Flag[];
  /** The entry of an error batch names the entry it came from by being named there. */
  readonly errorBatch?: { readonly batch: string; readonly entry: string };
}

/** A status as Sage names it and as people read it. */
export interface RecordStatus {
  /** Sage's member name (`ReadyToPost`), or a derived one for orders (`PartlyReceived`). */
  readonly name: string;
  /** Nothing will change any more. */
  readonly isFinal: boolean;
}

/**
 * Statuses are compared by their letters alone: Sage's documents spell `ReadyToPost` and `Ready To Post`, and, by
 * version, `ProvPosted` and `ProvisionalPosted`.
 */
export function statusLetters(status: string): string {
  return status
    .toLowerCase()
    .replaceAll(/[^a-z]/g, "")
    .replace(/^provisional/, "prov");
}

/** A labelled value of a batch or order, in plain words. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A batch with its transactions, or an order as a record of one transaction. */
export interface SageRecord {
  readonly company: string;
  /** Configuration key of the source: `ap-invoices`, … */
  readonly source: string;
  /** As Sage keys it: `28`, `PY-83`, `CA-65`, `000490`, an order's sequence key. */
  readonly record: string;
  /** What people call it: the batch number, the order number. */
  readonly number: string;
  readonly description: string;
  readonly date: IsoDate | null;
  readonly lastEdited: IsoDate | null;
  readonly status: RecordStatus;
  readonly facts: readonly Fact[];
  readonly transactions: readonly Transaction[];
}

/**
 * The number in a record's key and the sequence that it belongs to: `PY-83` -> `PY` and 83, `000490` -> 490; null for
 * a key that is no number.
 */
export function recordNumber(record: string): { selector: string; number: bigint } | null {
  const [, selector = "", digits] = /^(?:([A-Z]{2})-)?(\d{1,18})$/.exec(record) ?? [];
  return digits === undefined ? null : { selector, number: BigInt(digits) };
}

export function transactionId(
  record: Pick<SageRecord, "company" | "source" | "record">,
  entry: string,
): TransactionId {
  return `v1:${record.company}:${record.source}:${record.record}:${entry}`;
}

/** The flags that hold. */
export function flagsOf(holds: Partial<Record<Flag, boolean>>): Flag[] {
  return allFlags.filter((flag) => holds[flag] === true);
}

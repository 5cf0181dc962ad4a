import type { IsoDate } from "./date.ts";
import type { Money } from "./money.ts";
import type { Fact, TransactionId } from "./transaction.ts";

/** What a table cell holds; how it is written is for the Slack side to decide. */
export type Cell = string | Money | null;

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** What the cells are, where that says how to write them: a due date, Sage's name of a status. */
  readonly kind?: "due" | "status";
}

/** Some figures of a summary: by source ledger and status, by account. */
export interface Panel {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Rows are to be compared with each other, figure by figure. */
  readonly isTable: boolean;
  /** What of it is in the thread for want of room: `12 more accounts`. */
  readonly inThread?: string;
}

/** The days that a summary is about; one and the same where it misses none. */
export interface Days {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/** What is counted, in one and in many: `invoice`, `invoices`. */
export interface Noun {
  readonly one: string;
  readonly many: string;
}

/** One row of a notice. Several rows may belong to one transaction (the accounts of a journal entry). */
export interface NoticeRow {
  readonly transaction: TransactionId;
  readonly cells: readonly Cell[];
}

/** Somebody whom the configuration asks to notify; resolved to Slack's id, or shown by name without a ping. */
export type Mention =
  | { readonly kind: "user" | "group"; readonly id: string }
  | { readonly kind: "unresolved"; readonly name: string };

/** What one destination hears of one batch or order. Plain data: it waits in the outbox and is rendered when sent. */
export interface Announcement {
  readonly kind: "announcement";
  readonly company: string;
  readonly source: string;
  readonly record: string;
  /** Names the record in a sentence, short and readable: `A/P invoice batch 28`, `Purchase order PO0001`. */
  readonly title: string;
  /** What a transaction is. */
  readonly noun: Noun;
  /** How many transactions this notice is about, and how many its record has in all. */
  readonly count: number;
  readonly countInRecord: number;
  /** The same by kind, where there are several: 4 invoices, 1 credit note. */
  readonly counts?: readonly (Noun & { readonly count: number })[];
  /** A summary is about many records, and says so. */
  readonly summary?: {
    readonly days: Days;
    /** 0 where the records are not batches. */
    readonly batches: number;
    readonly panels: readonly Panel[];
    /** What needs somebody, document by document. */
    readonly attention: readonly string[];
  };
  /** The one document that it is about, and whose it is: `Invoice INV-77`, `Chloride Systems (1200)`. */
  readonly document?: { readonly name: string; readonly party: string };
  /** What belongs beside count and total: `1 above 25,000`, `USD 500.00 unapplied`, `4 lines`. */
  readonly highlights?: readonly string[];
  /** The day on which it was read, in the time zone of the books: due dates are told from there. */
  readonly today?: IsoDate;
  readonly totals: readonly Money[];
  /** What the totals are, where there are others beside them: `debits`. */
  readonly totalTitle?: string;
  readonly status: string;
  readonly date: IsoDate | null;
  readonly dueDate: IsoDate | null;
  /** What the due date is, where it is no date of payment: `Expected arrival`. */
  readonly dueTitle?: string;
  readonly description: string;
  readonly facts: readonly Fact[];
  readonly columns: readonly Column[];
  readonly rows: readonly NoticeRow[];
  /** What of it is in the thread for want of room: `12 more`. */
  readonly inThread?: string;
  readonly mentions: readonly Mention[];
  /** Name of the route that decided, or why there was none: `route "large invoices"`, `source channel`. */
  readonly decidedBy: string;
  /** Where the record can be opened, when the configuration says how to make such an address. */
  readonly link?: string;
}

/** The rows that an announcement had no room for; goes to its thread. */
export interface MoreRows {
  readonly kind: "more-rows";
  readonly title: string;
  /** Position of these rows among all of the announcement's, counted from 1. */
  readonly from: number;
  readonly to: number;
  readonly of: number;
  readonly today?: IsoDate;
  readonly columns: readonly Column[];
  readonly rows: readonly NoticeRow[];
}

/** One thing about a record that is now otherwise. */
export interface Change {
  /** The document it is about; empty for the record itself. */
  readonly subject: string;
  readonly label: string;
  /** Null where nothing was shown before, or nothing is now. */
  readonly from: string | null;
  readonly to: string | null;
}

/** What changed after the announcement; goes to its thread. */
export interface Update {
  readonly kind: "update";
  readonly company: string;
  /** `A/P invoice batch 28`. */
  readonly title: string;
  readonly changes: readonly Change[];
  readonly today?: IsoDate;
  readonly columns: readonly Column[];
  /** Entries that were keyed in since. */
  readonly rows: readonly NoticeRow[];
}

/** A sentence of the tool's own, without any text from Sage: baseline and operations lines. */
export interface Line {
  readonly kind: "line";
  readonly text: string;
}

export type Notice = Announcement | MoreRows | Update | Line;

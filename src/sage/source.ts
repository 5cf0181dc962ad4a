import { AppError } from "../errors.ts";
import { z } from "../runtime/zod.ts";
import type { IsoDate } from "../transactions/date.ts";
import type { Cell, Column } from "../transactions/notice.ts";
import { statusLetters, type Flag, type SageRecord, type Transaction } from "../transactions/transaction.ts";
import { isObject, oneLine } from "./json.ts";
import { integer, text, type Filter } from "./odata-filter.ts";

/** One polled Sage 300 resource: what to ask for, and what in the answer is worth showing. */
export interface Source {
  /** Configuration key; part of the public transaction ids. */
  readonly name: string;
  /** As people call it: `A/P invoices`. */
  readonly title: string;
  /** What a record of it is called: `A/P invoice batch`. */
  readonly recordTitle: string;
  /** What one transaction is called. */
  readonly noun: { readonly one: string; readonly many: string };
  /** `AP/APInvoiceBatches`. */
  readonly resource: string;
  /**
   * The parts of a composite key that have number sequences of their own (`PY`, `AD`), each read by itself; one
   * selector without a value where the number is the whole key.
   */
  readonly selectors: readonly Selector[];
  /** What a route can go by. */
  readonly has: Traits;
  /** Every entry is booked to some account: one that shows none was not given with its lines. */
  readonly alwaysHasAccounts?: true;
  /** The property that numbers the records, and how a number is written in a filter. */
  readonly number: { readonly property: string; readonly literal: (digits: string) => string };
  /** Header properties that a feed is asked for; never a child collection, whose rows may be thousands. */
  readonly headerFields: readonly string[];
  /** Records that may still change. */
  readonly open: Filter;
  /** Properties by which an edited or a back-dated record is found; `edited` moves with every edit. */
  readonly dates: { readonly edited: string | null; readonly dated: string };
  /** Other names under which a server may have a property whose name is only inferred; nested ones too. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  /** A record's key as it stands in its address: `28`, `BatchSelector='PY',BatchNumber=83`. */
  readonly keyOf: (record: string) => string;
  /** The record with that number, as Sage writes it where it names another: `28` -> `PY-28`, `000028`. */
  readonly recordOf: (selector: string, number: string) => string;
  readonly readHeader: (row: SageRow) => Header;
  readonly toRecord: (row: SageRow, company: string) => SageRecord;
  readonly columns: readonly Column[];
  /** The rows that show a transaction: one, or one for each account of a journal entry. */
  readonly rows: (transaction: Transaction) => readonly (readonly Cell[])[];
  /** The single row of a transaction among those of many records, where the one above is not it. */
  readonly brief?: Table;
  /** What a document consists of: shown where it is announced by itself. */
  readonly parts: Table;
  /** Label of the record's fact by which a summary sorts: `Bank`. */
  readonly summaryBy?: string;
  /** What the fields of an entry are called, where its plain name is not what people say. */
  readonly titles?: {
    readonly reference?: string;
    readonly date?: string;
    readonly dueDate?: string;
    readonly enteredBy?: string;
  };
  /** What is worth saying beside count and total. */
  readonly highlights?: (transactions: readonly Transaction[], records: readonly SageRecord[]) => string[];
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: (transaction: Transaction) => readonly (readonly Cell[])[];
}

/** What the transactions of a source can have; a route's condition on anything else never holds. */
export interface Traits {
  /** The kind of the counterparty, with its group; null for journals. */
  readonly counterparty: "vendor" | "customer" | null;
  readonly accounts: boolean;
  readonly flags: readonly Flag[];
  /** Sage's member names, or the derived ones of orders. A server may have others: Sage lists them by version. */
  readonly statuses: readonly string[];
}

export type SageRow = Readonly<Record<string, unknown>>;

export interface Selector {
  /** `PY`; empty for sources without. */
  readonly value: string;
  /** The filter that picks its records; absent for sources without. */
  readonly filter?: Filter;
}

/** What a feed row tells without its child collections. */
export interface Header {
  /** Digits without leading zeros; orders and numbers compare by value. */
  readonly number: string;
  /** As Sage keys it: `28`, `PY-83`, `000490`. */
  readonly record: string;
  readonly status: string;
  readonly isFinal: boolean;
  /** 0 while nobody has keyed anything into the batch; null where the server does not say. */
  readonly entryCount: number | null;
  readonly edited: IsoDate | null;
  readonly dated: IsoDate | null;
}

/**
 * Checks a row against the fields a source uses; unknown fields are normal (partner modules add theirs).
 *
 * @throws AppError `unreadable`, naming the record and each field that is wrong
 */
export function parseRow<Schema extends z.ZodType>(
  schema: Schema,
  row: SageRow,
  name: string,
): z.output<Schema> {
  const result = schema.safeParse(row);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  // The name holds what the row gives for its number.
  const shown = oneLine(name.slice(0, 120));
  throw new AppError("unreadable", `${shown} cannot be read: ${problems.slice(0, 5).join("; ")}`, {
    hint: "Nothing was skipped: the source goes on from here once the record or this program has been mended.",
  });
}

/** The address form of a record such as `PY-83`, whose number counts within its selector. */
export function compositeKey(selector: string, record: string): string {
  const [value = "", number = ""] = record.split("-");
  return `${selector}=${text(value)},BatchNumber=${integer(number)}`;
}

/** Whether a status is one of these, however either is spelled. */
export function isOneOf(status: string, names: readonly string[]): boolean {
  return names.some((name) => statusLetters(name) === statusLetters(status));
}

/** A row under the names that the sources read, its entries and lines too; the same row where they are its own. */
export function canonical(row: SageRow, aliases: Source["aliases"]): SageRow {
  const renamed: Record<string, unknown> = {};
  for (const [name, others] of Object.entries(aliases)) {
    if (Object.hasOwn(row, name)) continue;
    const other = others.find((one) => Object.hasOwn(row, one));
    if (other !== undefined) renamed[name] = row[other];
  }
  for (const [name, value] of Object.entries({ ...collectionsIn(row), ...collectionsIn(renamed) })) {
    const items = value.map((item) => (isObject(item) ? canonical(item, aliases) : item));
    if (items.some((item, index) => item !== value[index])) renamed[name] = items;
  }
  // Rows are wide: most have every name already, and are not copied.
  return Object.keys(renamed).length === 0 ? row : { ...row, ...renamed };
}

function collectionsIn(row: SageRow): Record<string, readonly unknown[]> {
  const found: Record<string, readonly unknown[]> = {};
  for (const name in row) {
    const value = row[name];
    if (Array.isArray(value)) found[name] = value as readonly unknown[];
  }
  return found;
}

import { AppError } from "../errors.ts";
import type { SageRecord } from "../transactions/transaction.ts";
import { isRefusedQuery } from "./odata-failure.ts";
import { and, compare, type Filter } from "./odata-filter.ts";
import { attempted, fetchRecord, type Fetched, type Sequence } from "./read-step.ts";
import { byNumber, readSome, type HeaderRow } from "./read-window.ts";

/** Rows of one number sequence, lowest number first. */
export interface Part {
  readonly step: Sequence;
  readonly rows: readonly HeaderRow[];
}

/** About a megabyte: lists of whole records that are much larger take Sage longer than anybody waits. */
const mostEntries = 500;

/** Of a record whose header does not say. */
const likelyEntries = 10;

/** Whether records are few and small enough for one list. */
export function fitOneList(rows: readonly HeaderRow[]): boolean {
  const entries = rows.reduce((sum, { header }) => sum + (header.entryCount ?? likelyEntries), 0);
  return entries <= mostEntries;
}

/** The rows in their order, as many together as may be. */
export function grouped(
  rows: readonly HeaderRow[],
  mayGoTogether: (rows: readonly HeaderRow[]) => boolean,
): HeaderRow[][] {
  const groups: HeaderRow[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last !== undefined && mayGoTogether([...last, row])) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

/**
 * Records whole, by name: those whose numbers lie together in one request, because Sage takes as long to begin an
 * answer as to give a hundred records in it. Where a list cannot be had, or does not hold a record with all its entries,
 * that is asked for by itself.
 */
export async function readWhole(
  step: Sequence,
  rows: readonly HeaderRow[],
): Promise<ReadonlyMap<string, Fetched>> {
  const whole = new Map<string, Fetched>();
  const mayGoTogether = (some: readonly HeaderRow[]) => lieTogether(some, step.pageSize) && fitOneList(some);
  for (const together of grouped(rows.toSorted(byNumber), mayGoTogether)) {
    const list = await listOf({ step, rows: together });
    for (const row of together) {
      const { record: name } = row.header;
      const record = list.get(name);
      whole.set(name, isWhole(record, row, step) ? record : await fetchRecord(step, name));
    }
  }
  return whole;
}

async function listOf(part: Part): Promise<ReadonlyMap<string, Listed>> {
  const { step, rows } = part;
  if (rows.length === 1 || step.dialect.entriesRefused) return new Map();
  // No more than one answer: a server that ignores the filter has all of its history to give.
  const list = await readList([part], async () => readSome({ ...step, filter: numbersOf(part) }));
  return list instanceof AppError ? new Map() : list;
}

/** One answer holds what lies between them too. Where a header does not say, no list can be checked. */
function lieTogether(rows: readonly HeaderRow[], pageSize: number): boolean {
  if (rows.some(({ header }) => header.entryCount === null)) return false;
  const [first, last] = ends(rows);
  return last - first < Math.min(2 * rows.length, pageSize);
}

/** Whether a list shows a record with all that is in it: some servers may leave collections out, or cut them. */
export function isWhole(
  record: Listed | undefined,
  { header }: HeaderRow,
  { source }: Sequence,
): record is SageRecord {
  if (record === undefined || record instanceof AppError) return false;
  const { entryCount } = header;
  if (entryCount === null ? isEmpty(record) : countOf(record) !== entryCount) return false;
  return (
    source.alwaysHasAccounts !== true || record.transactions.every(({ accounts }) => accounts.length > 0)
  );
}

export function isEmpty(record: SageRecord): boolean {
  return countOf(record) === 0;
}

/** Of its entries, or of the lines of an order. */
function countOf({ transactions }: SageRecord): number {
  const [order] = transactions;
  return order?.entry === "0" ? order.orderLines.length : transactions.length;
}

/** A record as a list shows it; an error when it cannot be read there. */
export type Listed = SageRecord | AppError;

/** Records by name, as far as the list holds them; the failure where it cannot be had. */
export async function readList(
  parts: readonly Part[],
  read: () => Promise<readonly HeaderRow[]>,
): Promise<ReadonlyMap<string, Listed> | AppError> {
  const failure = parts[0]?.step.lists.failure ?? null;
  if (failure !== null) return failure;
  try {
    return recordsIn(await read(), parts);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (isRefusedQuery(error)) for (const { step } of parts) step.dialect.entriesRefused = true;
    else if (error.kind !== "temporary" && error.kind !== "unreadable") throw error;
    else for (const { step } of parts) step.lists.failure = error;
    return error;
  }
}

function recordsIn(rows: readonly HeaderRow[], [part]: readonly Part[]): ReadonlyMap<string, Listed> {
  const records = new Map<string, Listed>();
  for (const { whole, header } of rows) {
    if (whole === null || part === undefined) continue;
    const { source, client } = part.step;
    records.set(
      header.record,
      attempted(() => source.toRecord(whole, client.company)),
    );
  }
  return records;
}

/** From the lowest number of the rows to the highest. */
export function numbersOf({ step, rows }: Part): Filter {
  const { property, literal } = step.source.number;
  const [first, last] = ends(rows);
  return and(
    compare(property, "gt", literal((first - 1n).toString())),
    compare(property, "le", literal(last.toString())),
  );
}

function ends(rows: readonly HeaderRow[]): [first: bigint, last: bigint] {
  const numbers = rows.map(({ header }) => BigInt(header.number));
  return [numbers[0] ?? 0n, numbers.at(-1) ?? 0n];
}

import { AppError } from "../errors.ts";
import { highest } from "../transactions/number-ranges.ts";
import { recordNumber } from "../transactions/transaction.ts";
import { isRefusedQuery } from "./odata-failure.ts";
import { and, compare, type Filter } from "./odata-filter.ts";
import {
  after,
  attempted,
  belongsTo,
  fetchRecord,
  lately,
  markOf,
  readAll,
  readAtOnceOf,
  type Fetched,
  type Step,
} from "./read-step.ts";
import type { HeaderRow } from "./read-window.ts";

/** Rows of one number sequence, lowest first. */
interface Part {
  readonly step: Step;
  readonly rows: readonly HeaderRow[];
}

/** About a megabyte: lists of whole records that are much larger take Sage longer than anybody waits. */
const mostEntries = 500;

/** Of a record whose header does not say. */
const likelyEntries = 10;

export interface Edited {
  /** By record. */
  readonly whole: ReadonlyMap<string, Fetched>;
  /** Lists that cannot be had, of too many records to ask for each: what was edited in them is not known. */
  readonly failures: readonly AppError[];
}

/**
 * Open records with their entries, as far as any is watched: those edited so lately that another edit would not show in
 * their header. One request for many of them instead of one each.
 */
export async function readEdited(
  steps: readonly Step[],
  headers: ReadonlyMap<string, HeaderRow>,
): Promise<Edited> {
  const parts = steps
    .filter(({ dialect }) => !dialect.entriesRefused && !dialect.openRefused)
    .map((step): Part => ({ step, rows: lateEdits(step, headers) }))
    .filter(({ rows }) => rows.length > 0);
  const whole = new Map<string, Fetched>();
  const failures: AppError[] = [];
  for (const answer of answersFor(parts)) {
    const read = await readTogether(answer);
    if (read instanceof AppError) failures.push(read);
    else for (const [name, record] of read) whole.set(name, record);
  }
  return { whole, failures };
}

/** What one answer may hold: all of it where it is little, else a range of numbers at a time. */
function answersFor(parts: readonly Part[]): (readonly Part[])[] {
  const all = parts.flatMap(({ rows }) => rows);
  if (entriesIn(all) <= mostEntries) return parts.length === 0 ? [] : [parts];
  return parts.flatMap(({ step, rows }) => ranges(rows).map((some): Part[] => [{ step, rows: some }]));
}

function ranges(rows: readonly HeaderRow[]): HeaderRow[][] {
  const found: HeaderRow[][] = [];
  for (const row of rows) {
    const last = found.at(-1);
    if (last !== undefined && entriesIn([...last, row]) <= mostEntries) last.push(row);
    else found.push([row]);
  }
  return found;
}

function entriesIn(rows: readonly HeaderRow[]): number {
  return rows.reduce((sum, { header }) => sum + (header.entryCount ?? likelyEntries), 0);
}

async function readTogether(parts: readonly Part[]): Promise<ReadonlyMap<string, Fetched> | AppError> {
  try {
    return await recordsIn(await rowsOf(parts), parts);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (isRefusedQuery(error)) {
      // Then a record is read when its header changes.
      for (const { step } of parts) step.dialect.entriesRefused = true;
      return new Map();
    }
    if (error.kind !== "temporary" && error.kind !== "unreadable") throw error;
    return readOneByOne(parts, error);
  }
}

async function rowsOf(parts: readonly Part[]): Promise<readonly HeaderRow[]> {
  const filters = new Map(parts.map((part) => [part.step, filterOf(part)]));
  const together = await readAtOnceOf([...filters.keys()], (step) => filters.get(step), {
    withEntries: true,
  });
  if (together !== null) return together;
  const rows: HeaderRow[] = [];
  for (const [step, filter] of filters) rows.push(...(await readAll(step, { filter, withEntries: true })));
  return rows;
}

function filterOf({ step, rows }: Part): Filter {
  const { source, dialect } = step;
  const { property, literal } = source.number;
  const numbers = rows.map(({ header }) => BigInt(header.number));
  const [first = 0n, last = 0n] = [numbers[0], numbers.at(-1)];
  const from = compare(property, "gt", literal((first - 1n).toString()));
  const to = compare(property, "le", literal(last.toString()));
  return and(source.open, from, to, ...after(source.dates.edited, lately(step), dialect));
}

/** What is asked for singly, by every run, where their list cannot be had. */
const mostSingly = 50;

/** A list that cannot be had says nothing about the records in it. */
async function readOneByOne(
  parts: readonly Part[],
  failure: AppError,
): Promise<ReadonlyMap<string, Fetched> | AppError> {
  const found = new Map<string, Fetched>();
  if (parts.flatMap(({ rows }) => rows).length > mostSingly) return unseenEdits(failure);
  for (const { step, rows } of parts) {
    for (const { header } of rows) found.set(header.record, await fetchRecord(step, header.record));
  }
  return found;
}

function unseenEdits({ kind, message, hint }: AppError): AppError {
  return new AppError(kind, `${message} (the list of open records with their entries)`, {
    hint: `${hint ?? ""} Until then an edit is told when the header of its record changes.`.trim(),
  });
}

async function recordsIn(
  rows: readonly HeaderRow[],
  [part]: readonly Part[],
): Promise<ReadonlyMap<string, Fetched>> {
  const records = new Map<string, Fetched>();
  for (const { whole, header } of rows) {
    if (whole === null || part === undefined) continue;
    const { source, client } = part.step;
    const record = attempted(() => source.toRecord(whole, client.company));
    // It may read otherwise by itself; if it does not, that says why.
    records.set(
      header.record,
      record instanceof AppError ? await fetchRecord(part.step, header.record) : record,
    );
  }
  return records;
}

function lateEdits(step: Step, headers: ReadonlyMap<string, HeaderRow>): HeaderRow[] {
  const newest = watchedUpTo(step);
  return [...headers.values()]
    .filter(
      ({ header }) =>
        !header.isFinal &&
        (header.edited === null || header.edited > lately(step)) &&
        belongsTo(header.record, step.selector) &&
        BigInt(header.number) <= newest,
    )
    .toSorted((a, b) => (BigInt(a.header.number) < BigInt(b.header.number) ? -1 : 1));
}

/** The newest number that may be watched: above the mark lies what was only read as history. */
function watchedUpTo(step: Step): bigint {
  const names = Object.keys(step.position.watch).filter((name) => belongsTo(name, step.selector));
  return highest(
    names.map((name) => recordNumber(name)?.number ?? 0n),
    markOf(step),
  );
}

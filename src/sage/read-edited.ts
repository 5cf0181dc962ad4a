import { AppError } from "../errors.ts";
import { highest } from "../transactions/number-ranges.ts";
import { recordNumber } from "../transactions/transaction.ts";
import { isRefusedQuery } from "./odata-failure.ts";
import { and, type Filter } from "./odata-filter.ts";
import {
  fitOneList,
  grouped,
  isEmpty,
  isWhole,
  numbersOf,
  readList,
  type Listed,
  type Part,
} from "./read-lists.ts";
import {
  after,
  belongsTo,
  fetchRecord,
  isLate,
  lately,
  markOf,
  readAll,
  readAtOnceOf,
  type Fetched,
  type Step,
} from "./read-step.ts";
import { byNumber, type HeaderRow } from "./read-window.ts";

interface LateEdits extends Part {
  readonly step: Step;
}

export interface Edited {
  /** By record, with all of their entries. */
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
    .map((step): LateEdits => ({ step, rows: lateEdits(step, headers) }))
    .filter(({ rows }) => rows.length > 0);
  const whole = new Map<string, Fetched>();
  const failures: AppError[] = [];
  for (const list of listsOf(parts)) {
    const read = await readTogether(list);
    if (read instanceof AppError) failures.push(read);
    else for (const [name, record] of read) whole.set(name, record);
  }
  return { whole, failures };
}

/** What one list may hold: all of it where it is little, else a range of numbers at a time. */
function listsOf(parts: readonly LateEdits[]): (readonly LateEdits[])[] {
  if (parts.length === 0) return [];
  if (fitOneList(parts.flatMap(({ rows }) => rows))) return [parts];
  return parts.flatMap(({ step, rows }) =>
    grouped(rows, fitOneList).map((some): LateEdits[] => [{ step, rows: some }]),
  );
}

async function readTogether(parts: readonly LateEdits[]): Promise<ReadonlyMap<string, Fetched> | AppError> {
  const list = await readList(parts, async () => rowsOf(parts));
  // Then a record is read when its header changes.
  if (list instanceof AppError) return isRefusedQuery(list) ? new Map() : readOneByOne(parts, list);
  if (comesEmpty(list, parts)) {
    for (const { step } of parts) step.dialect.entriesRefused = true;
    return new Map();
  }
  return madeWhole(list, parts);
}

/** Whether the server gives lists without what is in the records; one record may have become empty since. */
function comesEmpty(list: ReadonlyMap<string, Listed>, parts: readonly LateEdits[]): boolean {
  const full = parts.flatMap(({ rows }) => rows).filter(({ header }) => (header.entryCount ?? 0) > 0);
  const listed = full.map(({ header }) => list.get(header.record));
  return (
    full.length > 1 && listed.every((one) => one !== undefined && !(one instanceof AppError) && isEmpty(one))
  );
}

/** What a list does not show whole may be so by itself; where it cannot be read either, that says why. */
async function madeWhole(
  list: ReadonlyMap<string, Listed>,
  parts: readonly LateEdits[],
): Promise<ReadonlyMap<string, Fetched>> {
  const found = new Map<string, Fetched>();
  for (const { step, rows } of parts) {
    for (const row of rows) {
      const { record: name } = row.header;
      const record = list.get(name);
      // What it does not show at all has become final since, and is looked at by the next run.
      if (record === undefined) continue;
      found.set(name, isWhole(record, row, step) ? record : await fetchRecord(step, name));
    }
  }
  return found;
}

async function rowsOf(parts: readonly LateEdits[]): Promise<readonly HeaderRow[]> {
  const filters = new Map(parts.map((part) => [part.step, filterOf(part)]));
  const together = await readAtOnceOf([...filters.keys()], (step) => filters.get(step), {
    withEntries: true,
  });
  if (together !== null) return together;
  const rows: HeaderRow[] = [];
  for (const [step, filter] of filters) rows.push(...(await readAll(step, { filter, withEntries: true })));
  return rows;
}

function filterOf(part: LateEdits): Filter {
  const { source, dialect } = part.step;
  return and(source.open, numbersOf(part), ...after(source.dates.edited, lately(part.step), dialect));
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

function lateEdits(step: Step, headers: ReadonlyMap<string, HeaderRow>): HeaderRow[] {
  const newest = watchedUpTo(step);
  return [...headers.values()]
    .filter(
      ({ header }) =>
        !header.isFinal &&
        (header.edited === null || isLate(step, header.edited)) &&
        belongsTo(header.record, step.selector) &&
        BigInt(header.number) <= newest,
    )
    .toSorted(byNumber);
}

/** The newest number that may be watched: above the mark lies what was only read as history. */
function watchedUpTo(step: Step): bigint {
  const names = Object.keys(step.position.watch).filter((name) => belongsTo(name, step.selector));
  return highest(
    names.map((name) => recordNumber(name)?.number ?? 0n),
    markOf(step),
  );
}

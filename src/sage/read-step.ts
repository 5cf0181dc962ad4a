import { AppError } from "../errors.ts";
import { addDays, type IsoDate } from "../transactions/date.ts";
import { holes } from "../transactions/number-ranges.ts";
import type { Position } from "../transactions/position.ts";
import type { Snapshot } from "../transactions/snapshot.ts";
import type { SageRecord } from "../transactions/transaction.ts";
import type { ODataClient } from "./odata-client.ts";
import { SageRefusal } from "./odata-failure.ts";
import { and, compare, date, or, text, type Filter } from "./odata-filter.ts";
import { readWindows, type Dialect, type HeaderRow } from "./read-window.ts";
import { canonical, isOneOf, type Selector, type Source } from "./source.ts";

export interface ReadOptions {
  readonly client: ODataClient;
  readonly source: Source;
  /** Null on the first run of a source: everything there is becomes the baseline and nothing is announced. */
  readonly position: Position | null;
  /** Statuses that are announced, as Sage names them; null for any but Deleted. */
  readonly statuses: readonly string[] | null;
  readonly pageSize: number;
  readonly today: IsoDate;
  readonly lookbackDays: number;
  /** What this server understands, as far as it is known; it is added to. */
  readonly dialect: Dialect;
  /** Seals what was shown, for the position. */
  readonly seal: (snapshot: Snapshot) => string;
}

/** One number sequence of a source, and where its reading stands. */
export interface Step extends ReadOptions {
  readonly selector: Selector;
  readonly position: Position;
}

/** The header of every record that is unseen, open, or lately edited or dated, by record. */
export async function readHeaders(step: Step): Promise<Map<string, HeaderRow>> {
  for (;;) {
    try {
      return await readAll(step, windowFilter(step));
    } catch (error) {
      if (!isRefusedFilter(error) || !speakSimpler(step.dialect)) throw error;
    }
  }
}

async function readAll(step: Step, filter: { filter?: Filter }): Promise<Map<string, HeaderRow>> {
  const headers = new Map<string, HeaderRow>();
  for await (const { rows } of readWindows({ ...step, ...filter })) {
    for (const row of rows) headers.set(row.header.record, row);
  }
  return headers;
}

function isRefusedFilter(error: unknown): boolean {
  return error instanceof SageRefusal && error.code === "InvalidParameters";
}

/** The next simpler way of asking; false when there is none. In the end everything is read, every time. */
function speakSimpler(dialect: Dialect): boolean {
  if (dialect.dates === "bare") dialect.dates = "quoted";
  else if (dialect.dates === "quoted") dialect.dates = "none";
  else if (!dialect.openRefused) dialect.openRefused = true;
  else return false;
  return true;
}

function windowFilter(step: Step): { filter?: Filter } {
  const { source, dialect } = step;
  if (dialect.openRefused) return {};
  const { property, literal } = source.number;
  const unseen = compare(property, "gt", literal(unseenFrom(step).toString()));
  return { filter: or(unseen, source.open, ...recentFilters(step)) };
}

/** Holes are looked at while they lie near the newest number; numbers that are sparse by nature would ask for all. */
const mostHoles = 10;
const nearby = 50n;

/** From the lowest hole among the newest numbers on: it may be filled later. */
function unseenFrom({ position, selector }: Step): bigint {
  const mark = BigInt(position.highWater[selector.value] ?? "0");
  const lowest = holes(position.known[selector.value] ?? "", mostHoles).at(-1);
  return lowest === undefined || mark - lowest > nearby ? mark : lowest - 1n;
}

function recentFilters(step: Step): Filter[] {
  const { edited, dated } = step.source.dates;
  return [edited, dated].flatMap((property) => after(property, sinceOf(step), step.dialect));
}

/** A day more than the look-back window: dates have no time zone. */
function sinceOf({ today, lookbackDays }: Step): IsoDate {
  return addDays(today, -lookbackDays - 1);
}

/** Edited or dated within the look-back window. */
export function isRecent(step: Step, { header }: HeaderRow): boolean {
  const since = sinceOf(step);
  return [header.edited, header.dated].some((day) => day !== null && day > since);
}

/** None where the source has no such property, or the server no way to compare it. */
function after(property: string | null, day: IsoDate, { dates }: Dialect): Filter[] {
  if (property === null || dates === "none") return [];
  return [compare(property, "gt", dates === "bare" ? date(day) : text(day))];
}

/**
 * Open records with their entries, by record, up to a number: those edited so lately that another edit would not show
 * in their header. One request for all of them instead of one each.
 */
export async function readEdited(
  step: Step,
  headers: Iterable<HeaderRow>,
  upTo: bigint,
): Promise<Map<string, SageRecord>> {
  const { source, today, dialect } = step;
  const since = addDays(today, -2);
  if (dialect.entriesRefused || dialect.openRefused || !hasOpenSince(headers, since, upTo)) return new Map();
  const { property, literal } = source.number;
  const known = compare(property, "le", literal(upTo.toString()));
  try {
    return await readRecords(step, and(source.open, known, ...after(source.dates.edited, since, dialect)));
  } catch (error) {
    // Refused, or too large for one answer: then a record is read when its header changes.
    if (!(error instanceof AppError) || error.kind === "auth" || error.kind === "forbidden") throw error;
    if (isRefusedFilter(error)) dialect.entriesRefused = true;
    return new Map();
  }
}

function hasOpenSince(headers: Iterable<HeaderRow>, since: IsoDate, upTo: bigint): boolean {
  for (const { header } of headers) {
    const isLate = header.edited === null || header.edited > since;
    if (isLate && !header.isFinal && BigInt(header.number) <= upTo) return true;
  }
  return false;
}

async function readRecords(step: Step, filter: Filter): Promise<Map<string, SageRecord>> {
  const records = new Map<string, SageRecord>();
  for await (const { rows } of readWindows({ ...step, filter, withEntries: true })) {
    for (const { whole } of rows) {
      const record =
        whole === null ? null : attempted(() => step.source.toRecord(whole, step.client.company));
      if (record !== null && !(record instanceof AppError)) records.set(record.record, record);
    }
  }
  return records;
}

/** Null when Sage has no such record any more; an error when what it sends cannot be read. */
export type Fetched = SageRecord | AppError | null;

export async function fetchRecord({ client, source }: Step, record: string): Promise<Fetched> {
  const row = await client.entity(source.resource, source.keyOf(record));
  if (row === null) return null;
  return attempted(() => source.toRecord(canonical(row, source.aliases), client.company));
}

function attempted(read: () => SageRecord): SageRecord | AppError {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError && error.kind === "unreadable") return error;
    throw error;
  }
}

export function isAnnounceable(step: Step, record: SageRecord): boolean {
  return record.transactions.length > 0 && isWanted(step, record.status.name);
}

export function isWanted({ statuses }: Step, status: string): boolean {
  if (statuses === null) return !isOneOf(status, ["deleted"]);
  return isOneOf(
    status,
    statuses.map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, "")),
  );
}

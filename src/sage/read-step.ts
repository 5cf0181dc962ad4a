import { AppError } from "../errors.ts";
import { addDays, type IsoDate } from "../transactions/date.ts";
import { holes } from "../transactions/number-ranges.ts";
import type { Position } from "../transactions/position.ts";
import type { Snapshot } from "../transactions/snapshot.ts";
import type { SageRecord } from "../transactions/transaction.ts";
import type { ODataClient } from "./odata-client.ts";
import { isOfOneRecord, isRefusedQuery } from "./odata-failure.ts";
import { and, compare, date, or, text, type Filter } from "./odata-filter.ts";
import { checkNumber, readAtOnce, readWindows, type Dialect, type HeaderRow } from "./read-window.ts";
import { canonical, isOneOf, type Header, type Selector, type Source } from "./source.ts";

export interface ReadOptions {
  readonly client: ODataClient;
  readonly source: Source;
  /** Null on the first run of a source: everything there is becomes the baseline and nothing is announced. */
  readonly position: Position | null;
  /** Statuses that are announced, as Sage names them; null for any but Deleted. */
  readonly statuses: readonly string[] | null;
  readonly pageSize: number;
  readonly today: IsoDate;
  /** The day on which the source was last read to its end; null when it never was. */
  readonly lastRead: IsoDate | null;
  readonly lookbackDays: number;
  /** What this server understands, as far as it is known; it is added to. */
  readonly dialect: Dialect;
  readonly lists: Lists;
  /** Seals what was shown, for the position. */
  readonly seal: (snapshot: Snapshot) => string;
}

/** What this run has found out about lists of whole records. */
export interface Lists {
  /** Why one could not be had: from then on each record is asked for, because another may take as long to fail. */
  failure: AppError | null;
}

/** One number sequence of a source, as far as its address goes. */
export type Sequence = Pick<ReadOptions, "client" | "source" | "pageSize" | "dialect" | "lists"> & {
  readonly selector: Selector;
};

/** One number sequence of a source, and where its reading stands. */
export interface Step extends ReadOptions {
  readonly selector: Selector;
  readonly position: Position;
}

/**
 * The header of every record that is unseen, open, or lately edited or dated, by record. The sequences of a source are
 * asked for together as long as one answer holds them.
 */
export async function readHeaders(steps: readonly Step[]): Promise<Map<string, HeaderRow>> {
  const rows = (await readAtOnceOf(steps, windowFilter, {})) ?? (await readOneByOne(steps));
  return new Map(rows.map((row) => [row.header.record, row]));
}

async function readOneByOne(steps: readonly Step[]): Promise<HeaderRow[]> {
  const rows: HeaderRow[] = [];
  for (const step of steps) rows.push(...(await readSequence(step)));
  return rows;
}

async function readSequence(step: Step): Promise<HeaderRow[]> {
  for (;;) {
    try {
      return await readAll(step, { filter: windowFilter(step) });
    } catch (error) {
      if (!isRefusedQuery(error) || !speakSimpler(step.dialect)) throw error;
    }
  }
}

export async function readAll(
  step: Step,
  how: { filter: Filter | undefined; withEntries?: boolean },
): Promise<HeaderRow[]> {
  const found: HeaderRow[] = [];
  for await (const { rows } of readWindows({ ...step, ...how })) {
    found.push(...rows);
    checkNumber(found.length, step.source);
  }
  return found;
}

/** Null for a single sequence, and where the server or its page is too small for all of them. */
export async function readAtOnceOf(
  steps: readonly Step[],
  filterOf: (step: Step) => Filter | undefined,
  how: { withEntries?: boolean },
): Promise<readonly HeaderRow[] | null> {
  const [step, ...others] = steps;
  if (step === undefined || others.length === 0) return null;
  const filters = steps.map((one) =>
    and(...[one.selector.filter, filterOf(one)].filter((part) => part !== undefined)),
  );
  try {
    return await readAtOnce({ ...step, ...how, filter: or(...filters) });
  } catch (error) {
    if (isRefusedQuery(error)) return null;
    throw error;
  }
}

/** The next simpler way of asking; false when there is none. In the end everything is read, every time. */
function speakSimpler(dialect: Dialect): boolean {
  if (writeDatesSimpler(dialect)) return true;
  if (dialect.openRefused) return false;
  dialect.openRefused = true;
  return true;
}

/** The next simpler way of asking for dates; false when they are not asked for already. */
export function writeDatesSimpler(dialect: Dialect): boolean {
  if (dialect.dates === "none") return false;
  dialect.dates = dialect.dates === "bare" ? "quoted" : "none";
  return true;
}

function windowFilter(step: Step): Filter | undefined {
  const { source, dialect } = step;
  if (dialect.openRefused) return undefined;
  const { property, literal } = source.number;
  const unseen = compare(property, "gt", literal(unseenFrom(step).toString()));
  return or(unseen, source.open, ...recentFilters(step));
}

/** Holes are looked at while they lie near the newest number; numbers that are sparse by nature would ask for all. */
const mostHoles = 10;
const nearby = 50n;

/** From the lowest hole among the newest numbers on: it may be filled later. */
function unseenFrom(step: Step): bigint {
  const { position, selector } = step;
  const mark = markOf(step);
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

/**
 * Whether a record that was seen and is not watched has changed. The windows show many that have not: what was deleted
 * before anybody looked, what a longer window brings back, what lies above a missing number.
 */
export function isReturned(step: Step, { header }: HeaderRow): boolean {
  return !header.isFinal || isLate(step, header.edited);
}

/** Since the day before the last look, as far as Sage says it. */
export function isLate(step: Step, edited: IsoDate | null): boolean {
  return edited !== null && edited > lately(step);
}

/** None where the source has no such property, or the server no way to compare it. */
export function after(property: string | null, day: IsoDate, dialect: Dialect): Filter[] {
  return property === null ? [] : compareDates(property, "gt", { day, dialect });
}

/** None where the server has no way to compare dates. */
export function compareDates(
  property: string,
  operator: "gt" | "lt",
  { day, dialect }: { day: IsoDate; dialect: Dialect },
): Filter[] {
  if (dialect.dates === "none") return [];
  return [compare(property, operator, dialect.dates === "bare" ? date(day) : text(day))];
}

/** Since the day before the last look: an edit since then may bear the same date as one before it. */
export function lately({ today, lastRead }: Step): IsoDate {
  return addDays(lastRead === null || lastRead > today ? today : lastRead, -2);
}

export function markOf({ position, selector }: Step): bigint {
  return BigInt(position.highWater[selector.value] ?? "0");
}

export function belongsTo(record: string, selector: Selector): boolean {
  return selector.value === "" || record.startsWith(`${selector.value}-`);
}

/** Null when Sage has no such record any more; an error when what it sends cannot be read. */
export type Fetched = SageRecord | AppError | null;

export async function fetchRecord(
  { client, source }: Pick<ReadOptions, "client" | "source">,
  record: string,
): Promise<Fetched> {
  try {
    const row = await client.entity(source.resource, source.keyOf(record));
    if (row === null) return null;
    return attempted(() => source.toRecord(canonical(row, source.aliases), client.company));
  } catch (error) {
    // One that Sage cannot give must not keep the others from being read.
    if (!isOfOneRecord(error)) throw error;
    const { kind, message, hint } = error;
    return new AppError(kind, `${source.recordTitle} ${record}: ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

export function attempted(read: () => SageRecord): SageRecord | AppError {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError && error.kind === "unreadable") return error;
    throw error;
  }
}

/** Nothing in it yet, or deleted before anybody looked: not worth a request. */
export function isNothingYet(options: Pick<ReadOptions, "statuses">, header: Header): boolean {
  return header.entryCount === 0 || isGone(options, header.status);
}

/** Deleted, which nobody wants to hear of by itself. */
export function isGone(options: Pick<ReadOptions, "statuses">, status: string): boolean {
  return isOneOf(status, ["deleted"]) && !isWanted(options, status);
}

export function isAnnounceable(options: Pick<ReadOptions, "statuses">, record: SageRecord): boolean {
  return record.transactions.length > 0 && isWanted(options, record.status.name);
}

function isWanted({ statuses }: Pick<ReadOptions, "statuses">, status: string): boolean {
  if (statuses === null) return !isOneOf(status, ["deleted"]);
  return isOneOf(status, statuses);
}

/** The entries of error batches that a record names as copies of its own, each with the one it was made from. */
export function copiesOf(
  record: SageRecord,
  { source, selector }: Pick<Step, "source" | "selector">,
): [copy: string, original: string][] {
  return record.transactions.flatMap(({ entry, errorBatch }): [string, string][] => {
    if (errorBatch === undefined) return [];
    const copy = source.recordOf(selector.value, errorBatch.batch);
    return [[`${copy}:${errorBatch.entry}`, `${record.record}:${entry}`]];
  });
}

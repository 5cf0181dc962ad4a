import { AppError } from "../errors.ts";
import { addDays, type IsoDate } from "../transactions/date.ts";
import { fingerprint } from "../transactions/fingerprint.ts";
import { add, holes, membership } from "../transactions/number-ranges.ts";
import type { Position, Watched } from "../transactions/position.ts";
import { revisionOf, snapshotOf, type Snapshot } from "../transactions/snapshot.ts";
import type { SageRecord } from "../transactions/transaction.ts";
import type { ODataClient } from "./odata-client.ts";
import { SageRefusal } from "./odata-failure.ts";
import { and, compare, date, or, text, type Filter } from "./odata-filter.ts";
import { readWindows, type Dialect, type HeaderRow } from "./read-window.ts";
import { canonical, isOneOf, type Selector, type Source } from "./source.ts";

/** A record of which something was announced, or taken note of, and that is now otherwise. */
export interface Changed {
  readonly record: SageRecord;
  readonly before: Watched;
}

/** What a part of a source brought, and where reading stands once that is safe. */
export interface Reading {
  /** Records to announce, whole, lowest number first. */
  readonly fresh: readonly SageRecord[];
  readonly changed: readonly Changed[];
  /** Records that cannot be read; they are watched, and looked at again by every run. */
  readonly unreadable: readonly AppError[];
  readonly position: Position;
}

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

export const start: Position = { highWater: {}, known: {}, watch: {}, copies: {} };

/** New records are read whole and made safe in portions of this many. */
const portion = 50;

/**
 * Reads what is new or changed in a source; each reading may be committed before the next is asked for.
 *
 * Three windows in one request: numbers that have not been seen, records that are open, and records whose dates lie in
 * the look-back window. New is what has a number that was never seen, wherever it lies; changed is what was watched and
 * has another header, or other entries (an open record edited again on the same day keeps its header's stamp). A watched
 * record that is in no window any more has become final: it is read once more.
 */
export async function* readChanges(options: ReadOptions): AsyncGenerator<Reading> {
  if (options.position === null) {
    yield { fresh: [], changed: [], unreadable: [], position: await readBaseline(options) };
    return;
  }
  let position = options.position;
  for (const selector of options.source.selectors) {
    for await (const reading of readSelector({ ...options, selector, position })) {
      position = reading.position;
      yield reading;
    }
  }
}

interface Step extends ReadOptions {
  readonly selector: Selector;
  readonly position: Position;
}

async function* readSelector(step: Step): AsyncGenerator<Reading> {
  const headers = await readHeaders(step);
  const whole = await readEdited(step, headers);
  const old = await readWatched(step, headers, whole);
  yield old;
  const isKnown = membership(step.position.known[step.selector.value] ?? "");
  const unseen = [...headers.values()]
    .filter(
      ({ header }) => !isKnown(BigInt(header.number)) && old.position.watch[header.record] === undefined,
    )
    .toSorted((a, b) => (BigInt(a.header.number) < BigInt(b.header.number) ? -1 : 1));
  let { position } = old;
  for (let from = 0; from < unseen.length; from += portion) {
    const reading = await readNew({ ...step, position }, unseen.slice(from, from + portion), whole);
    position = reading.position;
    yield reading;
  }
}

/** The header of every record in one of the three windows, by record. */
async function readHeaders(step: Step): Promise<Map<string, HeaderRow>> {
  for (;;) {
    try {
      const headers = new Map<string, HeaderRow>();
      for await (const { rows } of readWindows({ ...step, ...windowFilter(step) })) {
        for (const row of rows) headers.set(row.header.record, row);
      }
      return headers;
    } catch (error) {
      if (!isRefusedFilter(error) || !speakSimpler(step.dialect)) throw error;
    }
  }
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

/** From the lowest hole among the newest numbers on: it may be filled later. */
function unseenFrom({ position, selector }: Step): bigint {
  const mark = BigInt(position.highWater[selector.value] ?? "0");
  const lowest = holes(position.known[selector.value] ?? "", mostHoles).at(-1);
  return lowest === undefined || mark - lowest > nearby ? mark : lowest - 1n;
}

/** Holes are looked at while they lie near the newest number; numbers that are sparse by nature would ask for all. */
const mostHoles = 10;
const nearby = 50n;

/** Edited or dated within the look-back window. A day more on each side: dates have no time zone. */
function recentFilters({ source, today, lookbackDays, dialect }: Step): Filter[] {
  const { edited, dated } = source.dates;
  return [edited, dated].flatMap((property) => after(property, addDays(today, -lookbackDays - 1), dialect));
}

/** None where the source has no such property, or the server no way to compare it. */
function after(property: string | null, day: IsoDate, { dates }: Dialect): Filter[] {
  if (property === null || dates === "none") return [];
  return [compare(property, "gt", dates === "bare" ? date(day) : text(day))];
}

/**
 * Open records with their entries, by record: those edited so lately that another edit would not show in their header.
 * One request for all of them instead of one each.
 */
async function readEdited(
  step: Step,
  headers: ReadonlyMap<string, HeaderRow>,
): Promise<Map<string, SageRecord>> {
  const { source, client, today, dialect } = step;
  const whole = new Map<string, SageRecord>();
  const since = addDays(today, -2);
  const lately = [...headers.values()].some(
    ({ header }) => !header.isFinal && (header.edited === null || header.edited > since),
  );
  if (!lately || dialect.entriesRefused || dialect.openRefused) return whole;
  const filter = and(source.open, ...after(source.dates.edited, since, dialect));
  try {
    for await (const { rows } of readWindows({ ...step, filter, withEntries: true })) {
      for (const { whole: row, header } of rows) {
        const record = row === null ? null : attempted(() => source.toRecord(row, client.company));
        if (record !== null && !(record instanceof AppError)) whole.set(header.record, record);
      }
    }
  } catch (error) {
    // Refused, or too large for one answer: then a record is read when its header changes.
    if (!(error instanceof AppError) || error.kind === "auth" || error.kind === "forbidden") throw error;
    if (isRefusedFilter(error)) dialect.entriesRefused = true;
  }
  return whole;
}

/** What was watched: changed, unchanged, or gone from every window. */
async function readWatched(
  step: Step,
  headers: ReadonlyMap<string, HeaderRow>,
  whole: ReadonlyMap<string, SageRecord>,
): Promise<Reading> {
  const result = new Result(step);
  for (const [name, before] of Object.entries(step.position.watch)) {
    if (!belongsTo(name, step.selector)) continue;
    const found = headers.get(name);
    if (found === undefined && before.isFinal) result.forget(name);
    else if (!isUnchanged(before, found, whole.get(name))) {
      const record = whole.get(name) ?? (await fetchRecord(step, name));
      result.settle(name, before, { found, record });
    }
  }
  return result.reading();
}

function isUnchanged(before: Watched, found: HeaderRow | undefined, record: SageRecord | undefined): boolean {
  if (found === undefined || before.header !== found.hash) return false;
  return record === undefined || isSame(before, record);
}

function isSame(before: Watched, record: SageRecord): boolean {
  return (
    before.status === record.status.name && fingerprint(before.entries) === fingerprint(revisionsOf(record))
  );
}

async function readNew(
  step: Step,
  rows: readonly HeaderRow[],
  whole: ReadonlyMap<string, SageRecord>,
): Promise<Reading> {
  const result = new Result(step);
  for (const found of rows) {
    const { record: name, entryCount, status } = found.header;
    const isNothingYet = entryCount === 0 || (isOneOf(status, ["deleted"]) && !isWanted(step, status));
    const record = isNothingYet ? null : (whole.get(name) ?? (await fetchRecord(step, name)));
    result.meet(found, record);
  }
  return result.reading();
}

/** Collects what a step brings, and the position after it. */
class Result {
  readonly #step: Step;
  readonly #watch: Map<string, Watched>;
  readonly #copies: Map<string, string>;
  readonly #fresh: SageRecord[] = [];
  readonly #changed: Changed[] = [];
  readonly #unreadable: AppError[] = [];
  readonly #numbers: bigint[] = [];

  constructor(step: Step) {
    this.#step = step;
    this.#watch = new Map(Object.entries(step.position.watch));
    this.#copies = new Map(Object.entries(step.position.copies));
  }

  forget(name: string): void {
    this.#watch.delete(name);
  }

  /** A watched record that may have changed. */
  settle(name: string, before: Watched, now: { found: HeaderRow | undefined; record: Fetched }): void {
    const { found, record } = now;
    if (record instanceof AppError) return void this.#unreadable.push(record);
    if (record === null) return this.forget(name); // cleared from Sage's history
    this.#noteCopies(record);
    const isAnnounced = before.announced || isAnnounceable(this.#step, record);
    if (!before.announced && isAnnounced) this.#fresh.push(record);
    else if (before.announced && !isSame(before, record)) this.#changed.push({ record, before });
    const header = found?.hash ?? before.header;
    this.#keep(name, record, { header, announced: isAnnounced, isInWindow: found !== undefined });
  }

  /** A record with a number that was never seen. */
  meet({ header, hash }: HeaderRow, record: Fetched): void {
    const { record: name, status, isFinal, number } = header;
    this.#numbers.push(BigInt(number));
    const unread = { header: hash, status, isFinal: false, entries: {}, announced: false };
    if (record instanceof AppError) {
      this.#unreadable.push(record);
      this.#watch.set(name, { ...unread, header: "" }); // so that it is read again
      return;
    }
    if (record === null || !isAnnounceable(this.#step, record)) {
      if (!isFinal) this.#watch.set(name, unread);
      return;
    }
    this.#noteCopies(record);
    this.#fresh.push(record);
    this.#keep(name, record, { header: hash, announced: true, isInWindow: true });
  }

  reading(): Reading {
    const { position, selector } = this.#step;
    const key = selector.value;
    const highest = this.#numbers.reduce((a, b) => (b > a ? b : a), BigInt(position.highWater[key] ?? "0"));
    return {
      fresh: this.#fresh,
      changed: this.#changed,
      unreadable: this.#unreadable,
      position: {
        highWater: { ...position.highWater, [key]: highest.toString() },
        known: { ...position.known, [key]: add(position.known[key] ?? "", this.#numbers) },
        watch: Object.fromEntries(this.#watch),
        copies: Object.fromEntries(this.#copies),
      },
    };
  }

  #keep(
    name: string,
    record: SageRecord,
    now: { header: string; announced: boolean; isInWindow: boolean },
  ): void {
    const { header, announced, isInWindow } = now;
    const { isFinal } = record.status;
    if (isFinal && !isInWindow) return this.forget(name);
    const shown = isFinal ? {} : { shown: this.#step.seal(snapshotOf(record)) };
    const entries = revisionsOf(record);
    this.#watch.set(name, { header, status: record.status.name, isFinal, entries, announced, ...shown });
  }

  #noteCopies(record: SageRecord): void {
    for (const { entry, errorBatch } of record.transactions) {
      if (errorBatch === undefined) continue;
      const copy = this.#step.source.recordOf(this.#step.selector.value, errorBatch.batch);
      this.#copies.set(`${copy}:${errorBatch.entry}`, `${record.record}:${entry}`);
    }
  }
}

function revisionsOf(record: SageRecord): Record<string, string> {
  return Object.fromEntries(record.transactions.map((one) => [one.entry, revisionOf(one)]));
}

/** In one piece: with half a baseline the other half of the history would look new. */
async function readBaseline(options: ReadOptions): Promise<Position> {
  let position = start;
  for (const selector of options.source.selectors) {
    const step = { ...options, selector, position };
    const numbers: bigint[] = [];
    const watch = new Map<string, HeaderRow>();
    for await (const { rows } of readWindows(step)) {
      for (const row of rows) {
        numbers.push(BigInt(row.header.number));
        if (!row.header.isFinal || isRecent(step, row)) watch.set(row.header.record, row);
      }
    }
    const whole = await readEdited(step, watch);
    position = withBaseline(step, { numbers, watch, whole });
  }
  return position;
}

function withBaseline(
  { position, selector, seal }: Step,
  found: { numbers: bigint[]; watch: Map<string, HeaderRow>; whole: Map<string, SageRecord> },
): Position {
  const watch = [...found.watch].map(([name, { header, hash }]): [string, Watched] => {
    const record = found.whole.get(name);
    const seen = record === undefined ? {} : { shown: seal(snapshotOf(record)) };
    const entries = record === undefined ? {} : revisionsOf(record);
    const { status } = record?.status === undefined ? header : { status: record.status.name };
    // What has entries counts as announced: it is the baseline.
    const announced = header.entryCount !== 0;
    return [name, { header: hash, status, isFinal: header.isFinal, entries, announced, ...seen }];
  });
  const highest = found.numbers.reduce((a, b) => (b > a ? b : a), 0n);
  return {
    ...position,
    highWater: { ...position.highWater, [selector.value]: highest.toString() },
    known: { ...position.known, [selector.value]: add("", found.numbers) },
    watch: { ...position.watch, ...Object.fromEntries(watch) },
  };
}

function isRecent({ today, lookbackDays }: Step, { header }: HeaderRow): boolean {
  const since = addDays(today, -lookbackDays - 1);
  return [header.edited, header.dated].some((day) => day !== null && day > since);
}

/** Null when Sage has no such record any more; an error when what it sends cannot be read. */
type Fetched = SageRecord | AppError | null;

async function fetchRecord({ client, source }: Step, record: string): Promise<Fetched> {
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

function isAnnounceable(step: Step, record: SageRecord): boolean {
  return record.transactions.length > 0 && isWanted(step, record.status.name);
}

function isWanted({ statuses }: Step, status: string): boolean {
  if (statuses === null) return !isOneOf(status, ["deleted"]);
  return isOneOf(
    status,
    statuses.map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, "")),
  );
}

function belongsTo(record: string, selector: Selector): boolean {
  return selector.value === "" || record.startsWith(`${selector.value}-`);
}

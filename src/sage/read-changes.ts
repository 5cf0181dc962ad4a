import type { Position, Watched } from "../transactions/position.ts";
import type { SageRecord } from "../transactions/transaction.ts";
import type { ODataClient } from "./odata-client.ts";
import { compare, or } from "./odata-filter.ts";
import { readWindows, type HeaderRow, type Window } from "./read-window.ts";
import { fingerprint, isOneOf, type Header, type Selector, type Source } from "./source.ts";

/** What one range of a source's records brought, and where reading stands once that is safe. */
export interface Reading {
  /** Records to announce, whole. */
  readonly records: readonly SageRecord[];
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
}

/**
 * Reads what is new in a source, range by range; each reading may be committed before the next is asked for.
 *
 * New is what has a number above the high-water mark; records that were not ready to be announced (a batch without
 * entries, a status nobody asked for) are watched and read again until they are. A high-water mark moves only to the
 * end of a range that was read completely.
 */
export async function* readChanges(options: ReadOptions): AsyncGenerator<Reading> {
  if (options.position === null) {
    yield { records: [], position: await readBaseline(options) };
    return;
  }
  let position = options.position;
  for (const selector of options.source.selectors) {
    const seen = new Set<string>();
    for await (const window of readWindows(windowQuery(options, selector))) {
      for (const { header } of window.rows) seen.add(header.record);
      const reading = await readWindow({ ...options, selector, before: position }, window);
      position = reading.position;
      yield reading;
    }
    const left = await readWatched({ ...options, selector, before: position }, seen);
    position = left.position;
    yield left;
  }
}

/** In one piece: with half a baseline the other half of the history would look new. */
async function readBaseline(options: ReadOptions): Promise<Position> {
  let position: Position = { highWater: {}, watch: {} };
  for (const selector of options.source.selectors) {
    for await (const window of readWindows(windowQuery(options, selector))) {
      ({ position } = await readWindow({ ...options, selector, before: position }, window));
    }
  }
  return position;
}

interface Step extends ReadOptions {
  readonly selector: Selector;
  /** Where the reading stood before this step. */
  readonly before: Position;
}

function windowQuery(options: ReadOptions, selector: Selector) {
  const { client, source, pageSize, position } = options;
  const query = { client, source, selector, pageSize };
  if (position === null) return query;
  const mark = source.number.literal(position.highWater[selector.value] ?? "0");
  return { ...query, filter: or(compare(source.number.property, "gt", mark), source.open) };
}

async function readWindow(step: Step, window: Window): Promise<Reading> {
  const watch = new Map(Object.entries(step.before.watch));
  const records: SageRecord[] = [];
  for (const row of window.rows) {
    const known = watch.get(row.header.record);
    const isNew = step.position !== null && isAbove(row.header, step);
    const record = isNew || known?.announced === false ? await announceable(step, row.header) : null;
    if (record !== null) records.push(record);
    const next = watched(row, { known, record, isNew });
    if (row.header.isFinal) watch.delete(row.header.record);
    else watch.set(row.header.record, next);
  }
  return { records, position: moved(step, watch, window) };
}

/** A watched record that left the window has been posted, deleted or cleared: one last look, then it is forgotten. */
async function readWatched(step: Step, seen: ReadonlySet<string>): Promise<Reading> {
  const watch = new Map(Object.entries(step.before.watch));
  const records: SageRecord[] = [];
  for (const [record, known] of Object.entries(step.before.watch)) {
    if (seen.has(record) || !belongsTo(record, step.selector)) continue;
    if (!known.announced) {
      const found = await fetchRecord(step, record);
      if (found !== null && isAnnounceable(step, found)) records.push(found);
    }
    watch.delete(record);
  }
  return { records, position: { ...step.before, watch: Object.fromEntries(watch) } };
}

/** The record when there is something in it to announce. */
async function announceable(step: Step, header: Header): Promise<SageRecord | null> {
  if (header.entryCount === 0 || !isWanted(step, header.status)) return null;
  const record = await fetchRecord(step, header.record);
  return record !== null && isAnnounceable(step, record) ? record : null;
}

async function fetchRecord({ client, source }: Step, record: string): Promise<SageRecord | null> {
  const row = await client.entity(source.resource, source.keyOf(record));
  return row === null ? null : source.toRecord(row, client.company);
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

function watched(
  { header, row }: HeaderRow,
  found: { known: Watched | undefined; record: SageRecord | null; isNew: boolean },
): Watched {
  const entries = found.record?.transactions.map(
    (transaction) => [transaction.entry, fingerprint(transaction)] as const,
  );
  // On the first run everything with entries counts as announced: it is the baseline.
  const isBaseline = !found.isNew && found.known === undefined && header.entryCount !== 0;
  return {
    header: fingerprint(row),
    status: header.status,
    entries: entries === undefined ? (found.known?.entries ?? {}) : Object.fromEntries(entries),
    announced: found.record !== null || (found.known?.announced ?? isBaseline),
  };
}

function moved(step: Step, watch: Map<string, Watched>, window: Window): Position {
  const mark = BigInt(step.before.highWater[step.selector.value] ?? "0");
  const read = window.rows.map(({ header }) => BigInt(header.number));
  const highest = [mark, ...read].reduce((a, b) => (b > a ? b : a));
  return {
    highWater: { ...step.before.highWater, [step.selector.value]: highest.toString() },
    watch: Object.fromEntries(watch),
  };
}

/** Above the mark at which this run began, not the one it has reached: ranges are read lowest first. */
function isAbove(header: Header, { position, selector }: Step): boolean {
  return BigInt(header.number) > BigInt(position?.highWater[selector.value] ?? "0");
}

function belongsTo(record: string, selector: Selector): boolean {
  return selector.value === "" || record.startsWith(`${selector.value}-`);
}

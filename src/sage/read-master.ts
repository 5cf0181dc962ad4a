import { AppError } from "../errors.ts";
import { addDays, type IsoDate } from "../transactions/date.ts";
import { masterResources, type MasterKind, type MasterRow } from "./master-resources.ts";
import type { FeedPage, ODataClient } from "./odata-client.ts";
import { isRefusedQuery } from "./odata-failure.ts";
import { and, compare, date, text, type Filter } from "./odata-filter.ts";
import { askFor, type Dialect } from "./read-window.ts";
import { parseRow, type SageRow } from "./source.ts";

export interface MasterQuery {
  readonly client: ODataClient;
  readonly kind: MasterKind;
  readonly pageSize: number;
  /** What this server understands, as far as it is known; it is added to. */
  readonly dialect: Dialect;
}

export interface MasterRows {
  readonly entries: ReadonlyMap<string, MasterRow>;
  /** Rows that are there and cannot be read, one error each. */
  readonly unreadable: readonly AppError[];
  /** Codes of those, where that much can be read. */
  readonly unreadableCodes: ReadonlySet<string>;
}

/** Every vendor, customer or account. */
export async function readAllMaster(query: MasterQuery): Promise<MasterRows> {
  return entriesOf(await readFeed(query, undefined), query);
}

/**
 * Those that were changed on this day or later; null where Sage keeps no such day, or does not let it be asked for.
 * Their days are those people signed on with, so the caller leaves a margin.
 */
export async function readChangedMaster(query: MasterQuery, since: IsoDate): Promise<MasterRows | null> {
  const { stamp } = masterResources[query.kind];
  if (stamp === null) return null;
  for (;;) {
    const { dialect } = query;
    if (dialect.dates === "none") return null;
    const day = addDays(since, -1);
    const filter = compare(stamp, "gt", dialect.dates === "bare" ? date(day) : text(day));
    try {
      return entriesOf(await readFeed(query, filter), query);
    } catch (error) {
      if (!isRefusedQuery(error)) throw error;
      dialect.dates = dialect.dates === "bare" ? "quoted" : "none";
    }
  }
}

/** How many there are, as Sage counts them; null where it does not. */
export async function countMaster({ client, kind }: MasterQuery): Promise<number | null> {
  const { resource, key } = masterResources[kind];
  return (await client.page({ resource, select: [key], top: 1, count: true })).count;
}

function entriesOf(rows: readonly SageRow[], { kind }: MasterQuery): MasterRows {
  const { schema, key, resource } = masterResources[kind];
  const entries = new Map<string, MasterRow>();
  const unreadable: AppError[] = [];
  const unreadableCodes = new Set<string>();
  for (const row of rows) {
    const code = codeOf(row, key);
    try {
      entries.set(code, parseRow(schema, row, `${resource}(${code})`));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      unreadable.push(error);
      unreadableCodes.add(code);
    }
  }
  return { entries, unreadable, unreadableCodes };
}

function codeOf(row: SageRow, key: string): string {
  const code = row[key];
  return typeof code === "string" || typeof code === "number" ? String(code).trimEnd() : "";
}

/** Rows in one piece: by their key, a page after the last of the one before; else page by page until two passes agree. */
async function readFeed(query: MasterQuery, filter: Filter | undefined): Promise<SageRow[]> {
  return (await readByKey(query, filter)) ?? readBySkip(query, filter);
}

/**
 * Rows may come in any order, and Sage's order of keys need not be ours: only Sage's own count of them all proves that
 * none was passed over. Null without that proof.
 */
async function readByKey(query: MasterQuery, filter: Filter | undefined): Promise<SageRow[] | null> {
  const { key } = masterResources[query.kind];
  const found = new Map<string, SageRow>();
  let page = await readPage(query, filter, 0);
  const total = page.count;
  if (total === null) return null;
  for (;;) {
    const before = found.size;
    for (const row of page.rows) found.set(codeOf(row, key), row);
    if (found.size === total) return [...found.values()];
    if (found.size === before || found.size > total) return null;
    const beyond = compare(key, "gt", text(highestOf(page.rows, key)));
    page = await readPage(query, filter === undefined ? beyond : and(filter, beyond), 0);
  }
}

function highestOf(rows: readonly SageRow[], key: string): string {
  const codes = rows.map((row) => codeOf(row, key));
  return codes.reduce((highest, code) => (code > highest ? code : highest), "");
}

async function readBySkip(query: MasterQuery, filter: Filter | undefined): Promise<SageRow[]> {
  let previous: string | null = null;
  for (let pass = 1; pass <= 4; pass += 1) {
    const { rows, pages } = await readPages(query, filter);
    const seen = JSON.stringify([...rows.keys()].toSorted());
    if (pages <= 1 || seen === previous) return [...rows.values()];
    previous = seen;
  }
  const { resource } = masterResources[query.kind];
  throw new AppError("temporary", `the list of ${resource} keeps changing while it is read`, {
    hint: "Try again when fewer people work in it.",
  });
}

async function readPages(
  query: MasterQuery,
  filter: Filter | undefined,
): Promise<{ rows: Map<string, SageRow>; pages: number }> {
  const { key, resource } = masterResources[query.kind];
  const rows = new Map<string, SageRow>();
  let skip = 0;
  for (let pages = 0; ; pages += 1) {
    const page = await readPage(query, filter, skip);
    if (page.rows.length === 0) return { rows, pages };
    const before = rows.size;
    for (const row of page.rows) rows.set(codeOf(row, key), row);
    if (rows.size === before)
      throw new AppError("unreadable", `Sage repeats a page of ${resource} instead of going on`);
    skip += page.rows.length;
  }
}

async function readPage(query: MasterQuery, filter: Filter | undefined, skip: number): Promise<FeedPage> {
  const { resource, fields } = masterResources[query.kind];
  const asked = { resource, top: query.pageSize, skip, count: true };
  return askFor(query, {
    ...asked,
    ...(filter === undefined ? {} : { filter }),
    ...(query.dialect.selectRefused ? {} : { select: fields }),
  });
}

import { AppError } from "../errors.ts";
import type { FeedPage, FeedQuery, ODataClient } from "./odata-client.ts";
import { isRefusedQuery } from "./odata-failure.ts";
import { and, compare, type Filter } from "./odata-filter.ts";
import { fingerprint } from "../transactions/fingerprint.ts";
import { highest } from "../transactions/number-ranges.ts";
import { canonical, type Header, type Selector, type SageRow, type Source } from "./source.ts";

/** A feed row with what its source reads in it. */
export interface HeaderRow {
  readonly header: Header;
  /** Changes when any of the header's properties does. */
  readonly hash: string;
  /** The row as it came, where it was asked for whole. */
  readonly whole: SageRow | null;
}

/** Lowest number first. */
export function byNumber({ header: a }: HeaderRow, { header: b }: HeaderRow): number {
  return BigInt(a.number) < BigInt(b.number) ? -1 : 1;
}

/** The records of a key range, read to its end. */
export interface Window {
  readonly rows: readonly HeaderRow[];
  /** The range ends with this number; null when nothing lies beyond it. */
  readonly upTo: bigint | null;
}

/** What a server was found to refuse; remembered, so that it is not asked for again. */
export interface Dialect {
  /** A selection of properties, or one of the names in it. */
  selectRefused: boolean;
  /** How a date is written in a filter; `none` where the date properties cannot be asked for. */
  dates: "bare" | "quoted" | "none";
  /** A filter by what makes a record open. */
  openRefused: boolean;
  /** A feed with entries. */
  entriesRefused: boolean;
}

/** A server of which nothing is known yet. */
export const newDialect: Readonly<Dialect> = {
  selectRefused: false,
  dates: "bare",
  openRefused: false,
  entriesRefused: false,
};

/** Far more than are open, new or lately edited in any company; what is held in memory has this bound. */
const mostRows = 100_000;

/** @throws AppError `unreadable` when a server finds rows without end */
export function checkNumber(rows: number, { title }: Source): void {
  if (rows <= mostRows) return;
  throw new AppError("unreadable", `Sage answers with more than ${mostRows} ${title} that are new or open`, {
    hint: "No company has as many. Nothing of it was used: find out what answers in the place of Sage.",
  });
}

export interface WindowQuery {
  readonly client: ODataClient;
  readonly source: Source;
  readonly selector: Selector;
  /** Absent: every record. */
  readonly filter?: Filter | undefined;
  readonly pageSize: number;
  readonly dialect: Dialect;
  /** Asks for the records whole, with the collection of their entries. */
  readonly withEntries?: boolean;
}

/**
 * Reads the headers that match, in ranges of their numbers, lowest first. Neither the order of rows within an answer
 * nor the presence of a link to the next page is relied on: an answer is complete when Sage's count says so or the
 * page after it is empty. A window that fits into one answer costs one request.
 */
export async function* readWindows(query: WindowQuery): AsyncGenerator<Window> {
  const first = await readPage(query, { above: null, upTo: null }, 0);
  if (first.isComplete || (await endsHere(query, first))) {
    yield { rows: first.rows, upTo: null };
    return;
  }
  yield* readRanges(query, Math.max(first.rows.length, 1), leastTop(first, -1n));
}

/** Everything that matches, of any selector, when one answer holds it all; null when it does not. */
export async function readAtOnce(query: Omit<WindowQuery, "selector">): Promise<readonly HeaderRow[] | null> {
  const everything = { ...query, selector: { value: "" } };
  const page = await readPage(everything, { above: null, upTo: null }, 0);
  return page.isComplete || (await endsHere(everything, page)) ? page.rows : null;
}

/** What one answer holds of the records that match, whole; where it is not all of them, nothing says so. */
export async function readSome(query: WindowQuery): Promise<readonly HeaderRow[]> {
  const { rows } = await readPage({ ...query, withEntries: true }, { above: null, upTo: null }, 0);
  return rows;
}

/** Ranges as wide as a page holds, so that numbers that are dense need one answer each and cannot shift between two. */
async function* readRanges(query: WindowQuery, pageSize: number, firstTop: bigint): AsyncGenerator<Window> {
  let above = -1n;
  let top = firstTop;
  let width = BigInt(pageSize);
  for (;;) {
    if (above >= top) {
      const rest = await readPage(query, { above, upTo: null }, 0);
      if (rest.isComplete) {
        yield { rows: rest.rows, upTo: null };
        return;
      }
      top = leastTop(rest, above);
    }
    const upTo = above + width;
    const rows = await readWhole(query, { above, upTo });
    yield { rows, upTo };
    above = upTo;
    // Numbers may be sparse: wide steps where little lies, page-sized ones where much does.
    width = rows.length * 4 < pageSize ? width * 2n : BigInt(pageSize);
  }
}

/** The highest number is at least this: so many different numbers lie above the one asked for. */
function leastTop({ rows, count }: Page, above: bigint): bigint {
  return highest(
    rows.map(({ header }) => BigInt(header.number)),
    above + BigInt(count ?? 0),
  );
}

/** A short answer without a link is probably all there is: the page after it, when empty, proves it. */
async function endsHere(query: WindowQuery, first: Page): Promise<boolean> {
  if (first.hasNextLink || first.rows.length >= query.pageSize) return false;
  const next = await readPage(query, { above: null, upTo: null }, first.rows.length);
  return next.rows.length === 0;
}

interface Range {
  readonly above: bigint | null;
  readonly upTo: bigint | null;
}

interface Page {
  readonly rows: readonly HeaderRow[];
  readonly hasNextLink: boolean;
  readonly isComplete: boolean;
  /** How many rows match, where the server says so. */
  readonly count: number | null;
}

/** Everything in a range. Where that takes several pages, two passes must agree: rows may move between pages. */
async function readWhole(query: WindowQuery, range: Range): Promise<readonly HeaderRow[]> {
  let previous: string | null = null;
  for (let pass = 1; pass <= 4; pass += 1) {
    const { rows, pages } = await readPages(query, range);
    const seen = rows
      .map(({ header }) => header.record)
      .toSorted()
      .join(" ");
    if (pages <= 1 || seen === previous) return rows;
    previous = seen;
  }
  throw new AppError("temporary", `the list of ${query.source.title} keeps changing while it is read`, {
    hint: "The next run reads it again.",
  });
}

async function readPages(query: WindowQuery, range: Range): Promise<{ rows: HeaderRow[]; pages: number }> {
  const found = new Map<string, HeaderRow>();
  let skip = 0;
  for (let pages = 0; ; pages += 1) {
    const page = await readPage(query, range, skip);
    const before = found.size;
    for (const row of page.rows) found.set(row.header.record, row);
    checkNumber(found.size, query.source);
    if (page.isComplete)
      return { rows: [...found.values()], pages: page.rows.length === 0 ? pages : pages + 1 };
    if (found.size === before) {
      throw new AppError("unreadable", `Sage repeats a page of ${query.source.title} instead of going on`);
    }
    skip += page.rows.length;
  }
}

async function readPage(query: WindowQuery, range: Range, skip: number): Promise<Page> {
  const { source, pageSize, dialect } = query;
  const filter = filterOf(query, range);
  const asked = {
    resource: source.resource,
    ...(filter === null ? {} : { filter }),
    top: pageSize,
    skip,
    count: true,
  };
  // A record that is wanted whole is asked for whole, so that it reads as it would by itself.
  const isWhole = query.withEntries === true || dialect.selectRefused;
  const page = await askFor(query, isWhole ? asked : { ...asked, select: source.headerFields });
  const rows = page.rows.map((raw): HeaderRow => {
    const row = canonical(raw, source.aliases);
    const header = source.readHeader(row);
    return { header, hash: hashOf(row, source), whole: query.withEntries === true ? row : null };
  });
  const { hasNextLink, count } = page;
  return { rows, hasNextLink, count, isComplete: isLast(page, skip) };
}

/** Some property names are only inferred. Without a selection the rows are larger, but they come. */
export async function askFor(
  { client, dialect }: Pick<WindowQuery, "client" | "dialect">,
  asked: FeedQuery,
): Promise<FeedPage> {
  try {
    return await client.page(asked);
  } catch (error) {
    if (!isRefusedQuery(error) || asked.select === undefined) throw error;
    const { select: _refused, ...rest } = asked;
    const page = await client.page(rest);
    dialect.selectRefused = true;
    return page;
  }
}

function hashOf(row: SageRow, { headerFields }: Source): string {
  return fingerprint(headerFields.map((name) => row[name] ?? null));
}

function isLast(
  page: { rows: readonly unknown[]; hasNextLink: boolean; count: number | null },
  skip: number,
): boolean {
  if (page.rows.length === 0) return true;
  return !page.hasNextLink && page.count === skip + page.rows.length;
}

function filterOf({ source, selector, filter }: WindowQuery, { above, upTo }: Range): Filter | null {
  const { property, literal } = source.number;
  const parts = [
    selector.filter,
    above === null || above < 0n ? undefined : compare(property, "gt", literal(above.toString())),
    upTo === null ? undefined : compare(property, "le", literal(upTo.toString())),
    filter,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? null : and(...parts);
}

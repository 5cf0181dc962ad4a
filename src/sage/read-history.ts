import { AppError } from "../errors.ts";
import { addDays, type IsoDate } from "../transactions/date.ts";
import type { SageRecord } from "../transactions/transaction.ts";
import { isRefusedQuery } from "./odata-failure.ts";
import { and, compare } from "./odata-filter.ts";
import { portion } from "./read-changes.ts";
import {
  compareDates,
  copiesOf,
  isAnnounceable,
  isNothingYet,
  writeDatesSimpler,
  type ReadOptions,
} from "./read-step.ts";
import { readWhole } from "./read-lists.ts";
import { byNumber, readWindows, type HeaderRow, type Window } from "./read-window.ts";
import type { Selector } from "./source.ts";

/** Days from `since` up to, not including, `until`; no end without it. */
export interface DateRange {
  readonly since: IsoDate;
  readonly until: IsoDate | null;
}

/** Some records that may hold documents of the range, lowest number first. */
export interface HistoryPart {
  readonly records: readonly SageRecord[];
  readonly unreadable: readonly UnreadableRecord[];
  /** As in a position: the entries of error batches so far, each with the one it was copied from. */
  readonly copies: Readonly<Record<string, string>>;
  /** Per selector the number up to which the range has been read. */
  readonly readUpTo: Readonly<Record<string, string>>;
}

export interface UnreadableRecord {
  readonly header: HeaderRow["header"];
  readonly error: AppError;
}

export type HistoryOptions = Omit<ReadOptions, "position" | "today" | "lastRead" | "lookbackDays" | "seal">;

/**
 * Reads every record whose own date lies in the range or near it, whatever has been read before: documents are dated
 * by people, and may be keyed into a batch of another month. Each part may be made safe before the next is asked for.
 *
 * @param from where an earlier reading of the same range ended
 */
export async function* readHistory(
  options: HistoryOptions,
  range: DateRange,
  from: Pick<HistoryPart, "readUpTo" | "copies">,
): AsyncGenerator<HistoryPart> {
  let { readUpTo, copies } = from;
  for (const selector of options.source.selectors) {
    const above = readUpTo[selector.value] ?? null;
    for await (const { rows } of windowsOf(options, range, { selector, above })) {
      const found = rows.filter(({ header }) => isNear(header.dated, range)).toSorted(byNumber);
      for (let start = 0; start < found.length; start += portion) {
        const some = found.slice(start, start + portion);
        const part = await readSome({ ...options, selector }, some);
        const named = part.records.flatMap((record) => copiesOf(record, { ...options, selector }));
        copies = { ...copies, ...Object.fromEntries(named) };
        readUpTo = { ...readUpTo, [selector.value]: some.at(-1)?.header.number ?? "0" };
        yield { ...part, copies, readUpTo };
      }
    }
  }
}

interface Sequence {
  readonly selector: Selector;
  /** Only numbers above this one. */
  readonly above: string | null;
}

/** A batch is rarely dated further from its documents than this. */
const marginDays = 92;

/** Asks for dates in the way that this server understands; where there is none, everything is looked through. */
async function* windowsOf(
  options: HistoryOptions,
  range: DateRange,
  sequence: Sequence,
): AsyncGenerator<Window> {
  for (;;) {
    const windows = readWindows({ ...options, ...sequence, filter: filterOf(options, range, sequence) });
    let first: IteratorResult<Window>;
    try {
      first = await windows.next();
    } catch (error) {
      if (!isRefusedQuery(error) || !writeDatesSimpler(options.dialect)) throw error;
      continue;
    }
    if (first.done !== true) yield first.value;
    yield* windows;
    return;
  }
}

function filterOf({ source, dialect }: HistoryOptions, { since, until }: DateRange, { above }: Sequence) {
  const { dated } = source.dates;
  const { property, literal } = source.number;
  const parts = [
    ...(above === null ? [] : [compare(property, "gt", literal(above))]),
    ...compareDates(dated, "gt", { day: addDays(since, -marginDays - 1), dialect }),
    ...(until === null ? [] : compareDates(dated, "lt", { day: addDays(until, marginDays), dialect })),
  ];
  return parts.length === 0 ? undefined : and(...parts);
}

/** A server may ignore what it is asked; a record without a date may hold anything. */
function isNear(day: IsoDate | null, { since, until }: DateRange): boolean {
  if (day === null) return true;
  return day >= addDays(since, -marginDays) && (until === null || day < addDays(until, marginDays));
}

async function readSome(
  step: HistoryOptions & { readonly selector: Selector },
  rows: readonly HeaderRow[],
): Promise<Pick<HistoryPart, "records" | "unreadable">> {
  const records: SageRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  const concerned = rows.filter(({ header }) => !isNothingYet(step, header));
  const whole = await readWhole(step, concerned);
  for (const { header } of concerned) {
    const record = whole.get(header.record) ?? null;
    if (record instanceof AppError) unreadable.push({ header, error: record });
    else if (record !== null && isAnnounceable(step, record)) records.push(record);
  }
  return { records, unreadable };
}

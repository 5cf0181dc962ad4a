import { AppError } from "../errors.ts";
import { fingerprint } from "../transactions/fingerprint.ts";
import { add, highest, includes, membership } from "../transactions/number-ranges.ts";
import { unknownBefore, type Position, type Watched } from "../transactions/position.ts";
import { revisionsOf, snapshotOf } from "../transactions/snapshot.ts";
import { recordNumber, type SageRecord } from "../transactions/transaction.ts";
import { readBaseline } from "./read-baseline.ts";
import { readEdited } from "./read-edited.ts";
import { readWhole } from "./read-lists.ts";
import {
  belongsTo,
  copiesOf,
  fetchRecord,
  isAnnounceable,
  isGone,
  isLate,
  isNothingYet,
  isReturned,
  markOf,
  readHeaders,
  type Fetched,
  type ReadOptions,
  type Step,
} from "./read-step.ts";
import { byNumber, type HeaderRow } from "./read-window.ts";

/** A record of which something was announced, or taken note of, and that is now otherwise. */
export interface Changed {
  readonly record: SageRecord;
  readonly before: Watched;
  /** Its status is one of those that are announced. */
  readonly isAnnounceable: boolean;
}

/** A record that was announced and open, and that Sage does not find any more. */
export interface Gone {
  readonly company: string;
  readonly record: string;
  readonly before: Watched;
}

/** What a part of a source brought, and where reading stands once that is safe. */
export interface Reading {
  /** Records to announce, whole, lowest number first. */
  readonly fresh: readonly SageRecord[];
  readonly changed: readonly Changed[];
  /** Error batches that were deleted before anybody looked: told where their originals are told, and nowhere else. */
  readonly lost: readonly SageRecord[];
  readonly gone: readonly Gone[];
  /** Records that cannot be read; they are watched, and looked at again by every run. */
  readonly unreadable: readonly AppError[];
  readonly position: Position;
}

/** New records are read whole and made safe in portions of this many. */
export const portion = 50;

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
    yield {
      fresh: [],
      changed: [],
      lost: [],
      gone: [],
      unreadable: [],
      position: await readBaseline(options),
    };
    return;
  }
  let { position } = options;
  const steps = options.source.selectors.map((selector): Step => ({ ...options, selector, position }));
  const headers = await readHeaders(steps);
  const { whole, failures } = await readEdited(steps, headers);
  let told: readonly AppError[] = failures;
  for (const step of steps) {
    for await (const reading of readSelector({ ...step, position }, headers, whole)) {
      position = reading.position;
      yield { ...reading, unreadable: [...told, ...reading.unreadable] };
      told = [];
    }
  }
}

async function* readSelector(
  step: Step,
  headers: ReadonlyMap<string, HeaderRow>,
  whole: ReadonlyMap<string, Fetched>,
): AsyncGenerator<Reading> {
  const { seen, unseen } = unwatched(step, headers);
  const returned = seen.filter((row) => isReturned(step, row));
  const old = await readOld(step, { headers, whole, returned });
  const read = { headers, whole };
  const first = await readNew({ ...step, position: old.position }, unseen.slice(0, portion), read);
  // Together, because an error batch is best told with what became of its original.
  yield {
    ...first,
    changed: old.changed,
    fresh: [...old.fresh, ...first.fresh],
    lost: [...old.lost, ...first.lost],
    gone: old.gone,
    unreadable: [...old.unreadable, ...first.unreadable],
  };
  let { position } = first;
  for (let from = portion; from < unseen.length; from += portion) {
    const reading = await readNew({ ...step, position }, unseen.slice(from, from + portion), read);
    position = reading.position;
    yield reading;
  }
}

/** Rows of records that are not watched, by whether their numbers have been seen; lowest number first. */
function unwatched({ position, selector }: Step, headers: ReadonlyMap<string, HeaderRow>) {
  const isKnown = membership(position.known[selector.value] ?? "");
  const rows = [...headers.values()]
    .filter(({ header: { record } }) => belongsTo(record, selector) && position.watch[record] === undefined)
    .toSorted(byNumber);
  const wasSeen = ({ header }: HeaderRow) => isKnown(BigInt(header.number));
  return { seen: rows.filter(wasSeen), unseen: rows.filter((row) => !wasSeen(row)) };
}

interface Old {
  readonly headers: ReadonlyMap<string, HeaderRow>;
  readonly whole: ReadonlyMap<string, Fetched>;
  readonly returned: readonly HeaderRow[];
}

/** What was watched: changed, unchanged, or gone from every window. And what was watched once, and is back. */
async function readOld(step: Step, { headers, whole, returned }: Old): Promise<Reading> {
  const result = new Result(step);
  const watched = Object.entries(step.position.watch).filter(([name]) => belongsTo(name, step.selector));
  const concerned: [name: string, before: Watched][] = [];
  for (const [name, before] of watched) {
    result.noteSeen(name);
    const found = headers.get(name);
    if (found === undefined && before.isFinal) result.letGo(name, before);
    else if (!isUnchanged(before, found, whole.get(name))) concerned.push([name, before]);
  }
  const names = [...concerned.map(([name]) => name), ...returned.map(({ header }) => header.record)];
  const records = await readRecords(step, names, { headers, whole });
  for (const [name, before] of concerned) {
    result.settle(name, before, { found: headers.get(name), record: records.get(name) ?? null });
  }
  for (const found of returned) result.meetAgain(found, records.get(found.header.record) ?? null);
  return result.reading();
}

/** Those that were read already, and the others: in lists, or by themselves where no window shows their headers. */
async function readRecords(
  step: Step,
  names: readonly string[],
  { headers, whole }: Pick<Old, "headers" | "whole">,
): Promise<ReadonlyMap<string, Fetched>> {
  const unread = names.filter((name) => !whole.has(name));
  const listed = await readWhole(
    step,
    unread.flatMap((name) => headers.get(name) ?? []),
  );
  const found = new Map<string, Fetched>(listed);
  for (const name of names) {
    const read = whole.get(name);
    if (read !== undefined) found.set(name, read);
    else if (!found.has(name)) found.set(name, await fetchRecord(step, name));
  }
  return found;
}

function isUnchanged(before: Watched, found: HeaderRow | undefined, record: Fetched | undefined): boolean {
  if (found === undefined || before.header !== found.hash || before.isMissing === true) return false;
  if (record === undefined) return true; // its header would show an edit
  return record !== null && !(record instanceof AppError) && isSame(before, record);
}

function isSame(before: Watched, record: SageRecord): boolean {
  return (
    before.status === record.status.name && fingerprint(before.entries) === fingerprint(revisionsOf(record))
  );
}

async function readNew(
  step: Step,
  rows: readonly HeaderRow[],
  old: Pick<Old, "headers" | "whole">,
): Promise<Reading> {
  const result = new Result(step);
  const concerned = rows.filter(({ header }) => !isNothingYet(step, header) || result.isLost(header));
  const records = await readRecords(
    step,
    concerned.map(({ header }) => header.record),
    old,
  );
  for (const found of rows) result.meet(found, records.get(found.header.record) ?? null);
  return result.reading();
}

/** Collects what a step brings, and the position after it. */
class Result {
  readonly #step: Step;
  readonly #mark: bigint;
  readonly #watch: Map<string, Watched>;
  readonly #copies: Map<string, string>;
  readonly #fresh: SageRecord[] = [];
  readonly #lost: SageRecord[] = [];
  readonly #changed: Changed[] = [];
  readonly #gone: Gone[] = [];
  readonly #unreadable: AppError[] = [];
  readonly #numbers: bigint[] = [];

  constructor(step: Step) {
    this.#step = step;
    this.#mark = markOf(step);
    this.#watch = new Map(Object.entries(step.position.watch));
    this.#copies = new Map(Object.entries(step.position.copies).filter(([copy]) => !isSeen(step, copy)));
  }

  /**
   * What a request for history announced first was never unseen: its number becomes known once the mark has passed it,
   * so that it is no news when it is not watched any more.
   */
  noteSeen(name: string): void {
    const number = recordNumber(name)?.number;
    if (number !== undefined && number <= this.#mark) this.#numbers.push(number);
  }

  /** Final, and in no window; kept as long as it could be taken for edited since, should a window show it again. */
  letGo(name: string, before: Pick<Watched, "edited">): void {
    if (!isLate(this.#step, before.edited ?? null)) this.forget(name);
  }

  forget(name: string): void {
    this.#watch.delete(name);
  }

  /** A watched record that may have changed. */
  settle(name: string, before: Watched, now: { found: HeaderRow | undefined; record: Fetched }): void {
    const { found, record } = now;
    if (record instanceof AppError) return void this.#unreadable.push(record);
    if (record === null) return this.#miss(name, before, found);
    this.#noteCopies(record);
    const isAnnounced = before.announced || isAnnounceable(this.#step, record);
    if (!before.announced && isAnnounced) this.#fresh.push(record);
    else if (before.announced && !isSame(before, record)) {
      this.#changed.push({ record, before, isAnnounceable: isAnnounceable(this.#step, record) });
    }
    const header = found?.hash ?? before.header;
    this.#keep(name, record, { header, announced: isAnnounced, isInWindow: found !== undefined });
  }

  /**
   * Cleared from Sage's history, where it was final. What was open is gone when it is missing twice: once may be Sage's
   * mistake, as it is where a list shows it.
   */
  #miss(name: string, before: Watched, found: HeaderRow | undefined): void {
    const wasOpen = before.announced && !before.isFinal && Object.keys(before.entries).length > 0;
    if (wasOpen && (before.isMissing !== true || found !== undefined)) {
      this.#watch.set(name, { ...before, isMissing: true });
      return;
    }
    if (wasOpen) this.#gone.push({ company: this.#step.client.company, record: name, before });
    this.forget(name);
  }

  /** Deleted, and made of entries that are known from elsewhere. */
  isLost({ record, status }: HeaderRow["header"]): boolean {
    if (!isGone(this.#step, status)) return false;
    return [...this.#copies.keys()].some((copy) => copy.startsWith(`${record}:`));
  }

  /** A record of which nothing is remembered but that it was seen. */
  meetAgain(found: HeaderRow, record: Fetched): void {
    const { record: name } = found.header;
    // So that it is read again where it cannot be read.
    if (record instanceof AppError) this.#watch.set(name, unknownBefore);
    this.settle(name, unknownBefore, { found, record });
  }

  /** A record with a number that was never seen. */
  meet({ header, hash }: HeaderRow, record: Fetched): void {
    const { record: name, status, isFinal, number, edited } = header;
    this.#numbers.push(BigInt(number));
    const unread = { header: hash, status, isFinal, entries: {}, announced: false, edited };
    if (record instanceof AppError) {
      this.#unreadable.push(record);
      this.#watch.set(name, { ...unread, header: "", isFinal: false }); // so that it is read again
      return;
    }
    if (record !== null && this.isLost(header)) this.#lost.push(record);
    if (record === null || !isAnnounceable(this.#step, record)) {
      this.#watch.set(name, unread);
      return;
    }
    this.#noteCopies(record);
    this.#fresh.push(record);
    this.#keep(name, record, { header: hash, announced: true, isInWindow: true });
  }

  reading(): Reading {
    const { position, selector } = this.#step;
    const key = selector.value;
    return {
      fresh: this.#fresh,
      lost: this.#lost,
      changed: this.#changed,
      gone: this.#gone,
      unreadable: this.#unreadable,
      position: {
        highWater: { ...position.highWater, [key]: highest(this.#numbers, this.#mark).toString() },
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
    const edited = record.lastEdited;
    if (isFinal && !isInWindow && !isLate(this.#step, edited)) return this.forget(name);
    const shown = isFinal ? {} : { shown: this.#step.seal(snapshotOf(record)) };
    const entries = revisionsOf(record);
    const status = record.status.name;
    this.#watch.set(name, { header, status, isFinal, entries, announced, edited, ...shown });
  }

  #noteCopies(record: SageRecord): void {
    for (const [copy, original] of copiesOf(record, this.#step)) this.#copies.set(copy, original);
  }
}

/** A copy that was seen in an earlier step has found its thread. */
function isSeen({ position, selector, source }: Step, copy: string): boolean {
  const [record = ""] = copy.split(":");
  const number = /\d+$/.exec(record)?.[0] ?? "0";
  if (source.recordOf(selector.value, BigInt(number).toString()) !== record) return false;
  return includes(position.known[selector.value] ?? "", BigInt(number));
}

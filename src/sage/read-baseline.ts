import { AppError } from "../errors.ts";
import { add, highest } from "../transactions/number-ranges.ts";
import type { Position, Watched } from "../transactions/position.ts";
import { revisionsOf, snapshotOf } from "../transactions/snapshot.ts";
import { readEdited } from "./read-edited.ts";
import { isLate, isRecent, type Fetched, type ReadOptions, type Step } from "./read-step.ts";
import { checkNumber, readWindows, type HeaderRow } from "./read-window.ts";

/** Where nothing has been read yet. */
export const start: Position = { highWater: {}, known: {}, watch: {}, copies: {} };

/**
 * Takes note of everything there is, in one piece: with half a baseline the other half of the history would look new.
 * Only numbers stay, and what may still change.
 */
export async function readBaseline(options: ReadOptions): Promise<Position> {
  let position = start;
  for (const selector of options.source.selectors) {
    position = await readSelector({ ...options, selector, position });
  }
  return position;
}

async function readSelector(step: Step): Promise<Position> {
  const numbers: bigint[] = [];
  const watched = new Map<string, HeaderRow>();
  for await (const { rows } of readWindows({ ...step, filter: undefined })) {
    for (const row of rows) {
      numbers.push(BigInt(row.header.number));
      if (!row.header.isFinal || isRecent(step, row) || isLate(step, row.header.edited)) {
        watched.set(row.header.record, row);
      }
    }
    checkNumber(watched.size, step.source);
  }
  const { selector } = step;
  const highWater = { ...step.position.highWater, [selector.value]: highest(numbers, 0n).toString() };
  const position = { ...step.position, highWater };
  const { whole } = await readEdited([{ ...step, position }], watched);
  const watch = [...watched].map(([name, row]) => [name, noted(step, row, whole.get(name))] as const);
  return {
    ...position,
    known: { ...position.known, [selector.value]: add("", numbers) },
    watch: { ...position.watch, ...Object.fromEntries(watch) },
  };
}

function noted({ seal }: Step, { header, hash }: HeaderRow, record: Fetched | undefined): Watched {
  const { isFinal, entryCount, edited } = header;
  // What has entries counts as announced: it is the baseline.
  const note = {
    header: hash,
    status: header.status,
    isFinal,
    entries: {},
    announced: entryCount !== 0,
    edited,
  };
  if (record === undefined || record === null || record instanceof AppError) return note;
  const shown = seal(snapshotOf(record));
  return { ...note, status: record.status.name, entries: revisionsOf(record), shown };
}

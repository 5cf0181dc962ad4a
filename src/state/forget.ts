import { add, includes, membership } from "../transactions/number-ranges.ts";
import { recordNumber } from "../transactions/transaction.ts";
import type { State } from "./state.ts";

/** So long after its last message a record that is not watched any more keeps its thread. */
const threadLifeMs = 35 * 86_400_000;

/** A channel may take every second record of a long history: its holes are worth more room than those of a source. */
const mostSettledRanges = 5000;

/**
 * Keeps the state small: of records whose threads are closed only the numbers stay, so that no backfill repeats them.
 */
export function forgetOld(state: State, now: number): State {
  const isWatched = watchedIn(state);
  const isClosed = closedIn(state);
  const delivered: Record<string, State["delivered"][string]> = {};
  const forgotten = new Map<string, bigint[]>();
  for (const [record, channels] of Object.entries(state.delivered)) {
    const isOld = Object.values(channels).every(({ at }) => now - at > threadLifeMs);
    const numbered = numberOf(record);
    if (numbered === null || isWatched(record) || !(isOld || isClosed(numbered))) {
      delivered[record] = channels;
      continue;
    }
    for (const channelId of Object.keys(channels)) {
      const key = `${numbered.series}:${channelId}`;
      forgotten.set(key, [...(forgotten.get(key) ?? []), numbered.number]);
    }
  }
  if (forgotten.size === 0) return state;
  const settled = { ...state.settled };
  for (const [key, numbers] of forgotten) settled[key] = add(settled[key] ?? "", numbers, mostSettledRanges);
  return { ...state, delivered, settled };
}

function watchedIn({ sources }: State): (record: string) => boolean {
  const watched = new Set(
    Object.entries(sources).flatMap(([place, { watch }]) =>
      Object.keys(watch).map((record) => `${place.replace("/", ":")}:${record}`),
    ),
  );
  return (record) => watched.has(record);
}

/** What a backfill has found to be closed long ago. */
function closedIn({ backfills }: State): (record: Numbered) => boolean {
  const closed = backfills.flatMap((backfill) =>
    Object.entries(backfill.closed).map(([selector, numbers]) => ({
      of: `${backfill.place.replace("/", ":")}:${selector}`,
      holds: membership(numbers),
    })),
  );
  return ({ series, number }) => closed.some(({ of, holds }) => of === series && holds(number));
}

/** Whether a record was delivered to a channel and has been forgotten since. */
export function isSettled({ settled }: State, record: string, channelId: string): boolean {
  const numbered = numberOf(record);
  if (numbered === null) return false;
  const numbers = settled[`${numbered.series}:${channelId}`];
  return numbers !== undefined && includes(numbers, numbered.number);
}

interface Numbered {
  readonly series: string;
  readonly number: bigint;
}

/** `SAMINC:ap-payments:PY-83` -> series `SAMINC:ap-payments:PY`, number 83. */
function numberOf(record: string): Numbered | null {
  const [company = "", source = "", name = ""] = record.split(":");
  const numbered = recordNumber(name);
  if (numbered === null) return null;
  return { series: `${company}:${source}:${numbered.selector}`, number: numbered.number };
}

import { add, includes } from "../transactions/number-ranges.ts";
import { recordNumber } from "../transactions/transaction.ts";
import type { State } from "./state.ts";

/** So long after its last message a record that is not watched any more keeps its thread. */
const threadLifeMs = 35 * 86_400_000;

/**
 * Keeps the state small: of records whose threads are closed only the numbers stay, so that no backfill repeats them.
 */
export function forgetOld(state: State, now: number): State {
  const watched = new Set(
    Object.entries(state.sources).flatMap(([place, { watch }]) =>
      Object.keys(watch).map((record) => `${place.replace("/", ":")}:${record}`),
    ),
  );
  const delivered: Record<string, State["delivered"][string]> = {};
  const settled: Record<string, string> = { ...state.settled };
  for (const [record, channels] of Object.entries(state.delivered)) {
    const isOld = Object.values(channels).every(({ at }) => now - at > threadLifeMs);
    const numbered = numberOf(record);
    if (!isOld || watched.has(record) || numbered === null) {
      delivered[record] = channels;
      continue;
    }
    for (const channelId of Object.keys(channels)) {
      const key = `${numbered.series}:${channelId}`;
      settled[key] = add(settled[key] ?? "", [numbered.number]);
    }
  }
  return { ...state, delivered, settled };
}

/** Whether a record was delivered to a channel and has been forgotten since. */
export function isSettled({ settled }: State, record: string, channelId: string): boolean {
  const numbered = numberOf(record);
  if (numbered === null) return false;
  const numbers = settled[`${numbered.series}:${channelId}`];
  return numbers !== undefined && includes(numbers, numbered.number);
}

/** `SAMINC:ap-payments:PY-83` -> series `SAMINC:ap-payments:PY`, number 83. */
function numberOf(record: string): { series: string; number: bigint } | null {
  const [company = "", source = "", name = ""] = record.split(":");
  const numbered = recordNumber(name);
  if (numbered === null) return null;
  return { series: `${company}:${source}:${numbered.selector}`, number: numbered.number };
}

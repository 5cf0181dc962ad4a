import { setTimeout as delay } from "node:timers/promises";

/** Time as a run sees it; a test passes its own. */
export interface Clock {
  /** Unix milliseconds by the local clock, which may jump. */
  now(): number;
  /** Milliseconds of a clock that only goes forward; for pacing and deadlines. */
  elapsed(): number;
  /** Resolves after so many milliseconds, or rejects when the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
  },
};

/** Whole days since 1970, by which what is kept of names grows old. */
export function daysSince1970(now: number): number {
  return Math.floor(now / 86_400_000);
}

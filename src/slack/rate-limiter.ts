export interface Pace {
  /** When the last post to the channel was answered, Unix milliseconds of the local clock. */
  readonly lastPost: number | undefined;
  /** Until when Slack asked to wait; 0 for not at all. */
  readonly waitUntil: number;
  readonly now: number;
  readonly minIntervalMs: number;
}

/** Longest that Slack may ask for; a later moment comes from a clock that was wrong. */
const longestWaitMs = 3600_000;

/**
 * Milliseconds until a channel may be posted to. The interval counts from the answer to the last post, so that two
 * requests cannot come closer together at Slack than here. A local clock that was set back costs one interval at most.
 */
export function delayBefore({ lastPost, waitUntil, now, minIntervalMs }: Pace): number {
  const sinceLast = lastPost === undefined ? 0 : Math.min(lastPost + minIntervalMs - now, minIntervalMs);
  const asked = waitUntil - now > longestWaitMs ? 0 : waitUntil - now;
  return Math.max(0, sinceLast, asked);
}

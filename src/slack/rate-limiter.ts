export interface Pace {
  /** When the last post to the channel left, Unix milliseconds of the local clock. */
  readonly lastPost: number | undefined;
  /** Until when Slack asked to wait; 0 for not at all. */
  readonly waitUntil: number;
  readonly now: number;
  readonly minIntervalMs: number;
}

/** Longest that Slack may ask for; a later moment comes from a clock that was wrong. */
export const longestWaitMs = 3600_000;

/** Two requests may arrive a little closer together than they left; the next one's connecting comes on top of this. */
const marginMs = 4;

/**
 * Milliseconds until a channel may be posted to: one message a second and channel
 * (https://docs.slack.dev/apis/web-api/rate-limits), counted from when the last one had left entirely. A local clock
 * that was set back costs one interval at most.
 */
export function delayBefore({ lastPost, waitUntil, now, minIntervalMs }: Pace): number {
  const interval = minIntervalMs === 0 ? 0 : minIntervalMs + marginMs;
  const sinceLast = lastPost === undefined ? 0 : Math.min(lastPost + interval - now, interval);
  const asked = waitUntil - now > longestWaitMs ? 0 : waitUntil - now;
  return Math.max(0, sinceLast, asked);
}

const minuteMs = 60_000;

/**
 * The workspace's ceiling over all channels: Slack speaks of several hundred messages a minute. At most so many
 * posts lie in any minute; times are those of a clock that only goes forward, in milliseconds.
 */
export class PostCeiling {
  readonly #perMinute: number;
  /** Times of the posts of the last minute, planned ones included, earliest first. */
  #times: number[] = [];

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** How long after `at` a post has to wait. */
  delayFor(at: number): number {
    const blocking = this.#times.at(-this.#perMinute);
    return blocking === undefined ? 0 : Math.max(0, blocking + minuteMs - at);
  }

  reserve(at: number): void {
    if (this.#perMinute === Number.POSITIVE_INFINITY) return;
    this.#times = [...this.#times.filter((time) => time > at - minuteMs), at].toSorted((a, b) => a - b);
  }
}

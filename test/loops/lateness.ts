/** A tick that came later than it should have: until it came, nothing that arrived was looked at. */
export interface LateTick {
  readonly from: number;
  readonly to: number;
}

const everyMs = 1;
/** Below this a tick is as good as punctual. */
const trifleMs = 1;
/** Turns of the event loop that a request takes until it is noted: its connection, its head, its body. */
const turns = 3;

/**
 * How long this process may have left an arrival lying, because it was busy or another had its processor. A pace that is
 * measured at its end is only as good as that: a post that was noticed late seems closer to the next than it was.
 */
export class Lateness {
  readonly #timer: NodeJS.Timeout;
  /** Earliest first. */
  #ticks: LateTick[] = [];
  #last = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#tick(), everyMs);
    this.#timer.unref();
  }

  /** Milliseconds by which something that was noticed at this time (`performance.now()`) may have come earlier. */
  at(time: number): number {
    return latenessIn([...this.#ticks, { from: this.#last, to: performance.now() }], time);
  }

  /** What lies before this time is not asked for any more. */
  forget(time: number): void {
    this.#ticks = this.#ticks.filter(({ to }) => to >= time);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#last > everyMs + trifleMs) this.#ticks.push({ from: this.#last, to: now });
    this.#last = now;
  }
}

/** The same, by these ticks: what waited through one late tick may have waited through those just before it. */
export function latenessIn(ticks: readonly LateTick[], time: number): number {
  let since = time;
  let left = turns;
  for (const { from, to } of ticks.toReversed()) {
    if (left === 0 || to < since - everyMs - trifleMs) break;
    if (from >= since) continue;
    since = from;
    left -= 1;
  }
  return Math.max(everyMs, time - since);
}

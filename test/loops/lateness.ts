/** A tick that came later than it should have: until it came, nothing that arrived was looked at. */
interface LateTick {
  readonly from: number;
  readonly to: number;
}

const everyMs = 1;
/** Below this a tick is as good as punctual. */
const trifleMs = 1;

/**
 * How long this process may have left an arrival lying, because it was busy or another had its processor. A pace that is
 * measured at its end is only as good as that: a post that was noticed late seems closer to the next than it was.
 */
export class Lateness {
  readonly #timer: NodeJS.Timeout;
  #ticks: LateTick[] = [];
  #last = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#tick(), everyMs);
    this.#timer.unref();
  }

  /** Milliseconds by which something that was noticed at this time (`performance.now()`) may have come earlier. */
  at(time: number): number {
    const open = { from: this.#last, to: performance.now() };
    const during = [...this.#ticks, open].filter(({ from, to }) => from <= time && time <= to + everyMs);
    return Math.max(everyMs, ...during.map(({ from }) => time - from));
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

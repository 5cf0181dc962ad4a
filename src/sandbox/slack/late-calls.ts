/** Calls whose client is gone and that take effect later. */
export class LateCalls {
  readonly #held = new Map<NodeJS.Timeout, () => void>();

  hold(afterMs: number, land: () => void): void {
    const timer = setTimeout(() => {
      this.#held.delete(timer);
      land();
    }, afterMs);
    timer.unref();
    this.#held.set(timer, land);
  }

  landAll(): void {
    const landings = [...this.#held.values()];
    this.cancel();
    for (const land of landings) land();
  }

  cancel(): void {
    for (const timer of this.#held.keys()) clearTimeout(timer);
    this.#held.clear();
  }
}

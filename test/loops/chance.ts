/** Repeatable chance, so that a seed tells a whole loop: https://en.wikipedia.org/wiki/Xorshift */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed || 1;
  }

  /** From 0 up to but not including 1. */
  next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) / 2 ** 32;
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  oneOf<Item>(items: readonly Item[]): Item {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new TypeError("nothing to choose from");
    return item;
  }
}

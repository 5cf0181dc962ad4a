/** Whole numbers as text, `1-1286,1290`: small where they are dense, and read by people in the state file. */
export type NumberRanges = string;

type Range = readonly [low: bigint, high: bigint];

/** Sparse numbers would make the list grow for ever; below the newest so many ranges, holes are forgotten. */
const mostRanges = 500;

export function includes(ranges: NumberRanges, number: bigint): boolean {
  return membership(ranges)(number);
}

/** A test for many numbers at once. */
export function membership(ranges: NumberRanges): (number: bigint) => boolean {
  const parsed = parse(ranges);
  return (number) => {
    let [from, to] = [0, parsed.length - 1];
    while (from <= to) {
      const middle = (from + to) >> 1;
      const [low = 0n, high = 0n] = parsed[middle] ?? [];
      if (number < low) to = middle - 1;
      else if (number > high) from = middle + 1;
      else return true;
    }
    return false;
  };
}

export function add(ranges: NumberRanges, numbers: Iterable<bigint>, most = mostRanges): NumberRanges {
  const all = [...parse(ranges), ...[...numbers].map((number): Range => [number, number])];
  const merged: [bigint, bigint][] = [];
  for (const [low, high] of all.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const last = merged.at(-1);
    if (last !== undefined && low <= last[1] + 1n) last[1] = high > last[1] ? high : last[1];
    else merged.push([low, high]);
  }
  return write(forgetOldHoles(merged, most));
}

export function highest(numbers: Iterable<bigint>, atLeast: bigint): bigint {
  let found = atLeast;
  for (const number of numbers) if (number > found) found = number;
  return found;
}

/** The holes below the highest number, newest first, at most so many. */
export function holes(ranges: NumberRanges, most: number): bigint[] {
  const found: bigint[] = [];
  const parsed = parse(ranges).toReversed();
  for (const [index, [low]] of parsed.entries()) {
    const below = parsed[index + 1];
    if (below === undefined) break;
    for (let number = low - 1n; number > below[1]; number -= 1n) {
      if (found.length >= most) return found;
      found.push(number);
    }
  }
  return found;
}

function forgetOldHoles(ranges: readonly Range[], most: number): readonly Range[] {
  if (ranges.length <= most) return ranges;
  const old = ranges.slice(0, ranges.length - most + 1);
  const [first, last] = [old[0], old.at(-1)];
  if (first === undefined || last === undefined) return ranges;
  return [[first[0], last[1]], ...ranges.slice(old.length)];
}

function parse(ranges: NumberRanges): Range[] {
  if (ranges === "") return [];
  return ranges.split(",").map((part): Range => {
    const [low = "0", high = low] = part.split("-");
    return [BigInt(low), BigInt(high)];
  });
}

function write(ranges: readonly Range[]): NumberRanges {
  return ranges.map(([low, high]) => (low === high ? String(low) : `${low}-${high}`)).join(",");
}

/** One line of the table: what was measured, and the bar that it is held against. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
  /** Null where there is no bar: a floor, or a comparison. */
  readonly isMet: boolean | null;
}

export interface Figure {
  readonly name: string;
  /** A minute at most, or not. */
  readonly isLong?: boolean;
  readonly measure: () => Promise<readonly Row[]>;
}

export function atMost(what: string, measured: number, { most, unit }: { most: number; unit: string }): Row {
  return {
    what,
    measured: `${readable(measured)} ${unit}`,
    bar: `at most ${readable(most)} ${unit}`,
    isMet: measured <= most,
  };
}

export function atLeast(
  what: string,
  measured: number,
  { least, unit }: { least: number; unit: string },
): Row {
  return {
    what,
    measured: `${readable(measured)} ${unit}`,
    bar: `at least ${readable(least)} ${unit}`,
    isMet: measured >= least,
  };
}

export function noted(what: string, measured: number, unit: string): Row {
  return { what, measured: `${readable(measured)} ${unit}`, bar: "", isMet: null };
}

function readable(number: number): string {
  const digits = Math.abs(number) < 10 ? 2 : Math.abs(number) < 100 ? 1 : 0;
  return number.toLocaleString("en", { maximumFractionDigits: digits });
}

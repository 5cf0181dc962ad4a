/** Exact arithmetic on decimal text: Sage's amounts have more digits than a double. */
interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

const notation = /^(-?)(\d+)(?:\.(\d+))?$/;

/** The shortest plain notation of an amount, `12.5` for `12.50`. */
export function decimal(amount: string | number): string {
  return write(read(amount));
}

export function isDecimal(text: string): boolean {
  return notation.test(text);
}

export function sum(...amounts: readonly (string | number)[]): string {
  let total: Decimal = { units: 0n, scale: 0 };
  for (const amount of amounts) {
    const next = read(amount);
    const scale = Math.max(total.scale, next.scale);
    total = { units: unitsAt(total, scale) + unitsAt(next, scale), scale };
  }
  return write(total);
}

function negate(amount: string | number): string {
  const { units, scale } = read(amount);
  return write({ units: -units, scale });
}

export function subtract(amount: string | number, subtrahend: string | number): string {
  return sum(amount, negate(subtrahend));
}

export function multiply(amount: string | number, factor: string | number): string {
  const left = read(amount);
  const right = read(factor);
  return write({ units: left.units * right.units, scale: left.scale + right.scale });
}

/** The text with at least so many places after the point. */
export function withPlaces(amount: string, places: number): string {
  const [whole = "0", fraction = ""] = amount.split(".");
  return `${whole}.${fraction.padEnd(places, "0")}`;
}

function read(amount: string | number): Decimal {
  const match = notation.exec(String(amount).trim());
  if (!match) throw new TypeError(`not a decimal number: ${amount}`);
  const [, sign = "", whole = "", fraction = ""] = match;
  return { units: BigInt(sign + whole + fraction), scale: fraction.length };
}

function write({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

function unitsAt({ units, scale }: Decimal, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - scale);
}

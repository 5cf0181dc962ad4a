import { Big } from "big.js";

/** An exact amount. Sage keeps more digits than a double does, so the amount is a decimal string, never a number. */
export interface Money {
  readonly amount: string;
  /** ISO 4217, as Sage spells it. */
  readonly currency: string;
}

/** Sums per currency, in the order in which the currencies first appear. */
export function totalsOf(amounts: Iterable<Money>): Money[] {
  const totals = new Map<string, Big>();
  for (const { amount, currency } of amounts) {
    totals.set(currency, (totals.get(currency) ?? new Big(0)).plus(amount));
  }
  return [...totals].map(([currency, total]) => ({ amount: total.toFixed(), currency }));
}

export function negate({ amount, currency }: Money): Money {
  return { amount: new Big(amount).times(-1).toFixed(), currency };
}

/** Orders the largest absolute value first, whatever the currency. */
export function byLargest(left: Money, right: Money): number {
  return new Big(right.amount).abs().cmp(new Big(left.amount).abs());
}

/** How two amounts compare without their signs: negative, zero or positive, as the first is smaller, equal or larger. */
export function compareSizes(left: string, right: string): number {
  return new Big(left).abs().cmp(new Big(right).abs());
}

/**
 * `USD 48,210.40`: the code before the digits, so that no symbol has to be guessed; the currency's own number
 * of decimals at least, and every further digit that Sage sent.
 */
export function formatMoney(money: Money): string {
  return `${currencyCode(money.currency)} ${formatAmount(money)}`.trim();
}

/** Sage lets people type codes of three characters; anything else that stands there must not lengthen or hide an amount. */
function currencyCode(currency: string): string {
  return currency.replaceAll(/[^\p{L}\p{N}\p{Sc}]/gu, "").slice(0, 8);
}

/** The digits of {@link formatMoney} alone, for a column whose currency is said elsewhere. */
export function formatAmount({ amount, currency }: Money): string {
  const value = new Big(amount);
  const [whole = "0", fraction = ""] = value.abs().toFixed().split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  const decimals = fraction.padEnd(decimalsOf(currency), "0");
  const sign = value.lt(0) ? "-" : "";
  return `${sign}${grouped}${decimals === "" ? "" : `.${decimals}`}`;
}

/** Asking Intl takes longer than everything else about an amount. */
const knownDecimals = new Map<string, number>();

function decimalsOf(currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) return 2; // Intl throws on anything else, and Sage lets people type codes
  const known = knownDecimals.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const decimals = format.resolvedOptions().minimumFractionDigits ?? 2;
  knownDecimals.set(currency, decimals);
  return decimals;
}

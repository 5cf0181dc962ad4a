import type { Route } from "../routing/route.ts";
import { listOf } from "../routing/rule.ts";
import { compareSizes, formatAmount } from "../transactions/money.ts";
import type { Transaction } from "../transactions/transaction.ts";

/** An amount from which on the configuration wants somebody else to know. */
export interface Threshold {
  readonly atLeast: string;
  /** Null for an amount in any currency. */
  readonly currency: string | null;
}

/**
 * The lowest amount of each currency that a route names for everything of a source. A route that also asks for a vendor
 * or an account is about that, not about what is large.
 */
export function thresholdsOf(
  routes: readonly Route[],
  { source, company }: { source: string; company: string },
): Threshold[] {
  const lowest = new Map<string | null, Threshold>();
  for (const { when } of routes) {
    const { amount, source: sources, company: companies, ...others } = when;
    if (amount?.atLeast === undefined || Object.values(others).some((value) => value !== undefined)) continue;
    if (!includes(sources, source) || !includes(companies, company)) continue;
    const currency = amount.currency?.toUpperCase() ?? null;
    const found = lowest.get(currency);
    const isLower = found === undefined || compareSizes(amount.atLeast, found.atLeast) < 0;
    if (isLower && compareSizes(amount.atLeast, "0") > 0)
      lowest.set(currency, { atLeast: amount.atLeast, currency });
  }
  return [...lowest.values()];
}

function includes(wanted: string | readonly string[] | undefined, value: string): boolean {
  return listOf(wanted)?.some((one) => one.toUpperCase() === value.toUpperCase()) ?? true;
}

/** `1 above 25,000`; `2 of at least 25,000` where one is exactly that; nothing where none is. */
export function thresholdWords(
  transactions: readonly Transaction[],
  thresholds: readonly Threshold[],
): string[] {
  const currencies = new Set(transactions.map(({ amount }) => amount.currency));
  return thresholds.flatMap(({ atLeast, currency }) => {
    const large = transactions
      .filter(({ amount }) => currency === null || amount.currency === currency)
      .map(({ amount }) => compareSizes(amount.amount, atLeast))
      .filter((comparison) => comparison >= 0);
    if (large.length === 0) return [];
    const word = large.includes(0) ? "at least" : "above";
    const shown = formatAmount({ amount: atLeast, currency: "" }).replace(/\.00$/, "");
    const money = currencies.size > 1 && currency !== null ? `${currency} ${shown}` : shown;
    if (transactions.length === 1) return [`${word} ${money}`];
    return [`${large.length} ${word === "above" ? word : `of ${word}`} ${money}`];
  });
}

import { Big } from "big.js";

import type { Money } from "./money.ts";
import type { AccountLine } from "./transaction.ts";

/** What was booked to an account in one currency, both sides without sign. */
export interface Movement {
  readonly account: string;
  readonly description: string;
  readonly debits: Money;
  readonly credits: Money;
}

interface Sums {
  readonly line: AccountLine;
  debits: Big;
  credits: Big;
}

/** The accounts of these lines with what moved on them, the largest movement first. */
export function movementsOf(lines: readonly AccountLine[]): Movement[] {
  const sums = new Map<string, Sums>();
  for (const line of lines) {
    const { account, amount } = line;
    const key = JSON.stringify([account, amount.currency]);
    const found = sums.get(key) ?? { line, debits: new Big(0), credits: new Big(0) };
    const moved = new Big(amount.amount);
    if (moved.lt(0)) found.credits = found.credits.minus(moved);
    else found.debits = found.debits.plus(moved);
    sums.set(key, found);
  }
  return [...sums.values()].toSorted(byLargest).map(toMovement);
}

function byLargest(left: Sums, right: Sums): number {
  const difference = right.debits.plus(right.credits).cmp(left.debits.plus(left.credits));
  return difference || (left.line.account < right.line.account ? -1 : 1);
}

function toMovement({ line, debits, credits }: Sums): Movement {
  const { account, description, amount } = line;
  const money = (sum: Big) => ({ amount: sum.toFixed(), currency: amount.currency });
  return { account, description, debits: money(debits), credits: money(credits) };
}

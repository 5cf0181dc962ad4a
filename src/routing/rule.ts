import { Big } from "big.js";

import type { Flag, SageRecord, Transaction } from "../transactions/transaction.ts";

/** One value or several; any of them may match. */
type OneOrMore = string | readonly string[];

/** The conditions of a route; all that are given must hold. */
export interface When {
  readonly source?: OneOrMore | undefined;
  readonly company?: OneOrMore | undefined;
  readonly vendor?: OneOrMore | undefined;
  readonly vendorGroup?: OneOrMore | undefined;
  readonly customer?: OneOrMore | undefined;
  readonly customerGroup?: OneOrMore | undefined;
  /** Exact, `12*`, or `4000-4999`. */
  readonly account?: OneOrMore | undefined;
  /** Absolute value, decimal strings. */
  readonly amount?:
    | {
        readonly atLeast?: string | undefined;
        readonly below?: string | undefined;
        readonly currency?: string | undefined;
      }
    | undefined;
  readonly status?: OneOrMore | undefined;
  readonly flag?: OneOrMore | undefined;
  /** Part of the description, the reference or the name, in any case. */
  readonly text?: OneOrMore | undefined;
}

type Check = (wanted: OneOrMore, transaction: Transaction, record: SageRecord) => boolean;

export type Condition = Exclude<keyof When, "amount">;

const checks: Readonly<Record<Condition, Check>> = {
  source: (wanted, _transaction, record) => any(wanted, (value) => value === record.source),
  company: (wanted, _transaction, record) => any(wanted, (value) => value.toUpperCase() === record.company),
  vendor: (wanted, transaction) => any(wanted, (value) => isCode(value, transaction, "vendor")),
  vendorGroup: (wanted, transaction) => any(wanted, (value) => isGroup(value, transaction, "vendor")),
  customer: (wanted, transaction) => any(wanted, (value) => isCode(value, transaction, "customer")),
  customerGroup: (wanted, transaction) => any(wanted, (value) => isGroup(value, transaction, "customer")),
  account: (wanted, { accounts }) =>
    any(wanted, (pattern) => accounts.some(({ account }) => matchesCode(pattern, account))),
  status: (wanted, _transaction, record) =>
    any(wanted, (value) => statusLetters(value) === statusLetters(record.status.name)),
  flag: (wanted, { flags }) => any(wanted, (value) => flags.some((flag: Flag) => flag === value)),
  text: (wanted, transaction, record) =>
    any(wanted, (value) => searchable(transaction, record).includes(value.toLowerCase())),
};

/** The conditions that are lists of values. */
export const conditions = [
  "source",
  "company",
  "vendor",
  "vendorGroup",
  "customer",
  "customerGroup",
  "account",
  "status",
  "flag",
  "text",
] as const satisfies readonly Condition[];

export function matches(when: When, transaction: Transaction, record: SageRecord): boolean {
  if (when.amount !== undefined && !isWithin(when.amount, transaction)) return false;
  return conditions.every((condition) => {
    const wanted = when[condition];
    return wanted === undefined || checks[condition](wanted, transaction, record);
  });
}

/**
 * Exact, a beginning (`12*`), or a range of codes of equal length (`4000-4999`); in any case. A range also holds codes
 * of several segments by the first one: `4500-100` lies in `4000-4999`.
 */
export function matchesCode(pattern: string, code: string): boolean {
  const [wanted, actual] = [pattern.toUpperCase(), code.toUpperCase()];
  if (wanted === actual) return true;
  if (wanted.endsWith("*")) return actual.startsWith(wanted.slice(0, -1));
  const range = rangeIn(wanted);
  if (range === null) return false;
  const [segment = ""] = actual.split("-");
  return segment.length === range.low.length && range.low <= segment && segment <= range.high;
}

/** Whether every code that the second pattern matches is matched by the first one too; false where that is not plain. */
export function coversCode(pattern: string, other: string): boolean {
  // A pattern may itself be a code.
  if (!matchesCode(pattern, other)) return false;
  const [wide, narrow] = [pattern.toUpperCase(), other.toUpperCase()];
  if (wide.endsWith("*")) {
    const beginning = wide.slice(0, -1);
    if (narrow.endsWith("*")) return narrow.slice(0, -1).startsWith(beginning);
    return rangeIn(narrow)?.high.startsWith(beginning) ?? true;
  }
  if (wide === narrow) return true;
  const [outer, inner] = [rangeIn(wide), rangeIn(narrow)];
  if (narrow.endsWith("*") || outer === null) return false;
  return (
    inner === null ||
    (inner.low.length === outer.low.length && outer.low <= inner.low && inner.high <= outer.high)
  );
}

function rangeIn(pattern: string): { readonly low: string; readonly high: string } | null {
  const [low = "", high = "", ...rest] = pattern.split("-");
  const isRange = rest.length === 0 && low !== "" && low.length === high.length;
  return isRange ? { low, high } : null;
}

function any(wanted: OneOrMore, holds: (value: string) => boolean): boolean {
  return typeof wanted === "string" ? holds(wanted) : wanted.some(holds);
}

function isCode(pattern: string, { counterparty }: Transaction, kind: "vendor" | "customer"): boolean {
  return counterparty?.kind === kind && matchesCode(pattern, counterparty.code);
}

function isGroup(group: string, { counterparty }: Transaction, kind: "vendor" | "customer"): boolean {
  return counterparty?.kind === kind && counterparty.group?.toUpperCase() === group.toUpperCase();
}

function isWithin(limits: NonNullable<When["amount"]>, { amount }: Transaction): boolean {
  if (limits.currency !== undefined && limits.currency.toUpperCase() !== amount.currency) return false;
  const value = new Big(amount.amount).abs();
  if (limits.atLeast !== undefined && value.lt(limits.atLeast)) return false;
  return limits.below === undefined || value.lt(limits.below);
}

function searchable({ description, reference, counterparty }: Transaction, record: SageRecord): string {
  return [description, reference, counterparty?.name ?? "", record.description].join("\n").toLowerCase();
}

/** Statuses are compared by their letters: `Ready To Post` is `ReadyToPost`. */
export function statusLetters(status: string): string {
  return status.toLowerCase().replaceAll(/[^a-z]/g, "");
}

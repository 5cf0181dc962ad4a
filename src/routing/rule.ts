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

type Condition = Exclude<keyof When, "amount">;

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
    any(wanted, (value) => letters(value) === letters(record.status.name)),
  flag: (wanted, { flags }) => any(wanted, (value) => flags.some((flag: Flag) => flag === value)),
  text: (wanted, transaction, record) =>
    any(wanted, (value) => searchable(transaction, record).includes(value.toLowerCase())),
};

const conditions = [
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

/** Exact, a beginning (`12*`), or a range of codes of equal length (`4000-4999`); in any case. */
export function matchesCode(pattern: string, code: string): boolean {
  const wanted = codePattern(pattern);
  return holdsFor(wanted, code.toUpperCase());
}

/** What a pattern for codes means; in capitals. */
export type CodePattern =
  | { readonly kind: "exact"; readonly code: string }
  | { readonly kind: "beginning"; readonly beginning: string }
  /** `text` is the pattern itself, which may be a code with a hyphen in it. */
  | { readonly kind: "range"; readonly low: string; readonly high: string; readonly text: string };

export function codePattern(pattern: string): CodePattern {
  const text = pattern.toUpperCase();
  if (text.endsWith("*")) return { kind: "beginning", beginning: text.slice(0, -1) };
  const [low = "", high, ...rest] = text.split("-");
  const isRange = high !== undefined && rest.length === 0 && low.length === high.length;
  return isRange ? { kind: "range", low, high, text } : { kind: "exact", code: text };
}

/** @param code in capitals */
export function holdsFor(pattern: CodePattern, code: string): boolean {
  switch (pattern.kind) {
    case "exact":
      return code === pattern.code;
    case "beginning":
      return code.startsWith(pattern.beginning);
    case "range": {
      const { low, high, text } = pattern;
      // An account of several segments lies where its first one does: `4500-100` in `4000-4999`.
      const end = code.indexOf("-");
      const first = end < 0 ? code : code.slice(0, end);
      return code === text || (first.length === low.length && low <= first && first <= high);
    }
  }
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

function letters(status: string): string {
  return status.toLowerCase().replaceAll(/[^a-z]/g, "");
}

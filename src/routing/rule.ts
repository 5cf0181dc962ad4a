import { Big } from "big.js";

import { statusLetters, type SageRecord, type Transaction } from "../transactions/transaction.ts";

/** One value or several; any of them may match. */
type OneOrMore = string | readonly string[];

/** Null where a condition is not given. */
export function listOf(values: OneOrMore | undefined): readonly string[] | null {
  if (values === undefined) return null;
  return typeof values === "string" ? [values] : values;
}

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

/** Answers for one transaction whether a route's conditions hold. */
export type Matcher = (facts: Facts) => boolean;

/** What conditions look at, worked out once for a transaction, however many routes there are. */
export class Facts {
  readonly transaction: Transaction;
  readonly record: SageRecord;
  /** Absolute value as a double: it decides where no rounding could matter. */
  readonly value: number;
  /** Codes and groups in capitals; null where the counterparty is of the other kind. */
  readonly vendor: string | null;
  readonly vendorGroup: string | null;
  readonly customer: string | null;
  readonly customerGroup: string | null;
  #accounts: readonly string[] | null = null;
  #text: string | null = null;
  #status: string | null = null;

  constructor(transaction: Transaction, record: SageRecord) {
    this.transaction = transaction;
    this.record = record;
    this.value = Math.abs(Number(transaction.amount.amount));
    const { counterparty } = transaction;
    const code = counterparty?.code.toUpperCase() ?? null;
    const group = counterparty?.group?.toUpperCase() ?? null;
    const isVendor = counterparty?.kind === "vendor";
    this.vendor = isVendor ? code : null;
    this.vendorGroup = isVendor ? group : null;
    this.customer = isVendor ? null : code;
    this.customerGroup = isVendor ? null : group;
  }

  get accounts(): readonly string[] {
    return (this.#accounts ??= this.transaction.accounts.map(({ account }) => account.toUpperCase()));
  }

  get text(): string {
    return (this.#text ??= searchable(this.transaction, this.record));
  }

  get status(): string {
    return (this.#status ??= statusLetters(this.record.status.name));
  }
}

type Condition = Exclude<keyof When, "amount">;

/** Cheap ones first: most routes fail at their first condition. Each is one call, for it is made millions of times. */
const conditions: readonly (readonly [Condition, (wanted: readonly string[]) => Matcher])[] = [
  [
    "source",
    (wanted) =>
      ({ record }) =>
        wanted.includes(record.source),
  ],
  ["company", (wanted) => within(upper(wanted), (values) => (facts) => values.has(facts.record.company))],
  [
    "vendor",
    (wanted) =>
      withCodes(
        wanted,
        (holds) =>
          ({ vendor }) =>
            vendor !== null && holds(vendor),
      ),
  ],
  ["vendorGroup", (wanted) => within(upper(wanted), (values) => (facts) => values.has(facts.vendorGroup))],
  [
    "customer",
    (wanted) =>
      withCodes(
        wanted,
        (holds) =>
          ({ customer }) =>
            customer !== null && holds(customer),
      ),
  ],
  [
    "customerGroup",
    (wanted) => within(upper(wanted), (values) => (facts) => values.has(facts.customerGroup)),
  ],
  [
    "flag",
    (wanted) =>
      ({ transaction: { flags } }) =>
        flags.some((flag) => wanted.includes(flag)),
  ],
  [
    "status",
    (wanted) =>
      within(
        wanted.map(statusLetters),
        (values) =>
          ({ status }) =>
            values.has(status),
      ),
  ],
  [
    "account",
    (wanted) =>
      withCodes(
        wanted,
        (holds) =>
          ({ accounts }) =>
            accounts.some(holds),
      ),
  ],
  ["text", hasText],
];

/** Conditions made ready to be asked about many transactions. */
export function matcherOf(when: When): Matcher {
  const checks = conditions.flatMap(([condition, check]) => {
    const wanted = listOf(when[condition]);
    return wanted === null ? [] : [check(wanted)];
  });
  if (when.amount !== undefined) checks.push(...amountChecks(when.amount));
  // Written out: most routes have one condition or two, and this runs for each of them and each transaction.
  const [first, second] = checks;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (facts) => {
    if (!first(facts) || !second(facts)) return false;
    for (let index = 2; index < checks.length; index += 1) if (checks[index]?.(facts) === false) return false;
    return true;
  };
}

export function matches(when: When, transaction: Transaction, record: SageRecord): boolean {
  return matcherOf(when)(new Facts(transaction, record));
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

function within(
  values: readonly string[],
  matcher: (values: ReadonlySet<string | null>) => Matcher,
): Matcher {
  return matcher(new Set(values));
}

function withCodes(
  wanted: readonly string[],
  matcher: (holds: (code: string) => boolean) => Matcher,
): Matcher {
  const patterns = wanted.map(codePattern);
  const exact = new Set(patterns.flatMap((one) => (one.kind === "exact" ? [one.code] : [])));
  const others = patterns.filter(({ kind }) => kind !== "exact");
  if (others.length === 0) return matcher((code) => exact.has(code));
  return matcher((code) => exact.has(code) || others.some((pattern) => holdsFor(pattern, code)));
}

function hasText(wanted: readonly string[]): Matcher {
  const parts = wanted.map((part) => part.toLowerCase());
  return ({ text }) => parts.some((part) => text.includes(part));
}

function amountChecks({ atLeast, below, currency }: NonNullable<When["amount"]>): Matcher[] {
  const checks: Matcher[] = [];
  if (currency !== undefined) {
    const wanted = currency.toUpperCase();
    checks.push(({ transaction }) => transaction.amount.currency === wanted);
  }
  if (atLeast !== undefined) {
    const isLess = isLessThan(atLeast);
    checks.push((facts) => !isLess(facts));
  }
  if (below !== undefined) checks.push(isLessThan(below));
  return checks;
}

/** Doubles decide where the two are clearly apart, the digits where they are not. */
function isLessThan(limit: string): Matcher {
  const exact = new Big(limit);
  const rounded = Number(limit);
  return ({ value, transaction }) => {
    const isClear = Math.abs(value - rounded) > Math.max(value, rounded) * 1e-9;
    return isClear ? value < rounded : new Big(transaction.amount.amount).abs().lt(exact);
  };
}

function upper(wanted: readonly string[]): string[] {
  return wanted.map((value) => value.toUpperCase());
}

function searchable({ description, reference, counterparty }: Transaction, record: SageRecord): string {
  return [description, reference, counterparty?.name ?? "", record.description].join("\n").toLowerCase();
}

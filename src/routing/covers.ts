import { Big } from "big.js";

import { statusLetters } from "../transactions/transaction.ts";
import { codePattern, holdsFor, listOf, type When } from "./rule.ts";

type Values = readonly string[];

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
] as const satisfies readonly (keyof When)[];

type Condition = (typeof conditions)[number];

/** Whether one wanted value lets through everything that another one does. */
const coverings: Readonly<Record<Condition, (wide: string, narrow: string) => boolean>> = {
  source: (wide, narrow) => wide === narrow,
  company: sameText,
  vendor: coversCode,
  vendorGroup: sameText,
  customer: coversCode,
  customerGroup: sameText,
  account: coversCode,
  status: (wide, narrow) => statusLetters(wide) === statusLetters(narrow),
  flag: (wide, narrow) => wide === narrow,
  text: (wide, narrow) => narrow.toLowerCase().includes(wide.toLowerCase()),
};

/** What a condition that is not given stands for: every source, every company that is followed. */
export interface Unsaid {
  readonly source: Values;
  readonly company: Values;
}

/**
 * Whether everything that the second condition matches is matched by the first one too. Errs on the side of `false`:
 * two conditions that only the books could tell apart are not compared.
 */
export function covers(wide: When, narrow: When, unsaid: Unsaid): boolean {
  if (!coversAmount(wide.amount, narrow.amount)) return false;
  return conditions.every((condition) => {
    const wanted = listOf(wide[condition]);
    if (wanted === null) return true;
    const asked = listOf(narrow[condition]) ?? unsaidOf(condition, unsaid);
    return asked !== null && asked.every((value) => wanted.some((one) => coverings[condition](one, value)));
  });
}

function unsaidOf(condition: Condition, unsaid: Unsaid): Values | null {
  return condition === "source" || condition === "company" ? unsaid[condition] : null;
}

function coversAmount(wide: When["amount"], narrow: When["amount"]): boolean {
  if (wide === undefined) return true;
  const { currency, atLeast, below } = narrow ?? {};
  if (wide.currency !== undefined && (currency === undefined || !sameText(wide.currency, currency)))
    return false;
  const least = new Big(wide.atLeast ?? "0");
  if (least.gt(0) && (atLeast === undefined || least.gt(atLeast))) return false;
  return wide.below === undefined || (below !== undefined && new Big(below).lte(wide.below));
}

function sameText(one: string, other: string): boolean {
  return one.toUpperCase() === other.toUpperCase();
}

/** Whether every code that the second pattern matches is matched by the first one too; false where that is not plain. */
export function coversCode(wide: string, narrow: string): boolean {
  const [outer, inner] = [codePattern(wide), codePattern(narrow)];
  switch (inner.kind) {
    case "exact":
      return holdsFor(outer, inner.code);
    case "beginning":
      return outer.kind === "beginning" && inner.beginning.startsWith(outer.beginning);
    case "range": {
      // What looks like a range may be a code with a hyphen.
      if (!holdsFor(outer, inner.text)) return false;
      if (outer.kind === "beginning") return inner.high.startsWith(outer.beginning);
      if (outer.kind === "exact") return false;
      const isInside = outer.low <= inner.low && inner.high <= outer.high;
      return outer.text === inner.text || (outer.low.length === inner.low.length && isInside);
    }
  }
}

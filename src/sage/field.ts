import { Big } from "big.js";

import { z } from "../runtime/zod.ts";
import { dateOf, isCalendarDate } from "../transactions/date.ts";

/** Far above what a field of Sage's holds: what is longer must not fill the state file. */
const longestText = 2000;

/** Text as Sage sends it: right-trimmed, well-formed Unicode, empty when null or absent. */
export const text = z
  .union([z.string(), z.number(), z.null()])
  .optional()
  .transform((value) => wellFormed(value).trimEnd());

function wellFormed(value: string | number | null | undefined): string {
  return String(value ?? "")
    .slice(0, longestText)
    .toWellFormed();
}

/** Wider than anything Sage stores, and far from the exponents whose digits would fill the memory. */
const plausible = /^-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?$/;

/** An exact decimal as a string: Sage sends JSON numbers, and strings where a double would not hold the digits. */
const decimal = z
  .union([z.number(), z.string()])
  .transform((value) => String(value).trim())
  .pipe(z.string().regex(plausible, "not a decimal number"))
  .transform((digits) => new Big(digits).toFixed());

/** {@link decimal}, and 0 where the field is null or absent. */
export const amount = z
  .union([z.number(), z.string(), z.null()])
  .optional()
  .transform((value) => value ?? 0)
  .pipe(decimal);

/** {@link decimal}, or null where the server does not say. */
export const amountIfGiven = z
  .union([z.number(), z.string(), z.null()])
  .optional()
  .transform((value) => value ?? null)
  .pipe(decimal.nullable());

/** A whole number as its digits without leading zeros, whether Sage sends `28`, `"28"` or `"000028"`. */
export const number = z
  .union([z.number(), z.string()])
  .transform((value) => String(value).trim())
  .pipe(z.string().regex(/^\d{1,18}(\.0+)?$/, "not a whole number"))
  .transform((digits) => digits.replace(/\.0+$/, "").replace(/^0+(?=\d)/, ""));

/** A calendar date, or null where Sage has none, or one that no calendar has. */
export const day = z
  .union([z.string(), z.null()])
  .optional()
  .transform((stamp) => dateOf(stamp))
  .transform((date) => (date !== null && isCalendarDate(date) ? date : null));

/** A flag: Sage writes `"Yes"`, `true`, `1` or `"OnHold"`, by module. */
export const flag = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .optional()
  .transform((value) => value === true || value === 1 || /^(yes|true|onhold|1)$/i.test(String(value)));

/** A member name of one of Sage's enumerations. Unknown ones stay as they are. */
export const member = z
  .union([z.string(), z.number(), z.null()])
  .optional()
  .transform((value) => wellFormed(value));

/** A child collection that is left out when it is empty. */
export function list<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
}

/** Where the posting of an entry failed, Sage copies it to an error batch and names that here; 0 or absent otherwise. */
export const errorFields = { ErrorBatch: number.nullish(), ErrorEntry: number.nullish() };

interface ErrorFields {
  readonly ErrorBatch?: string | null | undefined;
  readonly ErrorEntry?: string | null | undefined;
}

export function hasErrorBatch({ ErrorBatch }: ErrorFields): boolean {
  return (ErrorBatch ?? "0") !== "0";
}

export function errorBatchOf(entry: ErrorFields): { errorBatch?: { batch: string; entry: string } } {
  if (!hasErrorBatch(entry)) return {};
  return { errorBatch: { batch: entry.ErrorBatch ?? "", entry: entry.ErrorEntry ?? "" } };
}

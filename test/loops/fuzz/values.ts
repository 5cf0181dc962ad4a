import { amount, day, flag, member, number, text } from "../../../src/sage/field.ts";
import { dateOf } from "../../../src/transactions/date.ts";
import { formatMoney, totalsOf } from "../../../src/transactions/money.ts";
import { add, includes } from "../../../src/transactions/number-ranges.ts";
import type { Chance } from "../chance.ts";
import { nearlyText } from "./mutate.ts";
import { pure, type Input, type Kind, type Verdict } from "./target.ts";

/** Single values in what Sage sends, and in the state. */
export const valueTargets: Readonly<Record<string, Kind>> = {
  decimals: pure(oddNumber, feedDecimal),
  dates: pure((chance) => nearlyText("2026-11-24T00:00:00Z", chance), feedDate),
  numbers: pure(oddNumber, feedNumber),
};

function oddNumber(chance: Chance): string {
  const sample = chance.oneOf(["12.50", "-0.001", "1234567890123.456", "28", "000490", "1e3"]);
  return nearlyText(sample, chance);
}

/** Whatever is taken for an amount can be added up and shown, in a line that fits a cell. */
function feedDecimal(input: Input): Verdict {
  const value = input.toString();
  for (const field of [text, flag, member]) field.safeParse(value);
  const read = amount.safeParse(value);
  if (!read.success) return "rejected";
  const money = { amount: read.data, currency: "USD" };
  const [total = money] = totalsOf([money, money]);
  const shown = formatMoney(total);
  if (shown.length > 200) throw new Error(`an amount of ${shown.length} characters`);
  return "taken";
}

/** Midnight of the day is that day again: nobody counts with a day that does not exist. */
function feedDate(input: Input): Verdict {
  const value = input.toString();
  dateOf(value);
  const read = day.safeParse(value);
  if (!read.success || read.data === null) return "rejected";
  if (!new Date(`${read.data}T00:00:00Z`).toISOString().startsWith(read.data))
    throw new Error(`took ${read.data} for a date`);
  return "taken";
}

/** Whatever is taken for a number can be noted as seen, once, in one spelling. */
function feedNumber(input: Input): Verdict {
  const read = number.safeParse(input.toString());
  if (!read.success) return "rejected";
  if (BigInt(read.data).toString() !== read.data) throw new Error(`took ${read.data} for a number`);
  if (!includes(add("1-20,30", [BigInt(read.data)]), BigInt(read.data))) throw new Error("forgot a number");
  return "taken";
}

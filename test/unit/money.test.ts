import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { byLargest, formatAmount, formatMoney, negate, totalsOf } from "../../src/transactions/money.ts";

const usd = (amount: string) => ({ amount, currency: "USD" });

describe("formatMoney", () => {
  test.each([
    ["48210.4", "USD", "USD 48,210.40"],
    ["0", "USD", "USD 0.00"],
    ["-250", "CAD", "CAD -250.00"],
    ["1200", "JPY", "JPY 1,200"],
    ["1.5", "KWD", "KWD 1.500"],
    ["12345678901234567.89", "USD", "USD 12,345,678,901,234,567.89"],
    ["0.125", "USD", "USD 0.125"],
    ["5", "X1", "X1 5.00"],
    ["5", "", "5.00"],
  ])("writes %s %s as %s", (amount, currency, expected) => {
    expect(formatMoney({ amount, currency })).toBe(expected);
  });

  test("shows every digit that Sage sent", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 24n }),
        fc.integer({ min: 0, max: 6 }),
        (digits, decimals) => {
          const text = digits.toString().padStart(decimals + 1, "0");
          const amount = decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;

          expect(millionths(formatAmount(usd(amount)).replaceAll(",", ""))).toBe(millionths(amount));
        },
      ),
    );
  });
});

function millionths(decimal: string): bigint {
  const [whole = "", fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.padEnd(6, "0"));
}

describe("totalsOf", () => {
  test("adds exactly, currency by currency, in order of appearance", () => {
    const amounts = [
      usd("0.1"),
      { amount: "7", currency: "EUR" },
      usd("0.2"),
      usd("1234567.89"),
      usd("-1234567.89"),
    ];

    expect(totalsOf(amounts)).toEqual([usd("0.3"), { amount: "7", currency: "EUR" }]);
  });

  test("does not depend on the order of the amounts", () => {
    const money = fc.record({
      amount: fc.integer({ min: -1e9, max: 1e9 }).map((cents) => (cents / 100).toFixed(2)),
      currency: fc.constantFrom("USD", "CAD"),
    });
    fc.assert(
      fc.property(fc.array(money), (amounts) => {
        const byCurrency = (list: typeof amounts) =>
          new Map(totalsOf(list).map((one) => [one.currency, one.amount]));

        expect(byCurrency(amounts.toReversed())).toEqual(byCurrency(amounts));
      }),
    );
  });
});

test("negate turns a credit note's amount around", () => {
  expect(negate(usd("12.50"))).toEqual(usd("-12.5"));
});

test("byLargest looks at the absolute value", () => {
  expect([usd("5"), usd("-90"), usd("10")].toSorted(byLargest)).toEqual([usd("-90"), usd("10"), usd("5")]);
});

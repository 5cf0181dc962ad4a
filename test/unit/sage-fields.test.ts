import { Big } from "big.js";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";

import { AppError } from "../../src/errors.ts";
import { CompanyBooks } from "../../src/sandbox/sage/company-books.ts";
import { amount, day, number } from "../../src/sage/field.ts";
import { parseJson } from "../../src/sage/json.ts";
import { sources } from "../../src/sage/sources/index.ts";
import { statusLetters } from "../../src/transactions/transaction.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** What a field makes of a value as it stands in an answer. */
function read(field: z.ZodType, json: string): unknown {
  return outcomeOf(() => {
    const result = z.object({ field }).safeParse(parseJson(bytes(`{"field":${json}}`), "Sage"));
    return result.success ? result.data.field : "refused";
  });
}

describe("an amount", () => {
  const decimalText = fc
    .tuple(
      fc.boolean(),
      fc.stringMatching(/^[0-9]{1,25}$/),
      fc.option(fc.stringMatching(/^[0-9]{1,15}$/), { nil: "" }),
    )
    .map(([isNegative, whole, fraction]) => {
      const shown = whole.replace(/^0+(?=\d)/, "");
      return `${isNegative ? "-" : ""}${shown}${fraction === "" ? "" : `.${fraction}`}`;
    });

  test("has the digits that Sage sent, as a number or in quotes", () => {
    fc.assert(
      fc.property(decimalText, fc.boolean(), (sent, isQuoted) => {
        const shown = read(amount, isQuoted ? `"${sent}"` : sent);

        const trimmed = sent.includes(".") ? sent.replace(/0+$/, "").replace(/\.$/, "") : sent;
        expect(shown).toBe(/^-0(?:\.0*)?$/.test(trimmed) ? "0" : trimmed);
      }),
      { numRuns: 2_000 },
    );
  });

  test("is exactly the number meant or refused, whatever stands there", () => {
    const token = fc.oneof(
      fc.double().map((value) => JSON.stringify(value)),
      fc.stringMatching(/^-?[0-9]{1,5}(?:\.[0-9]{1,5})?[eE][+-]?[0-9]{1,9}$/).map((text) => `"${text}"`),
      fc.json(),
    );
    fc.assert(
      fc.property(token, (sent) => {
        const shown = read(amount, sent);

        expect(shown).toMatch(/^(?:refused|-?\d{1,130}(?:\.\d{1,130})?)$/);
        const value: unknown = JSON.parse(sent);
        expect(shown === "refused" || typeof value !== "number" || new Big(value).eq(String(shown))).toBe(
          true,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a date", () => {
  const machineZone = process.env["TZ"];
  afterEach(() => {
    if (machineZone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = machineZone;
  });

  test.each([
    ["UTC", 0],
    ["America/St_Johns", 210],
    ["Asia/Kathmandu", -345],
    ["Pacific/Kiritimati", -840],
    ["America/Los_Angeles", 480],
  ])("is the day that Sage wrote on a machine in %s", (zone, minutesBehind) => {
    process.env["TZ"] = zone;
    expect(new Date("2026-01-15T12:00:00Z").getTimezoneOffset()).toBe(minutesBehind);
    const moments = fc.date({
      min: new Date("1900-01-01"),
      max: new Date("9999-12-30"),
      noInvalidDate: true,
    });
    const endings = fc.constantFrom("T00:00:00Z", "", "T00:00:00", "T23:59:59.999+14:00", "T01:30:00-12:00");

    fc.assert(
      fc.property(moments, endings, (moment, ending) => {
        const written = moment.toISOString().slice(0, 10);

        expect(read(day, JSON.stringify(`${written}${ending}`))).toBe(written);
      }),
      { numRuns: 1_000 },
    );
  });

  test("is a day of the calendar or none, whatever stands there", () => {
    const near = fc
      .stringMatching(/^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{0,12}Z?)?$/)
      .map((text) => `"${text}"`);
    fc.assert(
      fc.property(fc.oneof(near, fc.json()), (sent) => {
        const shown = read(day, sent);

        if (shown === null || shown === "refused") return;
        expect(shown).toBe(new Date(`${shown as string}T00:00:00Z`).toISOString().slice(0, 10));
      }),
      { numRuns: 2_000 },
    );
  });
});

test("a number of a record is its digits or refused, whatever stands there", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.maxSafeInteger().map(String)), (sent) => {
      const shown = read(number, sent);

      expect(shown === "refused" || /^(?:0|[1-9]\d{0,17})$/.test(String(shown))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

describe.each(sources)("$name", (source) => {
  const genuine = rowsOf(source.name);

  test("reads what the simulator has", () => {
    expect(genuine.length).toBeGreaterThan(0);
    for (const row of genuine) {
      const record = source.toRecord(throughTheWire(row), "SAMINC");
      expect(record.record).toBe(source.readHeader(throughTheWire(row)).record);
    }
  });

  test("makes a record or a refusal of whatever an answer holds, and leaves JavaScript as it is", () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(-0, 1e300, "1e99", "\ud800", ""));
    let records = 0;

    fc.assert(
      fc.property(
        fc.constantFrom(...genuine),
        fc.array(fc.tuple(fc.nat(), value), { maxLength: 4 }),
        (row, changes) => {
          const changed = changes.reduce<unknown>((whole, [at, put]) => replaced(whole, at, put), row);
          const outcome = outcomeOf(() => {
            const answer = throughTheWire(changed);
            return [source.readHeader(answer), source.toRecord(answer, "SAMINC")];
          });

          if (outcome !== "refused") records += 1;
        },
      ),
      { numRuns: 1_000 },
    );
    expect(records).toBeGreaterThan(100);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("makes a record or a refusal of any object at all", () => {
    const names = fc.constantFrom(
      ...source.headerFields,
      "__proto__",
      "constructor",
      "toString",
      "valueOf",
      "hasOwnProperty",
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.json()), { maxLength: 12 }), (members) => {
        const text = `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;

        outcomeOf(() => {
          const answer = parseJson(bytes(text), "Sage") as Record<string, unknown>;
          return [source.readHeader(answer), source.toRecord(answer, "SAMINC")];
        });
        expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a field that a server leaves out", () => {
  test.each([
    ["20", "PartlyReceived"],
    ["60", "Received"],
    ["0", "Open"],
  ])("QuantityOutstanding follows from what of 60 has arrived: %s", (QuantityReceived, status) => {
    const change = { QuantityReceived, QuantityOutstanding: undefined };
    expect(recordWith("purchase-orders", "PurchaseOrderLines", change)?.status.name).toBe(status);
  });

  test("the currencies of a receipt are those of its batch", () => {
    const change = { CustomerCurrencyCode: undefined, BankCurrencyCode: undefined };
    const record = recordWith("ar-receipts", "ReceiptsAdjustments", change);
    expect(record?.transactions.map(({ amount: money }) => money)).toEqual([
      { amount: "2", currency: "USD" },
    ]);
  });
});

test("statuses are the same in every spelling that Sage has for them", () => {
  const spellings = ["ProvPosted", "Prov. Posted", "ProvisionalPosted", "provisional posted"];
  expect(new Set(spellings.map(statusLetters)).size).toBe(1);
  expect(statusLetters("ProvPosted")).not.toBe(statusLetters("Posted"));
});

/** The record of the only row of a source, with its entries or lines changed. */
function recordWith(name: string, collection: string, change: Record<string, unknown>) {
  const source = sources.find((one) => one.name === name);
  const [row = {}] = rowsOf(name);
  const items = (row[collection] as readonly Record<string, unknown>[]).map((item) => ({
    ...item,
    ...change,
  }));
  return source?.toRecord(throughTheWire({ ...row, [collection]: items }), "SAMINC");
}

/** Anything but a refusal in our own words is thrown again. */
function outcomeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError && error.kind === "unreadable") return "refused";
    throw error;
  }
}

function throughTheWire(row: unknown): Record<string, unknown> {
  return parseJson(bytes(JSON.stringify(row)), "Sage") as Record<string, unknown>;
}

/** The value with the one that stands at this place, counted through all levels, replaced. */
function replaced(whole: unknown, at: number, put: unknown): unknown {
  if (typeof whole !== "object" || whole === null || Object.keys(whole).length === 0) return put;
  const keys = Object.keys(whole);
  const key = keys[at % keys.length] ?? "";
  const inner: unknown = Reflect.get(whole, key);
  const next = at % 3 === 0 ? put : replaced(inner, Math.floor(at / keys.length), put);
  if (Array.isArray(whole)) return whole.map((item: unknown, index) => (String(index) === key ? next : item));
  return { ...whole, [key]: next };
}

function rowsOf(source: string): readonly Record<string, unknown>[] {
  const books = new CompanyBooks("SAMINC", {
    today: () => "2026-11-24",
    postingTouchesLastEdited: () => false,
  });
  books.addInvoiceBatch({
    invoices: [
      { vendor: "1200", amount: "31400.00" },
      { vendor: "1350", amount: "1.10" },
    ],
  });
  books.addPaymentBatch({ payments: [{ vendor: "1350", checkNumber: "000451", amount: "980.10" }] });
  books.addJournalBatch({
    entries: [
      {
        lines: [
          { account: "1300", amount: "4200.00" },
          { account: "1020", amount: "-4200.00" },
        ],
      },
    ],
  });
  books.addReceiptBatch({
    receipts: [{ customer: "1210", amount: "2.00", appliedTo: [{ documentNumber: "IN2", amount: "1.50" }] }],
  });
  books.addPurchaseOrder({
    number: "PO000123",
    vendor: "1400",
    lines: [{ item: "A1-103/0", quantity: "60", unitCost: "12.50" }],
  });
  return books.rows(source as Parameters<typeof books.rows>[0]);
}

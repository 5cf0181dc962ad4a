import { describe, expect, test } from "vitest";

import { announce, type Style } from "../../src/pipeline/announce.ts";
import { daysDue } from "../../src/pipeline/due.ts";
import { thresholdsOf, thresholdWords } from "../../src/pipeline/thresholds.ts";
import type { Route } from "../../src/routing/route.ts";
import { sources } from "../../src/sage/sources/index.ts";
import { splitRows } from "../../src/slack/fit.ts";
import { sentence } from "../../src/slack/words.ts";
import { withDatedFlags } from "../../src/transactions/dated.ts";
import type { SageRecord, Transaction } from "../../src/transactions/transaction.ts";
import { record, transaction } from "../support/transactions.ts";

const today = "2026-11-25";

function styleOf(name: string, differences: Partial<Style> = {}): Style {
  const source = sources.find((one) => one.name === name);
  if (source === undefined) throw new Error(`no source is called ${name}`);
  return {
    source,
    post: "batch",
    today,
    days: { from: today, to: today },
    thresholds: [],
    link: null,
    ...differences,
  };
}

function groupOf(...records: readonly SageRecord[]) {
  const transactions = records.flatMap((one) => one.transactions);
  return { records, transactions, mentions: [], decidedBy: "" };
}

function invoices(...differences: readonly Partial<Transaction>[]): SageRecord {
  return record({
    transactions: differences.map((one, index) =>
      transaction({ id: `v1:SAMINC:ap-invoices:28:${index + 1}`, entry: String(index + 1), ...one }),
    ),
  });
}

const usd = (amount: string) => ({ amount, currency: "USD" });

function journal(number: string, differences: Partial<Transaction> = {}): SageRecord {
  return record({
    source: "gl-journals",
    record: number,
    number,
    facts: [{ label: "Source ledger", value: "GL" }],
    transactions: [
      transaction({
        id: `v1:SAMINC:gl-journals:${number}:1`,
        documentNumber: `${number}-1`,
        documentKind: "journal entry",
        counterparty: null,
        dueDate: null,
        credits: usd("100"),
        ...differences,
      }),
    ],
  });
}

function titlesOf(...differences: readonly Partial<Transaction>[]): string[] {
  const { columns } = announce(groupOf(invoices(...differences)), styleOf("ap-invoices"));
  return columns.map(({ title }) => title);
}

function sentenceFor(dueDate: string): string {
  return sentence(announce(groupOf(invoices({ dueDate })), styleOf("ap-invoices")));
}

function routeFor(when: Route["when"]): Route {
  return { name: "", when, channel: "#a", mention: [], copy: false };
}

function largeAmong(...amounts: readonly string[]): string[] {
  const transactions = amounts.map((amount) => transaction({ amount: usd(amount) }));
  return thresholdWords(transactions, [{ atLeast: "25000", currency: "USD" }]);
}

describe("an announcement", () => {
  test("puts what needs somebody first, then the largest, and credit notes last", () => {
    const batch = invoices(
      { documentNumber: "SMALL", amount: usd("1") },
      { documentNumber: "CREDIT", amount: usd("-9000"), flags: ["credit-note"], documentKind: "credit note" },
      { documentNumber: "HELD", amount: usd("2"), flags: ["on-hold"] },
      { documentNumber: "LARGE", amount: usd("8000") },
      { documentNumber: "FAILED", amount: usd("3"), flags: ["has-errors"] },
    );

    const { columns, rows, counts } = announce(groupOf(batch), styleOf("ap-invoices"));

    const number = columns.findIndex(({ title }) => title === "Document");
    expect(rows.map(({ cells }) => cells[number])).toEqual([
      "FAILED",
      "HELD",
      "LARGE",
      "SMALL",
      "CREDIT (credit note)",
    ]);
    expect(counts?.map(({ one, count }) => [one, count])).toEqual([
      ["invoice", 4],
      ["credit note", 1],
    ]);
  });

  test("has a column of notes, and one of due dates, only where there is one", () => {
    expect(titlesOf({})).toContain("Due");
    expect(titlesOf({})).not.toContain("Note");
    expect(titlesOf({ dueDate: null })).not.toContain("Due");
    expect(titlesOf({}, { flags: ["back-dated"] })).toContain("Note");
  });

  test("tells when something is due, from the day on which it was read", () => {
    expect(sentenceFor("2026-12-01")).toContain("due 2026-12-01 (in 6 days)");
    expect(sentenceFor("2026-11-26")).toContain("(tomorrow)");
    expect(sentenceFor("2026-11-25")).toContain("(today)");
    expect(sentenceFor("2026-11-24")).toContain("(overdue 1 day)");
    expect(sentenceFor("2026-11-22")).toContain("due 2026-11-22 (overdue 3 days)");
    expect(sentenceFor("2027-01-01")).toContain("(in 37 days)");
  });

  test("of a summary has every entry and every account once, in the message or in its thread", () => {
    const records = Array.from({ length: 60 }, (_record, index) =>
      journal(String(index + 1).padStart(6, "0"), {
        accounts: [{ account: `A${index}.`, description: "", amount: usd(String(index + 1)) }],
      }),
    );

    const whole = announce(groupOf(...records), styleOf("gl-journals", { post: "summary" }));
    const { first, rest } = splitRows(whole);

    const replies = rest.flatMap(({ rows }) => rows);
    const entries = JSON.stringify([first.rows, replies.filter(({ transaction: id }) => id !== "")]);
    const accounts = JSON.stringify([first.summary, replies.filter(({ transaction: id }) => id === "")]);
    for (let index = 0; index < 60; index += 1) {
      const number = String(index + 1).padStart(6, "0");
      expect(entries.split(`"${number}-1 Batteries"`).length).toBe(2);
      expect(accounts.split(`"A${index}."`).length).toBe(2);
    }
    expect(first.rows.length).toBe(10);
    expect(rest.every(({ rows }) => rows.length <= 25)).toBe(true);
  });

  test("of a summary names what is out of balance and by how much before everything else", () => {
    const { summary, highlights, totalTitle } = announce(
      groupOf(
        journal("000001", { priorPeriod: "2026-10" }),
        journal("000002", { credits: usd("90"), flags: ["out-of-balance"] }),
      ),
      styleOf("gl-journals", { post: "summary" }),
    );

    expect(summary?.attention).toEqual([
      "000002-1 Batteries: out of balance by USD 10.00",
      "000001-1 Batteries: prior period 2026-10",
    ]);
    expect(highlights).toEqual(["credits USD 190.00", "1 out of balance", "1 in a prior period"]);
    expect(totalTitle).toBe("debits");
  });

  test("of a summary sorts by source ledger and status, with batches, entries, debits and credits", () => {
    const { summary } = announce(
      groupOf(journal("000001"), journal("000002"), {
        ...journal("000003"),
        status: { name: "Posted", isFinal: true },
        facts: [{ label: "Source ledger", value: "AP" }],
      }),
      styleOf("gl-journals", { post: "summary" }),
    );

    expect(summary?.panels[0]?.rows).toEqual([
      ["AP", "Posted", "1 batch", "1 journal entry", usd("100"), usd("100")],
      ["GL", "Open", "2 batches", "2 journal entries", usd("200"), usd("200")],
    ]);
  });

  test.each([
    [[{ from: "2026-11-24", to: "2026-11-24" }], "24 November:"],
    [[{ from: "2026-11-20", to: "2026-11-23" }], "20 to 23 November:"],
    [[{ from: "2026-11-30", to: "2026-12-02" }], "30 November to 2 December:"],
    [[{ from: "2026-12-30", to: "2027-01-02" }], "30 December 2026 to 2 January 2027:"],
  ])("of a summary names its days (%j)", ([days], said) => {
    const style = styleOf("gl-journals", { post: "summary", ...(days === undefined ? {} : { days }) });

    expect(sentence(announce(groupOf(journal("000001")), style))).toContain(
      `Summary of G/L journals, ${said}`,
    );
  });
});

describe("the flags that follow from dates", () => {
  const flagsOf = (date: string | null, lastEdited: string | null) =>
    withDatedFlags(record({ lastEdited, transactions: [transaction({ date })] }), today).transactions[0]
      ?.flags;

  test.each([
    ["more than 30 days before the last edit", "2026-10-24", "2026-11-24", ["back-dated"]],
    ["30 days before it", "2026-10-25", "2026-11-24", []],
    ["old, and not edited since", "2026-01-05", "2026-01-06", []],
    ["today", today, today, []],
    ["tomorrow", "2026-11-26", today, ["future-dated"]],
    ["without a date", null, today, []],
    ["of an order, which has no last edit", "2026-01-01", null, []],
  ])("are right for a document %s", (_when, date, lastEdited, flags) => {
    expect(flagsOf(date, lastEdited)).toEqual(flags);
  });
});

describe("what counts as large", () => {
  const inc = { source: "ap-invoices", company: "SAMINC" };

  test("is the lowest amount that a route names for all of the source, in each currency", () => {
    const routes = [
      routeFor({ source: "ap-invoices", amount: { atLeast: "100000", currency: "USD" } }),
      routeFor({ source: ["ap-invoices", "ap-payments"], amount: { atLeast: "25000", currency: "usd" } }),
      routeFor({ company: "saminc", amount: { atLeast: "9000", currency: "CAD" } }),
      routeFor({ source: "ap-invoices", vendor: "1200", amount: { atLeast: "5" } }),
      routeFor({ source: "ap-payments", amount: { atLeast: "1" } }),
      routeFor({ company: "SAMLTD", amount: { atLeast: "2" } }),
      routeFor({ amount: { below: "3" } }),
      routeFor({ amount: { atLeast: "0" } }),
    ];

    expect(thresholdsOf(routes, inc)).toEqual([
      { atLeast: "25000", currency: "USD" },
      { atLeast: "9000", currency: "CAD" },
    ]);
  });

  test("is said of the documents that a route would pick, credit notes by their size", () => {
    expect(largeAmong("10", "25000.01", "-30000")).toEqual(["2 above 25,000"]);
    expect(largeAmong("10", "25000")).toEqual(["1 of at least 25,000"]);
    expect(largeAmong("25001")).toEqual(["above 25,000"]);
    expect(largeAmong("24999.99")).toEqual([]);
  });
});

describe("the days of a summary", () => {
  const timeZone = "America/Los_Angeles";
  const daily = "0 7 * * *";
  const days = (lastRead: string, now: string, schedule = daily) =>
    daysDue(schedule, { lastRead: Date.parse(lastRead), now: Date.parse(now), timeZone });

  test.each([
    ["one due time", "2026-11-23T15:00:10Z", "2026-11-24T15:00:00Z", "2026-11-24"],
    ["a run in the evening", "2026-11-23T15:00:10Z", "2026-11-25T04:00:00Z", "2026-11-24"],
    ["missed days", "2026-11-19T15:00:10Z", "2026-11-23T18:00:00Z", "2026-11-20 to 2026-11-23"],
    ["before today's due time", "2026-11-19T15:00:10Z", "2026-11-23T14:59:00Z", "2026-11-20 to 2026-11-22"],
    ["the end of a year", "2026-12-30T15:00:10Z", "2027-01-01T15:00:00Z", "2026-12-31 to 2027-01-01"],
    ["the night when clocks go forward", "2026-03-07T15:00:10Z", "2026-03-08T14:00:00Z", "2026-03-08"],
    ["the night when they go back", "2026-10-31T14:00:10Z", "2026-11-01T15:00:00Z", "2026-11-01"],
    ["the 29th of February", "2028-02-28T15:00:10Z", "2028-02-29T15:00:00Z", "2028-02-29"],
  ])("are those of the due times since the last read: %s", (_name, lastRead, now, span) => {
    const [from, to = from] = span.split(" to ");
    expect(days(lastRead, now)).toEqual({ from, to });
  });

  test("are those on which it was due, when it is not due every day", () => {
    const weekdays = "0 7 * * 1-5";

    expect(days("2026-11-20T15:00:10Z", "2026-11-23T15:00:00Z", weekdays)).toEqual({
      from: "2026-11-23",
      to: "2026-11-23",
    });
  });

  test("keep an hour that the night of the change leaves out, or has twice", () => {
    const early = "30 2 * * *";

    expect(days("2026-03-07T11:00:00Z", "2026-03-08T12:00:00Z", early)).toEqual({
      from: "2026-03-08",
      to: "2026-03-08",
    });
    expect(days("2026-10-31T10:00:00Z", "2026-11-01T20:00:00Z", "30 1 * * *")).toEqual({
      from: "2026-11-01",
      to: "2026-11-01",
    });
  });

  test("are none without a schedule, before the first read, and after a clock that was wrong", () => {
    const now = Date.parse("2026-11-24T15:00:00Z");

    expect(daysDue(null, { lastRead: 0, now, timeZone })).toBeNull();
    expect(daysDue(daily, { lastRead: null, now, timeZone })).toBeNull();
    expect(daysDue(daily, { lastRead: now + 1, now, timeZone })).toBeNull();
    expect(days("2026-11-24T15:00:10Z", "2026-11-24T23:00:00Z")).toBeNull();
  });

  test.each(["UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago"])(
    "are the same on a machine in %s",
    (zone) => {
      const before = process.env["TZ"];
      process.env["TZ"] = zone;
      try {
        expect(days("2026-03-05T15:00:10Z", "2026-03-09T14:30:00Z")).toEqual({
          from: "2026-03-06",
          to: "2026-03-09",
        });
        expect(days("2026-12-30T15:00:10Z", "2027-01-01T07:59:00Z")).toEqual({
          from: "2026-12-31",
          to: "2026-12-31",
        });
      } finally {
        if (before === undefined) delete process.env["TZ"];
        else process.env["TZ"] = before;
      }
    },
  );
});

import { describe, expect, test } from "vitest";

import { destinationsOf, type Route } from "../../src/routing/route.ts";
import { matches, matchesCode, type When } from "../../src/routing/rule.ts";
import { record, transaction } from "../support/transactions.ts";

function route(differences: Partial<Route>): Route {
  return { name: "a route", when: {}, channel: "#routed", mention: [], copy: false, ...differences };
}

describe("matches", () => {
  test.each<[string, When]>([
    ["its source", { source: "ap-invoices" }],
    ["one of several sources", { source: ["gl-journals", "ap-invoices"] }],
    ["its company in any case", { company: "saminc" }],
    ["its vendor", { vendor: "1200" }],
    ["a vendor's beginning", { vendor: "12*" }],
    ["its vendor's group", { vendorGroup: "inv" }],
    ["one of its accounts", { account: "1000-1999" }],
    ["an amount at the limit", { amount: { atLeast: "100.00", currency: "USD" } }],
    ["an amount just below the limit", { amount: { below: "100.01" } }],
    ["one of several vendors", { vendor: ["9*", "1200"] }],
    ["its status without spaces and case", { status: "open" }],
    ["one of several statuses", { status: ["Posted", "O pen"] }],
    ["an amount in its currency, spelled in any case", { amount: { atLeast: "100", currency: "usd" } }],
    ["a part of its counterparty's name", { text: "chloride" }],
    ["a part of its record's description", { text: "monday" }],
    ["a part of its text", { text: "BATTER" }],
    ["nothing in particular", {}],
  ])("holds for %s", (_name, when) => {
    expect(matches(when, transaction(), record())).toBe(true);
  });

  test.each<[string, When]>([
    ["another source", { source: "gl-journals" }],
    ["a customer with the vendor's code", { customer: "1200" }],
    ["another vendor", { vendor: "1350" }],
    ["another account", { account: ["2000", "4*"] }],
    ["another currency", { amount: { atLeast: "1", currency: "CAD" } }],
    ["an amount that is not below its own", { amount: { below: "100" } }],
    ["a flag it does not carry", { flag: "credit-note" }],
    ["one condition of two", { source: "ap-invoices", vendor: "9999" }],
  ])("does not hold for %s", (_name, when) => {
    expect(matches(when, transaction(), record())).toBe(false);
  });

  test("compares amounts by their absolute value", () => {
    const creditNote = transaction({ amount: { amount: "-30000", currency: "USD" } });

    expect(matches({ amount: { atLeast: "25000" } }, creditNote, record())).toBe(true);
  });
});

test.each([
  ["12*", "1200", true],
  ["12*", "2100", false],
  ["4000-4999", "4500", true],
  ["4000-4999", "5000", false],
  ["4000-4999", "45000", false],
  ["4000-4999", "4500-100", true],
  ["4000-4999", "4500-100-20", true],
  ["4000-4999", "45000-1", false],
  ["4000-4999", "5000-100", false],
  ["4000-4999", "4000-4999", true],
  ["6000-100", "6000-100", true],
  ["barmart", "BARMART", true],
])("matchesCode(%s, %s) is %s", (pattern, code, expected) => {
  expect(matchesCode(pattern, code)).toBe(expected);
});

const routing = (routes: Route[]) => ({ routes, channel: "#accounts-payable" });

describe("destinationsOf", () => {
  test("is the source's channel without a route", () => {
    expect(destinationsOf(transaction(), record(), routing([]))).toEqual([
      { channel: "#accounts-payable", mention: [], decidedBy: "channel of ap-invoices" },
    ]);
  });

  test("is decided by the first route that matches", () => {
    const routes = [
      route({ name: "other", when: { vendor: "9" }, channel: "#no" }),
      route({ name: "first", channel: "#first", mention: ["cfo@example.com"] }),
      route({ name: "second", channel: "#second" }),
    ];

    expect(destinationsOf(transaction(), record(), routing(routes))).toEqual([
      { channel: "#first", mention: ["cfo@example.com"], decidedBy: 'route "first"' },
    ]);
  });

  test("adds a copy and goes on", () => {
    const routes = [route({ name: "copied", channel: "#copy", mention: ["@controllers"], copy: true })];

    expect(destinationsOf(transaction(), record(), routing(routes)).map(({ channel }) => channel)).toEqual([
      "#copy",
      "#accounts-payable",
    ]);
  });

  test("is one destination when two rules name the same channel, with the mentions of both", () => {
    const routes = [
      route({ name: "a", channel: "#one", mention: ["@a", "@b"], copy: true }),
      route({ name: "b", channel: "#one", mention: ["@b", "@c"] }),
    ];

    expect(destinationsOf(transaction(), record(), routing(routes))).toEqual([
      { channel: "#one", mention: ["@a", "@b", "@c"], decidedBy: 'route "a"' },
    ]);
  });
});

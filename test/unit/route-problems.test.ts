import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { coversCode } from "../../src/routing/covers.ts";
import { destinationsOf, type Route } from "../../src/routing/route.ts";
import { routeProblems, type Followed } from "../../src/routing/route-problems.ts";
import { matchesCode, type When } from "../../src/routing/rule.ts";
import { sources } from "../../src/sage/sources/index.ts";
import { record, transaction } from "../support/transactions.ts";

const followed: Followed = {
  companies: ["SAMINC", "SAMLTD"],
  sources: sources
    .filter(({ name }) => name !== "gl-journals")
    .map(({ name, has }) => ({ name, ...has, post: "batch" as const })),
};

function route(when: When, differences: Partial<Route> = {}): Route {
  return { name: "late", when, channel: "#routed", mention: [], copy: false, ...differences };
}

function problemsOf(...routes: Route[]): string[] {
  return routeProblems(routes, followed).map(({ route: name, problem }) => `${name} ${problem}`);
}

describe("routeProblems", () => {
  test.each<[string, When, When]>([
    ["everything", {}, { vendor: "1200" }],
    ["its source", { source: "ap-invoices" }, { source: "ap-invoices", text: "rent" }],
    ["every source", { source: followed.sources.map(({ name }) => name) }, { vendor: "1200" }],
    ["every company", { company: ["saminc", "SAMLTD"] }, { source: "ap-payments" }],
    ["a larger range", { account: "1000-1999" }, { account: ["1500", "1200-1300"] }],
    ["a shorter beginning", { vendor: "1*" }, { vendor: ["12*", "1350", "1400-1499"] }],
    ["a smaller limit", { amount: { atLeast: "100" } }, { amount: { atLeast: "100.00", currency: "USD" } }],
    ["a larger limit", { amount: { below: "100.1" } }, { amount: { below: "100" } }],
    ["more flags", { flag: ["on-hold", "credit-note"] }, { flag: "credit-note" }],
    ["a part of its text", { text: "RENT" }, { text: "current" }],
    ["its status otherwise spelled", { status: ["ready to post", "Open"] }, { status: "ReadyToPost" }],
    ["no amount at all", { amount: { atLeast: "0.00" } }, { vendor: "1200" }],
  ])("names a route behind one that asks for %s", (_name, early, late) => {
    const before = route(early, { name: "early" });

    expect(problemsOf(before, route(late))).toEqual([
      'late never decides: route "early" stands before it and takes everything that it matches',
    ]);
    expect(problemsOf({ ...before, copy: true }, route(late))).toEqual([]);
    expect(problemsOf(route(late), before)).toEqual([]);
  });

  test.each<[string, When, When]>([
    ["another currency", { amount: { atLeast: "1", currency: "USD" } }, { amount: { atLeast: "5" } }],
    ["a longer text", { text: "current" }, { text: "rent" }],
    ["one of its accounts", { account: "1200" }, { account: ["1200", "1300"] }],
    ["a vendor, where it asks for a group", { vendor: "*" }, { vendorGroup: "INV" }],
    ["one company", { company: "SAMINC" }, {}],
  ])("leaves a route alone behind one that asks for %s", (_name, early, late) => {
    expect(problemsOf(route(early, { name: "early" }), route(late))).toEqual([]);
  });

  test.each<[When, string]>([
    [{ source: "gl-journals" }, "gl-journals is off"],
    [{ source: "ar-receipts", vendor: "1200" }, "ar-receipts never has a vendor"],
    [{ source: "ap-invoices", customerGroup: "RTL" }, "ap-invoices never has a customer group"],
    [{ source: ["ar-receipts", "purchase-orders"], account: "4*" }, "never have an account"],
    [{ source: "ap-payments", flag: "credit-note" }, 'never has a flag "credit-note"'],
    [{ flag: "out-of-balance" }, 'flag "out-of-balance"'],
    [{ status: "Paid" }, 'status "Paid"'],
    [{ company: "OTHER" }, "OTHER is not followed"],
    [{ amount: { atLeast: "100", below: "100.00" } }, "no amount is at least 100 and below 100.00"],
    [{ amount: { below: "0" } }, "no amount is at least 0"],
    [{ vendor: "1200", customer: "1200" }, "a vendor and a customer"],
  ])("says of %j that it never matches", (when, why) => {
    const [problem, ...others] = problemsOf(route(when));

    expect(problem).toMatch(/^late never matches: /);
    expect(problem).toContain(why);
    expect(others).toEqual([]);
  });

  test("names the parts of a route that never hold", () => {
    const when = {
      source: ["ap-invoices", "gl-journals"],
      company: ["SAMINC", "OTHER"],
      status: ["Posted", "Paid"],
    };

    expect(problemsOf(route(when))).toEqual([
      "late names gl-journals, which is off",
      "late names the company OTHER, which is not followed",
      'late names the status "Paid", which none of its sources has',
    ]);
  });

  test("names the conditions that a summary does not know", () => {
    const journals = sources
      .filter(({ name }) => name === "gl-journals")
      .map(({ name, has }) => ({ name, ...has, post: "summary" as const }));
    const routes = [
      route({ source: "gl-journals", amount: { atLeast: "5" } }, { name: "by amount" }),
      route({ source: "gl-journals", flag: "out-of-balance", account: "4*" }, { name: "by flag" }),
    ];

    const problems = routeProblems(routes, { companies: ["SAMINC"], sources: journals });

    expect(problems.map(({ route: name }) => name)).toEqual(["by amount"]);
    expect(problems[0]?.problem).toContain('goes by "amount", but gl-journals posts a summary');
  });
});

const code = fc.stringMatching(/^[12][12]{0,2}(?:-[12]{1,2})?$/);
const pattern = fc.oneof(
  code,
  fc.stringMatching(/^[12]{0,2}\*{1,2}$/),
  fc.stringMatching(/^(?:[12]{2}-[12]{2}|[12]-[12])$/),
);

test("coversCode is right about every code", () => {
  let found = 0;
  fc.assert(
    fc.property(pattern, pattern, code, (wide, narrow, one) => {
      if (!coversCode(wide, narrow) || !matchesCode(narrow, one)) return;
      found += 1;

      expect(matchesCode(wide, one)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
  expect(found).toBeGreaterThan(20);
});

const someOf = <Value>(values: fc.Arbitrary<Value>) => fc.array(values, { minLength: 1, maxLength: 2 });
const amount = fc.constantFrom("0", "1", "1.50", "2", "20");
const names = followed.sources.map(({ name }) => name);
const flag = fc.constantFrom("on-hold" as const, "credit-note" as const, "unapplied" as const);
const wholeWhen = fc.record({
  source: fc.constantFrom(...names, [...names], names.slice(1)),
  company: fc.oneof(fc.constantFrom("saminc", "SAMLTD"), fc.constant(["SAMINC", "SAMLTD"])),
  vendor: someOf(pattern),
  vendorGroup: fc.constantFrom("INV", "inv", "OTH"),
  customer: someOf(pattern),
  account: someOf(pattern),
  amount: fc.record(
    { atLeast: amount, below: amount, currency: fc.constantFrom("USD", "usd", "CAD") },
    { requiredKeys: [] },
  ),
  status: someOf(fc.constantFrom("Open", "Posted", "ready to post", "Received")),
  flag: someOf(flag),
  text: someOf(fc.constantFrom("a", "B", "ab", "aba")),
});
const keys = [
  "source",
  "company",
  "vendor",
  "vendorGroup",
  "customer",
  "account",
  "amount",
  "status",
  "flag",
  "text",
] as const;

/** With so few keys that many routes match, and many cover each other. */
const when: fc.Arbitrary<When> = fc
  .tuple(wholeWhen, fc.subarray([...keys], { maxLength: 2 }))
  .map(([whole, chosen]) => Object.fromEntries(chosen.map((key) => [key, whole[key]])));

/** A transaction such as its source has them. */
const happened = fc
  .record({
    source: fc.constantFrom(...followed.sources),
    company: fc.constantFrom("SAMINC", "SAMLTD"),
    code,
    group: fc.constantFrom("INV", "OTH"),
    accounts: fc.array(code, { maxLength: 2 }),
    amount: fc.constantFrom("0", "-1", "1.5", "-2", "30"),
    currency: fc.constantFrom("USD", "CAD"),
    status: fc.nat(20),
    flags: fc.array(flag, { maxLength: 2 }),
    text: fc.constantFrom("", "a", "AB", "xabay"),
  })
  .map((given) => {
    const { source } = given;
    const made = transaction({
      counterparty:
        source.counterparty === null
          ? null
          : { kind: source.counterparty, code: given.code, name: "", group: given.group },
      accounts: (source.accounts ? given.accounts : []).map((account) => ({
        account,
        description: "",
        amount: { amount: "1", currency: "USD" },
      })),
      amount: { amount: given.amount, currency: given.currency },
      flags: given.flags.filter((one) => source.flags.includes(one)),
      description: given.text,
    });
    const status = { name: source.statuses[given.status % source.statuses.length] ?? "", isFinal: false };
    return { made, in: record({ source: source.name, company: given.company, status, description: "" }) };
  });

test("no route that decides anything is ever called one that cannot", () => {
  let found = 0;
  const routeOf = fc.record({ when, copy: fc.boolean() });
  const routesOf = fc.array(routeOf, { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(routesOf, fc.array(happened, { minLength: 40, maxLength: 40 }), (given, all) => {
      const routes = given.map((each, index) =>
        route(each.when, { copy: each.copy, channel: `#${index}`, name: `${index}` }),
      );
      const blamed = routeProblems(routes, followed)
        .filter(({ problem }) => problem.startsWith("never"))
        .map(({ route: name }) => `route "${name}"`);
      found += blamed.length;

      const decided = new Set(
        all
          .flatMap((one) => destinationsOf(one.made, one.in, { routes, channel: "#source" }))
          .map(({ decidedBy }) => decidedBy),
      );

      expect(blamed.filter((name) => decided.has(name))).toEqual([]);
    }),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(200);
});

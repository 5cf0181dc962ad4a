import { join } from "node:path";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { loadConfig } from "../../src/config/load-config.ts";
import { AppError } from "../../src/errors.ts";
import { Directory, type DirectoryRow } from "../../src/routing/directory.ts";
import { readDirectory } from "../../src/routing/directory-file.ts";
import { destinationsOf, type Route } from "../../src/routing/route.ts";
import { matchesCode } from "../../src/routing/rule.ts";
import type { AccountLine } from "../../src/transactions/transaction.ts";
import { record, transaction } from "../support/transactions.ts";

const examples = join(import.meta.dirname, "../../examples");

const header = "kind,code,name,group,channel,mention\n";

function directory(rows: string): Directory {
  return new Directory(readDirectory(header + rows, "directory.csv").rows);
}

function problemsIn(text: string): string[] {
  try {
    readDirectory(text, "directory.csv");
    return [];
  } catch (error) {
    if (error instanceof AppError && error.kind === "config") return error.message.split("\n").slice(1);
    throw error;
  }
}

function line(account: string, amount: string): AccountLine {
  return { account, description: "", amount: { amount, currency: "USD" } };
}

/** The channel of a transaction with vendor 1200 of the group INV. */
function channelFor(rows: string, differences: Parameters<typeof transaction>[0] = {}): string | null {
  return directory(rows).about(transaction(differences)).channel?.channel ?? null;
}

/** A booking to this account alone. */
function of(account: string) {
  return { accounts: [line(account, "1")], counterparty: null };
}

describe("the most exact row decides:", () => {
  test.each([
    ["the code before any pattern", "vendor,12*,,,#b,\nvendor,1200,,,#a,"],
    ["the longer beginning before the shorter", "vendor,1*,,,#c,\nvendor,120*,,,#a,\nvendor,12*,,,#b,"],
    ["the narrower range before the wider", "vendor,1000-1999,,,#b,\nvendor,1200-1299,,,#a,"],
    ["a range before a beginning as long", "vendor,12*,,,#b,\nvendor,1200-1299,,,#a,"],
    ["one for the vendor's group before one for all", "vendor,*,,,#b,\nvendor,*,,inv,#a,"],
    ["the upper of two ranges that share a beginning", "vendor,1000-1299,,,#a,\nvendor,1100-1300,,,#b,"],
    ["a row with a channel before one without", "vendor,1200,,,,@a\nvendor,12*,,,#a,"],
    ["the counterparty before the account", "account,1300,,,#b,\nvendor,1*,,,#a,"],
    ["a code in any case", "VENDOR,1200,,,#a,"],
  ])("%s", (_title, rows) => {
    expect(channelFor(rows)).toBe("#a");
  });

  test.each([
    ["a pattern for another group", "vendor,*,,RTL,#a,"],
    ["a customer with the vendor's code", "customer,1200,,,#a,"],
    ["a range of longer codes", "vendor,10000-20000,,,#a,"],
    ["another account", "account,1301,,,#a,"],
  ])("but not %s", (_title, rows) => {
    expect(channelFor(rows)).toBe(null);
  });

  test("the group of a row for one code means nothing: it is there to be read", () => {
    expect(channelFor("vendor,1200,,RTL,#a,")).toBe("#a");
  });

  test("the account with the largest amount, debit or credit, comes first", () => {
    const accounts = [line("1300", "100"), line("6000", "-900"), line("4030", "800")];

    expect(channelFor("account,1300,,,#b,\naccount,6*,,,#a,", { accounts, counterparty: null })).toBe("#a");
    expect(channelFor("account,1300,,,#b,\naccount,4030,,,#a,", { accounts, counterparty: null })).toBe("#a");
  });

  test("accounts are the same with and without the marks between their segments", () => {
    expect(channelFor("account,4000100,,,#a,", of("4000-100"))).toBe("#a");
    expect(channelFor("account,4000-4100,,,#a,", of("40004100"))).toBe("#a");
    expect(channelFor("account,4000-4999,,,#a,", of("4500-100"))).toBe("#a");
    expect(channelFor("account,4000-1*,,,#a,", of("4000-100"))).toBe("#a");
  });
});

const code = fc.stringMatching(/^[12]{1,4}$/);
const pattern = fc.oneof(
  code,
  fc.stringMatching(/^[12]{0,3}\*$/),
  fc.tuple(code, code).map(([low, high]) => `${low}-${high}`),
);
/** As readDirectory takes them: none twice. */
const someRows = fc.uniqueArray(fc.record({ code: pattern, group: fc.constantFrom("", "INV", "RTL") }), {
  maxLength: 8,
  selector: (one) => (/[-*]/.test(one.code) ? `${one.code} ${one.group}` : one.code),
});

/** How much of a code a row leaves open: the code itself, then by the letters that every code it fits begins with. */
function exactness({ code: text, group, row }: DirectoryRow, wanted: string): (number | string)[] {
  const [low = "", high = low] = text.replace(/\*$/, "").split("-");
  const shared = low.split("").findIndex((letter, index) => letter !== high[index]);
  const fixed = shared === -1 ? Math.min(low.length, high.length) : shared;
  return [text === wanted ? 0 : 1, -fixed, group === "" ? 1 : 0, text.endsWith("*") ? 1 : 0, row];
}

test("the index finds the row that looking at each of them does", () => {
  fc.assert(
    fc.property(someRows, code, (given, wanted) => {
      const rows = given.map((one, index): DirectoryRow => ({
        ...one,
        row: index + 2,
        kind: "vendor",
        channel: `#${index}`,
        mention: [],
      }));
      const [best] = rows
        .filter((one) => matchesCode(one.code, wanted))
        .filter((one) => !/[-*]/.test(one.code) || one.group === "" || one.group === "INV")
        .map((row) => ({ row, order: exactness(row, wanted) }))
        .toSorted((a, b) => compare(a.order, b.order));

      const counterparty = { kind: "vendor", code: wanted, name: "", group: "INV" } as const;
      const found = new Directory(rows).about(transaction({ counterparty, accounts: [] })).channel;

      expect(found).toEqual(best?.row ?? null);
    }),
    { numRuns: 1000 },
  );
});

function compare(left: readonly (number | string)[], right: readonly (number | string)[]): number {
  const index = left.findIndex((value, place) => value !== right[place]);
  return index === -1 ? 0 : (left[index] ?? 0) < (right[index] ?? 0) ? -1 : 1;
}

describe("destinationsOf with a directory", () => {
  const rows = directory("vendor,1200,,,#batteries,@buyer bo@example.com");
  const routed = (route: Partial<Route>) =>
    destinationsOf(transaction(), record(), {
      routes: [
        { name: "r", when: {}, channel: "#routed", mention: ["@cfo", "@buyer"], copy: false, ...route },
      ],
      directory: rows,
      channel: "#accounts-payable",
    });

  test("takes the channel of the row, and says which it was", () => {
    expect(routed({ when: { vendor: "9" } })).toEqual([
      {
        channel: "#batteries",
        mention: ["@buyer", "bo@example.com"],
        decidedBy: "directory row 2, vendor 1200",
      },
    ]);
  });

  test("takes the channel of a route first, with the mentions of both", () => {
    expect(routed({})).toEqual([
      { channel: "#routed", mention: ["@cfo", "@buyer", "bo@example.com"], decidedBy: 'route "r"' },
    ]);
  });

  test("gives a copy the mentions of its own route alone", () => {
    expect(routed({ copy: true })).toEqual([
      { channel: "#routed", mention: ["@cfo", "@buyer"], decidedBy: 'route "r"' },
      expect.objectContaining({ channel: "#batteries", mention: ["@buyer", "bo@example.com"] }),
    ]);
  });

  test("adds mentions to the source's channel from a row without a channel", () => {
    const mentionsAlone = directory("vendor,12*,,,,@buyer");

    expect(
      destinationsOf(transaction(), record(), { routes: [], directory: mentionsAlone, channel: "#ap" }),
    ).toEqual([{ channel: "#ap", mention: ["@buyer"], decidedBy: "channel of ap-invoices" }]);
  });
});

describe("readDirectory", () => {
  const expected: DirectoryRow[] = [
    { row: 2, kind: "vendor", code: "00123", group: "INV", channel: "#a", mention: ["@x", "y@example.com"] },
  ];

  test.each([
    ["commas", `${header}vendor,00123,"Smith, ""Bob""",INV,#a,@x y@example.com\n`],
    [
      "semicolons and CRLF",
      `${header}vendor,00123,,INV,#a,"@x,y@example.com"\n`
        .replaceAll(/,(?!y@)/g, ";")
        .replaceAll("\n", "\r\n"),
    ],
    ["tabs", `${header}vendor,00123,,INV,#a,@x;y@example.com`.replaceAll(",", "\t")],
    ["a formula that keeps the zeros", `${header}vendor,="00123",,INV,#a,@x y@example.com\n`],
    ["the same formula in quotes", `${header}vendor,"=""00123""",,INV,#a,@x y@example.com\n`],
    ["an apostrophe that keeps them", `${header}vendor,'00123,,INV,#a,'@x y@example.com\n`],
    [
      "columns in another order, and one more",
      "Mention,Note,Channel,Group,Name,Code,Kind\n@x  y@example.com @x,n,#a,INV,,00123,Vendor\n",
    ],
    ["several lines in a cell", `${header}vendor,00123,"a\nb",INV,#a,"@x\ny@example.com"\n`],
    ["a line end that is missing", `${header}vendor,00123,,INV,#a,@x y@example.com`],
  ])("understands %s", (_name, text) => {
    expect(readDirectory(text, "directory.csv").rows).toEqual(expected);
  });

  test("counts empty rows, and lines in a cell as one row, as a spreadsheet does", () => {
    const text = `${header}vendor,1,"a\nb",,#a,\n\n,,,,,\nvendor,2,,,#a,\n`;

    expect(readDirectory(text, "directory.csv").rows.map(({ row }) => row)).toEqual([2, 5]);
  });

  test("names every problem with its row and column at once", () => {
    const rows = [
      "vndor,1,,,accounts,",
      "vendor,,,,#a,bob",
      "account,4*,,INV,#a,",
      "customer,1,,,#a,",
      "Customer,1,,,#b,",
      "vendor,9,,,#a,,x",
    ];

    expect(problemsIn(header + rows.join("\n"))).toEqual([
      "directory.csv: row 2, kind: must be vendor, customer or account",
      'directory.csv: row 2, channel: must be "#name" or a channel id',
      "directory.csv: row 3, code: is empty",
      "directory.csv: row 3, mention: must be an e-mail address, @handle, or an id; several are separated by spaces",
      "directory.csv: row 4, group: narrows a pattern, which it cannot do for accounts: leave it empty",
      "directory.csv: row 6, code: customer 1 is in row 5 too",
      "directory.csv: row 7, column 7: has no header; is the separator in a cell without quotes?",
    ]);
  });

  test("refuses secrets by their shape in any column, without repeating them", () => {
    const text =
      "kind,code,name,group,channel,mention,note\nvendor,1,,,#a,,xoxb-123-456-abc\nvendor,2,,Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==,#a,,\n";

    const problems = problemsIn(text);

    expect(problems).toEqual([
      expect.stringContaining("row 2, note: looks like a secret"),
      expect.stringContaining("row 3, group: looks like a secret"),
    ]);
    expect(problems.join("")).not.toMatch(/xoxb|QWx/);
  });

  test("takes a vendor's name or code for no secret, whatever it begins with", () => {
    expect(problemsIn(`${header}vendor,XAPP-1,Basic Supplies,,#a,`)).toEqual([]);
  });

  test.each([
    ["an empty file", "", "row 1: the file is empty"],
    ["a missing column", "kind,code,name,group,chanel,mention\n", "row 1, channel: is missing in the header"],
    [
      "a column that is there twice",
      `${header.trim()},kind\n`,
      "row 1, kind: is in the header more than once",
    ],
    [
      "a quote that never ends",
      `${header}vendor,1,ok,,#a,\nvendor,2,"x,,#a,\nvendor,3,,,#a,\n`,
      "row 3: a cell begins with a quotation mark",
    ],
  ])("says what is wrong with %s", (_name, text, problem) => {
    expect(problemsIn(text)).toEqual([expect.stringContaining(problem)]);
  });
});

test.each(["minimal.json", "sage-slack.json"])("examples/%s loads", async (name) => {
  const { spreadsheet, config } = await loadConfig({
    explicitPath: join(examples, name),
    env: {},
    cwd: "/",
    directory: "needed",
  });

  expect(spreadsheet.rows.length > 5).toBe(config.directory !== undefined);
});

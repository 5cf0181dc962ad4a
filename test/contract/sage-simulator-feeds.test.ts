import { describe, expect, test } from "vitest";

import type { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";
import { request, startEmpty, type Body } from "../support/sage-requests.ts";

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Body;
}

/** The path is below the company. */
async function get(sage: SageSimulator, path: string): Promise<Answer> {
  const response = await request(sage, path);
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) as Body };
}

async function feed(
  sage: SageSimulator,
  resource: string,
  options: Record<string, string> = {},
): Promise<Body> {
  const query = Object.entries(options).map(([name, value]) => `$${name}=${encodeURIComponent(value)}`);
  return (await get(sage, `${resource}?${query.join("&")}`)).body;
}

function numbersIn({ value }: Body, field = "BatchNumber"): unknown[] {
  return value.map((row) => row[field]);
}

function invoices(amount: string) {
  return [{ vendor: "1200", amount }];
}

/** Three batches that differ in every field a filter may ask for. */
async function startWithThree(): Promise<SageSimulator> {
  const sage = await startEmpty();
  const books = sage.company("SAMINC");
  books.addInvoiceBatch({ description: "Mail", lastEdited: "2026-11-20", invoices: invoices("12.99") });
  books.addInvoiceBatch({ description: "O'Hara's", lastEdited: "2026-11-22", invoices: invoices("80") });
  books.addInvoiceBatch({ description: "Freight", date: "2026-11-01", invoices: invoices("100.5") });
  books.post("ap-invoices", "3");
  return sage;
}

describe("a filter at the Sage simulator", () => {
  test.each([
    ["BatchNumber eq 2", [2]],
    ["BatchNumber ne 2", [1, 3]],
    ["BatchNumber gt 1", [2, 3]],
    ["BatchNumber ge 2", [2, 3]],
    ["BatchNumber lt 2", [1]],
    ["BatchNumber le 2", [1, 2]],
    ["BatchTotal gt 80.00", [3]],
    ["BatchTotal eq 12.99", [1]],
    ["BatchNumber eq 1 or BatchNumber eq 2 and BatchStatus eq 'Posted'", [1]],
    ["(BatchNumber eq 1 or BatchNumber eq 3) and BatchStatus eq 'Posted'", [3]],
    ["not (BatchStatus eq 'Posted')", [1, 2]],
    ["BatchStatus ne 'Posted' and BatchStatus ne 'Deleted'", [1, 2]],
    ["DateLastEdited gt 2026-11-20T00:00:00Z", [2, 3]],
    ["DateLastEdited le 2026-11-22T00:00:00Z", [1, 2]],
    ["DateLastEdited gt 2026-11-20T12:00:00Z and BatchDate lt 2026-11-10", [3]],
    ["BatchDate ne null", [1, 2, 3]],
    ["Description eq 'O''Hara''s'", [2]],
    ["Description eq 'and' or Description eq 'Mail'", [1]],
    ["startswith(Description, 'Fr')", [3]],
    ["endswith(Description,'l')", [1]],
    ["contains(Description,'a')", [1, 2]],
    ["length(Description) gt 7", [2]],
    [" BatchNumber  eq  1 ", [1]],
  ])("%s", async (filter, expected) => {
    await using sage = await startWithThree();

    const page = await feed(sage, "AP/APInvoiceBatches", { filter });

    expect(page.error).toBeUndefined();
    expect(numbersIn(page)).toEqual(expected);
  });

  test("names an unknown property as Sage does", async () => {
    await using sage = await startEmpty();

    const { error } = await feed(sage, "AR/ARCustomers", { filter: "IDCUST eq '1200'" });

    expect(error).toEqual({
      code: "InvalidParameters",
      message: {
        lang: "en-US",
        value:
          "Could not find a property named 'IDCUST' on type " +
          "'Sage.CA.SBS.ERP.Sage300.AR.WebApi.Models.Customer'.",
      },
    });
  });

  test.each([
    ["DateLastEdited gt datetime'2026-11-20T00:00'", "Syntax error"],
    ["BatchTotal gt 99.99m", "Syntax error"],
    ["substringof('Mail', Description)", "unknown function with name 'substringof'"],
    ["DateLastEdited gt '2026-11-20'", "incompatible types"],
    ["DateLastEdited gt 20", "incompatible types"],
    ["Description eq 2026-11-20T00:00:00Z", "incompatible types"],
    ["BatchNumber eq '1'", "incompatible types"],
    ["Description eq Mail", "Could not find a property named 'Mail'"],
    ["Invoices eq null", "Could not find a property named 'Invoices'"],
    ["BatchStatus eq 'posted'", "'posted' is not a valid enumeration type constant"],
    ["BatchNumber = 1", "Syntax error"],
    ["BatchNumber constructor 1", "'constructor' is not an operator"],
    ["BatchNumber 'eq' 1", "'eq' is not an operator"],
    ["BatchNumber eq", "ends too early"],
    ["(BatchNumber eq 1", "')' expected"],
    ["BatchNumber eq 1 BatchNumber eq 2", "near 'BatchNumber'"],
    ["", "ends too early"],
  ])("is refused: %s", async (filter, message) => {
    await using sage = await startWithThree();

    const { error } = await feed(sage, "AP/APInvoiceBatches", { filter });

    expect(error?.code).toBe("InvalidParameters");
    expect(error?.message.value).toContain(message);
  });

  test("may be read in other ways by other servers", async () => {
    await using sage = await startWithThree();
    const found = async (filter: string) => {
      const page = await feed(sage, "AP/APInvoiceBatches", { filter });
      return page.error === undefined ? numbersIn(page) : page.error.code;
    };

    Object.assign(sage.switches, { geRefused: true, dateLiterals: "quoted", unknownEnumMember: "no-match" });
    expect(await found("BatchNumber ge 2")).toBe("InvalidParameters");
    expect(await found("DateLastEdited gt '2026-11-20'")).toEqual([2, 3]);
    expect(await found("DateLastEdited gt 2026-11-20T00:00:00Z")).toBe("InvalidParameters");
    expect(await found("BatchStatus eq 'Printed'")).toEqual([]);

    Object.assign(sage.switches, { dateLiterals: "either", maxFilterNodes: 7 });
    expect(await found("DateLastEdited gt 2026-11-20T00:00:00Z")).toEqual([2, 3]);
    expect(await found("BatchNumber gt 1 and BatchNumber lt 3")).toEqual([2]);
    expect(await found("BatchNumber gt 1 and BatchNumber lt 3 and BatchTotal gt 0")).toBe(
      "InvalidParameters",
    );
  });
});

describe("a feed of the Sage simulator", () => {
  test("says its context first, and inline everything that hangs on a row", async () => {
    await using sage = await startWithThree();

    const { text, body } = await get(sage, "AP/APInvoiceBatches");

    expect(
      text.startsWith(`{"@odata.context":"${sage.url}/v1.0/-/SAMINC/AP/$metadata#APInvoiceBatches",`),
    ).toBe(true);
    expect(Object.keys(body)).toEqual(["@odata.context", "value"]);
    expect(body.value[0]).toMatchObject({
      UpdateOperation: "Unspecified",
      Invoices: [{ VendorName: "Chloride Systems", InvoiceDetails: [{ GLAccount: "1300" }] }],
    });
  });

  test("has in its rows what is selected and nothing else, and says so in its context", async () => {
    await using sage = await startWithThree();

    const page = await feed(sage, "AP/APInvoiceBatches", { select: "BatchNumber, BatchStatus", top: "1" });
    const unknown = await feed(sage, "AP/APInvoiceBatches", { select: "BatchNumber,Status" });
    sage.switches.selectIgnored = true;
    const ignored = await feed(sage, "AP/APInvoiceBatches", { select: "BatchNumber" });

    expect(page["@odata.context"]).toMatch(/\$metadata#APInvoiceBatches\(BatchNumber,BatchStatus\)$/);
    expect(page.value).toEqual([{ BatchNumber: 1, BatchStatus: "Open" }]);
    expect(unknown.error?.message.value).toContain("Could not find a property named 'Status'");
    expect(ignored.value[0]).toHaveProperty("UpdateOperation");
  });

  test("counts what matches, in each way a server may do it", async () => {
    await using sage = await startWithThree();
    const ask = { count: "true", filter: "BatchStatus eq 'Open'", top: "1" };

    expect((await feed(sage, "AP/APInvoiceBatches", ask))["@odata.count"]).toBe(2);
    expect(await feed(sage, "AP/APInvoiceBatches", { count: "false" })).not.toHaveProperty("@odata.count");
    Object.assign(sage.switches, { countType: "string", countRespectsFilter: false });
    expect((await feed(sage, "AP/APInvoiceBatches", ask))["@odata.count"]).toBe("3");
    sage.switches.countName = "odata.count";
    expect((await feed(sage, "AP/APInvoiceBatches", ask))["odata.count"]).toBe("3");
    sage.switches.countType = "missing";
    expect(Object.keys(await feed(sage, "AP/APInvoiceBatches", ask))).not.toContain("odata.count");
  });

  test.each([
    "$top=1&$top=2",
    "$skip=1&%24skip=1",
    "$filter=BatchNumber eq 1&$filter=BatchNumber eq 1",
    "$orderby=BatchNumber",
    "$expand=Invoices",
    "$inlinecount=allpages",
    "$top=-1",
    "$top=ten",
    "$skip=1.5",
    "$count=yes",
  ])("takes each documented option once and with a fitting value: %s", async (query) => {
    await using sage = await startWithThree();

    expect(await get(sage, `AP/APInvoiceBatches?${query}`)).toMatchObject({
      status: 400,
      body: { error: { code: "InvalidParameters" } },
    });
  });

  test("ignores $orderby where the server does, and options without a dollar sign", async () => {
    await using sage = await startWithThree();
    sage.switches.orderby = "ignored";

    const page = await get(sage, "AP/APInvoiceBatches?$orderby=BatchNumber%20desc&top=2");

    expect(numbersIn(page.body)).toEqual([1, 2, 3]);
  });

  test("sorts composite keys by their selector first", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    books.addPaymentBatch({ payments: [] });
    books.addPaymentBatch({ selector: "AD", payments: [] });

    const page = await feed(sage, "AP/APPaymentAndAdjustmentBatches", {
      select: "BatchSelector,BatchNumber",
    });

    expect(page.value).toEqual([
      { BatchSelector: "AD", BatchNumber: 1 },
      { BatchSelector: "PY", BatchNumber: 1 },
    ]);
  });

  test("has at most a hundred rows and leads on to the next with $skip", async () => {
    await using sage = await startEmpty();
    for (let batch = 0; batch < 230; batch += 1) sage.company("SAMINC").addInvoiceBatch({ invoices: [] });
    const filter = "BatchNumber gt 10 and Description eq ''";

    const pages = await follow(sage, "AP/APInvoiceBatches", { filter, select: "BatchNumber", count: "true" });
    const topped = await follow(sage, "AP/APInvoiceBatches", { top: "150", skip: "30" });

    expect(pages.map(({ value }) => value.length)).toEqual([100, 100, 20]);
    expect(pages.flatMap((page) => numbersIn(page))).toEqual(range(11, 230));
    expect(pages.map((page) => page["@odata.count"])).toEqual([220, 220, 220]);
    expect(pages[0]?.["@odata.nextLink"]).toMatch(
      /\/v1\.0\/-\/SAMINC\/AP\/APInvoiceBatches\?\$filter=BatchNumber%20gt%2010.*&\$skip=100$/,
    );
    expect(topped.flatMap((page) => numbersIn(page))).toEqual(range(31, 180));
    expect(topped[0]?.["@odata.nextLink"]).toMatch(/\?\$top=50&\$skip=130$/);
  });

  test("gives every row once, whatever the size of its pages", async () => {
    await using sage = await startEmpty();
    for (let batch = 0; batch < 12; batch += 1) sage.company("SAMINC").addJournalBatch({ entries: [] });
    const expected = range(1, 12).map((number) => String(number).padStart(6, "0"));

    for (const pageSize of [1, 5, 6, 11, 12, 13]) {
      sage.switches.pageSize = pageSize;
      const pages = await follow(sage, "GL/GLJournalBatches", {});
      expect(pages.length).toBe(Math.ceil(12 / pageSize));
      expect(pages.flatMap((page) => numbersIn(page))).toEqual(expected);
    }
  });

  test.each([
    ["absent", undefined],
    ["relative", "APInvoiceBatches?$skip=2"],
    ["internal-host", "http://sageapp01/Sage300WebApi/v1.0/-/SAMINC/AP/APInvoiceBatches?$skip=2"],
    ["foreign-host", "http://collector.example.net/Sage300WebApi/v1.0/-/SAMINC/AP/APInvoiceBatches?$skip=2"],
  ] as const)("may lead on with a link that is %s", async (nextLink, expected) => {
    await using sage = await startWithThree();
    Object.assign(sage.switches, { nextLink, pageSize: 2 });

    expect((await feed(sage, "AP/APInvoiceBatches"))["@odata.nextLink"]).toBe(expected);
  });

  test("may be in another order, the same for every request", async () => {
    await using sage = await startEmpty();
    for (let batch = 0; batch < 9; batch += 1) sage.company("SAMINC").addInvoiceBatch({ invoices: [] });
    sage.switches.pageSize = 4;
    const numbers = async () =>
      (await follow(sage, "AP/APInvoiceBatches", {})).flatMap((page) => numbersIn(page));

    sage.switches.rowOrder = "descending";
    const descending = await numbers();
    sage.switches.rowOrder = "shuffled";
    const [shuffled, again] = [await numbers(), await numbers()];

    expect(descending).toEqual(range(1, 9).toReversed());
    expect(shuffled).not.toEqual(range(1, 9));
    expect(shuffled.toSorted((one, other) => Number(one) - Number(other))).toEqual(range(1, 9));
    expect(again).toEqual(shuffled);
  });
});

/** All pages of a feed, going on with the query of each link. */
async function follow(
  sage: SageSimulator,
  resource: string,
  options: Record<string, string>,
): Promise<Body[]> {
  const pages = [await feed(sage, resource, options)];
  for (let link = pages[0]?.["@odata.nextLink"]; link !== undefined && pages.length < 50;) {
    const { body } = await get(sage, `${resource}${new URL(link).search}`);
    pages.push(body);
    link = body["@odata.nextLink"];
  }
  return pages;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

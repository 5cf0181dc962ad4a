import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";
import { MasterData } from "../../src/sage/master-data.ts";
import { ODataClient } from "../../src/sage/odata-client.ts";
import { and, compare, text } from "../../src/sage/odata-filter.ts";
import { record, transaction } from "../support/transactions.ts";

async function start({ deadline = Number.POSITIVE_INFINITY } = {}) {
  const sage = await SageSimulator.start({ companies: ["SAMINC"], history: "empty" });
  const client = new ODataClient({
    url: sage.url,
    company: "SAMINC",
    user: "WEBAPI",
    password: "WEBAPI",
    timeoutSeconds: 5,
    longestBackoffMs: 0,
    deadline,
  });
  const stop = async () => {
    client.close();
    await sage.stop();
  };
  return { sage, client, [Symbol.asyncDispose]: stop };
}

/** Whole characters alone: half of one has no form in an address. */
const words = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    "O'BRIEN",
    "''",
    "A/B",
    "A%2FB",
    "A&B",
    "A+B",
    "#1",
    "?x=1",
    "..",
    "a,b=c",
    "x') or ('1'='1",
    "é 東",
  ),
);

describe("ODataClient", () => {
  test("asks for nothing once its time is over, names of customers included", async () => {
    await using world = await start({ deadline: performance.now() - 1 });
    const counterparty = { kind: "customer", code: "1100", name: "" } as const;
    const names = new MasterData(world.client, null);

    for (const asked of [
      world.client.page({ resource: "AP/APInvoiceBatches" }),
      world.client.entity("AP/APVendors", text("1200")),
      names.enrich(record({ transactions: [transaction({ counterparty })] }), "2026-11-24"),
    ]) {
      await expect(asked).rejects.toMatchObject({
        kind: "temporary",
        message: expect.stringContaining("no time left") as string,
      });
    }

    expect(world.sage.requests).toEqual([]);
  });

  test("asks for a record by the key that was meant, whatever is in it", async () => {
    await using world = await start();
    await fc.assert(
      fc.asyncProperty(words, async (code) => {
        const before = world.sage.requests.length;

        await world.client.entity("AP/APVendors", text(code));

        expect(world.sage.requests.slice(before)).toMatchObject([{ method: "GET", status: 404, query: {} }]);
        const [, key] =
          /^[^?#]*\/AP\/APVendors\(([^/?#]*)\)$/.exec(world.sage.requests.at(-1)?.url ?? "") ?? [];
        expect(decodeURIComponent(key ?? "")).toBe(`'${code.replaceAll("'", "''")}'`);
      }),
      { numRuns: 300 },
    );
  });

  test("filters by the value that was meant, whatever is in it", async () => {
    await using world = await start();
    await fc.assert(
      fc.asyncProperty(words, async (code) => {
        const filter = and(compare("VendorNumber", "eq", text(code)), compare("GroupCode", "ne", text(code)));

        await world.client.page({ resource: "AP/APVendors", filter, select: ["VendorNumber"], top: 1 });

        const { query } = world.sage.requests.at(-1) ?? { query: {} };
        expect(query).toEqual({ $filter: filter, $select: "VendorNumber", $top: "1" });
      }),
      { numRuns: 300 },
    );
  });

  test("takes half a character for an unknown one, not for a mistake in the program", async () => {
    await using world = await start();

    expect(await world.client.entity("AP/APVendors", text("\uD83C"))).toBeNull();
  });

  test("keeps to one connection, one request at a time", async () => {
    await using world = await start();
    world.sage.switches.concurrency = "429";

    await Promise.all(
      Array.from({ length: 5 }, () => world.client.page({ resource: "AP/APVendors", top: 1 })),
    );

    expect(world.sage.requests.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });
});

function vendor(code: string) {
  return transaction({ counterparty: { kind: "vendor", code, name: "" }, accounts: [] });
}

describe("master data", () => {
  test("lacks one name when the web server does not like how its code is spelled", async () => {
    await using world = await start();
    world.sage.company("SAMINC").addVendor({ VendorNumber: "9000", VendorName: "Fine", GroupCode: "ODD" });
    const notFound = "<html><title>404 - File or directory not found.</title></html>";
    world.sage.queueFault({ kind: "status", status: 404, body: notFound, match: "A/B" });
    const master = new MasterData(world.client, null);

    const { transactions } = await master.enrich(
      record({ transactions: [vendor("A/B"), vendor("9000"), vendor("A/B")] }),
      "2026-11-25",
    );

    expect(transactions.map(({ counterparty }) => counterparty?.name)).toEqual(["", "Fine", ""]);
    expect(world.sage.requests.length).toBe(2);
  });

  test.each([
    { because: "the user may not read them", modules: ["AR", "GL", "PO"], status: 403 },
    { because: "the module is not installed", modules: undefined, status: 404 },
  ])("is not asked for again in a run once $because", async ({ modules, status }) => {
    await using world = await start();
    world.sage.addUser({ id: "WEBAPI", password: "WEBAPI", ...(modules === undefined ? {} : { modules }) });
    if (status === 404) {
      world.sage.queueFault({
        kind: "status",
        status,
        body: '{"error":{"code":"ResourceNotFound","message":{"value":"no"}}}',
        times: Number.POSITIVE_INFINITY,
      });
    }
    const master = new MasterData(world.client, null);

    await master.enrich(record({ transactions: [vendor("1"), vendor("2"), vendor("3")] }), "2026-11-25");

    expect(world.sage.requests.map((request) => request.status)).toEqual([status]);
  });
});

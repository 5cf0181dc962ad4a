import { describe, expect, test } from "vitest";

import { lasting, startWatchedWorld, surviveFault, type LastingFault } from "../support/faulty-sage.ts";
import { runProgram } from "../support/program.ts";
import { shownIn, type World } from "../support/world.ts";

/** Replaces the value of a field in a batch, by default in the one there is, whatever it was. */
function fieldFault(field: string, json: string, match = "APInvoiceBatches("): LastingFault {
  const value = new RegExp(`"${field}":(?:"[^"]*"|[^,}]*)`);
  return {
    kind: "rewrite",
    match,
    change: (body) => body.toString().replace(value, `"${field}":${json}`),
  };
}

/** The invoice as the channel shows it, keyed in with one field replaced and left so. */
async function shownWith(world: World, field: string, json: string): Promise<string> {
  await surviveFault(
    world,
    { ...lasting(world, fieldFault(field, json)), end: () => undefined },
    { code: 0, delivers: true },
  );
  return shownIn(world.slack, "accounts-payable");
}

describe("a date", () => {
  test.each([
    ["null", "null"],
    ["the first of all days", '"0001-01-01T00:00:00Z"'],
    ["the last of all days", '"9999-12-31T00:00:00Z"'],
    ["what Sage writes for a time without a day", '"1899-12-30T00:00:00Z"'],
    ["empty", '""'],
    ["a day that no month has", '"2026-02-30T00:00:00Z"'],
    ["no date at all", '"soon"'],
  ])("G44 that is %s is shown as none", async (_name, json) => {
    await using world = await startWatchedWorld();

    const shown = await shownWith(world, "DueDate", json);

    expect(shown).not.toMatch(/0001-|9999-|1899-|02-30|soon|Invalid|NaN|null Date/);
    expect(shown).not.toMatch(/"Due|earliest due/i);
  });

  const zones = ["UTC", "America/St_Johns", "Pacific/Kiritimati", "Asia/Kathmandu", "America/Los_Angeles"];
  const stamps = [
    ["2026-11-20T00:00:00Z", "2026-11-20"],
    ["2026-11-20T00:00:00", "2026-11-20"],
    ["2026-11-20", "2026-11-20"],
    ["2026-11-20T00:00:00+14:00", "2026-11-20"],
    ["2026-11-20T00:00:00-12:00", "2026-11-20"],
    ["2026-11-20T23:59:59.9999999-03:30", "2026-11-20"],
    // The hour that is there twice, and the one that is not there at all.
    ["2026-11-01T01:30:00", "2026-11-01"],
    ["2026-03-08T02:30:00", "2026-03-08"],
    ["2028-02-29T00:00:00Z", "2028-02-29"],
    ["2038-01-20T00:00:00Z", "2038-01-20"],
    ["2106-02-08T00:00:00Z", "2106-02-08"],
  ] as const;

  test.each(zones)("G45 is the same day on a machine in %s", async (TZ) => {
    await using world = await startWatchedWorld();
    const { directory: cwd, env, sage } = world;
    expect(await runProgram(["poll"], { cwd, env: { ...env, TZ } })).toMatchObject({ code: 0 });
    // One batch for each stamp, so that each document can be looked for by itself; they come in one list.
    for (const index of stamps.keys()) {
      sage.company("SAMINC").addInvoiceBatch({
        invoices: [{ vendor: "1200", documentNumber: `D${index}`, amount: "1.00" }],
      });
    }
    let next = 0;
    const stamped = () => `"DocumentDate":${JSON.stringify(stamps[next++]?.[0])}`;
    sage.queueFault({
      kind: "rewrite",
      match: "BatchNumber le",
      change: (body) => body.toString().replaceAll(/"DocumentDate":"[^"]*"/g, stamped),
    });

    const run = await runProgram(["poll"], { cwd, env: { ...env, TZ } });

    expect(run).toMatchObject({ code: 0, stderr: "" });
    const shown = shownIn(world.slack, "accounts-payable");
    for (const [index, [, day]] of stamps.entries()) {
      expect(shown, `D${index}`).toMatch(new RegExp(`\\bD${index} · ${day}\\b`));
    }
  });
});

describe("an amount", () => {
  test.each([
    ["12345678901234567.89", "USD 12,345,678,901,234,567.89"],
    ["0.1234567890123456789", "USD 0.1234567890123456789"],
    ['"98765432109876543.21"', "USD 98,765,432,109,876,543.21"],
    ["1.10", "USD 1.10"],
    ["1.1e3", "USD 1,100.00"],
    ["1E-2", "USD 0.01"],
    ["9007199254740993", "USD 9,007,199,254,740,993.00"],
    ["1e22", "USD 10,000,000,000,000,000,000,000.00"],
  ])("G46 of %s is shown with every digit", async (json, shownAs) => {
    await using world = await startWatchedWorld();

    expect(await shownWith(world, "DistributedTotalIncludingTax", json)).toContain(shownAs);
  });

  test("G46 of -0 is nothing, not less than that", async () => {
    await using world = await startWatchedWorld();
    await world.run("poll");
    world.sage.company("SAMINC").addPaymentBatch({
      payments: [{ vendor: "1350", checkNumber: "CHK-7", amount: "12.99" }],
    });
    world.sage.queueFault({
      kind: "rewrite",
      match: "APPaymentAndAdjustmentBatches(",
      change: (body) => body.toString().replace(/"(CheckAmountIn\w+)":12.99/g, '"$1":-0.000'),
      times: Number.POSITIVE_INFINITY,
    });
    await world.configure({ sources: { "ap-payments": { channel: "#treasury" } } });
    await world.run("poll", "--first-run", "post");

    const shown = shownIn(world.slack, "treasury");

    expect(shown).toContain("CHK-7");
    expect(shown).toContain("USD 0.00");
    expect(shown).not.toMatch(/-0\.|"-0|USD -/);
  });

  test.each([
    ['"1,234.50"', /DistributedTotalIncludingTax: not a decimal number/],
    ['"1.234,50"', /DistributedTotalIncludingTax: not a decimal number/],
    ["1e400", /DistributedTotalIncludingTax: not a decimal number/],
    ["1e999999999", /DistributedTotalIncludingTax: not a decimal number/],
    ["1e-999999999", /DistributedTotalIncludingTax: not a decimal number/],
    ['"NaN"', /DistributedTotalIncludingTax: not a decimal number/],
    ['"INF"', /DistributedTotalIncludingTax: not a decimal number/],
    ['"0x10"', /DistributedTotalIncludingTax: not a decimal number/],
    ['"12,99 USD"', /DistributedTotalIncludingTax: not a decimal number/],
    ['""', /DistributedTotalIncludingTax: not a decimal number/],
    ["true", /DistributedTotalIncludingTax/],
    ["{}", /DistributedTotalIncludingTax/],
    ["NaN", /did not answer with JSON/],
    ["Infinity", /did not answer with JSON/],
    ["012.50", /did not answer with JSON/],
    ["+12.50", /did not answer with JSON/],
  ])("G46 of %s is unreadable, never a wrong number", async (json, says) => {
    await using world = await startWatchedWorld();
    await surviveFault(world, lasting(world, fieldFault("DistributedTotalIncludingTax", json)), {
      code: 3,
      says: ["SAMINC/ap-invoices", says],
      goesOn: true,
    });
    expect(world.slack.posts.length).toBe(2);
  });
});

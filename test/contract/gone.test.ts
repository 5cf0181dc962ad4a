import { describe, expect, test } from "vitest";

import { keyOf, type CompanyBooks } from "../../src/sandbox/sage/company-books.ts";
import { startWorld, type World } from "../support/world.ts";

const lines = [{ item: "A1-103/0", quantity: "10", unitCost: "5.00" }];

function books({ sage }: World): CompanyBooks {
  return sage.company("SAMINC");
}

function addOrder(world: World): string {
  return keyOf(
    "purchase-orders",
    books(world).addPurchaseOrder({ number: "PO-GONE", vendor: "1400", lines }),
  );
}

/** The key of an order that has been announced. */
async function announceOrder(world: World): Promise<string> {
  await world.run("poll", "--all");
  const order = addOrder(world);
  await world.run("poll", "--all");
  return order;
}

function refusal(status: number, code: string) {
  const body = JSON.stringify({ error: { code, message: { value: "no" } } });
  return { kind: "status", status, body, contentType: "application/json" } as const;
}

/** What is told from here on in some runs. */
async function toldIn(world: World, runs: number): Promise<string[]> {
  const start = world.slack.posts.length;
  for (let run = 0; run < runs; run += 1)
    expect(await world.run("poll", "--all")).toMatchObject({ code: 0, stderr: "" });
  return world.slack.posts.slice(start).map(({ text }) => text);
}

describe("an open record that Sage does not find any more", () => {
  test("is told as deleted in its thread, once, by the second run that misses it", async () => {
    await using world = await startWorld();
    const order = await announceOrder(world);
    const announcement = world.slack.posts.at(-1);
    books(world).vanish("purchase-orders", order);

    const first = await toldIn(world, 1);
    const second = await toldIn(world, 1);
    const later = await toldIn(world, 2);

    expect([first, later]).toEqual([[], []]);
    expect(second).toEqual([
      expect.stringContaining("Purchase order PO-GONE of SAMINC: status Open → Deleted"),
    ]);
    expect(world.slack.posts.at(-1)?.threadTs).toBe(announcement?.ts);
  });

  test("is told wherever it was announced, a batch by its number", async () => {
    await using world = await startWorld({
      routes: [{ name: "copy", when: { source: "ap-payments" }, channel: "#finance", copy: true }],
    });
    await world.run("poll", "--all");
    const batch = books(world).addPaymentBatch({ payments: [{ vendor: "1200", amount: "150.00" }] });
    await world.run("poll", "--all");
    books(world).vanish("ap-payments", keyOf("ap-payments", batch));

    const told = await toldIn(world, 3);

    expect(told).toHaveLength(2);
    for (const text of told) expect(text).toMatch(/A\/P payment batch \d+ of SAMINC: status Open → Deleted/);
  });

  test("is not told with updates off, nor when it was only taken note of", async () => {
    await using world = await startWorld({
      sources: { "purchase-orders": { channel: "#procurement", updates: "off" } },
    });
    const noted = addOrder(world);
    const announced = await announceOrder(world);
    for (const order of [noted, announced]) books(world).vanish("purchase-orders", order);

    expect(await toldIn(world, 3)).toEqual([]);
  });

  test("says nothing when it was completed: history may be cleared", async () => {
    await using world = await startWorld();
    const order = await announceOrder(world);
    books(world).receive(order, [{ line: 1, quantity: "10" }]);
    await world.run("poll", "--all");
    books(world).vanish("purchase-orders", order);

    expect(await toldIn(world, 3)).toEqual([]);
  });

  test("says nothing of a run that missed it, and later what changed since before", async () => {
    await using world = await startWorld();
    await world.run("poll", "--all");
    const invoices = [{ vendor: "1200", documentNumber: "INV-BACK", amount: "30.00" }];
    const batch = keyOf("ap-invoices", books(world).addInvoiceBatch({ invoices }));
    await world.run("poll", "--all");
    const row = books(world).find("ap-invoices", batch) ?? {};

    const glitches: string[] = [];
    for (let glitch = 0; glitch < 2; glitch += 1) {
      books(world).vanish("ap-invoices", batch);
      glitches.push(...(await toldIn(world, 1)));
      books(world).restore("ap-invoices", row);
      glitches.push(...(await toldIn(world, 1)));
    }
    books(world).post("ap-invoices", batch);

    expect(glitches).toEqual([]);
    expect(await toldIn(world, 2)).toEqual([expect.stringContaining("status Open → Posted")]);
  });

  test("is told again when it is there again after two runs", async () => {
    await using world = await startWorld();
    const order = await announceOrder(world);
    const row = books(world).find("purchase-orders", order) ?? {};
    books(world).vanish("purchase-orders", order);
    await toldIn(world, 2);
    books(world).restore("purchase-orders", row);

    expect(await toldIn(world, 2)).toEqual([expect.stringContaining("status: Open")]);
  });

  test("is not gone while a list shows it and only its own address is missing", async () => {
    await using world = await startWorld({ sources: { "purchase-orders": { channel: "#procurement" } } });
    const order = await announceOrder(world);
    books(world).receive(order, [{ line: 1, quantity: "4" }]);
    // Lists of headers alone, so that each order is asked for by its address.
    world.sage.queueFault({ ...refusal(400, "InvalidParameters"), match: ")&$top", times: Infinity });
    world.sage.queueFault({ ...refusal(404, "RecordNotFound"), match: `(${order})`, times: 3 });

    const missed = await toldIn(world, 3);
    const found = await toldIn(world, 1);

    expect(missed).toEqual([]);
    expect(found).toEqual([expect.stringContaining("received 4 of 10")]);
  });
});

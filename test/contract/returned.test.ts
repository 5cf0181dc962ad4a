import { describe, expect, test } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import type { SageFault } from "../../src/sandbox/sage/faults.ts";
import { startWorld, type World } from "../support/world.ts";

/** Dated long before the look-back window: what is final is not watched any more. */
const longAgo = "2026-06-30";

const today = new Date().toISOString().slice(0, 10);

/** The key of an order that was announced, has arrived, and was final in every window since. */
async function completeOrder(world: World): Promise<string> {
  await world.run("poll", "--all");
  const books = world.sage.company("SAMINC");
  const order = keyOf(
    "purchase-orders",
    books.addPurchaseOrder({
      number: "PO-BACK",
      vendor: "1400",
      date: longAgo,
      lines: [{ item: "A1-103/0", quantity: "10", unitCost: "5.00" }],
    }),
  );
  await world.run("poll", "--all");
  books.receive(order, [{ line: 1, quantity: "10" }], longAgo);
  await world.run("poll", "--all");
  await world.run("poll", "--all");
  return order;
}

/** Goods go back: the order is open again. */
function takeBack({ sage }: World, order: string, received: string): void {
  sage.company("SAMINC").receive(order, [{ line: 1, quantity: received }]);
}

/** The key of a batch that was announced, posted, and has left every window. */
async function postOldBatch(world: World): Promise<string> {
  await world.run("poll", "--all");
  const { sage } = world;
  const books = sage.company("SAMINC");
  sage.now.today = longAgo;
  const batch = keyOf(
    "ap-invoices",
    books.addInvoiceBatch({
      date: longAgo,
      invoices: [{ vendor: "1200", documentNumber: "INV-BACK", amount: "30.00" }],
    }),
  );
  await world.run("poll", "--all");
  books.post("ap-invoices", batch);
  await world.run("poll", "--all");
  await world.run("poll", "--all");
  sage.now.today = today;
  await world.run("poll", "--all");
  return batch;
}

function textsSince(world: World, start: number): string[] {
  return world.slack.posts.slice(start).map(({ text }) => text);
}

describe("a record that was final, and is not any more", () => {
  test("an order that goods went back from is told in its thread, once, and watched again", async () => {
    await using world = await startWorld();
    const order = await completeOrder(world);
    const start = world.slack.posts.length;

    takeBack(world, order, "-4");
    const told = await world.run("poll", "--all");
    await world.run("poll", "--all");
    world.sage.company("SAMINC").receive(order, [{ line: 1, quantity: "4" }]);
    await world.run("poll", "--all");
    await world.run("poll", "--all");

    const announced = world.slack.posts.find(({ text }) => text.includes("PO-BACK"));
    const replies = world.slack.posts.slice(start);
    expect(told).toMatchObject({ code: 0, stderr: "" });
    expect(replies.length).toBe(2);
    expect(replies.map(({ threadTs }) => threadTs)).toEqual([announced?.ts, announced?.ts]);
    expect(replies[0]?.text).toContain(
      "status: Partly received; now: 1 purchase order, CAD 50.00 (before: not kept)",
    );
    expect(replies[1]?.text).toContain("completed (was Partly received)");
  });

  test.each([
    ["open again", { BatchStatus: "Open" }, "status: Open; now: 1 invoice, USD 30.00 (before: not kept)"],
    [
      "edited, and stays posted",
      { Description: "Put right by the auditor" },
      "status: Posted; now: 1 invoice, USD 30.00 (before: not kept)",
    ],
  ])("a posted batch that is %s is told in its thread", async (_how, patch, told) => {
    await using world = await startWorld();
    const batch = await postOldBatch(world);
    const start = world.slack.posts.length;

    world.sage.company("SAMINC").edit("ap-invoices", batch, patch);
    await world.run("poll", "--all");
    await world.run("poll", "--all");

    expect(textsSince(world, start)).toEqual([expect.stringContaining(told)]);
  });

  test("is told too when a request for history meets it first", async () => {
    await using world = await startWorld();
    const order = await completeOrder(world);
    const start = world.slack.posts.length;

    takeBack(world, order, "-4");
    await world.run("poll", "--since", longAgo);
    await world.run("poll", "--all");
    await world.run("poll", "--all");

    expect(textsSince(world, start)).toEqual([
      expect.stringContaining("status: Partly received; now: 1 purchase order, CAD 50.00 (before: not kept)"),
    ]);
  });

  test("is told too when a request for history had announced it", async () => {
    await using world = await startWorld();
    await world.run("poll", "--all");
    const books = world.sage.company("SAMINC");
    const lines = [{ item: "A1-103/0", quantity: "10", unitCost: "5.00" }];
    const [order = "", later = ""] = [1, 2].map(() =>
      keyOf("purchase-orders", books.addPurchaseOrder({ vendor: "1400", date: longAgo, lines })),
    );
    books.vanish("purchase-orders", later);
    await world.run("poll", "--since", longAgo);
    books.addPurchaseOrder({ vendor: "1400", lines });
    await world.run("poll", "--all");
    books.receive(order, [{ line: 1, quantity: "10" }], longAgo);
    await world.run("poll", "--all");
    await world.run("poll", "--all");
    const start = world.slack.posts.length;

    takeBack(world, order, "-4");
    await world.run("poll", "--all");
    await world.run("poll", "--all");

    expect(textsSince(world, start)).toEqual([expect.stringContaining("status: Partly received")]);
  });

  test("is told with what it says now also when it could not be read at first", async () => {
    await using world = await startWorld();
    const batch = await postOldBatch(world);
    const start = world.slack.posts.length;
    const books = world.sage.company("SAMINC");
    const invoices = books.find("ap-invoices", batch)?.["Invoices"] as Record<string, unknown>[];
    Object.assign(invoices[0] ?? {}, { DistributedTotalIncludingTax: "5555.00" });
    books.edit("ap-invoices", batch, { BatchStatus: "Open" });
    const body = '{"error":{"code":"General","message":{"lang":"en-US","value":"No."}}}';
    for (const match of [")&$top", `(${batch})`])
      world.sage.queueFault({ kind: "status", status: 500, contentType: "application/json", body, match });
    const failed = await world.run("poll", "--all");
    await world.run("poll", "--all");
    await world.run("poll", "--all");

    expect(failed.code).toBe(5);
    expect(textsSince(world, start)).toEqual([
      expect.stringContaining("status: Open; now: 1 invoice, USD 5,555.00 (before: not kept)"),
    ]);
  });

  test("is told in its thread in whatever status, and announced only in one that is asked for", async () => {
    const sources = { "ap-invoices": { channel: "#finance", statuses: ["Open", "Posted"] } };
    await using world = await startWorld({ sources });
    const silent = keyOf(
      "ap-invoices",
      world.sage.company("SAMINC").addInvoiceBatch({
        date: longAgo,
        lastEdited: longAgo,
        invoices: [{ vendor: "1200", documentNumber: "SILENT", amount: "1.00", date: longAgo }],
      }),
    );
    world.sage.now.today = longAgo;
    world.sage.company("SAMINC").post("ap-invoices", silent);
    const batch = await postOldBatch(world);
    const start = world.slack.posts.length;

    for (const key of [silent, batch])
      world.sage.company("SAMINC").edit("ap-invoices", key, { BatchStatus: "ReadyToPost" });
    await world.run("poll", "--all");
    await world.run("poll", "--all");

    expect(textsSince(world, start)).toEqual([
      expect.stringContaining("status: Ready to post; now: 1 invoice, USD 30.00 (before: not kept)"),
    ]);
  });

  test("begins a new thread when nobody ever heard of it", async () => {
    await using world = await startWorld();
    const books = world.sage.company("SAMINC");
    const order = keyOf(
      "purchase-orders",
      books.addPurchaseOrder({
        number: "PO-BACK",
        vendor: "1400",
        date: longAgo,
        lines: [{ item: "A1-103/0", quantity: "10", unitCost: "5.00" }],
      }),
    );
    books.receive(order, [{ line: 1, quantity: "10" }], longAgo);
    await world.run("poll", "--all");
    const start = world.slack.posts.length;

    takeBack(world, order, "-4");
    await world.run("poll", "--all");
    books.receive(order, [{ line: 1, quantity: "1" }]);
    await world.run("poll", "--all");

    const [announcement, reply, ...more] = world.slack.posts.slice(start);
    expect(more).toEqual([]);
    expect(JSON.stringify(announcement?.blocks)).toContain("Status changed");
    expect(JSON.stringify(announcement?.blocks)).not.toContain("Changed changed");
    expect(reply?.threadTs).toBe(announcement?.ts);
    expect(reply?.text).toContain("received 7 of 10");
  });
});

describe("a record that is final as before says nothing", () => {
  test("when a longer look-back window brings it back", async () => {
    await using world = await startWorld();
    await postOldBatch(world);
    await completeOrder(world);
    const start = world.slack.posts.length;

    const longer = { channel: "#finance", lookbackDays: 300 };
    await world.configure({ sources: { "ap-invoices": longer, "purchase-orders": longer } });
    await world.run("poll", "--all");
    await world.run("poll", "--all");

    expect(textsSince(world, start)).toEqual([]);
  });

  test.each<[string, SageFault]>([
    [
      "when one answer leaves it out",
      {
        kind: "rewrite",
        match: "BatchStatus ne",
        change: (body) =>
          JSON.stringify({ ...(JSON.parse(body.toString()) as object), "@odata.count": 0, value: [] }),
      },
    ],
    [
      "when the server refuses to compare dates for once",
      {
        kind: "status",
        status: 400,
        contentType: "application/json",
        body: '{"error":{"code":"InvalidParameters","message":{"lang":"en-US","value":"No."}}}',
        match: "DateLastEdited gt",
        times: 3,
      },
    ],
  ])("%s", async (_how, fault) => {
    await using world = await startWorld();
    world.sage.now.today = today;
    await world.run("poll", "--all");
    const books = world.sage.company("SAMINC");
    const invoices = [{ vendor: "1200", documentNumber: "INV-BACK", amount: "30.00", date: longAgo }];
    const batch = keyOf("ap-invoices", books.addInvoiceBatch({ date: longAgo, invoices }));
    await world.run("poll", "--all");
    books.post("ap-invoices", batch);
    await world.run("poll", "--all");
    const start = world.slack.posts.length;

    world.sage.queueFault(fault);
    for (let run = 0; run < 3; run += 1) await world.run("poll", "--all");

    expect(textsSince(world, start)).toEqual([]);
  });

  test("when nothing is looked back for, and a number is missing", async () => {
    const looking = { channel: "#finance", lookbackDays: 0 };
    await using world = await startWorld({ sources: { "ap-invoices": looking } });
    world.sage.now.today = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    const books = world.sage.company("SAMINC");
    const invoices = [{ vendor: "1200", amount: "1.00" }];
    const keys = [1, 2, 3].map(() =>
      keyOf("ap-invoices", books.addInvoiceBatch({ date: longAgo, invoices })),
    );
    for (const key of keys) books.post("ap-invoices", key);
    for (const key of keys) books.edit("ap-invoices", key, {});
    books.vanish("ap-invoices", keys[1] ?? "");
    world.sage.now.today = today;
    await world.run("poll", "--all");
    const start = world.slack.posts.length;
    for (let run = 0; run < 2; run += 1) await world.run("poll", "--all");
    await world.configure({ sources: { "ap-invoices": { ...looking, lookbackDays: 7 } } });
    for (let run = 0; run < 2; run += 1) await world.run("poll", "--all");

    expect(textsSince(world, start)).toEqual([]);
  });

  test("when it lies above a number that is missing, and is asked for by every run", async () => {
    await using world = await startWorld();
    const books = world.sage.company("SAMINC");
    world.sage.now.today = longAgo;
    const invoices = [{ vendor: "1200", amount: "1.00" }];
    const keys = [1, 2, 3].map(() =>
      keyOf("ap-invoices", books.addInvoiceBatch({ date: longAgo, invoices })),
    );
    for (const key of keys) books.post("ap-invoices", key);
    books.vanish("ap-invoices", keys[1] ?? "");
    world.sage.now.today = today;
    await world.run("poll", "--all");
    const start = world.slack.posts.length;
    const asked = world.sage.requests.length;

    await world.run("poll", "--all");
    await world.run("poll", "--all");

    expect(textsSince(world, start)).toEqual([]);
    expect(world.sage.requests.slice(asked).filter(({ path }) => path.includes("APInvoiceBatches("))).toEqual(
      [],
    );
  });

  test("when it was deleted before anybody looked, and is read no second time", async () => {
    await using world = await startWorld();
    await world.run("poll", "--all");
    const books = world.sage.company("SAMINC");
    const batch = keyOf(
      "ap-invoices",
      books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] }),
    );
    books.markDeleted("ap-invoices", batch);
    const start = world.slack.posts.length;
    for (let run = 0; run < 3; run += 1) await world.run("poll", "--all");

    expect(textsSince(world, start)).toEqual([]);
    expect(world.sage.requests.filter(({ path }) => path.includes("APInvoiceBatches("))).toEqual([]);
  });

  test("when its status is not one that is announced, and is read no second time", async () => {
    const posted = { "ap-invoices": { channel: "#finance", statuses: ["Open"] } };
    await using world = await startWorld({ sources: posted });
    await world.run("poll", "--all");
    const books = world.sage.company("SAMINC");
    const batch = keyOf(
      "ap-invoices",
      books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] }),
    );
    books.post("ap-invoices", batch);
    const start = world.slack.posts.length;
    for (let run = 0; run < 3; run += 1) await world.run("poll", "--all");

    expect(textsSince(world, start)).toEqual([]);
    expect(world.sage.requests.filter(({ path }) => path.includes("APInvoiceBatches(")).length).toBe(1);
  });
});

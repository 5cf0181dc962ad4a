import { describe, expect, test } from "vitest";

import { rowsOf } from "../../src/sandbox/sage/rows.ts";
import { keyOf, type CompanyBooks } from "../../src/sandbox/sage/company-books.ts";
import type { SageRow } from "../../src/sandbox/sage/rows.ts";
import { startWorld, type World } from "../support/world.ts";

/** Everything that a thread says, its first message included, in order. */
function threadOf({ slack }: World, documentNumber: string): string[] {
  const first = slack.posts.find((post) => JSON.stringify(post.blocks).includes(documentNumber));
  if (first === undefined) throw new Error(`nobody announced ${documentNumber}`);
  return slack.posts
    .filter((post) => post.ts === first.ts || post.threadTs === first.ts)
    .map(({ text, blocks }) => `${text}\n${JSON.stringify(blocks)}`);
}

/** The key of a batch with one invoice, which has been announced. */
async function announceInvoice(world: World): Promise<string> {
  await world.run("poll");
  const batch = world.sage.company("SAMINC").addInvoiceBatch({
    invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "12.99", dueDate: "2026-12-31" }],
  });
  await world.run("poll");
  return keyOf("ap-invoices", batch);
}

/** Keys in a second invoice and takes it out again, each told. */
async function addAndRemoveInvoice(world: World, batch: string): Promise<void> {
  const books = world.sage.company("SAMINC");
  books.addInvoice(batch, { vendor: "1350", documentNumber: "INV-2", amount: "7.01" });
  await world.run("poll");
  books.removeEntry("ap-invoices", batch, 2);
  await world.run("poll");
}

/** The key of a batch with one invoice that was there before the first run. */
async function takeNoteOfInvoice(world: World): Promise<string> {
  const batch = world.sage.company("SAMINC").addInvoiceBatch({
    invoices: [{ vendor: "1200", documentNumber: "OLD-1", amount: "12.99" }],
  });
  await world.run("poll");
  return keyOf("ap-invoices", batch);
}

describe("a batch that changes after its announcement", () => {
  test("G40 is told in the thread: its status, with the old and the new one", async () => {
    await using world = await startWorld();
    const batch = await announceInvoice(world);
    world.sage.company("SAMINC").setStatus("ap-invoices", batch, "ReadyToPost");
    const ready = await world.run("poll");
    world.sage.company("SAMINC").post("ap-invoices", batch);
    await world.run("poll");
    const quiet = await world.run("poll");

    const thread = threadOf(world, "INV-1");
    expect(ready).toMatchObject({ code: 0, stderr: "" });
    expect(thread.length).toBe(3);
    expect(thread[1]).toContain("status Open → Ready to post");
    expect(thread[2]).toContain("status Ready to post → Posted");
    expect(quiet.stdout).toContain("Nothing to post");
  });

  test("has its header brought up to date, with its metadata kept", async () => {
    await using world = await startWorld();
    const batch = await announceInvoice(world);
    world.sage
      .company("SAMINC")
      .addInvoice(batch, { vendor: "1350", documentNumber: "INV-2", amount: "7.01" });
    await world.run("poll");
    await world.run("poll");

    const first = world.slack.posts.find(({ blocks }) => JSON.stringify(blocks).includes("INV-1"));
    const updates = world.slack.requests.filter(({ method }) => method === "chat.update");
    expect(threadOf(world, "INV-1").length).toBe(2);
    expect(threadOf(world, "INV-1")[1]).toContain("INV-2");
    expect(updates.length).toBeGreaterThan(0);
    expect(updates.every(({ error }) => error === undefined)).toBe(true);
    expect(first?.blocks.find((block) => block["block_id"] === "header")).toBeDefined();
  });

  test.each([
    ["was refused for now", { kind: "error", error: "is_archived" }],
    ["was cut off before it was taken", { kind: "reset", accept: false }],
    ["was cut off after it was taken", { kind: "reset", accept: true }],
  ] as const)("has its header right too when the announcement %s", async (_fate, fault) => {
    await using world = await startWorld({ slack: { quarantineSeconds: 0 } });
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const batch = books.addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "12.99" }],
    });
    world.slack.queueFault({ method: "chat.postMessage", ...fault });
    await world.run("poll");
    books.post("ap-invoices", keyOf("ap-invoices", batch));
    world.slack.queueFault({ method: "chat.postMessage", ...fault });
    for (let run = 0; run < 3; run += 1) await world.run("poll");

    const [, announcement, reply] = world.slack.channel("accounts-payable").messages;
    expect(announcement?.text).toContain("(Posted)");
    expect(JSON.stringify(announcement?.blocks)).toContain("● Posted");
    expect(reply?.text).toContain("status Open → Posted");
  });

  test("G34 G39 is told what was edited on the same day, though its header shows no trace of it", async () => {
    await using world = await startWorld();
    const batch = await announceInvoice(world);
    const books = world.sage.company("SAMINC");
    const invoices = books.find("ap-invoices", batch)?.["Invoices"] as Record<string, unknown>[];
    Object.assign(invoices[0] ?? {}, { DueDate: "2027-01-15T00:00:00Z" });

    await world.run("poll");
    await world.run("poll");

    const thread = threadOf(world, "INV-1");
    expect(thread.length).toBe(2);
    expect(thread[1]).toContain("INV-1: due 2026-12-31 → 2027-01-15");
  });

  test("G34 is told of a second edit on the day of the last look, also after days without a run", async () => {
    await using world = await startWorld();
    world.sage.now.today = new Date(Date.now()).toISOString().slice(0, 10);
    const batch = await announceInvoice(world);
    const books = world.sage.company("SAMINC");
    const invoices = books.find("ap-invoices", batch)?.["Invoices"] as Record<string, unknown>[];
    Object.assign(invoices[0] ?? {}, { DueDate: "2027-01-15T00:00:00Z" });

    world.sage.now.today = new Date(Date.now() + 4 * 86_400_000).toISOString().slice(0, 10);
    await world.run("poll");

    expect(threadOf(world, "INV-1")[1]).toContain("INV-1: due 2026-12-31 → 2027-01-15");
  });

  test("is told what was taken out of it, and that it was deleted", async () => {
    await using world = await startWorld();
    const batch = await announceInvoice(world);
    await addAndRemoveInvoice(world, batch);
    world.sage.company("SAMINC").markDeleted("ap-invoices", batch);
    await world.run("poll");

    const thread = threadOf(world, "INV-1");
    expect(thread.length).toBe(4);
    expect(thread[2]).toContain("INV-2: removed (was USD 7.01)");
    expect(thread[3]).toContain("status Open → Deleted");
  });

  test("is told of an entry that failed to post in the thread of the original, also what becomes of it", async () => {
    await using world = await startWorld();
    const batch = await announceInvoice(world);
    const books = world.sage.company("SAMINC");
    const failed = books.postWithErrors("ap-invoices", batch, [1]);
    await world.run("poll");
    books.post("ap-invoices", keyOf("ap-invoices", failed));
    await world.run("poll");
    await world.run("poll");

    const thread = threadOf(world, "INV-1");
    const announcements = world.slack.posts.filter(
      ({ threadTs, channelName }) => threadTs === undefined && channelName === "accounts-payable",
    );
    expect(announcements.length).toBe(2); // the baseline and the original
    expect(thread.join("\n")).toContain("posting failed, now entry 1 of error batch");
    expect(thread.at(-1)).toContain("status Open → Posted");
  });

  test("is told of an entry whose error batch was mended and deleted before anybody looked", async () => {
    await using world = await startWorld();
    const batch = await announceInvoice(world);
    const books = world.sage.company("SAMINC");
    const failed = books.postWithErrors("ap-invoices", batch, [1]);
    const [copy] = rowsOf(failed, "Invoices");
    Object.assign(copy ?? {}, { DueDate: "2027-05-14T00:00:00Z" });
    books.markDeleted("ap-invoices", keyOf("ap-invoices", failed));
    await world.run("poll");
    const told = threadOf(world, "INV-1");
    await world.run("poll");

    expect(told.join("\n")).toMatch(/posting failed, now entry 1 of error batch \d+, which is deleted/);
    expect(told.join("\n")).toMatch(/due .* → 2027-05-14/);
    expect(threadOf(world, "INV-1")).toEqual(told);
    expect(
      world.slack.posts.filter(
        ({ threadTs, channelName }) => threadTs === undefined && channelName === "accounts-payable",
      ).length,
    ).toBe(2); // the baseline and the original
  });

  test("is told of a deleted error batch below its original alone, when that was only taken note of", async () => {
    await using world = await startWorld();
    const books = world.sage.company("SAMINC");
    const batch = keyOf(
      "ap-invoices",
      books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] }),
    );
    await world.run("poll");
    const before = world.slack.posts.length;
    const failed = books.postWithErrors("ap-invoices", batch, [1]);
    books.markDeleted("ap-invoices", keyOf("ap-invoices", failed));
    await world.run("poll");
    await world.run("poll");

    const [original, ...replies] = world.slack.posts.slice(before);
    expect(original?.threadTs).toBeUndefined();
    expect(replies.map(({ threadTs }) => threadTs)).toEqual([original?.ts]);
    expect(JSON.stringify(replies)).toContain("which is deleted");
  });

  test("begins a new thread when its message is gone", async () => {
    await using world = await startWorld();
    const batch = await announceInvoice(world);
    const first = world.slack.posts.at(-1);
    world.slack.deleteMessage("accounts-payable", first?.ts ?? "");
    world.sage.company("SAMINC").setStatus("ap-invoices", batch, "ReadyToPost");
    const run = await world.run("poll");
    world.sage.company("SAMINC").post("ap-invoices", batch);
    await world.run("poll");

    const [reply, next] = world.slack.posts.slice(-2);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("they become messages of the channel");
    expect(reply?.threadTs).toBeUndefined();
    expect(reply?.text).toContain("status Open → Ready to post");
    expect(next?.threadTs).toBe(reply?.ts);
  });

  test("that was only taken note of is announced by its first change, which begins its thread", async () => {
    await using world = await startWorld();
    const batch = await takeNoteOfInvoice(world);
    const books = world.sage.company("SAMINC");
    books.setStatus("ap-invoices", batch, "ReadyToPost");
    await world.run("poll");
    books.post("ap-invoices", batch);
    await world.run("poll");

    const thread = threadOf(world, "OLD-1");
    expect(thread.length).toBe(2);
    expect(thread[0]).toContain("Status changed");
    expect(thread[1]).toContain("status Ready to post → Posted");
  });

  test("that was only taken note of is not announced before it has one of the statuses asked for", async () => {
    const sources = { "ap-invoices": { channel: "#accounts-payable", statuses: ["Posted"] } };
    await using world = await startWorld({ sources });
    const batch = await takeNoteOfInvoice(world);
    const books = world.sage.company("SAMINC");
    books.setStatus("ap-invoices", batch, "ReadyToPost");
    const ready = await world.run("poll");
    books.addInvoice(batch, { vendor: "1350", documentNumber: "OLD-2", amount: "7.01" });
    const edited = await world.run("poll");
    books.post("ap-invoices", batch);
    const posted = await world.run("poll");

    for (const { stdout } of [ready, edited]) expect(stdout).toContain("Nothing to post");
    expect(posted.stdout).toContain("Posted 1 message");
    expect(threadOf(world, "OLD-1")[0]).toContain("OLD-2");
  });

  test("that was told in part, by a request for history, is told of an edit of the rest in the same thread", async () => {
    await using world = await startWorld();
    const books = world.sage.company("SAMINC");
    const invoice = { vendor: "1200", amount: "12.99" };
    const invoices = [
      { ...invoice, documentNumber: "OLD-1", date: "2026-05-01" },
      { ...invoice, documentNumber: "OLD-2" },
    ];
    const batch = keyOf("ap-invoices", books.addInvoiceBatch({ invoices }));
    await world.run("poll");
    await world.run("poll", "--since", "2026-08-01");
    const entries = books.find("ap-invoices", batch)?.["Invoices"] as Record<string, unknown>[];
    Object.assign(entries[0] ?? {}, { DueDate: "2027-01-15T00:00:00Z" });
    await world.run("poll");
    await world.run("poll");

    const thread = threadOf(world, "OLD-2");
    expect(thread).toHaveLength(2);
    expect(thread[1]).toContain("OLD-1: due");
    expect(thread[1]).toContain("2027-01-15");
  });

  test("that was only taken note of is not announced by its deletion", async () => {
    await using world = await startWorld();
    const batch = await takeNoteOfInvoice(world);
    world.sage.company("SAMINC").setStatus("ap-invoices", batch, "Deleted");

    expect((await world.run("poll")).stdout).toContain("Nothing to post");
  });

  test.each(["thread", "message"])(
    "is told of a change once, with updates as %s, after an entry was removed",
    async (updates) => {
      await using world = await startWorld({
        sources: { "ap-invoices": { channel: "#accounts-payable", updates } },
      });
      const batch = await announceInvoice(world);
      await addAndRemoveInvoice(world, batch);
      world.sage.company("SAMINC").setStatus("ap-invoices", batch, "ReadyToPost");
      await world.run("poll");

      const texts = world.slack.posts.map(({ text }) => text);
      expect(texts.filter((text) => text.includes("Open → Ready to post"))).toHaveLength(1);
    },
  );

  test.each(["thread", "message"])(
    "is told of an edit once while an earlier %s about it waits",
    async (updates) => {
      await using world = await startWorld({
        slack: { quarantineSeconds: 0 },
        sources: { "ap-invoices": { channel: "#accounts-payable", updates } },
      });
      const batch = await announceInvoice(world);
      const books = world.sage.company("SAMINC");
      const cutOff = { method: "chat.postMessage", kind: "reset", accept: false } as const;
      world.slack.queueFault(cutOff);
      books.addInvoice(batch, { vendor: "1350", documentNumber: "INV-2", amount: "7.01" });
      await world.run("poll");
      world.slack.queueFault(cutOff);
      const invoices = books.find("ap-invoices", batch)?.["Invoices"] as Record<string, unknown>[];
      Object.assign(invoices[0] ?? {}, { DueDate: "2027-01-15T00:00:00Z" });
      await world.run("poll");
      await world.run("poll");

      const shown = world.slack.posts.slice(-3).map(({ text }) => text);
      expect(shown.filter((text) => text.includes("1 added"))).toHaveLength(1);
      expect(shown.filter((text) => text.includes("INV-1: due 2026-12-31 → 2027-01-15"))).toHaveLength(1);
    },
  );

  test("tells no more than new entries with updates off", async () => {
    await using world = await startWorld();
    const batch = await announceInvoice(world);
    await world.configure({ sources: { "ap-invoices": { channel: "#accounts-payable", updates: "off" } } });
    const books = world.sage.company("SAMINC");
    books.setStatus("ap-invoices", batch, "ReadyToPost");
    await world.run("poll");
    const before = world.slack.posts.length;
    books.addInvoice(batch, { vendor: "1350", documentNumber: "INV-2", amount: "7.01" });
    await world.run("poll");

    expect(before).toBe(6);
    expect(threadOf(world, "INV-1").at(-1)).toContain("INV-2");
  });
});

test("an order's receipts and its completion go to its thread", async () => {
  await using world = await startWorld();
  await world.run("poll");
  const books = world.sage.company("SAMINC");
  const order = keyOf(
    "purchase-orders",
    books.addPurchaseOrder({
      number: "PO000123",
      vendor: "1400",
      lines: [{ item: "A1-103/0", quantity: "60", unitCost: "12.50" }],
    }),
  );
  await world.run("poll");
  books.receive(order, [{ line: 1, quantity: "20" }]);
  await world.run("poll");
  books.receive(order, [{ line: 1, quantity: "40" }]);
  await world.run("poll");
  await world.run("poll");

  const thread = threadOf(world, "PO000123");
  expect(thread.length).toBe(3);
  expect(thread[1]).toContain("received 20 of 60 on A1-103/0");
  expect(thread[1]).toContain("status Open → Partly received");
  expect(thread[2]).toContain("received 60 of 60 on A1-103/0");
  expect(thread[2]).toContain("completed (was Partly received)");
});

test("G35 G36 a document keyed with an old date, and one with a future date, are announced once", async () => {
  await using world = await startWorld();
  await world.run("poll");
  const books = world.sage.company("SAMINC");
  books.addInvoiceBatch({
    date: "2024-01-31",
    invoices: [{ vendor: "1200", documentNumber: "BACK-1", amount: "1.00", date: "2024-01-31" }],
  });
  books.addInvoiceBatch({
    date: "2031-01-31",
    invoices: [{ vendor: "1200", documentNumber: "AHEAD-1", amount: "1.00", date: "2031-01-31" }],
  });
  await world.run("poll");
  await world.run("poll");

  const shown = JSON.stringify(world.slack.posts.map(({ blocks }) => blocks));
  expect(shown.match(/"BACK-1"|BACK-1 /g)?.length).toBe(1);
  expect(shown.match(/"AHEAD-1"|AHEAD-1 /g)?.length).toBe(1);
});

function addOneOfEach(books: CompanyBooks, number: number): void {
  const amount = "1.00";
  const lines = [
    { account: "1300", amount },
    { account: "1020", amount: `-${amount}` },
  ];
  if (number % 5 === 0) books.addPaymentBatch({ payments: [{ vendor: "1350", amount }] });
  if (number % 5 === 1) books.addPaymentBatch({ selector: "AD", payments: [{ vendor: "1350", amount }] });
  if (number % 5 === 2) books.addReceiptBatch({ receipts: [{ customer: "1210", amount }] });
  if (number % 5 === 3) books.addReceiptBatch({ selector: "AD", receipts: [{ customer: "1210", amount }] });
  if (number % 5 === 4) books.addJournalBatch({ entries: [{ description: "Rent", lines }] });
}

test("a quiet poll of 40 open batches and 100 open orders takes at most 12 requests", async () => {
  await using world = await startWorld();
  const books = world.sage.company("SAMINC");
  for (let number = 1; number <= 100; number += 1) {
    books.addPurchaseOrder({
      vendor: "1400",
      lines: [{ item: "A1-103/0", quantity: "1", unitCost: "1.00" }],
    });
    if (number <= 20) books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] });
    if (number > 20 && number <= 40) addOneOfEach(books, number);
  }
  await world.run("poll", "--all");
  const before = world.sage.requests.length;

  const quiet = await world.run("poll", "--all");

  expect(quiet).toMatchObject({ code: 0, stderr: "" });
  expect(world.sage.requests.length - before).toBeLessThanOrEqual(12);
});

test("G31 G32 batches that come and go between two pages are announced once, none is left out", async () => {
  await using world = await startWorld();
  world.sage.switches.pageSize = 3;
  const books = world.sage.company("SAMINC");
  await world.run("poll");
  for (let number = 1; number <= 8; number += 1) addInvoice(books, `DOC-${number}.`);
  let requests = 0;
  world.sage.onRequest = ({ path }) => {
    if (!path.includes("APInvoiceBatches")) return;
    requests += 1;
    if (requests === 3) books.vanish("ap-invoices", "2");
    if (requests === 4) addInvoice(books, "DOC-9.");
  };

  await world.run("poll");
  world.sage.onRequest = null;
  await world.run("poll");
  await world.run("poll");

  const shown = JSON.stringify(world.slack.posts.map(({ blocks }) => blocks));
  for (const number of [1, 3, 4, 5, 6, 7, 8, 9]) {
    expect(shown.split(`DOC-${number}.`).length - 1).toBe(1);
  }
});

test("G37 a number that is filled in later is announced", async () => {
  await using world = await startWorld();
  const books = world.sage.company("SAMINC");
  await world.run("poll");
  addInvoice(books, "EARLY.");
  addInvoice(books, "LATE.");
  addInvoice(books, "NEWEST.");
  const rows = books.rows("ap-invoices") as SageRow[];
  const [late] = rows.splice(1, 1);
  await world.run("poll");
  const before = JSON.stringify(world.slack.posts.map(({ blocks }) => blocks));
  if (late !== undefined)
    rows.splice(1, 0, { ...late, BatchStatus: "Posted", DateLastEdited: null, BatchDate: null });

  await world.run("poll");
  await world.run("poll");

  const after = JSON.stringify(world.slack.posts.map(({ blocks }) => blocks));
  expect(before).toContain("NEWEST.");
  expect(before).not.toContain("LATE.");
  expect(after.split("LATE.").length - 1).toBe(1);
});

test("G42 a record that cannot be read holds back no other, and is announced once it can (3)", async () => {
  await using world = await startWorld();
  const books = world.sage.company("SAMINC");
  await world.run("poll");
  addInvoice(books, "BROKEN.");
  addInvoice(books, "SOUND.");
  world.sage.queueFault({
    kind: "rewrite",
    match: "APInvoiceBatches",
    change: (body) =>
      body.toString().replace(/("BROKEN\.".*?"DistributedTotalIncludingTax":)[\d.]+/s, '$1"about"'),
    times: Number.POSITIVE_INFINITY,
  });

  const broken = await world.run("poll");
  const again = await world.run("poll");
  world.sage.clearFaults();
  const mended = await world.run("poll");
  await world.run("poll");

  const shown = JSON.stringify(world.slack.posts.map(({ blocks }) => blocks));
  expect([broken.code, again.code, mended.code]).toEqual([3, 3, 0]);
  expect(broken.stderr).toContain("A/P invoice batch 1 cannot be read");
  expect(broken.stderr).toContain("DistributedTotalIncludingTax");
  expect(shown.split("SOUND.").length - 1).toBe(1);
  expect(shown.split("BROKEN.").length - 1).toBe(1);
});

function addInvoice(books: CompanyBooks, documentNumber: string): void {
  books.addInvoiceBatch({ invoices: [{ vendor: "1200", documentNumber, amount: "1.00" }] });
}

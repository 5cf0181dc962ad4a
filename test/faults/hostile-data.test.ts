import { stat } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { hostileTexts, keyInEverywhere, unsafe } from "../support/hostile.ts";
import { startWorld, type Result, type World } from "../support/world.ts";

type Post = World["slack"]["posts"][number];

const fiveChannels = ["accounting-leadership", "accounts-payable", "collections", "procurement", "treasury"];

/** Every text of a payload that people read, block by block. */
function textsIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(textsIn);
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) =>
    name === "text" && typeof value === "string" ? [value] : textsIn(value),
  );
}

function expectHarmless({ text, blocks, notified, links, unfurlLinks, unfurlMedia }: Post): void {
  expect({ notified, links, unfurlLinks, unfurlMedia }).toEqual({
    notified: [],
    links: [],
    unfurlLinks: false,
    unfurlMedia: false,
  });
  expect(text).not.toMatch(/<|>|&(?!(?:amp|lt|gt);)/);
  expect(text.length).toBeLessThanOrEqual(3900);
  // Only types that Slack does not parse, and no emoji codes.
  const payload = JSON.stringify(blocks);
  expect(payload).not.toMatch(
    /"type":"(?:mrkdwn|markdown|link|broadcast|user|usergroup|emoji)"|"emoji":true/,
  );
  for (const shown of [text, ...textsIn(blocks)]) {
    expect(shown.isWellFormed()).toBe(true);
    expect(shown.replaceAll(/\n|\u200C|\u200D|\uFE0E|\uFE0F/g, "")).not.toMatch(unsafe);
  }
}

function expectSafeOutput({ stdout, stderr }: Result): void {
  expect(stdout.replaceAll("\n", "")).not.toMatch(unsafe);
  expect(stderr.replaceAll("\n", "")).not.toMatch(unsafe);
  expect(`${stdout}${stderr}`).not.toMatch(/^\s*(?:\{"level"|sage-slack: forged)/m);
}

describe("hostile text in every field of every source", () => {
  test.each(hostileTexts)(
    "$id $typed is shown literally, once, everywhere (SR-28 SR-29 SR-33 SR-56)",
    async ({ typed, shown }) => {
      const before = Object.getOwnPropertyNames(Object.prototype);
      await using world = await startWorld();
      await world.run("poll", "--all");
      const baseline = world.slack.posts.length;
      keyInEverywhere(world, typed);

      const preview = await world.run("dry-run", "--all", "--verbose");
      const previewJson = await world.run("dry-run", "--all", "--json");
      // Everything waits for once, so that the outbox has something to list.
      world.slack.queueFault({
        kind: "error",
        error: "restricted_action",
        method: "chat.postMessage",
        times: 5,
      });
      const refused = await world.run("poll", "--all", "--verbose");
      const outbox = await world.run("outbox");
      const outboxJson = await world.run("outbox", "--json");
      const status = await world.run("status");
      const posted = await world.run("poll", "--all", "--json");
      const again = await world.run("poll", "--all");

      expect(
        [preview, previewJson, refused, outbox, outboxJson, status, posted, again].map(({ code }) => code),
      ).toEqual([0, 0, 3, 0, 0, 0, 0, 0]);
      for (const result of [preview, previewJson, refused, outbox, outboxJson, status, posted, again]) {
        expectSafeOutput(result);
      }
      for (const { stdout } of [previewJson, outboxJson, posted])
        expect(JSON.parse(stdout)).toBeTypeOf("object");
      const posts = world.slack.posts.slice(baseline);
      expect(posts.map(({ channelName }) => channelName).toSorted()).toEqual(fiveChannels);
      posts.forEach(expectHarmless);
      for (const post of posts) expect(textsIn(post.blocks).join("\n")).toContain(shown ?? typed);
      expect(again.stdout).toContain("Nothing to post");
      expect(world.slack.posts.length).toBe(baseline + 5);
      expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    },
  );
});

describe("the size of a record", () => {
  test.each([
    ["a description of a megabyte", "d".repeat(1024 * 1024)],
    ["100,000 lines", "line\n".repeat(100_000)],
    ["a megabyte of emoji", "\u{1F468}\u200D\u{1F469}".repeat(200_000)],
  ])("H07 does not matter: %s is shown shortened", async (_name, typed) => {
    await using world = await startWorld({ sources: { "ap-invoices": {}, "purchase-orders": {} } });
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    books.addInvoiceBatch({
      description: typed,
      invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "5.00", description: typed }],
    });
    books.addPurchaseOrder({
      number: `PO1 ${typed}`,
      vendor: "1200",
      lines: [{ item: "A", quantity: "1", unitCost: "7.00" }],
    });

    world.slack.queueFault({ kind: "error", error: "is_archived", method: "chat.postMessage", times: 1 });
    const refused = await world.run("poll");
    const waiting = await stat(join(world.directory, "sage-slack.cursor.json"));
    const run = await world.run("poll");
    const again = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout).toContain("Nothing to post");
    expect(refused.code).toBe(3);
    // What waits must not fill the state file, which has a limit.
    expect(waiting.size).toBeLessThan(40_000);
    const errors = world.slack.requests.map(({ error }) => error).filter((error) => error !== undefined);
    expect(errors).toEqual(["is_archived"]);
    const shown = JSON.stringify(world.slack.posts.slice(1));
    for (const part of ["INV-1", "5.00", "PO1", "7.00", "…"]) expect(shown).toContain(part);
    expect(shown.length).toBeLessThan(40_000);
  });

  test("H07 does not matter: an invoice of 10,000 lines and a batch of 1,000 invoices", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    await world.run("poll");
    const baseline = world.slack.posts.length;
    const books = world.sage.company("SAMINC");
    const lines = Array.from({ length: 10_000 }, (_line, index) => ({
      account: `A${index % 20}`,
      amount: "1.00",
    }));
    books.addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "LONG", amount: "10000.00", lines }],
    });
    const numbers = Array.from({ length: 1000 }, (_invoice, index) => `DOC-${index}.`);
    books.addInvoiceBatch({
      invoices: numbers.map((documentNumber) => ({ vendor: "1200", documentNumber, amount: "1.00" })),
    });

    const run = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    const posts = world.slack.posts.slice(baseline);
    expect(posts.some(({ blocks }) => JSON.stringify(blocks).includes("LONG"))).toBe(true);
    const shown = posts.flatMap(({ blocks }) => JSON.stringify(blocks).match(/DOC-\d+\./g) ?? []);
    expect(shown.toSorted()).toEqual(numbers.toSorted());
  });

  test("H10 an amount that cannot be read exactly stops its source, and no wrong number is posted", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {}, "purchase-orders": {} } });
    await world.run("poll");
    const baseline = world.slack.posts.length;
    const books = world.sage.company("SAMINC");
    books.addInvoiceBatch({
      invoices: [{ vendor: "1200", amount: "1.00", DistributedTotalIncludingTax: "1e1000000" }],
    });
    books.addPurchaseOrder({ vendor: "1200", lines: [{ item: "A", quantity: "1", unitCost: "7.00" }] });

    const run = await world.run("poll");

    expect(run.code).toBe(3);
    expect(run.stderr).toContain("not a decimal number");
    expect(run.stderr.length).toBeLessThan(1000);
    expect(world.slack.posts.length).toBe(baseline + 1);
  });
});

describe("keys", () => {
  test("H12 a code that the server takes for an attack hides the names of no others", async () => {
    await using world = await startWorld({ sources: { "ar-receipts": {} } });
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const codes = [
      "A/B?#%&+'\" ..",
      "x".repeat(300),
      "../../v1.0/-/OTHER/AP/APVendors('1')",
      "%2f%2e%2e",
      "C&D",
    ];
    books.addReceiptBatch({
      receipts: [...codes, "1210"].map((customer) => ({ customer, amount: "1.00", Payer: "" })),
    });
    // As ASP.NET does with an ampersand in an address.
    world.sage.queueFault({
      kind: "status",
      status: 400,
      body: "<html>A potentially dangerous Request.Path value was detected</html>",
      contentType: "text/html",
      match: "C&D",
    });

    const run = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    const shown = JSON.stringify(world.slack.posts.at(-1)?.blocks);
    expect(shown).toContain("ACME Plumbing (1210)");
    const asked = world.sage.requests.map(({ url }) => url);
    expect(
      asked.every((url) =>
        /^\/Sage300WebApi\/v1\.0\/-\/SAMINC\/A[PR]\/\w+(?:\([^/?#]*\))?(?:\?|$)/.test(url),
      ),
    ).toBe(true);
  });

  test("H13 one number in two spellings is one record, and two texts that look alike are two", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    await world.run("poll");
    const baseline = world.slack.posts.length;
    const books = world.sage.company("SAMINC");
    books.addInvoiceBatch({
      invoices: ["\u00C9-1", "E\u0301-1", "0065", "65"].map((documentNumber) => ({
        vendor: "1200",
        documentNumber,
        amount: "1.00",
      })),
    });
    const [row] = books.rows("ap-invoices");
    await world.run("poll");
    // The same batch under another spelling of its number, as after an update of the server.
    if (row !== undefined) row["BatchNumber"] = "000001";
    const respelled = await world.run("poll");

    expect(respelled).toMatchObject({ code: 0, stderr: "" });
    expect(world.slack.posts.length).toBe(baseline + 1);
    const shown = JSON.stringify(world.slack.posts.at(-1)?.blocks);
    for (const number of ["\u00C9-1", "E\u0301-1", '"0065"', '"65"']) expect(shown).toContain(number);
  });

  test.each(["batch", "document"])("H19 200 documents of the same text are 200 (%s)", async (post) => {
    await using world = await startWorld({ sources: { "ap-invoices": { post } } });
    await world.run("poll");
    const baseline = world.slack.posts.length;
    const same = { vendor: "1200", documentNumber: "SAME", amount: "1.00", description: "same" };
    world.sage.company("SAMINC").addInvoiceBatch({ invoices: Array.from({ length: 200 }, () => same) });

    const run = await world.run("poll", "--json");
    const again = await world.run("poll");

    expect(run.code).toBe(0);
    const { posted } = JSON.parse(run.stdout) as { posted: { transactions: string[] }[] };
    expect(new Set(posted.flatMap(({ transactions }) => transactions)).size).toBe(200);
    const posts = world.slack.posts.slice(baseline);
    expect(posts.flatMap(({ blocks }) => JSON.stringify(blocks).match(/SAME/g) ?? []).length).toBe(200);
    expect(again.stdout).toContain("Nothing to post");
  });
});

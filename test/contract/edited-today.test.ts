import { describe, expect, test } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import { startWorld, type World } from "../support/world.ts";

/** The one request for all open batches with their entries; lists of headers select their properties. */
const listOfWhole = "APInvoiceBatches?$filter=((BatchStatus";

/** Open batches of today, announced, each with so many invoices. */
async function announceBatches(
  world: World,
  { batches, invoices }: { batches: number; invoices: number },
): Promise<string[]> {
  await world.run("poll");
  const books = world.sage.company("SAMINC");
  const entries = (batch: number) =>
    Array.from({ length: invoices }, (_each, entry) => ({
      vendor: "1200",
      amount: "12.99",
      documentNumber: `INV-${batch}-${entry + 1}.`,
      dueDate: "2026-12-31",
    }));
  const keys = Array.from({ length: batches }, (_each, index) =>
    keyOf("ap-invoices", books.addInvoiceBatch({ invoices: entries(index + 1) })),
  );
  await world.run("poll");
  return keys;
}

/** A second edit of the day: no header shows it. */
function moveDueDate({ sage }: World, key: string): void {
  const row = sage.company("SAMINC").find("ap-invoices", key);
  const invoices = row?.["Invoices"] as Record<string, unknown>[];
  Object.assign(invoices[0] ?? {}, { DueDate: "2027-01-15T00:00:00Z" });
}

type Row = Record<string, unknown>;

const forEver = Number.POSITIVE_INFINITY;

describe("an edit that no header shows is told", () => {
  test.each([
    [
      "fails",
      {
        kind: "status",
        status: 500,
        contentType: "application/json",
        body: '{"error":{"code":"General","message":{"lang":"en-US","value":"No."}}}',
      },
    ],
    ["is a page of the web server", { kind: "text500" }],
    ["is more than anybody reads", { kind: "huge", bytes: 17_000_000 }],
    ["is no JSON", { kind: "not-json" }],
  ] as const)("when the list of whole batches %s", async (_how, fault) => {
    await using world = await startWorld();
    const keys = await announceBatches(world, { batches: 3, invoices: 1 });
    const start = world.slack.posts.length;
    world.sage.queueFault({ ...fault, match: listOfWhole, times: forEver });

    moveDueDate(world, keys[1] ?? "");
    const run = await world.run("poll");
    const quiet = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(world.slack.posts.slice(start).map(({ text }) => text)).toEqual([
      expect.stringContaining("INV-2-1.: due 2026-12-31 → 2027-01-15"),
    ]);
    expect(quiet.stdout).toContain("Nothing to post");
  });

  test.each<[string, (row: Row) => Row, number]>([
    ["the entries of all", (row) => ({ ...row, Invoices: [] }), 0],
    ["the collections of all", (row) => ({ ...row, Invoices: undefined }), 0],
    ["the entries of one", (row) => (row["BatchNumber"] === 1 ? { ...row, Invoices: [] } : row), 1],
    ["all but the first entry", (row) => ({ ...row, Invoices: [(row["Invoices"] as Row[])[0]] }), 3],
    [
      "the lines of the entries",
      (row) => ({
        ...row,
        Invoices: (row["Invoices"] as Row[]).map((one) => ({ ...one, InvoiceDetails: [] })),
      }),
      3,
    ],
  ])("and nothing else is, when the list leaves out %s", async (_what, change, single) => {
    await using world = await startWorld();
    const keys = await announceBatches(world, { batches: 3, invoices: 2 });
    const start = world.slack.posts.length;
    const asked = world.sage.requests.length;
    world.sage.queueFault({
      kind: "rewrite",
      match: listOfWhole,
      times: forEver,
      change: (body) => {
        const { value, ...others } = JSON.parse(body.toString()) as { value: Row[] };
        return JSON.stringify({ ...others, value: value.map(change) });
      },
    });

    moveDueDate(world, keys[0] ?? "");
    const run = await world.run("poll");
    const read = world.sage.requests.slice(asked).filter(({ path }) => path.endsWith(")"));
    // An edit that the header shows is told in any case.
    world.sage.company("SAMINC").edit("ap-invoices", keys[0] ?? "", { BatchStatus: "ReadyToPost" });
    await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(read.length).toBe(single);
    const told = world.slack.posts.slice(start).map(({ text }) => text);
    expect(told.join("\n")).not.toMatch(/removed|accounts/);
    expect(told.filter((text) => text.includes("INV-1-1.: due 2026-12-31 → 2027-01-15"))).toHaveLength(1);
  });

  test("when one of the batches cannot be had, which is named", async () => {
    await using world = await startWorld();
    const keys = await announceBatches(world, { batches: 3, invoices: 1 });
    const start = world.slack.posts.length;
    world.sage.queueFault({ kind: "huge", bytes: 17_000_000, match: listOfWhole, times: forEver });
    world.sage.queueFault({ kind: "huge", bytes: 17_000_000, match: `Batches(${keys[0]})`, times: forEver });

    moveDueDate(world, keys[1] ?? "");
    const run = await world.run("poll");

    expect(run.code).toBe(5);
    expect(run.stderr).toContain(`A/P invoice batch ${keys[0]}: `);
    expect(world.slack.posts.slice(start).map(({ text }) => text)).toEqual([
      expect.stringContaining("INV-2-1.: due 2026-12-31 → 2027-01-15"),
    ]);
  });

  test("or it is said that it cannot be seen, where the records are too many to ask for each", async () => {
    await using world = await startWorld();
    await announceBatches(world, { batches: 60, invoices: 1 });
    world.sage.queueFault({ kind: "huge", bytes: 17_000_000, match: listOfWhole, times: forEver });
    const asked = world.sage.requests.length;

    const run = await world.run("poll");

    expect(run.code).toBe(5);
    expect(run.stderr).toContain("larger than 16 MB (the list of open records with their entries)");
    expect(run.stderr).toContain("an edit is told when the header of its record changes");
    expect(world.sage.requests.length - asked).toBeLessThan(20);
  });

  test("when the batches are too many and too large for one answer", async () => {
    await using world = await startWorld();
    const keys = await announceBatches(world, { batches: 8, invoices: 150 });
    const start = world.slack.posts.length;
    const asked = world.sage.requests.length;

    moveDueDate(world, keys[0] ?? "");
    moveDueDate(world, keys[7] ?? "");
    await world.run("poll");

    const lists = world.sage.requests
      .slice(asked)
      .filter(({ path, query }) => path.endsWith("/APInvoiceBatches") && query["$select"] === undefined);
    expect(
      world.slack.posts
        .slice(start)
        .map(({ text }) => text)
        .join("\n"),
    ).toContain("INV-1-1.: due");
    expect(
      world.slack.posts
        .slice(start)
        .map(({ text }) => text)
        .join("\n"),
    ).toContain("INV-8-1.: due");
    expect(lists.length).toBe(3);
  });
});

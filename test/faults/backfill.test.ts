import { describe, expect, test } from "vitest";

import { announced, invoicesOnly, threeMonths } from "../support/history.ts";
import { startWorld, type World } from "../support/world.ts";

/** A server that gives neither a batch nor a list with it in it, so many times each. */
function withhold({ sage }: World, batch: number, { lists, times }: { lists: string; times: number }): void {
  for (const match of [lists, `APInvoiceBatches(${batch})`])
    sage.queueFault({ kind: "html503", match, times });
}

/** Lists of headers select their properties before this. */
const wholeList = (upTo: string) => `${upTo})&$top`;

const forEver = Number.POSITIVE_INFINITY;

describe("a backfill that is broken off", () => {
  test("is kept, shown by status, and ended by any later poll", async () => {
    await using world = await startWorld(invoicesOnly);
    threeMonths(world);
    await world.run("poll");
    withhold(world, 3, { lists: wholeList("BatchNumber le 4"), times: forEver });
    const first = await world.run("poll", "--since", "2026-09-01");
    const status = await world.run("status");
    world.sage.clearFaults();
    const second = await world.run("poll");
    const after = await world.run("status");

    expect(first.code).toBe(5);
    expect(status.stdout).toContain("History of SAMINC/ap-invoices since 2026-09-01: not read yet");
    expect(second.code).toBe(0);
    expect(announced(world)).toEqual(["INV-2026-09-01", "INV-2026-09-30", "INV-2026-10-01"]);
    expect(after.stdout).not.toContain("History");
  });

  test("is given up by outbox drop", async () => {
    await using world = await startWorld(invoicesOnly);
    threeMonths(world);
    await world.run("poll");
    withhold(world, 3, { lists: wholeList("BatchNumber le 4"), times: 4 });
    await world.run("poll", "--since", "2026-09-01");
    const dropped = await world.run("outbox", "drop", "SAMINC/ap-invoices");
    const again = await world.run("outbox", "drop", "SAMINC/ap-invoices");
    const next = await world.run("poll");

    expect(dropped).toMatchObject({ code: 0, stderr: "" });
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("no history of SAMINC/ap-invoices is waiting");
    expect(next.stdout).toContain("Nothing to post");
  });

  test("goes on after the part that was safe, also with --resend", async () => {
    await using world = await startWorld(invoicesOnly);
    const books = world.sage.company("SAMINC");
    for (let number = 1; number <= 120; number += 1) {
      books.addInvoiceBatch({
        date: "2026-09-10",
        invoices: [{ vendor: "1200", documentNumber: `INV-${number}`, amount: "1.00", date: "2026-09-10" }],
      });
    }
    await world.run("poll", "--since", "2026-09-01");
    withhold(world, 77, { lists: wholeList("BatchNumber le 99"), times: forEver });
    const first = await world.run("poll", "--since", "2026-09-01", "--resend");
    const { stdout } = await world.run("status");
    world.sage.clearFaults();
    const before = world.sage.requests.length;
    await world.run("poll");
    const lists = world.sage.requests.slice(before).flatMap(({ query }) => query["$filter"] ?? []);

    expect(first.code).toBe(5);
    expect(stdout).toContain("read up to 50");
    expect(lists).toContain("(BatchNumber gt 50) and (BatchNumber le 100)");
    expect(lists).not.toContain("(BatchNumber gt 0) and (BatchNumber le 50)");
    const documents = announced(world);
    expect(new Set(documents).size).toBe(120);
    expect(documents.length).toBe(240);
  });
});

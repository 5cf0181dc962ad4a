import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import { readableBlocks } from "../support/readable-blocks.ts";
import { keyInOneEach, keyInTheUnusual } from "../support/sample-morning.ts";
import { shownIn, startWorld, type World } from "../support/world.ts";

/** It is that moment, for this machine and for Sage. */
function at(world: World, moment: string): void {
  vi.setSystemTime(new Date(moment));
  world.sage.now.today = moment.slice(0, 10);
}

describe("the daily summary of journals", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => vi.useRealTimers());

  const journals = { "gl-journals": { channel: "#accounting-leadership" } };

  async function startDaily(moment: string, sources: object = journals): Promise<World> {
    vi.setSystemTime(new Date(moment));
    const world = await startWorld({
      sage: { timeZone: "America/Los_Angeles" },
      sources,
    });
    at(world, moment);
    await world.run("poll");
    return world;
  }

  test("comes once a day, and one that makes up for missed days names them all", async () => {
    await using world = await startDaily("2026-11-19T15:00:05Z");
    const books = world.sage.company("SAMINC");

    keyInOneEach(books);
    at(world, "2026-11-20T14:59:00Z");
    const early = await world.run("poll");
    at(world, "2026-11-20T15:01:00Z");
    const preview = await world.run("dry-run");
    await world.run("poll");
    keyInTheUnusual(books);
    at(world, "2026-11-24T15:01:00Z");
    await world.run("poll");

    const [, first, second] = world.slack.posts;
    expect(early.stdout).toContain("Nothing to post");
    expect(first?.text).toBe(
      "Summary of G/L journals, 20 November: 1 batch, 1 journal entry, USD 4,200.00 (SAMINC)",
    );
    expect(preview.stdout).toContain(first?.text);
    expect(second?.text).toContain("Summary of G/L journals, 21 to 24 November: 1 batch, 3 journal entries");
    expect(world.slack.posts.length).toBe(3);
  });

  test("goes where its batches go as a whole, by the accounts and flags of all their entries", async () => {
    await using world = await startDaily("2026-11-19T15:00:05Z");
    await world.configure({
      sage: { timeZone: "America/Los_Angeles" },
      sources: journals,
      routes: [
        {
          name: "unbalanced",
          when: { source: "gl-journals", flag: "out-of-balance" },
          channel: "#controllers",
          copy: true,
        },
        { name: "large", when: { source: "gl-journals", amount: { atLeast: "1" } }, channel: "#treasury" },
      ],
    });
    const books = world.sage.company("SAMINC");
    keyInOneEach(books);
    keyInTheUnusual(books);
    at(world, "2026-11-20T15:01:00Z");
    await world.run("poll");

    const [, whole, copy, ...others] = world.slack.posts.toSorted((a, b) =>
      a.channelName < b.channelName ? -1 : 1,
    );
    expect(others).toEqual([]);
    expect(whole?.text).toContain("2 batches, 4 journal entries");
    expect(copy?.channelName).toBe("controllers");
    expect(copy?.text).toContain("1 batch, 3 journal entries");
  });

  test("lists what has changed since the last one, in no thread", async () => {
    await using world = await startDaily("2026-11-19T15:00:05Z");
    const books = world.sage.company("SAMINC");
    keyInOneEach(books);
    at(world, "2026-11-20T15:01:00Z");
    await world.run("poll");
    const [batch] = books.rows("gl-journals");
    if (batch !== undefined) books.post("gl-journals", keyOf("gl-journals", batch));
    at(world, "2026-11-21T15:01:00Z");
    await world.run("poll");
    at(world, "2026-11-22T15:01:00Z");
    const quiet = await world.run("poll");

    const last = world.slack.posts.at(-1);
    expect(last?.threadTs).toBeUndefined();
    expect(last?.text).toContain("21 November: 1 batch, 1 journal entry");
    expect(readableBlocks(last?.blocks ?? [])).toContain("GL · ● Posted · 1 batch · 1 journal entry");
    expect(quiet.stdout).toContain("Nothing to post");
  });

  test.each([
    ["the spring night", "2026-03-07T15:00:05Z", "2026-03-08T14:00:30Z", "8 March"],
    ["the autumn night", "2026-10-31T14:00:05Z", "2026-11-01T15:00:30Z", "1 November"],
    ["New Year", "2026-12-31T15:00:05Z", "2027-01-01T15:00:30Z", "1 January"],
  ])(
    "has its day and its dates by the books, not by the machine (%s)",
    async (_night, before, after, day) => {
      const daily = { "ap-invoices": { post: "summary", schedule: "0 7 * * *" } };
      for (const zone of ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"]) {
        vi.stubEnv("TZ", zone);
        await using world = await startDaily(before, daily);
        const dueDate = after.slice(0, 10);
        world.sage
          .company("SAMINC")
          .addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00", dueDate }] });
        at(world, after);
        await world.run("poll");

        expect(world.slack.posts.at(-1)?.text).toContain(`Summary of A/P invoices, ${day}:`);
        expect(readableBlocks(world.slack.posts.at(-1)?.blocks ?? [])).toContain(`Due: ${dueDate} (today)`);
      }
      vi.unstubAllEnvs();
    },
  );
});

describe("a vendor", () => {
  const route = { name: "new vendors", when: { flag: "new-vendor" }, channel: "#ap-approvals", copy: true };

  test("is new within 30 days of its start, or when Sage has none of that code", async () => {
    await using world = await startWorld({ sources: { "ap-payments": {} }, routes: [route] });
    world.sage.now.today = "2026-11-25";
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    books.addVendor({ VendorNumber: "N1", VendorName: "New", StartDate: "2026-10-26T00:00:00Z" });
    books.addVendor({ VendorNumber: "O1", VendorName: "Old", StartDate: "2026-10-25T00:00:00Z" });
    books.addPaymentBatch({
      payments: ["N1", "O1", "GONE"].map((vendor) => ({
        vendor,
        checkNumber: `${vendor}-1.`,
        amount: "5.00",
      })),
    });

    const run = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    const shown = shownIn(world.slack, "ap-approvals");
    expect(shown).toContain("N1-1.");
    expect(shown).toContain("GONE-1.");
    expect(shown).toContain("not in the vendor master");
    expect(shown).not.toContain("O1-1.");
  });

  test("is not new because this program meets it for the first time", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {} }, routes: [route] });
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    for (const vendor of ["1200", "1350"]) {
      books.addInvoiceBatch({ invoices: [{ vendor, documentNumber: `${vendor}-1.`, amount: "5.00" }] });
      await world.run("poll");
    }

    expect(shownIn(world.slack, "finance")).toContain("1350-1.");
    expect(shownIn(world.slack, "ap-approvals")).not.toContain("-1.");
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import type { SageRow } from "../../src/sandbox/sage/rows.ts";
import { announced, invoicesOnly, threeMonths } from "../support/history.ts";
import { shownIn, startWorld, type World } from "../support/world.ts";

/** An invoice of September that fails to post: its entry is copied to an error batch. */
function failToPost({ sage }: World): void {
  const books = sage.company("SAMINC");
  const batch = books.addInvoiceBatch({
    date: "2026-09-10",
    invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "12.99", date: "2026-09-10" }],
  });
  books.postWithErrors("ap-invoices", keyOf("ap-invoices", batch), [1]);
}

describe("poll --since", () => {
  test("announces the documents of the range that were not announced, and nothing twice", async () => {
    await using world = await startWorld(invoicesOnly);
    threeMonths(world);
    await world.run("poll");
    const first = await world.run("poll", "--since", "2026-09-01", "--until", "2026-10-01");
    const again = await world.run("poll", "--since", "2026-08-01");
    const quiet = await world.run("poll");

    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(announced(world)).toEqual([
      "INV-2026-09-01",
      "INV-2026-09-30",
      "INV-2026-08-31",
      "INV-2026-10-01",
    ]);
    expect(again.code).toBe(0);
    expect(quiet.stdout).toContain("Nothing to post");
  });

  test("goes by the date of each document, though its batch is of another month", async () => {
    await using world = await startWorld(invoicesOnly);
    await world.run("poll", "--all");
    world.sage.company("SAMINC").addInvoiceBatch({
      date: "2026-11-20",
      invoices: ["2026-09-15", "2026-11-19"].map((date) => ({
        vendor: "1200",
        documentNumber: `INV-${date}`,
        amount: "12.99",
        date,
      })),
    });
    await world.run("poll", "--since", "2026-09-01", "--until", "2026-10-01");
    const ofRange = announced(world);
    const text = shownIn(world.slack, "accounts-payable");
    await world.run("poll");

    expect(ofRange).toEqual(["INV-2026-09-15"]);
    expect(text).toContain("1 of 2");
    // What else is in it is new, and told by the ordinary reading.
    const [reply, ...others] = world.slack.posts.filter(({ threadTs }) => threadTs !== undefined);
    expect(announced(world)).toEqual(["INV-2026-09-15"]);
    expect(others).toEqual([]);
    expect(JSON.stringify(reply?.blocks)).toContain("INV-2026-11-19");
  });

  test("begins a source that was never read, so that nothing new is taken for history afterwards", async () => {
    await using world = await startWorld(invoicesOnly);
    threeMonths(world);
    await world.run("poll", "--since", "2026-09-30");
    const books = world.sage.company("SAMINC");
    books.addInvoiceBatch({ invoices: [{ vendor: "1200", documentNumber: "INV-new", amount: "1.00" }] });
    const [open] = world.sage.company("SAMINC").rows("ap-invoices").slice(-2);
    books.post("ap-invoices", keyOf("ap-invoices", open ?? {}));
    const after = await world.run("poll");

    expect(announced(world)).toEqual(["INV-2026-09-30", "INV-2026-10-01", "INV-new"]);
    expect(after.stdout).toContain("Posted 2 messages.");
    const thread = world.slack.posts.filter(({ threadTs }) => threadTs !== undefined);
    expect(thread.map(({ text }) => text).join("\n")).toContain("status Open → Posted");
  });

  test("leaves the cursors alone", async () => {
    await using world = await startWorld(invoicesOnly);
    threeMonths(world);
    await world.run("poll");
    const before = await stateOf(world);
    world.sage.company("SAMINC").addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "INV-new", amount: "1.00" }],
    });
    await world.run("poll", "--since", "2026-08-01");
    const after = await stateOf(world);

    for (const cursor of ["highWater", "known", "lastRead"]) {
      expect(after.sources["SAMINC/ap-invoices"]?.[cursor]).toEqual(
        before.sources["SAMINC/ap-invoices"]?.[cursor],
      );
    }
    expect(announced(world)).toContain("INV-new");
    expect((await world.run("poll")).stdout).toContain("Nothing to post");
  });

  test("repeats with --resend what was announced, and what changes later goes to the new thread", async () => {
    await using world = await startWorld(invoicesOnly);
    threeMonths(world);
    await world.run("poll", "--since", "2026-10-01");
    await world.run("poll", "--since", "2026-10-01", "--resend");
    const batch = world.sage.company("SAMINC").rows("ap-invoices").at(-1) ?? {};
    world.sage.company("SAMINC").post("ap-invoices", keyOf("ap-invoices", batch));
    await world.run("poll");

    expect(announced(world)).toEqual(["INV-2026-10-01", "INV-2026-10-01"]);
    const announcements = world.slack.posts.filter(
      ({ blocks, threadTs }) => threadTs === undefined && JSON.stringify(blocks).includes("INV-2026-10-01"),
    );
    const reply = world.slack.posts.at(-1);
    expect(reply?.threadTs).toBe(announcements[1]?.ts);
    expect(new Set(announcements.map(({ metadata }) => JSON.stringify(metadata))).size).toBe(2);
  });

  test("tells an entry that failed to post in the thread of its original, as the document that it is", async () => {
    await using world = await startWorld(invoicesOnly);
    failToPost(world);
    await world.run("poll", "--since", "2026-09-01");
    await world.run("poll", "--since", "2026-08-01");

    expect(announced(world)).toEqual(["INV-1"]);
    const replies = world.slack.posts.filter(({ threadTs }) => threadTs !== undefined);
    expect(replies.length).toBe(1);
    expect(replies[0]?.text).toContain("posting failed");
  });

  test("leaves to its thread what was keyed into an announced batch since the last look", async () => {
    await using world = await startWorld(invoicesOnly);
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const batch = books.addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "1.00" }],
    });
    await world.run("poll");
    books.addInvoice(keyOf("ap-invoices", batch), {
      vendor: "1350",
      documentNumber: "INV-2",
      amount: "2.00",
    });
    const history = await world.run("poll", "--since", "2026-01-01");
    await world.run("poll");

    expect(history.stdout).toContain("Nothing to post");
    expect(announced(world)).toEqual(["INV-1"]);
    expect(world.slack.posts.at(-1)?.text).toContain("1 added");
  });

  test("is followed by what changes in a batch that the ordinary reading has not met", async () => {
    await using world = await startWorld(invoicesOnly);
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const batch = books.addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "1.00" }],
    });
    await world.run("poll", "--since", "2026-01-01");
    const invoices = books.find("ap-invoices", keyOf("ap-invoices", batch))?.["Invoices"] as SageRow[];
    Object.assign(invoices[0] ?? {}, { DueDate: "2027-01-15T00:00:00Z" });
    await world.run("poll");
    const quiet = await world.run("poll");

    expect(announced(world)).toEqual(["INV-1"]);
    expect(world.slack.posts.at(-1)?.text).toMatch(/INV-1: due \S+ → 2027-01-15/);
    expect(quiet.stdout).toContain("Nothing to post");

    Object.assign(invoices[0] ?? {}, { DueDate: "2027-01-16T00:00:00Z" });
    await world.run("poll");
    expect(world.slack.posts.at(-1)?.text).toContain("INV-1: due 2027-01-15 → 2027-01-16");
  });

  test("is followed by what changes in a batch of which the baseline knew only the header", async () => {
    await using world = await startWorld(invoicesOnly);
    const books = world.sage.company("SAMINC");
    const batch = books.addInvoiceBatch({
      date: "2026-09-10",
      lastEdited: "2026-09-10",
      invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "1.00", date: "2026-09-10" }],
    });
    await world.run("poll", "--since", "2026-09-01");
    const invoices = books.find("ap-invoices", keyOf("ap-invoices", batch))?.["Invoices"] as SageRow[];
    Object.assign(invoices[0] ?? {}, { DueDate: "2027-01-15T00:00:00Z" });
    books.edit("ap-invoices", keyOf("ap-invoices", batch), {});
    await world.run("poll");

    expect(announced(world)).toEqual(["INV-1"]);
    expect(world.slack.posts.at(-1)?.text).toMatch(/INV-1: due \S+ → 2027-01-15/);
  });

  test("leaves an error batch that is new to the ordinary reading, which tells what was put right in it", async () => {
    await using world = await startWorld(invoicesOnly);
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const batch = books.addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "12.99" }],
    });
    await world.run("poll");
    const failed = books.postWithErrors("ap-invoices", keyOf("ap-invoices", batch), [1]);
    const copies = failed["Invoices"] as SageRow[];
    Object.assign(copies[0] ?? {}, { DistributedTotalIncludingTax: "13.99" });
    const history = await world.run("poll", "--since", "2026-01-01");
    await world.run("poll");

    expect(history.stdout).toContain("Nothing to post");
    expect(announced(world)).toEqual(["INV-1"]);
    const replies = world.slack.posts.filter(({ threadTs }) => threadTs !== undefined);
    const told = replies.map(({ blocks }) => JSON.stringify(blocks)).join("\n");
    expect(told).toContain("INV-1: amount USD 12.99 → USD 13.99");
    expect(told.match(/posting failed/g)?.length).toBe(1);
  });

  test("tells several batches as one message, and journals as one summary", async () => {
    await using world = await startWorld({
      sources: {
        "ap-invoices": { channel: "#accounts-payable" },
        "gl-journals": { channel: "#controllers" },
      },
    });
    threeMonths(world);
    for (const amount of ["10.00", "20.00"]) {
      world.sage.company("SAMINC").addJournalBatch({
        date: "2026-09-05",
        entries: [
          {
            date: "2026-09-05",
            lines: [
              { account: "1300", amount },
              { account: "1020", amount: `-${amount}` },
            ],
          },
        ],
      });
    }
    await world.run("poll", "--all");
    const run = await world.run("poll", "--since", "2026-08-01");

    expect(run.stdout).toContain("Posted 2 messages.");
    expect(announced(world).length).toBe(4);
    expect(shownIn(world.slack, "controllers")).toContain("Summary of G/L journals, 1 August to ");
  });

  test.each(["BatchDate gt 20", "BatchDate gt '"])(
    "finds the range on a server that refuses to compare dates as in %s",
    async (match) => {
      await using world = await startWorld(invoicesOnly);
      threeMonths(world);
      await world.run("poll");
      world.sage.switches.dateLiterals = match.endsWith("'") ? "unquoted" : "quoted";
      world.sage.queueFault({ ...refused, match, times: Number.POSITIVE_INFINITY });
      const run = await world.run("poll", "--since", "2026-09-01", "--until", "2026-10-01");

      expect(run).toMatchObject({ code: 0, stderr: "" });
      expect(announced(world)).toEqual(["INV-2026-09-01", "INV-2026-09-30"]);
    },
  );

  test("watches what it cannot read, says so (3), and announces it once it can be read", async () => {
    await using world = await startWorld(invoicesOnly);
    threeMonths(world);
    await world.run("poll");
    world.sage.queueFault({
      kind: "rewrite",
      match: "BatchNumber le",
      change: (body) => String(body).replaceAll("12.99", '"1x"'),
    });
    world.sage.queueFault({
      kind: "rewrite",
      match: "APInvoiceBatches(2)",
      change: (body) => String(body).replaceAll("12.99", '"1x"'),
    });
    const run = await world.run("poll", "--since", "2026-09-01");
    const next = await world.run("poll");

    expect(run.code).toBe(3);
    expect(run.stderr).toContain("A/P invoice batch 2 cannot be read");
    expect(next).toMatchObject({ code: 0, stderr: "" });
    expect(announced(world).toSorted()).toEqual(["INV-2026-09-01", "INV-2026-09-30", "INV-2026-10-01"]);
  });
});

describe("poll --since --channel", () => {
  test.each(["#finanse", "C999999999"])(
    "refuses %s, which Slack does not know, and leaves nothing behind (2)",
    async (channel) => {
      await using world = await startWorld(invoicesOnly);
      threeMonths(world);
      await world.run("poll");
      const asked = world.sage.requests.length;

      const preview = await world.run("dry-run", "--since", "2026-09-01", "--channel", channel);
      const trial = await world.run("poll", "--since", "2026-09-01", "--channel", channel);
      const read = world.sage.requests.slice(asked).filter(({ query }) => query["$filter"] !== undefined);
      const next = await world.run("poll");

      expect([preview.code, trial.code]).toEqual([2, 2]);
      expect(trial.stderr).toContain(`Slack has no channel ${channel} that this app can see`);
      expect(read).toEqual([]);
      expect(next).toMatchObject({ code: 0, stderr: "" });
      expect((await world.run("outbox")).stdout).toBe("Everything is delivered.\n");
    },
  );

  test("posts everything to that channel, marked as a trial, with nobody mentioned and nothing remembered", async () => {
    await using world = await startWorld({
      ...invoicesOnly,
      routes: [
        {
          name: "all",
          when: { source: "ap-invoices" },
          channel: "#ap-approvals",
          mention: ["cfo@example.com"],
        },
      ],
    });
    threeMonths(world);
    await world.run("poll");
    const before = await stateOf(world);
    const trial = await world.run("poll", "--since", "2026-09-01", "--channel", "#finance");
    await world.run("poll", "--since", "2026-09-01", "--channel", "#finance");
    const after = await stateOf(world);

    expect(trial).toMatchObject({ code: 0, stderr: "" });
    const three = ["INV-2026-09-01", "INV-2026-09-30", "INV-2026-10-01"];
    expect(announced(world, "finance")).toEqual([...three, ...three]);
    expect(shownIn(world.slack, "finance")).toContain("Trial: posted for trying out.");
    expect(shownIn(world.slack, "finance")).not.toContain('"type":"user"');
    expect(after).toMatchObject({
      sources: before.sources,
      delivered: before.delivered,
      backfills: [],
    });

    await world.run("poll", "--since", "2026-09-01");
    expect(announced(world, "ap-approvals")).toEqual(three);
  });

  test("leaves threads alone, also those of entries that failed to post", async () => {
    await using world = await startWorld(invoicesOnly);
    failToPost(world);
    await world.run("poll", "--since", "2026-09-01");
    const before = world.slack.posts.length;
    await world.run("poll", "--since", "2026-09-01", "--channel", "#finance");

    const trial = world.slack.posts.slice(before);
    expect(trial.length).toBeGreaterThan(0);
    expect(trial.filter(({ channelName }) => channelName !== "finance")).toEqual([]);
  });

  test("notes nothing of a source that was never read", async () => {
    await using world = await startWorld(invoicesOnly);
    threeMonths(world);
    await world.run("poll", "--since", "2026-09-01", "--channel", "#finance");
    const { sources } = await stateOf(world);

    expect(sources).toEqual({});
    expect(announced(world, "finance").length).toBe(3);
  });
});

describe("dry-run --since", () => {
  test("shows what poll then posts", async () => {
    await using world = await startWorld(invoicesOnly);
    threeMonths(world);
    await world.run("poll");
    const flags = ["--since", "2026-09-01", "--until", "2026-10-01"];
    const plan = await world.run("dry-run", "--json", ...flags);
    const done = await world.run("poll", "--json", ...flags);

    const planned = (JSON.parse(plan.stdout) as { messages: { key: string }[] }).messages;
    const posted = (JSON.parse(done.stdout) as { posted: { key: string }[] }).posted;
    expect(posted.length).toBe(1);
    expect(planned.map(({ key }) => key)).toEqual(posted.map(({ key }) => key));
  });
});

describe("wrong dates and lonely flags", () => {
  test.each([
    [["--since", "2026-02-30"], "a date like 2026-10-01"],
    [["--since", "yesterday"], "a date like 2026-10-01"],
    [["--since", "2026-13-01"], "a date like 2026-10-01"],
    [["--since", "2026-10-01T00:00:00Z"], "a date like 2026-10-01"],
    [["--until", "2026-10-01"], "--until needs --since"],
    [["--resend"], "--resend needs --since"],
    [["--channel", "#finance"], "--channel needs --since"],
    [["--since", "2026-10-01", "--until", "2026-10-01"], "no day lies between"],
    [["--since", "2026-10-01", "--channel", "finance"], "#name"],
  ])("%j end with 2 before anything is asked", async (flags, says) => {
    await using world = await startWorld(invoicesOnly);
    for (const command of ["poll", "dry-run"]) {
      const run = await world.run(command, ...flags);
      expect(run.code).toBe(2);
      expect(run.stderr).toContain(says);
    }
    expect(world.sage.requests.length + world.slack.requests.length).toBe(0);
  });
});

const refused = {
  kind: "status",
  status: 400,
  contentType: "application/json",
  body: '{"error":{"code":"InvalidParameters","message":{"lang":"en-US","value":"Incompatible types."}}}',
} as const;

async function stateOf({ directory }: World) {
  const text = await readFile(join(directory, "sage-slack.cursor.json"), "utf8");
  const { body } = JSON.parse(text) as {
    body: { sources: Record<string, Record<string, unknown>>; delivered: object; backfills: object[] };
  };
  return body;
}

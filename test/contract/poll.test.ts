import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import { acquireRunLock } from "../../src/state/run-lock.ts";
import { stepsOfOneInvoice } from "../support/steps.ts";
import { shownIn, startWorld, type World } from "../support/world.ts";

/** One new record in each source, each with an amount of its own. */
function aMorningsWork({ sage }: World): void {
  const books = sage.company("SAMINC");
  books.addInvoiceBatch({
    invoices: [
      {
        vendor: "1200",
        documentNumber: "INV-77",
        amount: "31400.00",
        dueDate: "2026-12-31",
        account: "1300",
      },
    ],
  });
  books.addPaymentBatch({ payments: [{ vendor: "1350", checkNumber: "000451", amount: "980.10" }] });
  books.addJournalBatch({
    entries: [
      {
        description: "Rent",
        lines: [
          { account: "1300", amount: "4200.00" },
          { account: "1020", amount: "-4200.00" },
        ],
      },
    ],
  });
  books.addReceiptBatch({
    receipts: [
      {
        customer: "1210",
        amount: "2000.00",
        unapplied: "500.00",
        appliedTo: [{ documentNumber: "IN0000000000002", amount: "1500.00" }],
      },
    ],
  });
  books.addPurchaseOrder({
    number: "PO000123",
    vendor: "1400",
    lines: [
      { item: "A1-103/0", quantity: "60", unitCost: "12.50" },
      { item: "A1-450/0", quantity: "12", unitCost: "57.50" },
    ],
  });
}

describe("poll", () => {
  test("takes note of what is there on its first run, saying so once in each channel", async () => {
    await using world = await startWorld();
    aMorningsWork(world);

    const first = await world.run("poll");
    const second = await world.run("poll", "--all");

    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(world.slack.posts.map(({ channelName }) => channelName).toSorted()).toEqual([
      "accounting-leadership",
      "accounts-payable",
      "collections",
      "procurement",
      "treasury",
    ]);
    expect(shownIn(world.slack, "accounts-payable")).toContain(
      "Following A/P invoices of SAMINC from batch 2 on.",
    );
    expect(shownIn(world.slack, "accounts-payable")).not.toContain("INV-77");
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(world.slack.posts.length).toBe(5);
  });

  test("posts what is new in each source once, with what people need to know", async () => {
    await using world = await startWorld();
    await world.run("poll");
    aMorningsWork(world);

    const run = await world.run("poll", "--all");
    const again = await world.run("poll", "--all");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout).toContain("Nothing to post");
    expect(world.slack.posts.length).toBe(10);
    const expected = {
      "accounts-payable": [
        "Chloride Systems (1200)",
        "INV-77",
        "USD 31,400.00",
        "2026-12-31",
        "1300 Inventory",
      ],
      treasury: ["Excide Industrial Batteries (1350)", "000451", "USD 980.10"],
      "accounting-leadership": ["1300 Inventory", "1020", "USD 4,200.00", "Rent"],
      collections: ["ACME Plumbing (1210)", "IN0000000000002", "2,000.00", "Unapplied", "500.00"],
      procurement: ["PO000123", "Coastal Heating of Ottawa (1400)", "2 lines", "1,440.00", "Open"],
    };
    for (const [channel, parts] of Object.entries(expected)) {
      for (const part of parts) expect(shownIn(world.slack, channel)).toContain(part);
    }
  });

  test("announces an empty batch once somebody has keyed an invoice into it", async () => {
    await using world = await startWorld();
    await world.run("poll");
    const batch = world.sage.company("SAMINC").addInvoiceBatch({ invoices: [] });
    await world.run("poll");
    const before = world.slack.posts.length;

    world.sage.company("SAMINC").addInvoice(keyOf("ap-invoices", batch), {
      vendor: "1200",
      documentNumber: "LATE-1",
      amount: "5.00",
    });
    await world.run("poll");
    await world.run("poll");

    expect(before).toBe(5);
    expect(world.slack.posts.length).toBe(6);
    expect(shownIn(world.slack, "accounts-payable")).toContain("LATE-1");
  });

  test("SR-25 never writes to Sage and asks for one thing at a time", async () => {
    await using world = await startWorld();
    await world.run("poll");
    aMorningsWork(world);
    await world.run("poll", "--all");

    expect(new Set(world.sage.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
    expect(world.sage.requests.filter(({ status }) => status !== 200)).toEqual([]);
  });

  test("sends each entry where its route says, and mentions whom it names", async () => {
    await using world = await startWorld({
      routes: [
        {
          name: "large invoices",
          when: { source: "ap-invoices", amount: { atLeast: "25000", currency: "USD" } },
          channel: "#ap-approvals",
          mention: ["cfo@example.com", "@controllers"],
        },
      ],
    });
    await world.run("poll");
    world.sage.company("SAMINC").addInvoiceBatch({
      invoices: [
        { vendor: "1200", documentNumber: "LARGE", amount: "31400.00" },
        { vendor: "1200", documentNumber: "SMALL", amount: "12.99" },
      ],
    });
    await world.run("poll");

    expect(shownIn(world.slack, "ap-approvals")).toContain("LARGE");
    expect(shownIn(world.slack, "ap-approvals")).toContain("1 of 2");
    expect(shownIn(world.slack, "ap-approvals")).not.toContain("SMALL");
    expect(shownIn(world.slack, "accounts-payable")).toContain("SMALL");
    expect(world.slack.posts.find(({ channelName }) => channelName === "ap-approvals")?.notified.length).toBe(
      2,
    );
  });

  test("lets nobody be notified by what somebody typed into Sage", async () => {
    const hostile = "<!channel> & <@U123> *x* @here";
    await using world = await startWorld();
    world.sage
      .company("SAMINC")
      .addVendor({ VendorNumber: "9000", VendorName: hostile, CurrencyCode: "USD" });
    await world.run("poll");

    world.sage.company("SAMINC").addInvoiceBatch({
      description: hostile,
      enteredBy: "@here",
      invoices: [{ vendor: "9000", documentNumber: "<!here>", amount: "1.00", description: hostile }],
    });
    await world.run("poll");

    const post = world.slack.posts.at(-1);
    expect(post?.channelName).toBe("accounts-payable");
    expect(post?.notified).toEqual([]);
    expect(JSON.stringify(post?.blocks)).toContain(hostile);
  });

  test("finds the amount of an A/R adjustment where Sage keeps it, and routes by it", async () => {
    const routes = [{ name: "write-offs", when: { amount: { atLeast: "50" } }, channel: "#treasury" }];
    await using world = await startWorld({ routes, sources: { "ar-receipts": { channel: "#receivables" } } });
    await world.run("poll");
    world.sage.company("SAMINC").addReceiptBatch({
      selector: "AD",
      receipts: [
        {
          customer: "1100",
          amount: "0",
          type: "Adjustment",
          CustomerAdjustmentAmount: 55.5,
        },
      ],
    });
    await world.run("poll");

    expect(shownIn(world.slack, "treasury")).toContain("1 adjustment, USD 55.50");
  });

  test("keeps the digits of an amount that no double can hold", async () => {
    await using world = await startWorld();
    await world.run("poll");
    world.sage
      .company("SAMINC")
      .addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "12345678901234567.89" }] });
    await world.run("poll");

    expect(shownIn(world.slack, "accounts-payable")).toContain("USD 12,345,678,901,234,567.89");
  });
});

test("poll tells each step on standard error when it is asked to", async () => {
  await using world = await startWorld({ sources: { "ap-invoices": { channel: "#accounts-payable" } } });
  await world.run("poll");
  world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] });

  const { stderr } = await world.run("poll", "--verbose");

  expect(stderr.split("\n")).toEqual(stepsOfOneInvoice);
});

describe("poll, when something is wrong,", () => {
  test("names every problem of the configuration with line and column (2)", async () => {
    await using world = await startWorld();
    await writeFile(
      join(world.directory, "sage-slack.json"),
      '{\n  "sage": { "url": "ftp://x", "companies": [] },\n  "slack": { "chanel": "#finance" },\n  "sources": {}\n}\n',
    );

    const { code, stderr } = await world.run("poll");

    expect(code).toBe(2);
    expect(stderr).toMatch(/sage-slack\.json:2:20 sage\.url: must be a web address/);
    expect(stderr).toMatch(/sage-slack\.json:3:14 slack\.chanel: is not known; did you mean "channel"\?/);
    expect(stderr).toContain("sage.companies");
    expect(world.sage.requests.length + world.slack.requests.length).toBe(0);
  });

  test("SR-25 asks Sage once with a wrong password, also over ten runs (4)", async () => {
    await using world = await startWorld();
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = "wrong-password";

    const codes = [];
    for (let run = 0; run < 10; run += 1) codes.push((await world.run("poll")).code);

    expect(codes).toEqual(Array.from({ length: 10 }, () => 4));
    expect(world.sage.requests.length).toBe(1);

    world.env["SAGE_SLACK_SAGE_PASSWORD"] = "webapi";
    expect((await world.run("poll")).code).toBe(0);
  });

  test("shows no secret, whatever it is asked to tell (4)", async () => {
    await using world = await startWorld();
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = "s3cret-passphrase";

    const plain = await world.run("poll", "--verbose");
    const json = await world.run("poll", "--verbose", "--json");

    const state = await readFile(join(world.directory, "sage-slack.cursor.json"), "utf8");
    const shown = [plain.stdout, plain.stderr, json.stdout, json.stderr, state].join("\n");
    const basic = Buffer.from("WEBAPI:S3CRET-PASSPHRASE").toString("base64");
    expect(shown).not.toMatch(new RegExp(`s3cret|${world.slack.token}|${basic}`, "i"));
  });

  test("goes on later when Sage cannot be reached (5)", async () => {
    await using world = await startWorld();
    await world.run("poll");
    await world.configure({ sage: { url: "http://127.0.0.1:9/Sage300WebApi" } });

    const dead = await world.run("poll");
    await world.configure({});
    world.sage
      .company("SAMINC")
      .addInvoiceBatch({ invoices: [{ vendor: "1200", documentNumber: "AFTER", amount: "1.00" }] });
    const alive = await world.run("poll");

    expect(dead).toMatchObject({ code: 5 });
    expect(dead.stderr).toContain("ECONNREFUSED");
    expect(alive.code).toBe(0);
    expect(shownIn(world.slack, "accounts-payable")).toContain("AFTER");
  });

  test("keeps what it read when Slack cannot be reached, and delivers it by the next run (5)", async () => {
    await using world = await startWorld();
    await world.run("poll");
    world.sage
      .company("SAMINC")
      .addInvoiceBatch({ invoices: [{ vendor: "1200", documentNumber: "KEPT", amount: "1.00" }] });
    await world.configure({ slack: { apiUrl: "http://127.0.0.1:9/api/" } });

    const dead = await world.run("poll");
    const state = await readFile(join(world.directory, "sage-slack.cursor.json"), "utf8");
    await world.configure({});
    const alive = await world.run("poll");
    await world.run("poll");

    expect(dead.code).toBe(5);
    expect(dead.stdout).toContain("1 waiting for the next run");
    expect(state).toContain("KEPT");
    expect(alive.code).toBe(0);
    expect(shownIn(world.slack, "accounts-payable").match(/"KEPT"/g)?.length).toBe(1);
  });

  test("refuses a damaged state and leaves it as it is (6)", async () => {
    await using world = await startWorld();
    await world.run("poll");
    const file = join(world.directory, "sage-slack.cursor.json");
    await truncate(file, 100);
    await rm(`${file}.bak`, { force: true });

    const { code, stderr } = await world.run("poll");

    expect(code).toBe(6);
    expect(stderr).toContain("Restore sage-slack.cursor.json from your backup");
    expect((await readFile(file)).length).toBe(100);
  });

  test("does not take a lost state for a first run (6)", async () => {
    await using world = await startWorld();
    await world.run("poll");
    await rm(join(world.directory, "sage-slack.cursor.json"));

    expect((await world.run("poll")).code).toBe(6);
    expect(world.slack.posts.length).toBe(5);
  });

  test("says what to do without secrets (7)", async () => {
    await using world = await startWorld();
    delete world.env["SAGE_SLACK_SAGE_PASSWORD"];

    const { code, stderr } = await world.run("poll");

    expect(code).toBe(7);
    expect(stderr).toContain("SAGE_SLACK_SAGE_PASSWORD");
  });

  test("leaves a run that is under way alone (8)", async () => {
    await using world = await startWorld();
    const lock = await acquireRunLock({ directory: world.directory });

    const held = await world.run("poll");
    await lock.release();

    expect(held.code).toBe(8);
    expect(held.stderr).toContain(`process ${process.pid}`);
    expect((await world.run("poll")).code).toBe(0);
  });

  test("reads the other modules when one is forbidden, and says so (3)", async () => {
    await using world = await startWorld();
    world.sage.addUser({ id: "LIMITED", password: "LIMITED", modules: ["AP", "AR", "GL"] });
    world.env["SAGE_SLACK_SAGE_USER"] = "LIMITED";
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = "LIMITED";

    const { code, stderr, stdout } = await world.run("poll");

    expect(code).toBe(3);
    expect(stderr).toContain("SAMINC/purchase-orders");
    expect(stderr).toContain("Sage 300 Web API");
    expect(stdout).toContain("Posted 4 messages");
  });

  test("stops at a wrong Slack token before it reads anything (4)", async () => {
    await using world = await startWorld();
    world.env["SAGE_SLACK_SLACK_TOKEN"] = "xoxb-wrong-token";

    const { code, stderr } = await world.run("poll");

    expect(code).toBe(4);
    expect(stderr).toContain("invalid_auth");
    expect(stderr).not.toContain("xoxb-wrong");
    expect(world.sage.requests.length).toBe(0);
  });

  test("waits for the other channels when one is archived, and delivers it later (3)", async () => {
    await using world = await startWorld();
    await world.run("poll");
    world.slack.channel("treasury").isArchived = true;
    aMorningsWork(world);

    const archived = await world.run("poll", "--all");
    world.slack.channel("treasury").isArchived = false;
    const mended = await world.run("poll", "--all");

    expect(archived.code).toBe(3);
    expect(archived.stderr).toContain("unarchive");
    expect(archived.stdout).toContain("Posted 4 messages");
    expect(mended).toMatchObject({ code: 0, stderr: "" });
    expect(shownIn(world.slack, "treasury")).toContain("000451");
  });
});

describe("an answer of Slack's that never came", () => {
  test.each([true, false])("is looked up before anything is sent again (posted: %s)", async (accept) => {
    await using world = await startWorld({ slack: { quarantineSeconds: 0 } });
    await world.run("poll");
    world.slack.queueFault({ method: "chat.postMessage", kind: "reset", accept });
    world.sage
      .company("SAMINC")
      .addInvoiceBatch({ invoices: [{ vendor: "1200", documentNumber: "ONCE", amount: "1.00" }] });

    const lost = await world.run("poll");
    const next = await world.run("poll");

    expect(lost.code).toBe(5);
    expect(lost.stderr).toContain("not known");
    expect(next.code).toBe(0);
    expect(shownIn(world.slack, "accounts-payable").match(/"ONCE"/g)?.length).toBe(1);
  });

  test("is left alone during the quarantine (5)", async () => {
    await using world = await startWorld();
    await world.run("poll");
    world.slack.queueFault({ method: "chat.postMessage", kind: "reset", accept: false });
    world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] });
    await world.run("poll");

    const next = await world.run("poll");

    expect(next.code).toBe(5);
    expect(next.stderr).toContain("quarantine");
    expect(world.slack.posts.length).toBe(5);
  });
});

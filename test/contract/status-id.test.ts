import { describe, expect, test } from "vitest";

import type { DocumentStatus, StatusOf } from "../../src/pipeline/status-of.ts";
import { startWorld, type World } from "../support/world.ts";

const routes = [
  {
    name: "large",
    when: { source: "ap-invoices", amount: { atLeast: "25000" } },
    channel: "#ap-approvals",
  },
  { name: "all vendors", when: { vendor: "*" }, channel: "#controllers", copy: true },
];

/** A world that has taken note of what there was, two invoices of which one is large among it. */
async function start(settings: object = {}): Promise<World> {
  const sources = { "ap-invoices": { channel: "#accounts-payable", ...settings } };
  const world = await startWorld({ routes, sources });
  keyIn(world, "OLD");
  await world.run("poll");
  return world;
}

function keyIn({ sage }: World, prefix: string): void {
  const invoices = [
    { vendor: "1200", documentNumber: `${prefix}-1`, amount: "31400.00" },
    { vendor: "1350", documentNumber: `${prefix}-2`, amount: "12.00" },
  ];
  sage.company("SAMINC").addInvoiceBatch({ invoices });
}

async function statusOf(
  world: World,
  id: string,
): Promise<{ documents: readonly DocumentStatus[]; note: string | null }> {
  const { code, stdout } = await world.run("status", id, "--json");
  expect(code).toBe(0);
  return JSON.parse(stdout) as StatusOf;
}

function channels({ documents }: { documents: readonly DocumentStatus[] }): string[] {
  return documents.flatMap(({ posts }) => posts.map(({ channel }) => channel)).toSorted();
}

describe("status ID", () => {
  test("tells where an invoice was announced and which route decided, by its number", async () => {
    await using world = await start();
    keyIn(world, "NEW");
    await world.run("poll");
    const asked = world.sage.requests.length;

    const large = await world.run("status", "new-1");
    const small = await world.run("status", "NEW-2");
    const { documents } = await statusOf(world, "NEW-1");

    expect(large.code).toBe(0);
    expect(large.stdout).toContain("SAMINC ap-invoices 2, entry 1, document NEW-1 (Open)\n");
    expect(large.stdout).toMatch(
      /^ {2}announced {9}in #ap-approvals by route "large", entry 1, 2.*Z: https:\/\/sandbox\.slack\.com\/archives\/C\w+\/p\d{16}$/m,
    );
    expect(large.stdout).not.toContain("#controllers"); // the copy stands behind the route that decides
    expect(small.stdout).toContain('in #controllers by route "all vendors", entry 2');
    expect(small.stdout).toContain("in #accounts-payable by channel of ap-invoices, entry 2");
    expect(documents).toMatchObject([
      {
        company: "SAMINC",
        source: "ap-invoices",
        record: "2",
        entry: "1",
        documentNumber: "NEW-1",
        status: "Open",
        posts: [{ channel: "#ap-approvals", decidedBy: 'route "large"', entries: ["1"] }],
        waiting: [],
        why: null,
      },
    ]);
    expect(world.sage.requests.length).toBe(asked);
  });

  test("tells the same by a batch number, by an id, and without a token, but for the link", async () => {
    await using world = await start();
    keyIn(world, "NEW");
    await world.run("poll");

    const batch = await statusOf(world, "2");
    const whole = await statusOf(world, "v1:SAMINC:ap-invoices:2");
    const entry = await statusOf(world, "v1:saminc:ap-invoices:2:2@abc");
    world.env["SAGE_SLACK_SLACK_TOKEN"] = "not a token";
    const locked = await world.run("status", "2");
    const sealed = await world.run("status", "NEW-1");

    expect(channels(batch)).toEqual(["#accounts-payable", "#ap-approvals", "#controllers"]);
    expect(channels(whole)).toEqual(channels(batch));
    expect(channels(entry)).toEqual(["#accounts-payable", "#controllers"]);
    expect(locked.stdout).toMatch(/^ {2}announced .*: message \d+\.\d{6}$/m);
    expect(sealed.stdout).toContain("Document numbers cannot be searched");
  });

  test("tells what waits, and what is in its way", async () => {
    await using world = await start();
    world.slack.channel("ap-approvals").isArchived = true;
    keyIn(world, "NEW");
    await world.run("poll");

    const { stdout } = await world.run("status", "NEW-1");
    const { documents } = await statusOf(world, "v1:SAMINC:ap-invoices:2:1");

    expect(stdout).toMatch(
      /^ {2}waiting {11}in #ap-approvals by route "large", message \w{12} \(is_archived\)\./m,
    );
    expect(documents).toMatchObject([{ posts: [], waiting: [{ status: "pending" }], why: null }]);
  });

  test("tells why something was not announced", async () => {
    await using world = await start();
    world.sage.company("SAMINC").addInvoiceBatch({ invoices: [] });
    await world.run("poll");

    const expected: [string, string][] = [
      ["OLD-1", "when the first run took note"],
      ["v1:SAMINC:ap-invoices:2", "It has no entries yet"],
      ["v1:SAMINC:ap-invoices:9:1", "ap-invoices is read up to 2"],
      ["77", "It is not read yet"],
      ["v1:SAMINC:ap-invoices:1:7", "It had no entry 7"],
      ["v1:OTHER:ap-invoices:1:1", "OTHER is not one of the companies"],
      ["v1:SAMINC:purchase-orders:1:0", "purchase-orders is off"],
    ];
    for (const [id, why] of expected) {
      const { documents } = await statusOf(world, id);
      expect(documents.map((one) => one.why)).toEqual([expect.stringContaining(why)]);
      expect(documents[0]?.posts).toEqual([]);
    }
    const words = await world.run("status", "no\u001b[31m such");
    expect(words).toMatchObject({ code: 0, stderr: "" });
    expect(words.stdout).toContain("Nothing that is remembered has this id or number.");
  });

  test("tells that a status is not one of those that are announced", async () => {
    await using world = await start({ statuses: ["Posted"] });
    keyIn(world, "NEW");
    await world.run("poll");

    const { documents } = await statusOf(world, "2");

    expect(documents).toMatchObject([
      { why: 'Its status is Open; announced is Posted ("statuses" of ap-invoices).' },
    ]);
  });

  test("tells that there was no run so far", async () => {
    await using world = await startWorld();

    expect((await world.run("status", "28")).stdout).toContain("No run so far");
  });
});

import { describe, expect, test } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import { announced, invoicesOnly } from "../support/history.ts";
import { startWorld, type World } from "../support/world.ts";

function startTwo(): Promise<World> {
  return startWorld(invoicesOnly, { rateLimits: "off" }, ["SAMINC", "SAMLTD"]);
}

/** A batch with the same number in both companies. */
function keyIn({ sage }: World, company: string): string {
  const batch = sage.company(company).addInvoiceBatch({
    invoices: [{ vendor: "1200", documentNumber: `INV-${company}`, amount: "12.99" }],
  });
  return keyOf("ap-invoices", batch);
}

describe("two companies in one configuration", () => {
  test("are told apart, though their batches have the same numbers", async () => {
    await using world = await startTwo();
    const first = await world.run("poll");
    const batch = keyIn(world, "SAMINC");
    await world.run("poll");
    keyIn(world, "SAMLTD");
    await world.run("poll");
    world.sage.company("SAMLTD").post("ap-invoices", batch);
    await world.run("poll");

    expect(first.code).toBe(0);
    expect(announced(world)).toEqual(["INV-SAMINC", "INV-SAMLTD"]);
    const [reply, ...others] = world.slack.posts.filter(({ threadTs }) => threadTs !== undefined);
    expect(others).toEqual([]);
    expect(reply?.text).toContain("A/P invoice batch 1 of SAMLTD: status Open → Posted");
    const parent = world.slack.posts.find(({ ts }) => ts === reply?.threadTs);
    expect(JSON.stringify(parent?.blocks)).toContain("INV-SAMLTD");
  });

  test("do not hold back each other when one cannot be read, and it goes on where it was", async () => {
    await using world = await startTwo();
    await world.run("poll");
    keyIn(world, "SAMINC");
    keyIn(world, "SAMLTD");
    world.sage.queueFault({ kind: "text500", match: "/SAMINC/", times: Number.POSITIVE_INFINITY });
    const broken = await world.run("poll");
    const during = announced(world);
    world.sage.clearFaults();
    const mended = await world.run("poll");

    expect(broken.code).toBe(5);
    expect(broken.stderr).toContain("SAMINC");
    expect(broken.stderr).not.toContain("SAMLTD");
    expect(during).toEqual(["INV-SAMLTD"]);
    expect(mended.code).toBe(0);
    expect(announced(world)).toEqual(["INV-SAMLTD", "INV-SAMINC"]);
  });

  test("begin each by itself: one that is added later gets its own baseline", async () => {
    await using world = await startTwo();
    await world.configure({ ...invoicesOnly, sage: { companies: ["SAMINC"] } });
    await world.run("poll");
    keyIn(world, "SAMLTD");
    keyIn(world, "SAMINC");
    await world.configure(invoicesOnly);
    await world.run("poll");
    const lines = world.slack.posts.map(({ text }) => text).filter((text) => text.startsWith("Following"));

    expect(announced(world)).toEqual(["INV-SAMINC"]);
    expect(lines).toEqual([
      "Following A/P invoices of SAMINC from batch 1 on.",
      "Following A/P invoices of SAMLTD from batch 2 on.",
    ]);
  });
});

describe("a schedule", () => {
  // Due once a year: not within this test.
  const yearly = { "ap-invoices": { channel: "#accounts-payable", schedule: "0 7 1 1 *" } };

  test("is overridden by --all, not by --only", async () => {
    await using world = await startWorld({ sources: yearly });
    await world.run("poll");
    keyIn(world, "SAMINC");
    const only = await world.run("poll", "--only", "ap-invoices", "--json");
    const before = announced(world);
    const all = await world.run("poll", "--all");

    expect(JSON.parse(only.stdout)).toMatchObject({ sources: [{ outcome: "waiting" }] });
    expect(before).toEqual([]);
    expect(all.code).toBe(0);
    expect(announced(world)).toEqual(["INV-SAMINC"]);
  });
});

import { describe, expect, test } from "vitest";

import { shownIn, startWorld, type World } from "../support/world.ts";

/** A payment, which belongs in #treasury, and an invoice, which does not. */
function keyIn({ sage }: World, checkNumber = "CHK-1"): void {
  const books = sage.company("SAMINC");
  books.addPaymentBatch({ payments: [{ vendor: "1350", checkNumber, amount: "980.10" }] });
  books.addInvoiceBatch({ invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "12.99" }] });
}

describe("a channel that takes no messages", () => {
  test("gives them to the fallback channel, with a line that says for whom (0)", async () => {
    await using world = await startWorld({ slack: { fallbackChannel: "#finance-ops" } });
    await world.run("poll");
    world.slack.channel("treasury").isArchived = true;
    keyIn(world);

    const run = await world.run("poll");
    const again = await world.run("poll");

    expect(run.code).toBe(0);
    expect(run.stderr).toContain("#treasury takes no messages (is_archived): they go to #finance-ops");
    expect(shownIn(world.slack, "finance-ops")).toContain("Meant for #treasury");
    expect(shownIn(world.slack, "finance-ops").match(/"CHK-1"/g)?.length).toBe(1);
    expect(shownIn(world.slack, "accounts-payable")).toContain("INV-1");
    expect(again).toMatchObject({ code: 0, stderr: "" });
  });

  test("is tried first again by the next run", async () => {
    await using world = await startWorld({ slack: { fallbackChannel: "#finance-ops" } });
    await world.run("poll");
    world.slack.channel("treasury").isArchived = true;
    world.slack.channel("finance-ops").isArchived = true;
    keyIn(world);

    const closed = await world.run("poll");
    world.slack.channel("treasury").isArchived = false;
    const open = await world.run("poll");

    expect(closed.code).toBe(3);
    expect(open).toMatchObject({ code: 0, stderr: "" });
    expect(shownIn(world.slack, "treasury")).toContain("CHK-1");
    expect(shownIn(world.slack, "treasury")).not.toContain("Meant for");
  });

  test("holds back its own messages alone while nobody has made it (3)", async () => {
    await using world = await startWorld();
    await world.run("poll");
    await world.configure({
      sources: {
        "ap-invoices": { channel: "#accounts-payable" },
        "ap-payments": { channel: "#not-made-yet" },
      },
    });
    keyIn(world);

    const missing = await world.run("poll");
    world.slack.addChannel({ name: "not-made-yet" });
    const made = await world.run("poll");

    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain("Slack has no channel #not-made-yet");
    expect(missing.stderr).toContain("/invite");
    expect(shownIn(world.slack, "accounts-payable")).toContain("INV-1");
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(shownIn(world.slack, "not-made-yet").match(/"CHK-1"/g)?.length).toBe(1);
  });

  test("is found again under its name when it was made anew", async () => {
    await using world = await startWorld();
    await world.run("poll");
    const old = world.slack.channel("treasury");
    Object.assign(old, { isArchived: true, name: "treasury-old" });
    world.slack.addChannel({ name: "treasury" });
    keyIn(world);

    const run = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(shownIn(world.slack, "treasury")).toContain("CHK-1");
  });
});

test("a channel that was renamed is still the one", async () => {
  await using world = await startWorld();
  await world.run("poll");
  world.slack.channel("treasury").name = "treasury-emea";
  keyIn(world);

  const run = await world.run("poll");

  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(shownIn(world.slack, "treasury-emea")).toContain("CHK-1");
});

describe("a channel shared with another company", () => {
  test("gets nothing unless the configuration allows it (3)", async () => {
    await using world = await startWorld();
    await world.run("poll");
    world.slack.channel("treasury").isExtShared = true;
    keyIn(world);

    const refused = await world.run("poll");
    const shown = shownIn(world.slack, "treasury");
    await world.configure({ slack: { allowShared: ["#treasury"] } });
    const allowed = await world.run("poll");

    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("#treasury is shared with another company");
    expect(shown).not.toContain("CHK-1");
    expect(allowed).toMatchObject({ code: 0, stderr: "" });
    expect(shownIn(world.slack, "treasury")).toContain("CHK-1");
  });
});

test("rights that are missing in every module are a refusal (4), not a part (3)", async () => {
  await using world = await startWorld();
  world.sage.addUser({ id: "NOBODY", password: "NOBODY", modules: [] });
  world.env["SAGE_SLACK_SAGE_USER"] = "NOBODY";
  world.env["SAGE_SLACK_SAGE_PASSWORD"] = "NOBODY";

  const { code, stderr } = await world.run("poll");

  expect(code).toBe(4);
  expect(stderr).toContain("Sage 300 Web API");
});

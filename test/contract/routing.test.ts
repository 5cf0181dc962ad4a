import { describe, expect, test } from "vitest";

import { shownIn, startWorld } from "../support/world.ts";

describe("a route by group", () => {
  test("takes payments and orders too, of whose vendors Sage tells the group elsewhere", async () => {
    await using world = await startWorld({
      routes: [{ name: "inventory", when: { vendorGroup: "INV" }, channel: "#controllers" }],
    });
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    books.addPaymentBatch({ payments: [{ vendor: "1200", checkNumber: "CHK-1", amount: "5.00" }] });
    books.addPurchaseOrder({ vendor: "1200", lines: [{ item: "A1", quantity: "2", unitCost: "3.00" }] });

    const run = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(shownIn(world.slack, "controllers")).toContain("CHK-1");
    expect(shownIn(world.slack, "controllers")).toMatch(/PO\d+/);
  });
});

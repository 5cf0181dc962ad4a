import { describe, expect, test } from "vitest";

import { expectSettledOnce, oweInvoice, spoilPost, startFaultWorld } from "../support/slack-faults.ts";

/** Each takes the fifteen seconds that an answer may take. */
describe.concurrent("an answer that takes too long", () => {
  test.each([
    ["K08", { kind: "hang", accept: true }],
    ["K08", { kind: "hang", accept: false }],
    ["K08", { kind: "drip", accept: true, everyMs: 400 }],
    ["K08", { kind: "drip", accept: false, everyMs: 400 }],
  ] as const)("%s leaves the post in doubt (%o), and it arrives exactly once", async (_id, fault) => {
    await using world = await startFaultWorld();
    oweInvoice(world);
    spoilPost(world, fault);
    const began = performance.now();

    const { stderr } = await expectSettledOnce(world);

    expect(stderr).toContain("no complete answer within 15000 ms");
    expect(performance.now() - began).toBeLessThan(25_000);
  });
});

import { describe, expect, test } from "vitest";

import { explore, type Mutant } from "../loops/delivery-model.ts";

const once = { crashes: 1, badAnswers: 1 };
const none = { lost: 0, duplicates: 0, misordered: 0, parked: 0, wedged: 0 };

describe("the delivery protocol, at every crash point and for every answer", () => {
  test("loses, repeats and keeps nothing where the history can be read", async () => {
    const worst = await explore(once);

    expect(worst).toMatchObject(none);
    expect(worst.runs).toBeGreaterThan(1_000);
  });

  test("repeats where it cannot be read no more than once for each crash or lost answer", async () => {
    const worst = await explore({ ...once, history: "unreadable", onUncertain: "resend" });

    expect(worst).toMatchObject({ ...none, duplicates: 2 });
  });

  test("repeats nothing where it holds what it cannot know, and lists what it holds", async () => {
    const worst = await explore({ ...once, history: "unreadable", onUncertain: "hold" });

    expect(worst).toMatchObject({ lost: 0, duplicates: 0, misordered: 0, wedged: 0 });
    expect(worst.parked).toBeGreaterThan(0);
  });

  test.each<[Mutant, "lost" | "duplicates" | "misordered"]>([
    ["no inflight mark", "duplicates"],
    ["no quarantine", "duplicates"],
    ["internal_error means no", "duplicates"],
    ["blind retry", "duplicates"],
    ["cursor before outbox", "lost"],
    ["newest first", "misordered"],
  ])("is told from one with %s", async (mutant, harm) => {
    const worst = await explore({ ...once, mutant });

    expect(worst[harm]).toBeGreaterThan(0);
  });
});

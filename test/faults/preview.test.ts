import { describe, expect, test } from "vitest";

import { Chance } from "../loops/chance.ts";
import { Clerks } from "../loops/clerks.ts";
import { everySource, everySourceBothWays } from "../support/sources.ts";
import { startWorld } from "../support/world.ts";

interface Planned {
  readonly messages: readonly { key: string; transactions: string[]; payload: { text: string } }[];
}
interface Done {
  readonly posted: readonly { key: string; transactions: string[]; text: string }[];
}

function byKey(one: { key: string }, other: { key: string }): number {
  return one.key < other.key ? -1 : 1;
}

const routes = [
  {
    name: "large",
    when: { source: "ap-invoices", amount: { atLeast: "1000" } },
    channel: "#ap-approvals",
    mention: ["cfo@example.com"],
  },
  { name: "accounts", when: { account: "62*" }, channel: "#controllers", copy: true },
];

describe("the plan of dry-run is what poll then posts, whatever has happened in the books", () => {
  test.each([11, 12, 13, 14])("seed %i", async (seed) => {
    const chance = new Chance(seed);
    await using world = await startWorld({
      sources: chance.happens(0.5) ? everySource : everySourceBothWays,
      routes,
    });
    const clerks = new Clerks(world.sage.company("SAMINC"), chance);
    await world.run("poll", "--all");
    let compared = 0;
    for (let round = 0; round < 8; round += 1) {
      for (let event = chance.whole(1, 25); event > 0; event -= 1) clerks.work();
      const flags = chance.oneOf([
        ["--all"],
        ["--all"],
        ["--only", "ap-invoices"],
        ["--since", "2026-11-01"],
      ]);
      const plan = JSON.parse((await world.run("dry-run", "--json", ...flags)).stdout) as Planned;
      const done = JSON.parse((await world.run("poll", "--json", ...flags)).stdout) as Done;

      const planned = plan.messages.map(({ key, transactions, payload }) => ({
        key,
        transactions,
        text: payload.text,
      }));
      const posted = done.posted.map(({ key, transactions, text }) => ({ key, transactions, text }));
      expect(planned.toSorted(byKey)).toEqual(posted.toSorted(byKey));
      compared += posted.length;
    }
    expect(compared).toBeGreaterThan(10);
  });
});

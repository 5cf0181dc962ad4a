import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { parseEnvelope, type Envelope } from "../../src/state/envelope.ts";
import { keyInOneEach } from "../support/sample-morning.ts";
import { startWorld } from "../support/world.ts";

describe("poll", () => {
  test("writes the state twice when there is nothing new, however many sources it reads", async () => {
    await using world = await startWorld();
    keyInOneEach(world.sage.company("SAMINC"));
    await world.run("poll", "--all");
    await world.run("poll", "--all");
    const before = await stateIn(world.directory);

    await world.run("poll");
    const after = await stateIn(world.directory);

    expect(after.generation).toBe(before.generation + 2);
    const unscheduled = ["ap-invoices", "ap-payments", "ar-receipts", "purchase-orders"];
    for (const place of unscheduled.map((name) => `SAMINC/${name}`)) {
      expect(after.state.sources[place]?.lastRead).toBeGreaterThan(
        before.state.sources[place]?.lastRead ?? Infinity,
      );
    }
  });

  test("writes down at once that a source with a schedule was read: the next run must not take it for due", async () => {
    await using world = await startWorld({
      sources: { "gl-journals": { channel: "#accounting-leadership", schedule: "* * * * *" } },
    });
    await world.run("poll", "--all");
    const before = await stateIn(world.directory);

    await world.run("poll", "--all");

    expect((await stateIn(world.directory)).generation).toBe(before.generation + 3);
  });
});

async function stateIn(directory: string): Promise<Envelope> {
  const parsed = parseEnvelope(await readFile(join(directory, "sage-slack.cursor.json"), "utf8"));
  if (parsed.kind !== "valid") throw new Error("the state cannot be read");
  return parsed.envelope;
}

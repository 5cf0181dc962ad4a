import { join } from "node:path";

import { everySourceBothWays } from "../support/sources.ts";
import { startWorld, type World } from "../support/world.ts";
import { inTurn } from "./measure.ts";
import { atLeast, atMost, noted, type Figure, type Row } from "./rows.ts";

export const binary = join(import.meta.dirname, "../../bin/sage-slack.js");

const runs = 15;

export const startup: Figure = {
  name: "startup",
  measure: async () => {
    const { bare, version, help } = await inTurn(
      {
        bare: { args: ["-e", "0"] },
        version: { args: [binary, "--version"] },
        help: { args: [binary, "--help"] },
      },
      runs,
    );
    return [
      noted("floor: node -e 0", bare.wallMs, "ms"),
      atMost("--version, against node -e 0", version.wallMs / bare.wallMs, { most: 2, unit: "times" }),
      atMost("--help, against node -e 0", help.wallMs / bare.wallMs, { most: 2, unit: "times" }),
    ];
  },
};

/** One empty workflow of n8n 2.38, executed on two processors on which bare Node takes 26 ms. */
const n8n = { againstBare: 3000 / 26, peakMiB: 410 };

export const quietPoll: Figure = {
  name: "quiet-poll",
  measure: async () => {
    await using world = await quietWorld("UTC");
    await using abroad = await quietWorld("America/Los_Angeles");
    const before = { sage: world.sage.requests.length, slack: world.slack.requests.length };
    await world.run("poll");
    const ofSage = world.sage.requests.length - before.sage;
    const ofSlack = world.slack.requests.length - before.slack;
    const args = [binary, "poll", "--quiet"];
    const { bare, poll, zoned } = await inTurn(
      {
        bare: { args: ["-e", "0"] },
        poll: { args, cwd: world.directory, env: world.env },
        zoned: { args, cwd: abroad.directory, env: abroad.env },
      },
      runs,
    );
    if (poll.code !== 0) throw new Error(`the quiet poll ended with ${poll.code}: ${poll.stderr}`);
    return [
      noted("floor: node -e 0", bare.wallMs, "ms"),
      atMost("quiet poll, five sources", poll.wallMs, { most: 3 * bare.wallMs + 120, unit: "ms" }),
      noted("in another time zone than UTC", zoned.wallMs, "ms"),
      noted("its own processor time", poll.cpuMs, "ms"),
      atMost("its peak memory", poll.peakMiB, { most: 80, unit: "MiB" }),
      atMost(`its requests (${ofSage} to Sage, ${ofSlack} to Slack)`, ofSage + ofSlack, {
        most: 12,
        unit: "requests",
      }),
      ...againstN8n(poll.wallMs / bare.wallMs, poll.peakMiB),
    ];
  },
};

/** In which nothing is new. No source has a schedule: each is read by every run. */
async function quietWorld(timeZone: string): Promise<World> {
  const world = await startWorld({ sources: everySourceBothWays, sage: { timeZone } });
  await world.run("poll");
  await world.run("poll");
  return world;
}

/** By what each takes against bare Node on its own machine. */
function againstN8n(againstBare: number, peakMiB: number): Row[] {
  return [
    atLeast("against n8n with an empty workflow, faster", n8n.againstBare / againstBare, {
      least: 15,
      unit: "times",
    }),
    atMost("against n8n, memory", peakMiB / n8n.peakMiB, { most: 0.2, unit: "of its" }),
  ];
}

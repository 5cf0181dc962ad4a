import { join } from "node:path";

import { startWorld, type World } from "../support/world.ts";
import { median, sample, type Sample } from "./measure.ts";
import { binary } from "./process.ts";
import { atMost, noted, type Figure } from "./rows.ts";

const manyBatches = 10;
const perBatch = 5;
const rounds = 5;
const script = join(import.meta.dirname, "plain-script.mjs");

/** A poll of either. */
type Poll = (world: World) => Promise<Sample>;

const ours: Poll = ({ directory: cwd, env }) => sample({ args: [binary, "poll", "--quiet"], cwd, env });

const theirs: Poll = ({ directory, sage, slack }) =>
  sample({
    args: [script],
    cwd: directory,
    env: {
      SAGE_URL: sage.url,
      SAGE_USER: "WEBAPI",
      SAGE_PASSWORD: "WEBAPI",
      SLACK_URL: slack.url,
      SLACK_TOKEN: slack.token,
      LAST_FILE: join(directory, "last.txt"),
    },
  });

/** Time in which the server's clock runs ahead, so that nobody has to wait for a quarantine to end. */
let aheadMs = 0;

async function startBooks(rateLimits: "slack" | "off"): Promise<World> {
  return startWorld(
    {
      sources: { "ap-invoices": { channel: "#accounts-payable" } },
      slack: { minIntervalMs: rateLimits === "off" ? 0 : 1000 },
    },
    { rateLimits, clock: () => Date.now() + aheadMs },
  );
}

function keyIn({ sage }: World, batches: number): string[] {
  const numbers: string[] = [];
  for (let batch = 1; batch <= batches; batch += 1) {
    const invoices = Array.from({ length: perBatch }, (_, entry) => ({
      vendor: "1200",
      amount: "10.00",
      documentNumber: `DOC-${batch}-${entry + 1}.`,
    }));
    numbers.push(...invoices.map(({ documentNumber }) => documentNumber));
    sage.company("SAMINC").addInvoiceBatch({ invoices });
  }
  return numbers;
}

/** How long a poll takes that posts so many batches, milliseconds. */
async function happy(poll: Poll, batches: number, rateLimits: "slack" | "off"): Promise<number> {
  await using world = await startBooks(rateLimits);
  await poll(world);
  keyIn(world, batches);
  const { wallMs, code, stderr } = await poll(world);
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`);
  return wallMs;
}

interface Told {
  readonly lost: number;
  readonly repeated: number;
}

/** Slack asks for a pause, takes a message and loses its answer, and takes one and fails. */
async function unhappy(poll: Poll): Promise<Told> {
  await using world = await startBooks("off");
  await poll(world);
  const numbers = keyIn(world, manyBatches);
  const target = { method: "chat.postMessage" };
  world.slack.queueFault({ ...target, kind: "ratelimited", retryAfter: 1 });
  world.slack.queueFault({ ...target, kind: "reset", accept: true });
  world.slack.queueFault({ ...target, kind: "http", status: 503, accept: true });
  for (let run = 1; (await poll(world)).code !== 0; run += 1) {
    if (run === 6) throw new Error("did not come to an end in six runs");
    aheadMs += 600_000;
  }
  const shown = world.slack.posts.map(({ text, blocks }) => text + JSON.stringify(blocks ?? ""));
  const counts = numbers.map((number) => shown.filter((text) => text.includes(number)).length);
  return {
    lost: counts.filter((count) => count === 0).length,
    repeated: counts.filter((count) => count > 1).length,
  };
}

/** Against the script that somebody would write in an afternoon. */
export const plainScript: Figure = {
  name: "plain-script",
  measure: async () => {
    const one: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    for (let round = 0; round < rounds; round += 1) {
      one.theirs.push(await happy(theirs, 1, "off"));
      one.ours.push(await happy(ours, 1, "off"));
    }
    const many = {
      theirs: await happy(theirs, manyBatches, "slack"),
      ours: await happy(ours, manyBatches, "slack"),
    };
    const told = { theirs: await unhappy(theirs), ours: await unhappy(ours) };
    return [
      noted("one batch: a plain script", median(one.theirs), "ms"),
      atMost("one batch: sage-slack, against the script", median(one.ours) / median(one.theirs), {
        most: 1,
        unit: "times",
      }),
      noted(`${manyBatches} batches, with Slack's limits: a plain script`, many.theirs / 1000, "s"),
      atMost(`${manyBatches} batches: sage-slack, against the script`, many.ours / many.theirs, {
        most: 1,
        unit: "times",
      }),
      noted("a 429, a lost answer and a 503: the script repeated", told.theirs.repeated, "documents"),
      noted("and lost", told.theirs.lost, "documents"),
      atMost("sage-slack repeated", told.ours.repeated, { most: 0, unit: "documents" }),
      atMost("and lost", told.ours.lost, { most: 0, unit: "documents" }),
    ];
  },
};

/**
 * Kills the program again and again, with a Slack that loses and refuses answers, and counts what was lost and what
 * came twice: `npm run crash-loop -- --kills 2000`. See CONTRIBUTING.md for the flags.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { report, seedsFrom } from "./ending.ts";
import { Life, liveAll, type Setup, type Tally } from "./life.ts";
import { controlCalled, programFolder } from "./mutants.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    control: { type: "string" },
    "stop-when-caught": { type: "boolean", default: false },
    history: { type: "string", default: "readable" },
    "on-uncertain": { type: "string", default: "resend" },
    workers: { type: "string", default: "2" },
    verbose: { type: "boolean", default: false },
  },
});

/** Where the program is killed, and the last occurrence in a run that is worth a try. */
const points: Readonly<Record<string, number>> = {
  "lock.written": 1,
  "lock.taken": 1,
  "lock.guarded": 1,
  "lock.broken": 1,
  "lock.released": 1,
  "marker.renamed": 1,
  "marker.done": 1,
  "backup.half": 6,
  "backup.renamed": 6,
  "commit.before": 12,
  "commit.half": 12,
  "commit.written": 12,
  "commit.synced": 12,
  "commit.renamed": 12,
  "commit.done": 12,
  "master.half": 1,
  "master.renamed": 1,
  "post.before": 6,
  "post.sent": 6,
  "post.after": 6,
  "history.before": 3,
  "history.after": 3,
  "replies.before": 1,
  "replies.after": 1,
  "page.before": 6,
  "page.after": 6,
  "slack.before": 3,
  "slack.after": 3,
  end: 1,
};
/** By the first word of a point: files that a run writes only when they are gone, and that may go at any time. */
const writtenWhenGone: Readonly<Record<string, string>> = {
  master: "sage-slack.master.json",
  marker: "sage-slack.cursor.initialized",
};
const killsPerLife = 100;
const preload = join(import.meta.dirname, "kill-point.mjs");
const control = controlCalled(values.control);
const setup: Setup = {
  program: await programFolder(control),
  control,
  isHistoryReadable: values.history !== "unreadable",
  onUncertain: values["on-uncertain"] === "hold" ? "hold" : "resend",
};
/** How often each point was tried, and how often the program came to it and was killed. */
const tries = new Map(Object.keys(points).map((point) => [point, { tried: 0, fired: 0 }]));
let isCaught = false;

async function live(seed: number, kills: number): Promise<Tally | null> {
  if (isCaught) return null;
  await using life = await Life.begin(seed, setup);
  await firstRuns(life);
  while (life.deaths < kills && !life.isRefused && !isCaught) {
    if (life.chance.happens(0.5)) await killByTime(life);
    else await killAtPoint(life);
    if (life.isHolding && life.chance.happens(0.1)) await life.decideHeld();
    isCaught = values["stop-when-caught"] && life.isCaught;
  }
  if (!isCaught) await life.settle();
  return await life.tally();
}

/** Killed before there is anything to announce: what is keyed in before the first run's end is history. */
async function firstRuns(life: Life): Promise<void> {
  for (let kills = life.chance.whole(0, 3); kills > 0; kills -= 1)
    await killAtPoint(life, { isWorking: false });
  await life.settle();
  if (!life.isHolding) return;
  // A line that tells from where on the program follows must not come after what it follows.
  await life.decideHeld();
  await life.settle();
}

async function killByTime(life: Life): Promise<void> {
  life.prepareRun({ mayHang: true });
  await life.note(await life.installation.poll({ killAfterMs: life.chance.whole(20, 800) }));
}

async function killAtPoint(life: Life, { isWorking } = { isWorking: true }): Promise<void> {
  const { chance, installation } = life;
  if (isWorking) life.prepareRun({ mayHang: false });
  const [point, last] = chance.oneOf(Object.entries(points));
  const again = writtenWhenGone[point.split(".")[0] ?? ""];
  if (again !== undefined) await rm(join(installation.stateFolder, again), { force: true });
  const ended = await installation.poll({
    preload,
    env: { KILL_AT: `${point}:${chance.whole(1, last)}` },
  });
  await life.note(ended);
  const count = tries.get(point);
  if (count === undefined) return;
  count.tried += 1;
  if (ended.code === null) count.fired += 1;
}

const lives = Math.max(1, Math.ceil(Number(values.kills) / killsPerLife), Math.min(2, Number(values.kills)));
const killsEach = Math.ceil(Number(values.kills) / lives);
const tallies = await liveAll(seedsFrom(Number(values.seed), lives), Number(values.workers), (seed) =>
  live(seed, killsEach),
);
const neverFired = [...tries].filter(([, { tried, fired }]) => tried >= 40 && fired === 0);
if (values.verbose) {
  for (const [point, { tried, fired }] of tries)
    process.stdout.write(`${point.padEnd(16)} fired ${fired} of ${tried}\n`);
}
process.exitCode = report({
  tallies,
  setup,
  seed: values.seed,
  order: ["runs", "kills"],
  problems: neverFired.map(([point]) => `the program never came to ${point}`),
});

/**
 * Kills the program again and again, with a Slack that loses and refuses answers, and counts what was lost and what
 * came twice: `npm run crash-loop -- --kills 2000`. See CONTRIBUTING.md for the flags.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import type { SlackFault } from "../../src/sandbox/slack/faults.ts";
import { Chance } from "./chance.ts";
import { Installation } from "./installation.ts";
import { isMutant, programFolder } from "./mutants.ts";
import { judge, type Verdict } from "./oracle.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    control: { type: "string" },
    history: { type: "string", default: "readable" },
    "on-uncertain": { type: "string", default: "resend" },
    workers: { type: "string", default: "2" },
  },
});

const points = `commit.before commit.half commit.written commit.synced commit.renamed commit.done
  post.before post.sent post.after history.before history.after page.before page.after
  slack.before slack.after lock.taken lock.guarded end`.split(/\s+/);

const preload = join(import.meta.dirname, "kill-point.mjs");

interface Tally extends Verdict {
  readonly runs: number;
  readonly kills: number;
  readonly held: number;
}

/** One installation that lives through so many kills. */
async function live(kills: number, seed: number, program: string): Promise<Tally> {
  const chance = new Chance(seed);
  const isHistoryReadable = values.history !== "unreadable";
  const onUncertain = values["on-uncertain"] === "hold" ? "hold" : "resend";
  await using installation = await Installation.start({ program, isHistoryReadable, onUncertain });
  let runs = 1;
  let killed = 0;
  mustEnd(await installation.poll(), [0]);
  while (killed < kills) {
    for (let batch = chance.whole(0, 2); batch > 0; batch -= 1) installation.keyIn(chance);
    installation.slack.clearFaults();
    const isByTime = chance.happens(0.5);
    for (let fault = chance.whole(0, 2); fault > 0; fault -= 1) {
      installation.slack.queueFault(badAnswer(chance, isByTime));
    }
    const ended = isByTime
      ? await installation.poll({ killAfterMs: chance.whole(40, 900) })
      : await installation.poll({
          preload,
          env: { KILL_AT: `${chance.oneOf(points)}:${chance.whole(1, 3)}` },
        });
    runs += 1;
    if (ended.code === null) killed += 1;
    else mustEnd(ended, [0, 3, 5]);
  }
  installation.slack.clearFaults();
  runs += await settle(installation, onUncertain === "hold" && !isHistoryReadable);
  const held = await heldIn(installation);
  return { ...judge(installation), runs, kills: killed, held };
}

function badAnswer(chance: Chance, mayHang: boolean): SlackFault {
  const accept = chance.happens(0.5);
  const target = { method: "chat.postMessage", skip: chance.whole(0, 2) };
  const faults: SlackFault[] = [
    { ...target, kind: "reset", accept },
    { ...target, kind: "fin", accept },
    { ...target, kind: "http", status: chance.oneOf([500, 502, 503]), accept },
    { ...target, kind: "error", error: chance.oneOf(["internal_error", "fatal_error", "odd_error"]), accept },
    { ...target, kind: "truncate", afterBytes: 20, accept },
    { ...target, kind: "ratelimited", retryAfter: chance.oneOf([0, 1]) },
    // Without an answer the program waits for its own time-out; only runs that are killed anyway have that long.
    ...(mayHang ? [{ ...target, kind: "late", afterMs: 300 } as const] : []),
  ];
  return chance.oneOf(faults);
}

/** Runs without faults until everything is delivered. */
async function settle(installation: Installation, isHolding: boolean): Promise<number> {
  for (let runs = 1; runs <= 20; runs += 1) {
    const ended = await installation.poll();
    mustEnd(ended, [0, 3, 5]);
    if (ended.code === 0 || (isHolding && ended.code === 3)) return runs;
    await sleep(600);
  }
  throw new Error("not settled after 20 runs without faults");
}

function mustEnd({ code, stderr }: { code: number | null; stderr: string }, codes: readonly number[]): void {
  if (code === null || !codes.includes(code)) throw new Error(`ended with ${code}: ${stderr}`);
}

/** Messages that the program keeps back and lists, because it cannot know. */
async function heldIn(installation: Installation): Promise<number> {
  const messages = await installation.undelivered();
  return messages.filter(({ status }) => status === "inflight").length;
}

const control = values.control ?? null;
if (control !== null && !isMutant(control)) throw new Error(`no control is called ${control}`);
const program = await programFolder(control);
const workers = Math.max(1, Number(values.workers));
const kills = Math.ceil(Number(values.kills) / workers);
const seeds = Array.from({ length: workers }, (_worker, index) => Number(values.seed) + index * 7919);
const tallies = await Promise.all(seeds.map((seed) => live(kills, seed, program)));
const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
const lost = tallies.flatMap((tally) => tally.lost);
const duplicates = sum((tally) => tally.duplicates);
const counts = [
  `runs ${sum((tally) => tally.runs)}`,
  `kills ${sum((tally) => tally.kills)}`,
  `documents ${sum((tally) => tally.documents)}`,
  `lost ${lost.length}`,
  `duplicates ${duplicates}`,
  `held ${sum((tally) => tally.held)}`,
  `unmarked duplicates ${sum((tally) => tally.unmarked)}`,
];
process.stdout.write(`seed ${values.seed}: ${counts.join(", ")}\n`);
if (lost.length > 0) process.stdout.write(`lost: ${lost.join(" ")}\n`);

const isResending = values.history === "unreadable" && values["on-uncertain"] === "resend";
const isHolding = values.history === "unreadable" && !isResending;
const isClean =
  (isHolding || lost.length === 0) && (isResending ? sum((tally) => tally.unmarked) === 0 : duplicates === 0);
// A control must be caught.
process.exitCode = isClean === (control === null) ? 0 : 1;

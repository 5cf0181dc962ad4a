import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "vitest";

import type { SageFault } from "../../src/sandbox/sage/faults.ts";
import type { ConfigParts, Result, World } from "./world.ts";
import { startWorld } from "./world.ts";

/** A password that no output may show, in a spelling that cannot occur by chance. */
export const password = "CANARY-PASS-7F3A";

export interface Expected {
  /** Of the run with the fault. */
  readonly code: number;
  /** What its messages must say. */
  readonly says?: readonly (string | RegExp)[];
  /** What they must not say. */
  readonly hides?: readonly (string | RegExp)[];
  /** Whether the invoice is posted in spite of the fault. */
  readonly delivers?: boolean;
  /** Whether the source goes on and keeps the one record in mind. */
  readonly goesOn?: boolean;
}

/** One source and a password to look for; by default only A/P invoices, so that a run is a handful of requests. */
export async function startWatchedWorld(parts: ConfigParts = {}): Promise<World> {
  const sources = { "ap-invoices": { channel: "#accounts-payable" } };
  const world = await startWorld({ sources, ...parts });
  world.sage.addUser({ id: "READER", password });
  world.env["SAGE_SLACK_SAGE_USER"] = "reader";
  world.env["SAGE_SLACK_SAGE_PASSWORD"] = password.toLowerCase();
  return world;
}

/** A fault of the simulator's, without how often it comes. */
export type LastingFault = SageFault extends infer Each
  ? Each extends unknown
    ? Omit<Each, "times">
    : never
  : never;

interface Spell {
  readonly begin: () => Promise<void> | void;
  readonly end: () => Promise<void> | void;
}

/** A fault that every request it is meant for meets until it ends. */
export function lasting({ sage }: World, fault: LastingFault): Spell {
  return {
    begin: () => sage.queueFault({ ...fault, times: Number.POSITIVE_INFINITY }),
    end: () => sage.clearFaults(),
  };
}

/**
 * The life of one invoice around a fault: following is begun, the invoice is keyed in, one run meets the fault, the
 * next does not. Whatever the fault was, the invoice is posted once, the state stays whole, and no secret is shown.
 */
export async function surviveFault(world: World, fault: Spell, expected: Expected): Promise<Result> {
  expect(await world.run("poll"), "the first run").toMatchObject({ code: 0 });
  world.sage
    .company("SAMINC")
    .addInvoiceBatch({ invoices: [{ vendor: "1200", documentNumber: "ONCE-1", amount: "12.99" }] });
  const before = await sourcesIn(world);

  await fault.begin();
  const faulty = await world.run("poll", "--verbose");
  expectOutcome(faulty, expected);
  const postedBefore = timesPosted(world);
  expect(postedBefore, "posts in spite of the fault").toBe(expected.delivers === true ? 1 : 0);
  if (expected.delivers !== true && expected.goesOn !== true)
    expect(await sourcesIn(world), "how far is read").toEqual(before);

  await fault.end();
  const next = await world.run("poll");
  const last = await world.run("poll");
  expect([next, last], "the runs after the fault").toMatchObject([
    { code: 0, stderr: "" },
    { code: 0, stderr: "" },
  ]);
  expect(timesPosted(world), "posts in the end").toBe(1);
  await expectNoSecret(world, faulty, next);
  return faulty;
}

export function expectOutcome(
  { code, stderr, stdout }: Result,
  { code: wanted, says = [], hides = [] }: Expected,
) {
  expect({ code, stderr, stdout }).toMatchObject({ code: wanted });
  for (const words of says) expect(stderr).toMatch(words);
  for (const words of hides) expect(stderr + stdout).not.toMatch(words);
  expect(stderr, "control characters").not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
}

export async function expectNoSecret(world: World, ...results: readonly Result[]): Promise<void> {
  const basic = Buffer.from(`READER:${password}`).toString("base64");
  const state = await readFile(join(world.directory, "sage-slack.cursor.json"), "utf8");
  const shown = [...results.flatMap(({ stdout, stderr }) => [stdout, stderr]), state]
    .join("\n")
    .toLowerCase();
  for (const secret of [password, basic, world.slack.token]) {
    expect(shown.includes(secret.toLowerCase()), "a secret is shown").toBe(false);
  }
}

/** How far each source is read, from a state file that can be read. */
async function sourcesIn({ directory }: World): Promise<unknown> {
  const text = await readFile(join(directory, "sage-slack.cursor.json"), "utf8");
  const { body } = JSON.parse(text) as { body: { sources: Record<string, { lastRead: number }> } };
  return Object.fromEntries(
    Object.entries(body.sources).map(([name, source]) => [name, { ...source, lastRead: 0 }]),
  );
}

/** How often a document is announced in the channel; what a thread says about it later does not count. */
export function timesPosted({ slack }: World, documentNumber = "ONCE-1"): number {
  const shown = slack.posts
    .filter(({ channelName, threadTs }) => channelName === "accounts-payable" && threadTs === undefined)
    .map(({ blocks }) => JSON.stringify(blocks))
    .join("\n");
  return shown.match(new RegExp(`(?<![\\w-])${documentNumber}(?![\\w-])`, "g"))?.length ?? 0;
}

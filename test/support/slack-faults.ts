import { join } from "node:path";

import { expect, vi } from "vitest";

import type { SlackFault } from "../../src/sandbox/slack/faults.ts";
import type { SlackSimulatorOptions } from "../../src/sandbox/slack/slack-simulator.ts";
import { readStateFile } from "../../src/state/state-file.ts";
import type { State } from "../../src/state/state.ts";
import { startWorld, type ConfigParts, type Result, type World } from "./world.ts";

/** A world that has taken note of what there is, and whose Slack has a clock that can be put forward. */
export interface FaultWorld extends World {
  /** Puts Slack's clock forward. */
  advance(seconds: number): void;
  /** Slack's clock, Unix milliseconds. */
  readonly now: () => number;
}

export const quarantineSeconds = 120;

/** Two sources: invoices in #accounts-payable, payments in #treasury. */
export const twoSources = {
  "ap-invoices": { channel: "#accounts-payable" },
  "ap-payments": { channel: "#treasury" },
};

export async function startFaultWorld(
  parts: ConfigParts = {},
  slackOptions: SlackSimulatorOptions = {},
): Promise<FaultWorld> {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const world = await startWorld(
    { sources: twoSources, ...parts },
    { rateLimits: "off", ...slackOptions, clock: now },
  );
  expect(await world.run("poll")).toMatchObject({ code: 0, stderr: "" });
  return { ...world, now, advance: (seconds) => void (ahead += seconds * 1000) };
}

/** One invoice for #accounts-payable. */
export function oweInvoice({ sage }: World, documentNumber = "INV-ONCE"): void {
  const invoices = [{ vendor: "1200", documentNumber, amount: "12.99" }];
  sage.company("SAMINC").addInvoiceBatch({ invoices });
}

/** One payment for #treasury. */
export function owePayment({ sage }: World, checkNumber = "CHK-ONCE"): void {
  sage.company("SAMINC").addPaymentBatch({ payments: [{ vendor: "1350", checkNumber, amount: "980.10" }] });
}

/** One batch of so many invoices: the first 25 are announced, each 25 more are a reply in the thread. */
export function oweThread({ sage }: World, count: number, prefix = "ROW"): string[] {
  const numbers = Array.from({ length: count }, (_invoice, index) => `${prefix}-${index + 1}.`);
  const invoices = numbers.map((documentNumber) => ({ vendor: "1200", documentNumber, amount: "1.00" }));
  sage.company("SAMINC").addInvoiceBatch({ invoices });
  return numbers;
}

/** How many messages of a channel, deleted ones included, show this text. */
export function copiesIn({ slack }: World, channel: string, text: string): number {
  return slack.posts.filter(
    (post) => post.channelName === channel && `${post.text}\n${JSON.stringify(post.blocks)}`.includes(text),
  ).length;
}

/** Each of these documents is in the channel's messages exactly once, and no other that is spelled like them. */
export function expectEachOnce({ slack }: World, channel: string, numbers: readonly string[]): void {
  const shown = slack.posts
    .filter(({ channelName }) => channelName === channel)
    .flatMap(({ text, blocks }) => `${text}\n${JSON.stringify(blocks)}`.match(/\b[A-Z]+-\d+\./g) ?? []);
  expect(shown.toSorted()).toEqual(numbers.toSorted());
}

export interface Undelivered {
  readonly key: string;
  readonly channel: string;
  readonly status: "pending" | "inflight" | "dead";
  readonly reason: string | null;
  readonly attempts: number;
  readonly text: string;
  readonly next: { readonly happens: string };
}

/** What `outbox --json` tells. */
export async function undelivered(world: World): Promise<Undelivered[]> {
  const { code, stdout } = await world.run("outbox", "--json");
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { messages: Undelivered[] }).messages;
}

export async function stateOf({ directory }: World): Promise<State> {
  const state = await readStateFile({ directory });
  if (state === null) throw new Error(`no state in ${join(directory, "sage-slack.cursor.json")}`);
  return state;
}

/** Puts a fault in the way of the next post. */
export function spoilPost({ slack }: World, fault: DistributiveOmit<SlackFault, "method">): void {
  slack.queueFault({ method: "chat.postMessage", ...fault });
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

export function callsOf({ slack }: World, method: string): number {
  return slack.requests.filter((request) => request.method === method).length;
}

/**
 * What must follow a post whose outcome is unknown: it stays in doubt and is left alone during the quarantine, then the
 * channel is read, and in the end it is there exactly once.
 *
 * @returns what the run that met the fault told
 */
export async function expectSettledOnce(
  world: FaultWorld,
  { channel = "accounts-payable", text = "INV-ONCE" } = {},
): Promise<Result> {
  const met = await world.run("poll");
  const doubted = await undelivered(world);
  const postsBefore = callsOf(world, "chat.postMessage");
  const inQuarantine = await world.run("poll");
  const postsInQuarantine = callsOf(world, "chat.postMessage") - postsBefore;
  world.advance(quarantineSeconds + 1);
  const settled = await world.run("poll");
  const after = await undelivered(world);
  const idle = await world.run("poll");

  expect(met.code).toBe(5);
  expect(met.stderr).toContain("whether the last message arrived is not known");
  expect(doubted).toMatchObject([{ channel: `#${channel}`, status: "inflight", attempts: 1 }]);
  expect(inQuarantine.code).toBe(5);
  expect(inQuarantine.stderr).toContain("quarantine");
  expect(postsInQuarantine).toBe(0);
  expect(settled).toMatchObject({ code: 0, stderr: "" });
  expect(after).toEqual([]);
  expect(idle).toMatchObject({ code: 0, stderr: "" });
  expect(copiesIn(world, channel, text)).toBe(1);
  return met;
}

/** A run by a local clock that is so much later. */
export async function runLater(world: World, seconds: number): Promise<Result> {
  const now = Date.now.bind(Date);
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + seconds * 1000);
  try {
    return await world.run("poll");
  } finally {
    clock.mockRestore();
  }
}

import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import {
  callsOf,
  copiesIn,
  expectEachOnce,
  oweInvoice,
  owePayment,
  oweThread,
  runLater,
  spoilPost,
  startFaultWorld,
  stateOf,
  twoSources,
  undelivered,
} from "../support/slack-faults.ts";
import { startWorld, type World } from "../support/world.ts";

/** Milliseconds between the arrivals of the posts to a channel, refused ones included. */
function gapsIn({ slack }: World, channel: string): number[] {
  const { id } = slack.channel(channel);
  const times = slack.requests
    .filter(({ method, args }) => method === "chat.postMessage" && args["channel"] === id)
    .map(({ at }) => at);
  return times.slice(1).map((at, index) => at - (times[index] ?? at));
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

describe("a Retry-After", () => {
  test("K01 of 3 seconds before the first post is waited out (0)", async () => {
    await using world = await startFaultWorld();
    oweInvoice(world);
    spoilPost(world, { kind: "ratelimited", retryAfter: 3 });

    const run = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    const [gap] = gapsIn(world, "accounts-payable").slice(-1);
    expect(gap).toBeGreaterThanOrEqual(3000);
    expect(gap).toBeLessThan(4000);
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });

  test("K02 of an hour in the middle ends the run (5), and the next run obeys it too", async () => {
    await using world = await startFaultWorld();
    const rows = oweThread(world, 250);
    spoilPost(world, { kind: "ratelimited", retryAfter: 3600, skip: 4 });

    const run = await world.run("poll");
    const kept = await undelivered(world);
    const posts = callsOf(world, "chat.postMessage");
    const early = await world.run("poll");
    const asked = callsOf(world, "chat.postMessage") - posts;
    const keptStill = await undelivered(world);
    const later = await runLater(world, 3601);

    expect(run.code).toBe(5);
    expect(run.stderr).toContain("#accounts-payable: Slack asked to wait 3600 s");
    expect(run.stdout).toContain("Posted 4 messages");
    expect(run.stdout).toContain("6 waiting for the next run");
    expect(kept.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => "pending"));
    expect(early.code).toBe(5);
    expect(early.stderr).toMatch(/Slack asked to wait 3[56]\d\d s/);
    expect(asked).toBe(0);
    expect(keptStill).toEqual(kept);
    expect(later).toMatchObject({ code: 0, stderr: "" });
    expectEachOnce(world, "accounts-payable", rows);
  });

  test.each([null, "", "-5", "abc", "Wed, 25 Nov 2026 07:28:00 GMT", "1000000000", "1.5"])(
    "K03 of %j stands for half a minute (5)",
    async (retryAfter) => {
      await using world = await startFaultWorld();
      oweInvoice(world);
      spoilPost(world, { kind: "ratelimited", retryAfter });

      const run = await world.run("poll", "--max-duration", "8");
      const kept = await undelivered(world);
      const later = await runLater(world, 31);

      expect(run.code).toBe(5);
      expect(run.stderr).toContain("Slack asked to wait 30 s");
      expect(kept).toMatchObject([{ status: "pending", reason: "ratelimited" }]);
      expect(later).toMatchObject({ code: 0, stderr: "" });
      expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
    },
  );

  test("K04 for auth.test leaves everything in the outbox (5), and the next run does not ask again", async () => {
    await using world = await startFaultWorld();
    oweInvoice(world);
    world.slack.queueFault({ method: "auth.test", kind: "ratelimited", retryAfter: 120 });

    const run = await world.run("poll");
    const kept = await undelivered(world);
    const calls = world.slack.requests.length;
    const early = await world.run("poll");
    const asked = world.slack.requests.length - calls;
    const later = await runLater(world, 121);

    expect(run.code).toBe(5);
    expect(run.stderr).toContain("Slack asks to wait 120 s before auth.test");
    expect(kept).toMatchObject([{ status: "pending", attempts: 0 }]);
    expect(early.code).toBe(5);
    expect(early.stderr).toMatch(/wait 1[12]\d s before auth\.test/);
    expect(asked).toBe(0);
    expect(later).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });

  test("K04 for the history leaves a message in doubt until it may be looked up (5)", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept: false });
    await world.run("poll");
    world.slack.queueFault({ method: "conversations.history", kind: "ratelimited", retryAfter: 60 });

    const run = await world.run("poll");
    const reads = callsOf(world, "conversations.history");
    const early = await world.run("poll");
    const asked = callsOf(world, "conversations.history") - reads;
    const kept = await undelivered(world);
    const later = await runLater(world, 61);

    expect([run.code, early.code]).toEqual([5, 5]);
    expect(asked).toBe(0);
    expect(kept).toMatchObject([{ status: "inflight", attempts: 1 }]);
    expect(later).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });

  test("K03 is not to be had from a workspace that is full: the run posts no more (5)", async () => {
    await using world = await startFaultWorld();
    oweThread(world, 100);
    spoilPost(world, {
      kind: "http",
      status: 429,
      body: "message_limit_exceeded",
      accept: false,
      skip: 1,
    });

    const run = await world.run("poll");
    const kept = await undelivered(world);
    const next = await world.run("poll");

    expect(run.code).toBe(5);
    expect(run.stderr).toContain("message_limit_exceeded");
    expect(kept.length).toBe(3);
    expect(next).toMatchObject({ code: 0, stderr: "" });
  });
});

test("K36 a channel that is rate limited does not hold back another (5)", async () => {
  await using world = await startFaultWorld();
  oweInvoice(world);
  owePayment(world);
  spoilPost(world, { kind: "ratelimited", retryAfter: 600, channel: "accounts-payable" });

  const run = await world.run("poll");
  const kept = await undelivered(world);
  const later = await runLater(world, 601);

  expect(run.code).toBe(5);
  expect(run.stderr).toContain("#accounts-payable");
  expect(copiesIn(world, "treasury", "CHK-ONCE")).toBe(1);
  expect(kept).toMatchObject([{ channel: "#accounts-payable", status: "pending" }]);
  expect(later).toMatchObject({ code: 0, stderr: "" });
  expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
});

test("K02 nothing is marked as under way while a long wait lasts", async () => {
  await using world = await startFaultWorld();
  oweInvoice(world);
  spoilPost(world, { kind: "ratelimited", retryAfter: 3 });

  const run = world.run("poll");
  await expect.poll(async () => (await stateOf(world)).pace.waitUntil, { timeout: 2500 }).not.toEqual({});
  const meanwhile = (await stateOf(world)).outbox;
  await run;

  expect(meanwhile).toMatchObject([{ status: "pending" }]);
  expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
});

/** Slack's own pace is on: a post that comes too early is refused. */
async function startPaced(): Promise<World> {
  const world = await startWorld({ sources: twoSources }, { rateLimits: "slack" });
  await world.run("poll");
  await world.configure({ sources: twoSources, slack: { minIntervalMs: 1000 } });
  return world;
}

/**
 * Calls that a perfect sender would make every so many milliseconds, until stopped: how much later they arrive is what
 * this machine adds, busy as it is.
 */
function startMetronome({ slack }: World, everyMs: number): { delayMs: () => Promise<number> } {
  const stop = new AbortController();
  const done = (async () => {
    while (!stop.signal.aborted) {
      await sleep(everyMs);
      await fetch(`${slack.url}api.test`, { method: "POST" });
    }
  })();
  return {
    delayMs: async () => {
      stop.abort();
      await done;
      const times = slack.requests.filter(({ method }) => method === "api.test").map(({ at }) => at);
      return medianOf(times.slice(1).map((at, index) => at - (times[index] ?? at))) - everyMs;
    },
  };
}

describe("the pace", () => {
  // A machine that does three things at once is late by some milliseconds more than the metronome tells.
  test("K37 is a good second in each channel, also when Slack answers slowly", { retry: 2 }, async () => {
    await using world = await startPaced();
    world.slack.queueFault({ method: "chat.postMessage", kind: "delay", ms: 150, times: Infinity });
    oweThread(world, 25 * 30);
    const payments = Array.from({ length: 25 * 10 }, (_payment, index) => ({
      vendor: "1350",
      checkNumber: `CHK-${index}`,
      amount: "1.00",
    }));
    world.sage.company("SAMINC").addPaymentBatch({ payments });

    const metronome = startMetronome(world, 1000);

    const run = await world.run("poll", "--max-duration", "none");

    const delayMs = await metronome.delayMs();
    expect(run).toMatchObject({ code: 0, stderr: "" });
    for (const [channel, posts] of [["accounts-payable", 30] as const, ["treasury", 10] as const]) {
      const gaps = gapsIn(world, channel).slice(-posts + 1);
      expect(gaps.length).toBe(posts - 1);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
      expect(medianOf(gaps) - delayMs).toBeLessThanOrEqual(1030); // the bar: 3 %
    }
  });

  test("K37 goes on from one run to the next", async () => {
    await using world = await startPaced();
    for (let count = 0; count < 4; count += 1) {
      oweInvoice(world, `INV-${count}`);
      expect(await world.run("poll")).toMatchObject({ code: 0, stderr: "" });
    }

    expect(Math.min(...gapsIn(world, "accounts-payable").slice(-3))).toBeGreaterThanOrEqual(1000);
  });

  test("K39 stops at the end of the run's time (5), and the next run goes on", async () => {
    await using world = await startPaced();
    const rows = oweThread(world, 2500);
    await world.run("poll", "--max-duration", "2"); // reads all of it
    const owed = await undelivered(world); // a quick machine has posted some

    const run = await world.run("poll", "--max-duration", "6");
    const kept = await undelivered(world);
    await world.configure({ sources: twoSources, slack: { minIntervalMs: 0 } });
    world.slack.switches.burst = 1000;
    const next = await world.run("poll");
    const idle = await world.run("poll");

    expect(run.code).toBe(5);
    expect(run.stderr).toContain("cannot post to #accounts-payable: out of time");
    expect(kept.length).toBeGreaterThan(90);
    expect(kept.length).toBeLessThan(100);
    expect(new Set(kept.map(({ status }) => status))).toEqual(new Set(["pending"]));
    expect(run.stdout).toContain(`Posted ${owed.length - kept.length} messages`);
    expect(next).toMatchObject({ code: 0, stderr: "" });
    expect(idle.stdout).toContain("Nothing to post");
    expectEachOnce(world, "accounts-payable", rows);
  });

  test("K38 takes a backlog merged, a second apart, from one run to the next", async () => {
    await using world = await startPaced();
    const numbers = Array.from({ length: 400 }, (_batch, index) => `DOC-${index}.`);
    for (const number of numbers) oweInvoice(world, number);

    const first = await world.run("poll", "--max-duration", "6");
    const kept = await undelivered(world);
    await world.configure({ sources: twoSources, slack: { minIntervalMs: 0 } });
    world.slack.switches.burst = 1000;
    const second = await world.run("poll");

    expect(first.code).toBe(5);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(40);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expectEachOnce(world, "accounts-payable", numbers);
  });
});

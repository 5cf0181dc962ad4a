import { describe, expect, test } from "vitest";

import {
  callsOf,
  copiesIn,
  expectEachOnce,
  expectSettledOnce,
  oweInvoice,
  oweThread,
  quarantineSeconds,
  spoilPost,
  startFaultWorld,
  stateOf,
  undelivered,
  type FaultWorld,
} from "../support/slack-faults.ts";

const channel = "accounts-payable";

/** The messages of the thread, by the `ts` in whose thread they are. */
function threadsOf({ slack }: FaultWorld): (string | undefined)[] {
  return slack.posts
    .filter(({ channelName, text }) => channelName === channel && !text.includes("Following"))
    .map(({ threadTs }) => threadTs);
}

describe("a reply whose outcome is unknown", () => {
  test.each([
    ["K05", true],
    ["K06", false],
  ])("%s is looked up in its thread, and arrives exactly once (accepted: %s)", async (_id, accept) => {
    await using world = await startFaultWorld();
    const rows = oweThread(world, 75);
    spoilPost(world, { kind: "http", status: 500, accept, skip: 1 });

    const lost = await world.run("poll");
    const doubted = await undelivered(world);
    const early = await world.run("poll");
    world.advance(quarantineSeconds + 1);
    const [histories, replies] = [
      callsOf(world, "conversations.history"),
      callsOf(world, "conversations.replies"),
    ];
    const settled = await world.run("poll");
    const idle = await world.run("poll");

    expect([lost.code, early.code]).toEqual([5, 5]);
    expect(doubted.map(({ status }) => status)).toEqual(["inflight", "pending"]);
    expect(settled).toMatchObject({ code: 0, stderr: "" });
    expect(callsOf(world, "conversations.replies") - replies).toBeGreaterThan(0);
    // None for the message in doubt; one is the look at what is new before the first post.
    expect(callsOf(world, "conversations.history") - histories).toBe(1);
    expect(idle).toMatchObject({ code: 0, stderr: "" });
    expectEachOnce(world, channel, rows);
    const [first, ...others] = threadsOf(world);
    expect(first).toBeUndefined();
    expect(new Set(others).size).toBe(1);
    expect(others).not.toContain(undefined);
  });

  test("K25 is sent as a possible repeat when the thread may not be read", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweThread(world, 50);
    spoilPost(world, { kind: "reset", accept: true, skip: 1 });
    await world.run("poll");
    world.slack.queueFault({
      method: "conversations.replies",
      kind: "error",
      error: "missing_scope",
      extra: { needed: "channels:history" },
    });

    const resent = await world.run("poll");

    expect(resent.code).toBe(0);
    expect(copiesIn(world, channel, "Possible repeat")).toBe(1);
    expect(copiesIn(world, channel, '"ROW-50."')).toBe(2);
    expect(await undelivered(world)).toEqual([]);
  });

  test("K31 becomes a message of the channel when somebody deleted the thread", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweThread(world, 75);
    spoilPost(world, { kind: "reset", accept: false, skip: 1 });
    await world.run("poll");
    const parent = world.slack.posts.at(-1);
    world.slack.deleteMessage(channel, parent?.ts ?? "");

    const settled = await world.run("poll");
    const idle = await world.run("poll");

    expect(settled.code).toBe(0);
    expect(settled.stderr).toContain("cannot_reply_to_message");
    expect(idle).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, channel, '"ROW-50."')).toBe(1);
    expect(copiesIn(world, channel, '"ROW-75."')).toBe(1);
    expect(threadsOf(world)).toEqual([undefined, undefined, undefined]);
  });
});

describe("a message that failed", () => {
  test("K06 holds its replies until it has arrived", async () => {
    await using world = await startFaultWorld();
    const rows = oweThread(world, 75);
    spoilPost(world, { kind: "reset", accept: false });

    const lost = await world.run("poll");
    const kept = await undelivered(world);
    world.advance(quarantineSeconds + 1);
    const settled = await world.run("poll");

    expect(lost.code).toBe(5);
    expect(kept.map(({ status, attempts }) => [status, attempts])).toEqual([
      ["inflight", 1],
      ["pending", 0],
      ["pending", 0],
    ]);
    expect(settled).toMatchObject({ code: 0, stderr: "" });
    expectEachOnce(world, channel, rows);
  });

  test("K24 in every form holds its replies, and lets others pass", async () => {
    await using world = await startFaultWorld();
    oweThread(world, 50);
    spoilPost(world, { kind: "error", error: "invalid_blocks", times: 3 });

    const refused = await world.run("poll");
    oweInvoice(world);
    const other = await world.run("poll");
    const [letter] = await undelivered(world);
    await world.run("outbox", "retry", letter?.key ?? "");
    const retried = await world.run("poll");

    expect(refused.code).toBe(3);
    expect((await stateOf(world)).outbox).toEqual([]);
    expect(other).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, channel, "INV-ONCE")).toBe(1);
    expect(retried).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, channel, '"ROW-50."')).toBe(1);
  });

  test("K24 takes its replies along when it is given up", async () => {
    await using world = await startFaultWorld();
    oweThread(world, 50);
    spoilPost(world, { kind: "error", error: "invalid_blocks", times: 3 });
    await world.run("poll");
    const [letter] = await undelivered(world);

    await world.run("outbox", "drop", letter?.key ?? "");
    const idle = await world.run("poll");

    expect(await undelivered(world)).toEqual([]);
    expect(idle.stdout).toContain("Nothing to post");
    expect(copiesIn(world, channel, "ROW-1.")).toBe(0);
  });

  test("K20 in its own channel has its replies beside it in the fallback channel", async () => {
    await using world = await startFaultWorld({ slack: { fallbackChannel: "#finance-ops" } });
    const rows = oweThread(world, 75);
    world.slack.channel(channel).isArchived = true;
    spoilPost(world, { kind: "reset", accept: true, channel: "finance-ops" });

    const lost = await world.run("poll");
    world.advance(quarantineSeconds + 1);
    const settled = await world.run("poll");

    expect(lost.code).toBe(5);
    expect(settled.code).toBe(0);
    expectEachOnce(world, "finance-ops", rows);
    const threads = world.slack.posts.filter(({ channelName }) => channelName === "finance-ops");
    expect(threads.map(({ threadTs }) => threadTs)).toEqual([undefined, threads[0]?.ts, threads[0]?.ts]);
  });
});

test("K20 a reply does not go to a channel that has come to be shared with another company", async () => {
  await using world = await startFaultWorld({ slack: { fallbackChannel: "#finance-ops" } });
  const rows = oweThread(world, 75);
  spoilPost(world, { kind: "ratelimited", retryAfter: 1, skip: 1, times: 1 });
  await world.run("poll", "--max-duration", "1");
  world.slack.channel(channel).isExtShared = true;
  const before = world.slack.posts.length;

  const refused = await world.run("poll");
  const posts = world.slack.posts.length - before;
  world.slack.channel(channel).isExtShared = false;
  const settled = await world.run("poll");

  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain("shared with another company");
  expect(posts).toBe(0);
  expect(settled).toMatchObject({ code: 0, stderr: "" });
  expectEachOnce(world, channel, rows);
});

test("K07 an uncertain reply keeps its place: what comes after it waits", async () => {
  await using world = await startFaultWorld();
  oweThread(world, 50);
  spoilPost(world, { kind: "error", error: "internal_error", accept: true, skip: 1 });

  const { code } = await expectSettledOnce(world, { channel, text: '"ROW-50."' });

  expect(code).toBe(5);
});

import { describe, expect, test } from "vitest";

import {
  callsOf,
  copiesIn,
  expectSettledOnce,
  oweInvoice,
  owePayment,
  oweThread,
  quarantineSeconds,
  runLater,
  spoilPost,
  startFaultWorld,
  undelivered,
  type FaultWorld,
} from "../support/slack-faults.ts";

const mark = "Possible repeat";

/** Ways in which a channel's history cannot be read that waiting does not cure. */
const unreadable: readonly {
  readonly id: string;
  readonly what: string;
  readonly says: string;
  readonly spoil: (world: FaultWorld) => void;
  readonly mend: (world: FaultWorld) => void;
}[] = [
  {
    id: "K25",
    what: "the app lacks the scope",
    says: "missing_scope",
    spoil: ({ slack }) => {
      const token = slack.tokenRecord();
      token.scopes = token.scopes.filter((scope) => scope !== "channels:history");
    },
    mend: ({ slack }) => {
      const token = slack.tokenRecord();
      token.scopes = [...token.scopes, "channels:history"];
    },
  },
  {
    id: "K25",
    what: "the app is not in the channel",
    says: "not_in_channel",
    spoil: ({ slack }) => void (slack.channel("accounts-payable").isMember = false),
    mend: ({ slack }) => void (slack.channel("accounts-payable").isMember = true),
  },
  {
    id: "K25",
    what: "access is denied",
    says: "access_denied",
    spoil: ({ slack }) =>
      slack.queueFault({
        method: "conversations.history",
        kind: "error",
        error: "access_denied",
        times: Infinity,
      }),
    mend: ({ slack }) => slack.clearFaults(),
  },
  {
    id: "K26",
    what: "Slack withholds the payload",
    says: "metadata withheld",
    spoil: ({ slack }) => void (slack.switches.historyWithholdsPayload = true),
    mend: ({ slack }) => void (slack.switches.historyWithholdsPayload = false),
  },
];

/** A post of which nobody knows, in a channel that cannot be read. */
async function startInDoubt(
  row: (typeof unreadable)[number],
  { onUncertain, accept }: { onUncertain: "resend" | "hold"; accept: boolean },
): Promise<FaultWorld> {
  const world = await startFaultWorld({ slack: { onUncertain } });
  // So that the window holds a message of ours whatever becomes of the next.
  oweInvoice(world, "INV-BEFORE");
  await world.run("poll");
  row.spoil(world);
  oweInvoice(world);
  spoilPost(world, { kind: "reset", accept });
  expect((await world.run("poll")).code).toBe(5);
  return world;
}

describe.each(unreadable)("$id history that cannot be read because $what", (row) => {
  test.each([true, false])(
    `${row.id} leads to one post that says it may be a repeat, with "resend" (accepted: %s)`,
    async (accept) => {
      await using world = await startInDoubt(row, { onUncertain: "resend", accept });

      const early = await world.run("poll");
      world.advance(quarantineSeconds + 1);
      const resent = await world.run("poll");
      const after = await undelivered(world);
      await world.run("poll");

      expect(early.code).toBe(5);
      expect(resent.code).toBe(0);
      expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(accept ? 2 : 1);
      expect(copiesIn(world, "accounts-payable", mark)).toBe(1);
      expect(after).toEqual([]);
    },
  );

  test.each([true, false])(
    `${row.id} repeats nothing with "hold", and a human decides (accepted: %s)`,
    async (accept) => {
      await using world = await startInDoubt(row, { onUncertain: "hold", accept });
      world.advance(quarantineSeconds + 1);

      const held = await world.run("poll");
      const listed = await undelivered(world);
      oweInvoice(world, "INV-BEHIND");
      const later = await world.run("poll");
      const [message] = listed;
      const resolved = await world.run("outbox", accept ? "drop" : "retry", message?.key ?? "");
      const settled = await world.run("poll");

      expect(held.code).toBe(3);
      expect(held.stderr).toContain(row.says);
      expect(held.stderr).toContain("sage-slack outbox retry");
      expect(listed).toMatchObject([
        { status: "inflight", reason: expect.stringContaining(row.says) as string },
      ]);
      expect(message?.next.happens).toContain("look into the channel");
      expect(later.code).toBe(3);
      expect(copiesIn(world, "accounts-payable", "INV-BEHIND")).toBe(1);
      expect(resolved.code).toBe(0);
      expect(settled.code).toBe(0);
      expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
      expect(copiesIn(world, "accounts-payable", mark)).toBe(accept ? 0 : 1);
    },
  );

  test.each([true, false])(
    `${row.id} is read after all once somebody has mended it, with "hold" (accepted: %s)`,
    async (accept) => {
      await using world = await startInDoubt(row, { onUncertain: "hold", accept });
      world.advance(quarantineSeconds + 1);
      await world.run("poll");

      row.mend(world);
      const settled = await world.run("poll");

      expect(settled).toMatchObject({ code: 0, stderr: "" });
      expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
      expect(copiesIn(world, "accounts-payable", mark)).toBe(0);
      expect(await undelivered(world)).toEqual([]);
    },
  );
});

test("K25 a scope that history needs is named", async () => {
  const [row] = unreadable;
  if (row === undefined) throw new Error("no row");
  await using world = await startInDoubt(row, { onUncertain: "hold", accept: true });
  world.advance(quarantineSeconds + 1);

  const { stderr } = await world.run("poll");

  expect(stderr).toContain("Add the scope channels:history to the app");
});

test("K26 history is always asked for all metadata", async () => {
  await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
  oweThread(world, 30);
  spoilPost(world, { kind: "reset", accept: true, skip: 1 });
  await world.run("poll");
  await world.run("poll");

  const reads = world.slack.requests.filter(({ method }) =>
    ["conversations.history", "conversations.replies"].includes(method),
  );
  expect(reads.length).toBeGreaterThan(1);
  expect(reads.filter(({ rawBody }) => !rawBody.includes("include_all_metadata=true"))).toEqual([]);
});

describe("history that cannot be read now", () => {
  test.each([
    ["K04", { kind: "ratelimited", retryAfter: 1 }, "asks to wait"],
    ["K25", { kind: "error", error: "internal_error" }, "internal_error"],
    ["K25", { kind: "http", status: 500, accept: false }, "status 500"],
    ["K25", { kind: "html", accept: false }, "not Slack's"],
    ["K28", { kind: "body", text: '{"ok":true}' }, "unexpected answer"],
    ["K28", { kind: "body", text: '{"ok":true,"messages":[{}]}' }, "unexpected answer"],
  ] as const)("%s (%o) leaves the message in doubt, whatever the policy", async (_id, fault, says) => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0, onUncertain: "resend" } });
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept: true });
    await world.run("poll");
    world.slack.queueFault({ method: "conversations.history", ...fault });

    const unread = await world.run("poll");
    const doubted = await undelivered(world);

    expect(unread.code).toBe(5);
    expect(unread.stderr).toContain(says);
    expect(doubted).toMatchObject([{ status: "inflight", attempts: 1 }]);
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });
});

/** So many messages of somebody else, newer than ours. */
async function chatter({ slack, now }: FaultWorld, count: number, metadata?: object): Promise<void> {
  const token = "xoxb-another-app";
  slack.addToken({ token, scopes: ["chat:write", "chat:write.public"], appName: "Chatter" });
  for (let index = 0; index < count; index += 1) {
    await fetch(`${slack.url}chat.postMessage`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({ channel: "accounts-payable", text: `${now()}`, metadata }),
    });
  }
}

describe("an incomplete look at the channel", () => {
  test.each([true, false])("K27 is no miss with 15 objects a minute (accepted: %s)", async (accept) => {
    await using world = await startFaultWorld({}, { rateLimits: "slack", switches: { burst: 1000 } });
    world.slack.switches.historyLimit15 = true;
    world.advance(61);
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept });
    await world.run("poll");
    await chatter(world, 20);
    world.advance(quarantineSeconds + 61);

    const cut = await world.run("poll");
    const doubted = await undelivered(world);
    world.slack.switches.historyLimit15 = false;
    world.advance(3600);
    const settled = await runLater(world, 3600);

    expect(cut.code).toBe(5);
    expect(cut.stderr).toContain("cannot be read now");
    expect(doubted).toMatchObject([{ status: "inflight" }]);
    expect(settled).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });

  test("K27 is enough when the message is in it", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweInvoice(world);
    await chatter(world, 20);
    spoilPost(world, { kind: "reset", accept: true });
    await world.run("poll");
    Object.assign(world.slack.switches, { historyLimit15: true, historyMaxPages: 1 });

    const settled = await world.run("poll");

    expect(settled).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });

  test.each([true, false])("K28 is no miss when a page has no successor (accepted: %s)", async (accept) => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept });
    await world.run("poll");
    await chatter(world, 20);
    Object.assign(world.slack.switches, { historyLimit15: true, historyMaxPages: 1 });

    const cut = await world.run("poll");
    const doubted = await undelivered(world);
    world.slack.switches.historyMaxPages = undefined;
    const settled = await world.run("poll");

    expect(cut.code).toBe(5);
    expect(cut.stderr).toContain("history incomplete");
    expect(doubted).toMatchObject([{ status: "inflight", attempts: 1 }]);
    expect(settled).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });

  test("K28 is no miss after twenty pages", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept: true });
    await world.run("poll");
    await chatter(world, 320);
    world.slack.switches.historyLimit15 = true;
    const before = callsOf(world, "conversations.history");

    const cut = await world.run("poll");
    const reads = callsOf(world, "conversations.history") - before;
    world.slack.switches.historyLimit15 = false;
    const settled = await world.run("poll");

    expect(cut.code).toBe(5);
    expect(cut.stderr).toContain("history incomplete");
    expect(reads).toBe(20);
    expect(settled).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });

  test.each([true, false])(
    "K28 is enough over the time in which the message can have arrived, whatever was written since (accepted: %s)",
    async (accept) => {
      await using world = await startFaultWorld();
      oweInvoice(world);
      spoilPost(world, { kind: "reset", accept });
      await world.run("poll");
      const hours = 5 * 3600;
      world.advance(hours);
      await chatter(world, 320);
      world.advance(-hours);
      world.slack.switches.historyLimit15 = true;
      const before = callsOf(world, "conversations.history");

      const settled = await runLater(world, hours);
      const reads = callsOf(world, "conversations.history") - before;

      expect(settled).toMatchObject({ code: 0, stderr: "" });
      // Before it is sent again, the newest messages are read once.
      expect(reads).toBe(accept ? 21 : 22);
      expect(await undelivered(world)).toEqual([]);
      expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
    },
  );

  test("K28 is no miss in its own time when the clocks disagree about that", async () => {
    await using world = await startFaultWorld();
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept: true });
    await world.run("poll");
    world.advance(5 * 3600); // Slack's clock alone: this machine slept, or was set back
    await chatter(world, 320);
    world.slack.switches.historyLimit15 = true;

    const cut = await world.run("poll");
    world.slack.switches.historyLimit15 = false;
    const settled = await world.run("poll");

    expect(cut.code).toBe(5);
    expect(cut.stderr).toContain("history incomplete");
    expect(settled).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });
});

describe("what is in the channel", () => {
  test("K29 is not taken for ours when another app repeats our metadata, and a warning says so", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept: true });
    await world.run("poll");
    const ours = world.slack.posts.at(-1);
    if (ours === undefined) throw new Error("nothing was posted");
    world.slack.deleteMessage(ours.channel, ours.ts);
    await chatter(world, 1, ours.metadata);

    const settled = await world.run("poll");

    expect(settled.code).toBe(0);
    expect(settled.stderr).toContain("Somebody else has put the mark of our message");
    const genuine = world.slack.posts.filter(
      ({ botId, blocks, deleted }) =>
        botId === ours.botId && deleted !== true && JSON.stringify(blocks).includes("INV-ONCE"),
    );
    expect(genuine.length).toBe(1);
  });

  test("K29 is not taken for ours when the same app writes it without our key", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept: false });
    await world.run("poll");
    const [doubted] = await undelivered(world);
    const payload = { key: doubted?.key, v: 1, mac: "0".repeat(32) };
    await fetch(`${world.slack.url}chat.postMessage`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${world.slack.token}`,
        "content-type": "application/json; charset=utf-8",
      },
      body: JSON.stringify({
        channel: "accounts-payable",
        text: "forged",
        metadata: { event_type: "sage_slack_notification", event_payload: payload },
      }),
    });

    const settled = await world.run("poll");

    expect(settled.code).toBe(0);
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });

  test("K29 does no harm when other apps write odd metadata", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept: true });
    await world.run("poll");
    await chatter(world, 1, { event_type: "sage_slack_notification", event_payload: {} });
    await chatter(world, 1, { event_type: "other", event_payload: { key: ["a"], nested: { a: [1] } } });

    const settled = await world.run("poll");

    expect(settled).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
  });

  test("K30 is counted when it is there twice, and not sent a third time", async () => {
    await using world = await startFaultWorld();
    oweInvoice(world);
    spoilPost(world, { kind: "late", afterMs: 600_000, hangUp: true });
    await world.run("poll");
    world.advance(quarantineSeconds + 1);
    spoilPost(world, { kind: "reset", accept: true });
    await world.run("poll");
    world.slack.landLateCalls();
    world.advance(quarantineSeconds + 1);

    const settled = await world.run("poll");

    expect(settled.code).toBe(0);
    expect(settled.stderr).toContain("#accounts-payable has 2 copies of a message");
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(2);
    expect(await undelivered(world)).toEqual([]);
  });

  test("K31 is posted again once when somebody deleted it before it was looked up", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept: true });
    await world.run("poll");
    const lost = world.slack.posts.at(-1);
    world.slack.deleteMessage("accounts-payable", lost?.ts ?? "");

    const settled = await world.run("poll");
    await world.run("poll");

    expect(settled).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(2);
    expect(world.slack.channel("accounts-payable").messages.length).toBe(2);
  });

  test("K32 is still ours after the app was made anew in the same workspace", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweInvoice(world);
    spoilPost(world, { kind: "reset", accept: true });
    await world.run("poll");
    const token = "xoxb-successor";
    world.slack.addToken({ token, scopes: world.slack.tokenRecord().scopes, appName: "Successor" });
    world.env["SAGE_SLACK_SLACK_TOKEN"] = token;

    const settled = await world.run("poll");
    owePayment(world);
    const next = await world.run("poll");

    expect([settled.code, next.code]).toEqual([0, 0]);
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
    expect(copiesIn(world, "treasury", "CHK-ONCE")).toBe(1);
  });
});

test("a channel that was read once is not read again for every message", async () => {
  await using world = await startFaultWorld();
  oweThread(world, 100);
  const before = callsOf(world, "conversations.history");

  await world.run("poll");

  expect(callsOf(world, "conversations.history") - before).toBe(1);
});

test("K05 an uncertain post in one channel does not hold back the other", async () => {
  await using world = await startFaultWorld();
  oweInvoice(world);
  owePayment(world);
  spoilPost(world, { kind: "http", status: 500, accept: true, channel: "accounts-payable" });

  await expectSettledOnce(world);

  expect(copiesIn(world, "treasury", "CHK-ONCE")).toBe(1);
});

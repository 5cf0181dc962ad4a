import { describe, expect, test } from "vitest";

import { SlackSimulator } from "../../src/sandbox/slack/slack-simulator.ts";
import { lookUp } from "../../src/slack/reconcile.ts";
import { WebApiSender } from "../../src/slack/sender.ts";
import { startWorld } from "../support/world.ts";

test("a message of which nobody knows when it was sent is looked for from the beginning of its channel", async () => {
  await using slack = await SlackSimulator.start();
  const sender = new WebApiSender({ token: slack.token, apiUrl: slack.url, macKey: "salt" });
  const { botId } = await sender.authTest();
  expect(botId).not.toBe("");
  const channelId = slack.channel("accounts-payable").id;
  const message = { text: "2 invoices", blocks: [] };
  const sent = await sender.post({ channelId, message, key: "aaaa" });

  const found = await lookUp(sender, { channelId, key: "aaaa", startedServer: 0 });
  const other = await lookUp(sender, { channelId, key: "bbbb", startedServer: 0 });

  expect(found).toMatchObject({ kind: "found", ts: sent.kind === "sent" ? sent.ts : "" });
  expect(other).toMatchObject({ kind: "absent" });
});

test("a message that never arrives in five attempts is given up aloud (3), and sent when somebody asks for it", async () => {
  await using world = await startWorld({ slack: { quarantineSeconds: 0 } });
  await world.run("poll");
  const fault = {
    method: "chat.postMessage",
    channel: "accounts-payable",
    kind: "reset",
    accept: false,
  } as const;
  world.slack.queueFault({ ...fault, times: 5 });
  world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] });
  for (let attempt = 1; attempt <= 5; attempt += 1) expect((await world.run("poll")).code).toBe(5);

  const givenUp = await world.run("poll");
  const { messages } = JSON.parse((await world.run("outbox", "--json")).stdout) as {
    messages: { key: string; status: string }[];
  };
  await world.run("outbox", "retry", messages[0]?.key ?? "");
  const sent = await world.run("poll");

  expect(givenUp.code).toBe(3);
  expect(givenUp.stderr).toContain("never arrived");
  expect(messages).toMatchObject([{ status: "dead" }]);
  expect(sent).toMatchObject({ code: 0, stderr: "" });
  expect(sent.stdout).toContain("Posted 1 message");
});

/** A channel in which another app writes, and a clock that goes as the test wants. Pages hold 15 messages or fewer. */
async function startBusyChannel() {
  const began = Date.now();
  let seconds = 0;
  const slack = await SlackSimulator.start({ rateLimits: "off", clock: () => began + seconds * 1000 });
  slack.switches.historyLimit15 = true;
  const sender = new WebApiSender({ token: slack.token, apiUrl: slack.url, macKey: "salt" });
  await sender.authTest();
  const channelId = slack.channel("accounts-payable").id;
  const token = "xoxb-another-app";
  slack.addToken({ token, scopes: ["chat:write", "chat:write.public"], appName: "Chatter" });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json; charset=utf-8" };
  return {
    sender,
    /** A message of which nobody knows what became of it, and that can have arrived in two minutes. */
    wanted: { channelId, key: "aaaa", startedServer: began, arrivedBy: began + 120_000 },
    post: async (after: number, key: string, threadTs?: string) => {
      seconds = after;
      const sent = await sender.post({
        channelId,
        message: { text: "2 invoices", blocks: [] },
        key,
        ...(threadTs === undefined ? {} : { threadTs }),
      });
      if (sent.kind !== "sent") throw new Error(`Slack answered ${sent.kind}`);
      return sent.ts;
    },
    chatter: async (after: number, count: number, threadTs?: string) => {
      seconds = after;
      const body = JSON.stringify({ channel: channelId, text: "so much to say", thread_ts: threadTs });
      for (let index = 0; index < count; index += 1)
        await fetch(`${slack.url}chat.postMessage`, { method: "POST", headers, body });
    },
    [Symbol.asyncDispose]: () => slack.stop(),
  };
}

const hours = 3600;

describe("a message under more than twenty pages of others", () => {
  test.each([true, false])("is looked for in its own time (arrived: %s)", async (hasArrived) => {
    await using channel = await startBusyChannel();
    if (hasArrived) await channel.post(1, "aaaa");
    await channel.chatter(100, 30);
    await channel.chatter(2 * hours, 290);

    const found = await lookUp(channel.sender, channel.wanted);

    expect(found.kind).toBe(hasArrived ? "found" : "absent");
  });

  test.each([true, false])("is looked for in its own time in a thread (arrived: %s)", async (hasArrived) => {
    await using channel = await startBusyChannel();
    const threadTs = await channel.post(0, "bbbb");
    if (hasArrived) await channel.post(1, "aaaa", threadTs);
    await channel.chatter(2 * hours, 310, threadTs);

    const found = await lookUp(channel.sender, { ...channel.wanted, threadTs });

    expect(found.kind).toBe(hasArrived ? "found" : "absent");
  });

  test("is found where it arrived later than it can have, among the newest", async () => {
    await using channel = await startBusyChannel();
    await channel.chatter(2 * hours, 310);
    const ts = await channel.post(2 * hours + 1, "aaaa");
    await channel.chatter(2 * hours + 2, 20);

    expect(await lookUp(channel.sender, channel.wanted)).toEqual({
      kind: "found",
      ts,
      copies: 1,
      forgeries: 0,
    });
  });

  test("may be anywhere when nobody knows when it left", async () => {
    await using channel = await startBusyChannel();
    await channel.chatter(2 * hours, 310);
    const { arrivedBy: _unknown, ...wanted } = channel.wanted;

    expect(await lookUp(channel.sender, wanted)).toMatchObject({ kind: "unreadable" });
  });
});

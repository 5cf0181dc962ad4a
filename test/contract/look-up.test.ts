import { expect, test } from "vitest";

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

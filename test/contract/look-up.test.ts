import { expect, test } from "vitest";

import { SlackSimulator } from "../../src/sandbox/slack/slack-simulator.ts";
import { lookUp } from "../../src/slack/reconcile.ts";
import { WebApiSender } from "../../src/slack/sender.ts";

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

import { waitSeconds } from "../../../src/slack/failure.ts";
import { messageMetadata } from "../../../src/slack/metadata.ts";
import { lookUp, readNewest } from "../../../src/slack/reconcile.ts";
import { WebApiSender } from "../../../src/slack/sender.ts";
import { Workspace } from "../../../src/slack/workspace.ts";
import { AnsweringServer } from "./answering-server.ts";
import { nearlyJson, nearlyText } from "./mutate.ts";
import {
  accepted,
  bytesOf,
  mustBeShowable,
  pure,
  type Input,
  type Kind,
  type Target,
  type Verdict,
} from "./target.ts";

const macKey = "salt";
const isTime = /^\d{1,12}\.\d{6}$/;
const receipt = {
  ok: true,
  channel: "C1",
  ts: "1779393408.521249",
  message: { text: "1 invoice", bot_id: "B1" },
  warning: "superfluous_charset",
  response_metadata: { warnings: ["superfluous_charset"] },
};
const history = {
  ok: true,
  messages: [
    { type: "message", ts: "1779393408.521249", bot_id: "B1", metadata: metadataFor("aaaa") },
    { type: "message", ts: "1779393409.521249", user: "U1", text: "thanks" },
  ],
  has_more: false,
  response_metadata: { next_cursor: "" },
};
const lists = {
  ok: true,
  channels: [{ id: "C1", name: "treasury", is_member: true, is_archived: false, is_private: false }],
  members: [{ id: "U1", name: "cfo", deleted: false }],
  usergroups: [{ id: "S1", handle: "controllers" }],
  user: { id: "U1" },
  response_metadata: { next_cursor: "" },
};
const identity = { ok: true, url: "https://acme.slack.com/", team_id: "T1", user_id: "U1", bot_id: "B1" };

/** What Slack, or something in its place, answers. */
export const slackTargets: Readonly<Record<string, Kind>> = {
  "slack-receipt": { isSlow: true, open: () => openSender(receipt, post) },
  // Up to twenty pages in one look.
  "slack-history": { isSlow: true, mostMs: 250, open: () => openSender(history, look) },
  "slack-lists": { isSlow: true, open: () => openSender(lists, readLists) },
  "slack-auth": {
    isSlow: true,
    open: () => openSender(identity, (sender) => accepted(() => sender.authTest())),
  },
  "retry-after": pure((chance) => nearlyText(chance.oneOf(["1", "30", "3600"]), chance), feedRetryAfter),
};

function metadataFor(key: string) {
  const { event_type, event_payload } = messageMetadata({ key, channelId: "C1", macKey });
  return { event_type, event_payload: { ...event_payload } };
}

async function openSender(
  sample: Parameters<typeof nearlyJson>[0],
  ask: (sender: WebApiSender) => Promise<Verdict>,
): Promise<Target> {
  const server = await AnsweringServer.start();
  const sender = new WebApiSender({
    token: "xoxb-fuzz",
    apiUrl: `${server.url}/api/`,
    macKey,
    timeoutMs: 5000,
  });
  return {
    make: (chance) => nearlyJson(sample, chance),
    feed: (input) => {
      server.answer = { status: 200, body: bytesOf(input) };
      return ask(sender);
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

async function post(sender: WebApiSender): Promise<Verdict> {
  const message = { text: "1 invoice", blocks: [] };
  const outcome = await sender.post({ channelId: "C1", key: "aaaa", message });
  if (outcome.kind === "sent") mustBeTime(outcome.ts);
  else mustBeShowable(JSON.stringify(outcome));
  return outcome.kind === "sent" ? "taken" : "rejected";
}

/** Whatever is taken for a message of ours becomes the thread of what follows. */
async function look(sender: WebApiSender): Promise<Verdict> {
  const found = await lookUp(sender, { channelId: "C1", key: "aaaa", startedServer: Date.now() });
  if (found.kind === "found") mustBeTime(found.ts);
  for (const [, times] of await readNewest(sender, "C1")) for (const ts of times) mustBeTime(ts);
  mustBeShowable(JSON.stringify(found));
  return found.kind === "unreadable" ? "rejected" : "taken";
}

function mustBeTime(ts: string): void {
  if (!isTime.test(ts)) throw new Error(`took ${ts}`);
}

function readLists(sender: WebApiSender): Promise<Verdict> {
  const workspace = new Workspace(sender);
  return accepted(async () => {
    await workspace.channels();
    await workspace.users();
    await workspace.userGroups();
    await workspace.findUserByEmail("cfo@example.com");
  });
}

function feedRetryAfter(input: Input): Verdict {
  const seconds = waitSeconds(input.toString());
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3600) throw new Error(`waits ${seconds} s`);
  return String(seconds) === input ? "taken" : "rejected";
}

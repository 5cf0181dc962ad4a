import { describe, expect, test } from "vitest";

import { SlackSimulator, type SlackSimulatorOptions } from "../../src/sandbox/slack/slack-simulator.ts";

interface Body {
  readonly ok: boolean;
  readonly channel: string;
  readonly ts: string;
  readonly messages: readonly { readonly text: string; readonly metadata?: object }[];
  readonly has_more: boolean;
  readonly response_metadata?: { readonly next_cursor: string };
}

/** Without rate limits and with full pages, unless told otherwise. */
async function start(options: SlackSimulatorOptions = {}): Promise<SlackSimulator> {
  const switches = { shortPages: false, ...options.switches };
  return await SlackSimulator.start({ rateLimits: "off", ...options, switches });
}

/** A call as Slack's own SDK makes it: a form whose structures are JSON text. */
async function call(slack: SlackSimulator, method: string, args: object): Promise<Body> {
  const texts = Object.entries({ token: slack.token, ...args }).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const body = new URLSearchParams(Object.fromEntries(texts) as Record<string, string>);
  const response = await fetch(slack.url + method, { method: "POST", body });
  return (await response.json()) as Body;
}

function post(slack: SlackSimulator, args: object): Promise<Body> {
  return call(slack, "chat.postMessage", { channel: "general", text: "hi", ...args });
}

/** In the channel with the id C1. */
async function postEach(slack: SlackSimulator, texts: readonly string[]): Promise<string[]> {
  const stamps: string[] = [];
  for (const text of texts) stamps.push((await post(slack, { channel: "C1", text })).ts);
  return stamps;
}

function textsOf({ messages }: Body): string[] {
  return messages.map(({ text }) => text);
}

const mrkdwn = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });
const section = mrkdwn("*Paid*");
const literal = (text: string) => ({ type: "section", text: { type: "mrkdwn", text, verbatim: true } });
const plain = (text: string) => ({ type: "section", text: { type: "plain_text", text } });
const metadata = { event_type: "sage_slack_notification", event_payload: { delivery: "42" } };

describe("a channel", () => {
  test.each(["finance", "#finance", "C1"])("that is public takes a post to %s", async (channel) => {
    await using slack = await start({ channels: [{ name: "finance", id: "C1" }] });

    expect(await post(slack, { channel })).toMatchObject({ ok: true, channel: "C1" });
  });

  test("that is private takes a post by its id only", async () => {
    await using slack = await start({ channels: [{ name: "board", id: "G1", isPrivate: true }] });

    expect(await post(slack, { channel: "board" })).toEqual({ ok: false, error: "channel_not_found" });
    expect(await post(slack, { channel: "G1" })).toMatchObject({ ok: true, channel: "G1" });
  });

  test.each([
    ["channel_not_found", "does not exist", { id: "C2" }],
    ["channel_not_found", "is private and without the bot", { isPrivate: true, isMember: false }],
    ["not_in_channel", "is public and without the bot", { isMember: false }],
    ["is_archived", "is archived", { isArchived: true }],
    ["restricted_action", "is for admins only", { restricted: true }],
  ])("answers %s when it %s", async (error, _, kind) => {
    const channels = [{ name: "finance", id: "C1", ...kind }];
    await using slack = await start({ channels, scopes: ["chat:write"] });

    expect(await post(slack, { channel: "C1" })).toEqual({ ok: false, error });
    expect(slack.posts).toEqual([]);
  });

  test("that is public takes posts without the bot in it when the token has chat:write.public", async () => {
    const channels = [{ name: "finance", isMember: false }];
    await using slack = await start({ channels, scopes: ["chat:write", "chat:write.public"] });

    expect(await post(slack, { channel: "finance" })).toMatchObject({ ok: true });
  });

  test("is opened by a post to a person's id, unless nobody can write to the app", async () => {
    await using slack = await start({ users: [{ name: "cfo", id: "U1" }] });

    const first = await post(slack, { channel: "U1" });
    const second = await post(slack, { channel: "U1" });
    slack.switches.messagesTab = false;
    const third = await post(slack, { channel: "U1" });

    expect([first.channel, second.channel]).toEqual([expect.stringMatching(/^D/), first.channel]);
    expect(third).toEqual({ ok: false, error: "messages_tab_disabled" });
  });
});

describe("chat.postMessage", () => {
  test("answers with the message as Slack keeps it", async () => {
    await using slack = await start();
    const { id } = slack.channel("general");
    const { userId, botId, appId } = slack.tokenRecord();

    const answer = await post(slack, { text: "direct test" });

    expect(answer).toEqual({
      ok: true,
      channel: id,
      ts: expect.stringMatching(/^\d{10}\.\d{6}$/) as string,
      message: {
        user: userId,
        type: "message",
        ts: answer.ts,
        bot_id: botId,
        app_id: appId,
        text: "direct test",
        team: "T0SANDBOX01",
        bot_profile: {
          id: botId,
          app_id: appId,
          user_id: userId,
          name: "Sage Notifier",
          icons: {
            image_36: "https://a.slack-edge.com/80588/img/plugins/app/bot_36.png",
            image_48: "https://a.slack-edge.com/80588/img/plugins/app/bot_48.png",
            image_72: "https://a.slack-edge.com/80588/img/plugins/app/bot_72.png",
          },
          deleted: false,
          updated: expect.any(Number) as number,
          team_id: "T0SANDBOX01",
        },
        blocks: [
          {
            type: "rich_text",
            block_id: expect.stringMatching(/^\w{5}$/) as string,
            elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "direct test" }] }],
          },
        ],
      },
    });
  });

  test("gives blocks back with an id each and the defaults of their texts", async () => {
    await using slack = await start();
    const header = { type: "header", block_id: "title", text: { type: "plain_text", text: "Paid" } };

    expect(await post(slack, { blocks: [header, section], metadata })).toMatchObject({
      message: {
        metadata,
        blocks: [
          { type: "header", block_id: "title", text: { type: "plain_text", text: "Paid", emoji: true } },
          {
            type: "section",
            block_id: expect.stringMatching(/^\w{5}$/) as string,
            text: { type: "mrkdwn", text: "*Paid*", verbatim: false },
          },
        ],
      },
    });
  });

  test("gives every message a later ts of its own, even while the clock stands still", async () => {
    await using slack = await start({ clock: () => 1_790_000_000_000 });

    const stamps = [await post(slack, {}), await post(slack, {}), await post(slack, {})].map(({ ts }) => ts);

    expect(stamps).toEqual(["1790000000.000000", "1790000000.000001", "1790000000.000002"]);
  });

  test("posts again for the same Idempotency-Key and client_msg_id", async () => {
    await using slack = await start();
    const args = { token: slack.token, channel: "general", text: "hi", client_msg_id: "1" };
    const send = () =>
      fetch(`${slack.url}chat.postMessage`, {
        method: "POST",
        headers: { "idempotency-key": "1" },
        body: new URLSearchParams(args),
      });

    await send();
    await send();

    expect(new Set(slack.posts.map(({ ts }) => ts)).size).toBe(2);
  });

  test.each([
    ["no_text", { text: "" }],
    ["no_text", { text: " ", blocks: [] }],
    ["markdown_text_conflict", { markdown_text: "**hi**" }],
    ["msg_too_long", { text: "", markdown_text: "x".repeat(12_001) }],
    ["msg_too_long", { text: "x".repeat(4_041), blocks: [section] }],
    ["invalid_blocks_format", { blocks: "[{" }],
    ["invalid_blocks_format", { blocks: section }],
    ["too_many_attachments", { attachments: Array.from({ length: 101 }, () => ({ text: "x" })) }],
    ["invalid_metadata_format", { metadata: "{" }],
    ["invalid_metadata_schema", { metadata: { event_type: "x" } }],
    ["metadata_too_large", { metadata: { event_type: "x", event_payload: { x: "x".repeat(8_192) } } }],
  ])("answers %s and posts nothing", async (error, args) => {
    await using slack = await start();

    expect(await post(slack, args)).toEqual({ ok: false, error });
    expect(slack.posts).toEqual([]);
  });

  test.each([
    [4_040, [4_040]],
    [4_041, [4_000, 41]],
  ])("makes a text of %i characters messages of %j", async (length, lengths) => {
    await using slack = await start();

    const { ts } = await post(slack, { text: "x".repeat(length) });

    expect(slack.posts.map(({ text }) => text.length)).toEqual(lengths);
    expect(slack.posts[0]?.ts).toBe(ts);
  });

  test("refuses such a text when told to", async () => {
    await using slack = await start({ switches: { longText: "reject" } });

    expect(await post(slack, { text: "x".repeat(4_041) })).toEqual({ ok: false, error: "msg_too_long" });
  });

  test("leaves markdown_text of up to 12,000 characters in one piece", async () => {
    await using slack = await start();

    await post(slack, { text: "", markdown_text: "x".repeat(12_000) });

    expect(slack.posts.map(({ text }) => text.length)).toEqual([12_000]);
  });

  test("warns that it cut a text of more than 40,000 characters, and posts it", async () => {
    await using slack = await start();

    expect(await post(slack, { text: "x".repeat(40_001) })).toMatchObject({
      ok: true,
      warning: "message_truncated",
      response_metadata: { messages: ["[WARN] Your message was truncated but still posted"] },
    });
  });

  test("replies to a message, though neither to a reply nor to nothing", async () => {
    await using slack = await start();
    const { ts } = await post(slack, {});

    const reply = await post(slack, { thread_ts: ts });

    const { userId } = slack.tokenRecord();
    expect(reply).toMatchObject({ ok: true, message: { thread_ts: ts, parent_user_id: userId } });
    for (const thread_ts of [reply.ts, "1700000000.000001"]) {
      expect(await post(slack, { thread_ts })).toEqual({ ok: false, error: "cannot_reply_to_message" });
    }
  });
});

describe("whom a message notifies", () => {
  test.each([
    ["mentions in its text", { text: "<@U1> <!subteam^S1> <!here>" }, ["U1", "S1", "!here"]],
    ["no raw names in its text", { text: "@here @ap-team @cfo" }, []],
    ["no escaped mention", { text: "&lt;!channel&gt;" }, []],
    ["groups, not people, with link_names", { text: "@cfo @ap-team", link_names: true }, ["S1"]],
    ["raw names in mrkdwn", { text: "", blocks: [mrkdwn("@channel")] }, ["!channel"]],
    ["no raw names in verbatim mrkdwn", { text: "", blocks: [literal("@channel")] }, []],
    ["mentions in verbatim mrkdwn", { text: "", blocks: [literal("<!channel>")] }, ["!channel"]],
    ["nobody in plain_text", { text: "", blocks: [plain("<!channel> @here")] }, []],
  ])("are %s", async (_, args, expected) => {
    await using slack = await start({
      users: [{ name: "cfo", id: "U1" }],
      userGroups: [{ handle: "ap-team", id: "S1" }],
    });

    await post(slack, args);

    expect(slack.posts[0]?.notified).toEqual(expected);
  });
});

describe("chat.update", () => {
  test("replaces the text, marks it as edited and drops the old blocks", async () => {
    await using slack = await start();
    const { channel, ts } = await post(slack, { blocks: [section], metadata });

    const answer = await call(slack, "chat.update", { channel, ts, text: "new" });

    expect(answer).toMatchObject({
      ok: true,
      channel,
      ts,
      text: "new",
      message: { text: "new", edited: { user: slack.tokenRecord().userId }, blocks: [{ type: "rich_text" }] },
    });
    expect(slack.channel("general").messages).toMatchObject([{ text: "new", blocks: [], metadata }]);
  });

  test("with blocks shows no edit", async () => {
    await using slack = await start();
    const { channel, ts } = await post(slack, { blocks: [section] });

    await call(slack, "chat.update", { channel, ts, text: "new", blocks: [{ type: "divider" }] });

    expect(slack.channel("general").messages[0]).toMatchObject({
      text: "new",
      blocks: [{ type: "divider" }],
    });
    expect(slack.channel("general").messages[0]).not.toHaveProperty("editedTs");
  });

  test.each([
    ["message_not_found", { ts: "1700000000.000001", text: "new" }],
    ["channel_not_found", { channel: "general", text: "new" }],
    ["no_text", { text: "" }],
    ["msg_too_long", { text: "€".repeat(1_334) }],
  ])("answers %s and changes nothing", async (error, args) => {
    await using slack = await start();
    const { channel, ts } = await post(slack, {});

    expect(await call(slack, "chat.update", { channel, ts, ...args })).toEqual({ ok: false, error });
    expect(slack.channel("general").messages).toMatchObject([{ text: "hi" }]);
  });

  test("changes no message of another app", async () => {
    await using slack = await start();
    slack.addToken({ token: "xoxb-other", scopes: ["chat:write"] });
    const { channel, ts } = await post(slack, {});

    const answer = await call(slack, "chat.update", { token: "xoxb-other", channel, ts, text: "new" });

    expect(answer).toEqual({ ok: false, error: "cant_update_message" });
  });
});

describe("conversations.history", () => {
  const channels = [{ name: "finance", id: "C1" }];

  test("is newest first and leaves out replies and what was deleted", async () => {
    await using slack = await start({ channels });
    const [first = "", second = ""] = await postEach(slack, ["one", "two", "three"]);
    await post(slack, { channel: "C1", text: "reply", thread_ts: first });
    await call(slack, "chat.delete", { channel: "C1", ts: second });

    const answer = await call(slack, "conversations.history", { channel: "C1" });

    expect(answer).toMatchObject({
      ok: true,
      messages: [{ text: "three" }, { text: "one", reply_count: 1 }],
      has_more: false,
    });
    expect(slack.posts).toHaveLength(4);
  });

  test("tells the payload of metadata only when asked for all of it", async () => {
    await using slack = await start({ channels });
    await post(slack, { channel: "C1", metadata });

    const brief = await call(slack, "conversations.history", { channel: "C1" });
    const whole = await call(slack, "conversations.history", { channel: "C1", include_all_metadata: true });

    expect(brief.messages[0]?.metadata).toEqual({ event_type: metadata.event_type });
    expect(whole.messages[0]?.metadata).toEqual(metadata);
  });

  test("keeps to the window of oldest and latest, whose ends count only when inclusive", async () => {
    await using slack = await start({ channels });
    const [oldest, , latest] = await postEach(slack, ["one", "two", "three"]);
    const window = { channel: "C1", oldest, latest };

    const between = await call(slack, "conversations.history", window);
    const withEnds = await call(slack, "conversations.history", { ...window, inclusive: true });

    expect([textsOf(between), textsOf(withEnds)]).toEqual([["two"], ["three", "two", "one"]]);
  });

  test("goes on where its cursor points", async () => {
    await using slack = await start({ channels });
    await postEach(slack, ["one", "two", "three"]);

    const first = await call(slack, "conversations.history", { channel: "C1", limit: 2 });
    const cursor = first.response_metadata?.next_cursor;
    const second = await call(slack, "conversations.history", { channel: "C1", limit: 2, cursor });

    expect([textsOf(first), first.has_more]).toEqual([["three", "two"], true]);
    expect([textsOf(second), second.has_more]).toEqual([["one"], false]);
    expect(second.response_metadata?.next_cursor ?? "").toBe("");
  });

  test("gives 15 messages at most to an app that is newly distributed", async () => {
    await using slack = await start({ channels, switches: { historyLimit15: true } });
    await postEach(
      slack,
      Array.from({ length: 16 }, (_, index) => String(index)),
    );

    const answer = await call(slack, "conversations.history", { channel: "C1", limit: 100 });

    expect([answer.messages.length, answer.has_more]).toEqual([15, true]);
  });

  test.each([
    ["not_in_channel", { isMember: false }, {}],
    ["channel_not_found", { isMember: false, isPrivate: true }, {}],
    ["invalid_limit", {}, { limit: 1_000 }],
    ["invalid_ts_oldest", {}, { oldest: "yesterday" }],
  ])("answers %s for %j and %j", async (error, kind, args) => {
    await using slack = await start({ channels: [{ name: "finance", id: "C1", ...kind }] });

    expect(await call(slack, "conversations.history", { channel: "C1", ...args })).toEqual({
      ok: false,
      error,
    });
  });

  test("is readable for a channel the bot posted to only after it joined", async () => {
    await using slack = await start({ channels: [{ name: "finance", id: "C1", isMember: false }] });
    await post(slack, { channel: "C1" });
    const before = await call(slack, "conversations.history", { channel: "C1" });

    await call(slack, "conversations.join", { channel: "C1" });

    expect(before.ok).toBe(false);
    expect(textsOf(await call(slack, "conversations.history", { channel: "C1" }))).toEqual(["hi"]);
  });

  test("has its replies in conversations.replies, after their parent", async () => {
    await using slack = await start({ channels });
    const [ts] = await postEach(slack, ["question", "unrelated"]);
    await post(slack, { channel: "C1", text: "answer", thread_ts: ts });

    const thread = await call(slack, "conversations.replies", { channel: "C1", ts });
    const none = await call(slack, "conversations.replies", { channel: "C1", ts: "1700000000.000001" });

    expect(textsOf(thread)).toEqual(["question", "answer"]);
    expect(none).toEqual({ ok: false, error: "thread_not_found" });
  });
});

import { createHmac } from "node:crypto";

import { describe, expect, test } from "vitest";

import { SlackSimulator } from "../../src/sandbox/slack/slack-simulator.ts";

interface Body {
  readonly ok: boolean;
  readonly channels: readonly { readonly id: string; readonly name: string }[];
  readonly members: readonly { readonly name: string; readonly profile: object }[];
  readonly user: { readonly id: string; readonly profile: object };
  readonly response_metadata: { readonly next_cursor: string };
}

/** A call as a form with the token in it. */
async function call(slack: SlackSimulator, method: string, args: Record<string, string> = {}): Promise<Body> {
  const response = await fetch(slack.url + method, {
    method: "POST",
    body: new URLSearchParams({ token: slack.token, ...args }),
  });
  return (await response.json()) as Body;
}

/** Every page of a list, each as the names it holds. */
async function pagesOfNames(slack: SlackSimulator, args: Record<string, string>): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor = "";
  do {
    const { channels, response_metadata: next } = await call(slack, "conversations.list", {
      ...args,
      cursor,
    });
    pages.push(channels.map(({ name }) => name));
    cursor = next.next_cursor;
  } while (cursor !== "");
  return pages;
}

function namesOf({ channels }: Body): string[] {
  return channels.map(({ name }) => name);
}

describe("a call", () => {
  const form = "application/x-www-form-urlencoded";
  const json = "application/json; charset=utf-8";
  const authorization = "Bearer xoxb-1";

  test.each([
    ["a form with the token in it", { "content-type": form }, "token=xoxb-1&channel=general&text=hi"],
    ["a form", { "content-type": form, authorization }, "channel=general&text=hi"],
    ["JSON", { "content-type": json, authorization }, '{"channel":"general","text":"hi","thread_ts":null}'],
  ])("may be %s", async (_, headers, body) => {
    await using slack = await SlackSimulator.start();
    slack.addToken({ token: "xoxb-1", scopes: ["chat:write"] });

    const response = await fetch(`${slack.url}chat.postMessage`, { method: "POST", headers, body });

    expect(await response.json()).toMatchObject({ ok: true, message: { text: "hi" } });
  });

  test.each([
    ["invalid_json", json, '{"channel":'],
    ["json_not_object", json, "[]"],
    ["invalid_charset", "application/json; charset=utf-16", "{}"],
    ["invalid_post_type", "text/plain", "{}"],
    ["not_authed", json, '{"token":"xoxb-1"}'],
  ])("is answered with %s when its body is %s %s", async (error, type, body) => {
    await using slack = await SlackSimulator.start();
    slack.addToken({ token: "xoxb-1", scopes: [] });

    const headers = { "content-type": type };
    const response = await fetch(`${slack.url}auth.test`, { method: "POST", headers, body });

    expect([response.status, await response.json()]).toEqual([200, { ok: false, error }]);
  });

  test("needs a content type for its body", async () => {
    await using slack = await SlackSimulator.start();

    const response = await fetch(`${slack.url}auth.test`, { method: "POST", body: Buffer.from("a=b") });

    expect(await response.json()).toEqual({ ok: false, error: "missing_post_type" });
  });

  test("with JSON of no stated charset is warned about, whatever the answer", async () => {
    await using slack = await SlackSimulator.start();

    const response = await fetch(`${slack.url}chat.postMessage`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${slack.token}` },
      body: '{"channel":"nowhere","text":"hi"}',
    });

    expect(await response.json()).toEqual({
      ok: false,
      error: "channel_not_found",
      warning: "missing_charset",
      response_metadata: { warnings: ["missing_charset"] },
    });
  });

  test("tells in a header what the token may do and what the method takes", async () => {
    await using slack = await SlackSimulator.start({ scopes: ["chat:write", "users:read"] });

    const response = await fetch(`${slack.url}chat.postMessage?token=${slack.token}`);

    expect(response.headers.get("x-oauth-scopes")).toBe("chat:write,users:read");
    expect(response.headers.get("x-accepted-oauth-scopes")).toBe("chat:write");
  });

  test("is answered with escaped slashes", async () => {
    await using slack = await SlackSimulator.start();

    const response = await fetch(`${slack.url}auth.test?token=${slack.token}`);

    expect(await response.text()).toContain(String.raw`"url":"https:\/\/sandbox.slack.com\/"`);
  });

  test("to a method that does not exist is answered with unknown_method", async () => {
    await using slack = await SlackSimulator.start();

    const answer = await call(slack, "chat.shout");

    expect(answer).toEqual({ ok: false, error: "unknown_method", req_method: "chat.shout" });
  });

  test("to something that is no address leaves the server running", async () => {
    await using slack = await SlackSimulator.start();

    const response = await fetch(`${new URL(slack.url).origin}//`);

    expect([response.status, (await call(slack, "auth.test")).ok]).toEqual([404, true]);
  });

  test("is on record with what was sent and what was answered", async () => {
    await using slack = await SlackSimulator.start();

    await call(slack, "chat.postMessage", { channel: "nowhere", blocks: '[{"type":"divider"}]' });

    await expect.poll(() => slack.requests[0]?.status).toBe(200);
    expect(slack.requests).toMatchObject([
      {
        method: "chat.postMessage",
        args: { channel: "nowhere", blocks: [{ type: "divider" }] },
        error: "channel_not_found",
      },
    ]);
  });
});

describe("a token", () => {
  test("is introduced by auth.test, which needs no scope", async () => {
    await using slack = await SlackSimulator.start({ scopes: [] });
    const { userId, botId, appId } = slack.tokenRecord();

    const plain = await call(slack, "auth.test");
    slack.switches.authTestNamesApp = true;
    const named = await call(slack, "auth.test");

    const expected = {
      ok: true,
      url: "https://sandbox.slack.com/",
      team: "Sandbox",
      user: "sage-notifier",
      team_id: "T0SANDBOX01",
      user_id: userId,
      bot_id: botId,
      is_enterprise_install: false,
    };
    expect(plain).toEqual(expected);
    expect(named).toEqual({ ...expected, app_id: appId, app_name: "Sage Notifier" });
  });

  test.each([
    ["not_authed", ""],
    ["invalid_auth", "xoxb-never-issued"],
    ["token_revoked", "xoxb-gone"],
  ])("is answered with %s when it is %j", async (error, token) => {
    await using slack = await SlackSimulator.start();
    slack.addToken({ token: "xoxb-gone", scopes: [], revoked: true });

    expect(await call(slack, "auth.test", { token })).toEqual({ ok: false, error });
  });

  test.each([
    ["chat.postMessage", { channel: "general", text: "hi" }, "chat:write"],
    ["users.lookupByEmail", { email: "cfo@example.com" }, "users:read.email"],
    ["usergroups.list", {}, "usergroups:read"],
    ["conversations.list", {}, "channels:read,groups:read,im:read,mpim:read"],
  ])("without the scope for %s is told which one", async (method, args, needed) => {
    await using slack = await SlackSimulator.start({ scopes: ["users:read", "channels:join"] });

    expect(await call(slack, method, args)).toEqual({
      ok: false,
      error: "missing_scope",
      needed,
      provided: "users:read,channels:join",
    });
  });

  test.each([
    ["conversations.list", { types: "public_channel,private_channel" }, "groups:read"],
    ["conversations.list", { types: "im" }, "im:read"],
    ["conversations.info", { channel: "G1" }, "groups:read"],
    ["conversations.history", { channel: "G1" }, "groups:history"],
  ])("for public channels only calls %s with %j in vain", async (method, args, needed) => {
    const scopes = ["channels:read", "channels:history"];
    await using slack = await SlackSimulator.start({ scopes });
    slack.addChannel({ name: "board", id: "G1", isPrivate: true });

    expect(await call(slack, method, args)).toEqual({
      ok: false,
      error: "missing_scope",
      needed,
      provided: scopes.join(","),
    });
  });

  test("may do more as soon as the app is reinstalled with more scopes", async () => {
    await using slack = await SlackSimulator.start({ scopes: [] });
    const before = await call(slack, "usergroups.list");

    slack.tokenRecord().scopes = ["usergroups:read"];

    expect([before.ok, (await call(slack, "usergroups.list")).ok]).toEqual([false, true]);
  });
});

describe("conversations.list", () => {
  const five = ["a", "b", "c", "d", "e"].map((name) => ({ name }));

  test("gives pages shorter than the limit with more to come, unless told to fill them", async () => {
    await using slack = await SlackSimulator.start({ channels: five });

    expect(await pagesOfNames(slack, { limit: "4" })).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    slack.switches.shortPages = false;
    expect(await pagesOfNames(slack, { limit: "4" })).toEqual([["a", "b", "c", "d"], ["e"]]);
  });

  test("gives opaque cursors that end with an equals sign", async () => {
    await using slack = await SlackSimulator.start({ channels: five });

    const { response_metadata } = await call(slack, "conversations.list", { limit: "2" });

    expect(response_metadata.next_cursor).toMatch(/^[A-Za-z0-9+/]+={1,2}$/);
  });

  test.each([
    ["invalid_limit", { limit: "1000" }],
    ["invalid_limit", { limit: "0" }],
    ["invalid_cursor", { cursor: "bm9uc2Vuc2U=" }],
    ["invalid_types", { types: "channels" }],
  ])("answers %s to %j", async (error, args) => {
    await using slack = await SlackSimulator.start();

    expect(await call(slack, "conversations.list", args)).toEqual({ ok: false, error });
  });

  test("knows public channels by default, and private ones only where the bot is a member", async () => {
    const channels = [
      { name: "open", isMember: false },
      { name: "old", isArchived: true },
      { name: "board", isPrivate: true },
      { name: "secret", isPrivate: true, isMember: false },
    ];
    await using slack = await SlackSimulator.start({ channels });
    const types = "public_channel,private_channel";

    expect(namesOf(await call(slack, "conversations.list"))).toEqual(["open", "old"]);
    expect(namesOf(await call(slack, "conversations.list", { types }))).toEqual(["open", "old", "board"]);
    expect(namesOf(await call(slack, "conversations.list", { exclude_archived: "true" }))).toEqual(["open"]);
    expect(namesOf(await call(slack, "users.conversations", { types }))).toEqual(["old", "board"]);
  });

  test("tells what a channel is, so that trouble can be foreseen", async () => {
    const channels = [{ name: "partners", isMember: false, isExtShared: true, restricted: true }];
    await using slack = await SlackSimulator.start({ channels });

    const answer = await call(slack, "conversations.list");

    expect(answer.channels).toMatchObject([
      {
        id: slack.channel("partners").id,
        name: "partners",
        is_private: false,
        is_member: false,
        is_archived: false,
        is_ext_shared: true,
        shared_team_ids: ["T0SANDBOX01", "T0PARTNER01"],
        properties: { posting_restricted_to: { type: ["admin"] } },
      },
    ]);
  });
});

describe("people and user groups", () => {
  test("users.lookupByEmail finds a person however the address is written", async () => {
    await using slack = await SlackSimulator.start();

    const { ok, user } = await call(slack, "users.lookupByEmail", { email: "CFO@Example.com" });

    expect([ok, user.id]).toEqual([true, slack.users.find(({ name }) => name === "cfo")?.id]);
    expect(user.profile).toEqual({
      real_name: "Chloe Fontaine",
      display_name: "cfo",
      email: "cfo@example.com",
    });
  });

  test.each(["nobody@example.com", "former@example.com"])(
    "users.lookupByEmail does not find %s",
    async (email) => {
      await using slack = await SlackSimulator.start();

      expect(await call(slack, "users.lookupByEmail", { email })).toEqual({
        ok: false,
        error: "users_not_found",
      });
    },
  );

  test("users.list hides addresses from a token that may not see them", async () => {
    const users = [{ name: "cfo", email: "cfo@example.com" }];
    await using slack = await SlackSimulator.start({ users, scopes: ["users:read"] });

    const { members } = await call(slack, "users.list");

    expect(members[0]?.profile).toEqual({ real_name: "cfo", display_name: "cfo" });
  });

  test("usergroups.list gives ids and handles", async () => {
    await using slack = await SlackSimulator.start({ userGroups: [{ handle: "ap-team", id: "S1" }] });

    expect(await call(slack, "usergroups.list")).toMatchObject({
      ok: true,
      usergroups: [{ id: "S1", handle: "ap-team", name: "ap-team", is_usergroup: true, date_delete: 0 }],
    });
  });
});

describe("a signing secret", () => {
  const secret = "8f742231b10e8888abcd99yyyzzz85a5";
  const sentSeconds = 1_531_420_618;
  /** Slack's published example, whole. */
  const body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  const published = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

  async function send(slack: SlackSimulator, signed: Record<string, string>, sent = body) {
    const headers = { "content-type": "application/x-www-form-urlencoded", ...signed };
    return await fetch(`${slack.url}api.test`, { method: "POST", headers, body: sent });
  }

  function signature(timestamp: string): Record<string, string> {
    const digest = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
    return { "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${digest}` };
  }

  test("accepts Slack's published example", async () => {
    await using slack = await SlackSimulator.start({ secret, clock: () => sentSeconds * 1_000 });

    const response = await send(slack, {
      "X-Slack-Request-Timestamp": String(sentSeconds),
      "X-Slack-Signature": published,
    });

    expect([response.status, slack.signatureFailures]).toEqual([200, []]);
  });

  test.each([-300, 300])("accepts a signature when clocks differ by %i seconds", async (seconds) => {
    await using slack = await SlackSimulator.start({ secret, clock: () => sentSeconds * 1_000 });

    const response = await send(slack, signature(String(sentSeconds + seconds)));

    expect(response.status).toBe(200);
  });

  test.each([
    ["missing", {}, body],
    ["malformed-timestamp", signature("yesterday"), body],
    ["stale", signature(String(sentSeconds - 301)), body],
    ["stale", signature(String(sentSeconds + 301)), body],
    ["mismatch", signature(String(sentSeconds)), `${body}&text=more`],
  ])("refuses a signature that is %s", async (problem, signed, sent) => {
    await using slack = await SlackSimulator.start({ secret, clock: () => sentSeconds * 1_000 });

    const response = await send(slack, signed, sent);

    expect([response.status, await response.json()]).toEqual([
      401,
      { ok: false, error: "invalid_signature" },
    ]);
    expect(slack.signatureFailures).toMatchObject([{ method: "api.test", problem }]);
  });
});

import { describe, expect, test } from "vitest";

import type { SlackSimulator } from "../../src/sandbox/slack/slack-simulator.ts";
import { neededScopes, tested } from "../support/checks.ts";
import { selfSigned, startTlsServer } from "../support/tls-server.ts";
import { startWorld, type ConfigParts, type World } from "../support/world.ts";

/** One source in #treasury, and somebody to mention in #ap-approvals. */
function parts(mention: string | readonly string[] = [], slack: object = {}): ConfigParts {
  return {
    slack,
    sources: { "ap-payments": { channel: "#treasury" } },
    routes: [{ name: "large", when: { amount: { atLeast: "5" } }, channel: "#ap-approvals", mention }],
  };
}

function start(config: ConfigParts = parts(), scopes: readonly string[] = neededScopes): Promise<World> {
  return startWorld(config, { rateLimits: "off", scopes });
}

describe("test, of Slack", () => {
  test("passes where everything is in order, without posting and without a word of warning (0)", async () => {
    await using world = await start(parts(["cfo@example.com", "@controllers", "@buyer"]));

    const { code, checks, failed, warned } = await tested(world);

    expect({ code, failed, warned }).toEqual({ code: 0, failed: [], warned: [] });
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "channel #finance",
        "channel #treasury",
        "channel #ap-approvals",
        "mention cfo@example.com",
        "mention @controllers",
        "mention @buyer",
      ]),
    );
    expect(checks.find(({ name }) => name === "channel #ap-approvals")?.detail).toContain('(route "large")');
    expect(world.slack.posts).toEqual([]);
  });

  test.each<[string, (slack: SlackSimulator) => void, string, string]>([
    [
      "is archived",
      (slack) => (slack.channel("treasury").isArchived = true),
      "it is archived",
      "Unarchive it",
    ],
    [
      "the app is not in",
      (slack) => (slack.channel("treasury").isMember = false),
      "not in the channel and may not post there",
      "/invite",
    ],
    [
      "is shared with another company",
      (slack) => (slack.channel("treasury").isExtShared = true),
      "shared with another company",
      "slack.allowShared",
    ],
    [
      "takes posts of some people alone",
      (slack) => (slack.channel("treasury").restricted = true),
      "only some people may post there",
      "posting permissions",
    ],
    [
      "is private and the app was not invited",
      (slack) => Object.assign(slack.channel("treasury"), { isPrivate: true, isMember: false }),
      "no such channel that this app can see",
      "invite the app",
    ],
    [
      "has another name",
      (slack) => (slack.channel("treasury").name = "treasurys"),
      "no such channel that this app can see",
      "Did you mean #treasurys?",
    ],
  ])("names a channel that %s (9)", async (_name, change, detail, hint) => {
    await using world = await start();
    change(world.slack);

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([{ name: "channel #treasury" }]);
    expect(failed[0]?.detail).toContain(detail);
    expect(failed[0]?.detail).toContain("(channel of ap-payments)");
    expect(failed[0]?.hint).toContain(hint);
  });

  test("only warns of a public channel that the app may post to without being in it (0)", async () => {
    await using world = await start(parts(), [...neededScopes, "chat:write.public"]);
    world.slack.channel("treasury").isMember = false;

    const { code, warned } = await tested(world);

    expect(code).toBe(0);
    expect(warned).toMatchObject([
      { name: "channel #treasury", detail: expect.stringContaining("cannot be looked up there") as string },
    ]);
  });

  test("takes a shared channel that slack.allowShared names, and one where the app is among those who may post", async () => {
    await using world = await start(parts([], { allowShared: ["#treasury"] }));
    Object.assign(world.slack.channel("treasury"), { isExtShared: true, restricted: true });
    world.slack.channel("treasury").posters = [world.slack.tokenRecord().userId];

    expect(await tested(world)).toMatchObject({ code: 0, failed: [], warned: [] });
  });

  test("looks at the channels for operations and for others' messages, and at ids (9)", async () => {
    await using world = await start();
    const { id } = world.slack.channel("general");
    await world.configure(parts([], { channel: id, opsChannel: "#ops", fallbackChannel: "C0NOSUCH1" }));

    const { code, checks, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed.map(({ name }) => name)).toEqual(["channel #ops", "channel C0NOSUCH1"]);
    expect(failed[0]?.detail).toContain("(slack.opsChannel)");
    expect(checks.find(({ name }) => name === `channel ${id}`)?.outcome).toBe("passed");
  });

  test.each<[string, string, string]>([
    ["an unknown e-mail address", "nobody@example.com", "Is it spelled as in the person's Slack profile"],
    ["the address of somebody who has left", "former@example.com", "is the account active"],
    ["a handle that nobody has", "@treasury-tem", "Did you mean @treasury-team?"],
    ["an id that nobody has", "U0NOSUCH1", "Is the account still active?"],
    ["an id of no user group", "S0NOSUCH1", "Is it still there?"],
  ])("names %s (9)", async (_name, mention, hint) => {
    await using world = await start(parts(["cfo@example.com", mention]));

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([{ name: `mention ${mention}` }]);
    expect(failed[0]?.detail).toContain('(route "large")');
    expect(failed[0]?.hint).toContain(hint);
  });

  test("names a handle that a user group and a person share, with both ids (9)", async () => {
    await using world = await start(parts("@controllers"));
    const person = world.slack.addUser({ name: "controllers" });

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([{ name: "mention @controllers" }]);
    expect(failed[0]?.hint).toContain(person.id);
  });

  test.each<[string, string, string]>([
    ["chat:write", "nothing can be posted", "cfo@example.com"],
    ["channels:history", "cannot be looked up", "cfo@example.com"],
    ["users:read.email", "people cannot be found by e-mail address", "cfo@example.com"],
    ["usergroups:read", "user groups cannot be found", "@controllers"],
    ["groups:history", "in private channels", "cfo@example.com"],
  ])(
    "names the scope %s that the token does not have, and what it is for (9)",
    async (scope, use, mention) => {
      await using world = await start(
        parts(mention),
        neededScopes.filter((one) => one !== scope),
      );
      if (scope === "groups:history") world.slack.channel("treasury").isPrivate = true;

      const { code, failed } = await tested(world);

      expect(code).toBe(9);
      expect(failed[0]).toMatchObject({ name: `scope ${scope}` });
      expect(failed[0]?.detail).toContain(use);
      expect(failed[0]?.hint).toContain(`Add ${scope} to the bot scopes`);
    },
  );

  test("asks for no scope that nothing uses, and warns of more than are needed (0)", async () => {
    await using world = await start(parts(), [
      "chat:write",
      "channels:read",
      "channels:history",
      "files:write",
    ]);

    const { code, warned } = await tested(world);

    expect(code).toBe(0);
    expect(warned).toMatchObject([
      { name: "scopes", detail: expect.stringContaining("files:write") as string },
    ]);
  });

  test("names a token that was revoked, and asks nothing more with it (9)", async () => {
    await using world = await start();
    world.slack.tokenRecord().revoked = true;

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([
      { name: "Slack", detail: expect.stringContaining("token_revoked") as string },
    ]);
    expect(failed[0]?.hint).toContain('"sage-slack login slack"');
    expect(world.slack.requests.map(({ method }) => method)).toEqual(["auth.test"]);
  });

  test("names a token of another workspace than the state's (9)", async () => {
    await using world = await start();
    await world.run("poll");
    const token = "xoxb-111111111111-111111111111-another";
    world.slack.addToken({ token, scopes: neededScopes, teamId: "T0OTHER001" });
    world.env["SAGE_SLACK_SLACK_TOKEN"] = token;

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([
      { name: "Slack", detail: expect.stringContaining("T0OTHER001") as string },
    ]);
  });

  test("names a Slack that cannot be reached (9)", async () => {
    await using world = await start(parts([], { apiUrl: "http://127.0.0.1:9/api/" }));

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([
      {
        name: "Slack",
        hint: expect.stringContaining("a way from this machine to http://127.0.0.1:9/api/") as string,
      },
    ]);
  });

  test("names a Slack whose certificate nobody here vouches for, and sends it no token (9)", async () => {
    let requests = 0;
    await using server = await startTlsServer(selfSigned(), () => (requests += 1));
    await using world = await start(parts([], { apiUrl: `${server.url}/api/` }));

    const { code, failed } = await tested(world);

    expect({ code, requests }).toEqual({ code: 9, requests: 0 });
    expect(failed).toMatchObject([
      { name: "Slack", hint: expect.stringContaining("NODE_EXTRA_CA_CERTS") as string },
    ]);
  });

  test("fails for a clock that is so wrong that what it signs would be refused (9)", async () => {
    await using world = await startWorld(parts(), {
      rateLimits: "off",
      scopes: neededScopes,
      clock: () => Date.now() - 400_000,
    });
    const unsigned = await tested(world);
    world.env["SAGE_SLACK_SIGNING_SECRET"] = "8f742231b10e8888abcd99yyyzzz85a5";

    const signed = await tested(world);

    expect(unsigned.code).toBe(0);
    expect(unsigned.warned).toMatchObject([{ name: "clock and Slack" }]);
    expect(signed.code).toBe(9);
    expect(signed.failed).toMatchObject([{ name: "clock and Slack" }]);
  });
});

describe("test --send", () => {
  test("posts one message for each source, marked as a sample, and leaves the state alone (0)", async () => {
    await using world = await startWorld();
    await world.run("poll");
    const before = world.slack.posts.length;

    const { code, checks } = await tested(world, "--send", "finance-ops");
    const after = await world.run("poll");

    const posts = world.slack.posts.slice(before);
    expect(code).toBe(0);
    expect(posts.map(({ channelName }) => channelName)).toEqual(Array(5).fill("finance-ops"));
    for (const { text, blocks } of posts) {
      expect(text).toMatch(/^SAMPLE of sage-slack test, with made-up names and amounts: /);
      expect(JSON.stringify(blocks[0])).toContain("SAMPLE of sage-slack test");
    }
    expect(checks.filter(({ name }) => name.startsWith("sample ")).length).toBe(5);
    expect(after).toMatchObject({ code: 0, stderr: "" });
    expect(world.slack.posts.length).toBe(before + 5);
  });

  test.each<[string, string]>([
    ["is not there", "#no-such-channel"],
    ["is shared with another company", "#collections"],
  ])("posts nothing to a channel that %s (9)", async (_name, channel) => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    world.slack.channel("collections").isExtShared = true;

    const { code, failed } = await tested(world, "--send", channel);

    expect(code).toBe(9);
    expect(failed).toMatchObject([{ name: `sample in ${channel}` }]);
    expect(world.slack.posts).toEqual([]);
  });
});

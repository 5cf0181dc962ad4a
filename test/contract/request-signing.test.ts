import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, test } from "vitest";

import { signatureHeaders } from "../../src/slack/signature.ts";
import { shownIn, startWorld, type World } from "../support/world.ts";

interface Gateway {
  readonly isGenuine: (
    request: { headers: Record<string, string | string[] | undefined>; rawBody: Buffer },
    options: { secret: string; now?: number },
  ) => boolean;
  readonly createGateway: (options: { secret: string; target?: string; now?: () => number }) => Server;
}

const example = pathToFileURL(join(import.meta.dirname, "../../examples/egress-gateway.mjs"));
const { isGenuine, createGateway } = (await import(example.href)) as Gateway;

/** From Slack's documentation of its signatures, with the digest that it gives. */
const published = {
  secret: "8f742231b10e8888abcd99yyyzzz85a5",
  timestamp: "1531420618",
  body:
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V" +
    "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
    "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
    "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
  signature: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
};
const publishedNow = Number(published.timestamp) * 1000;

test("a signature is the published one for the published request", () => {
  expect(signatureHeaders(published.body, { secret: published.secret, now: publishedNow + 999 })).toEqual({
    "x-slack-request-timestamp": published.timestamp,
    "x-slack-signature": published.signature,
  });
});

const secret = "0123456789abcdef0123456789abcdef";

/** Everything that the program asks Slack for: names, channels, history, threads, and posts. */
async function everyRequest(world: World): Promise<void> {
  await world.run("poll");
  const invoices = Array.from({ length: 60 }, (_invoice, index) => ({
    vendor: "1200",
    documentNumber: `Größe ${index} €`,
    amount: "1.00",
  }));
  world.sage.company("SAMINC").addInvoiceBatch({ invoices });
  world.slack.queueFault({ method: "chat.postMessage", kind: "reset", accept: true });
  world.slack.queueFault({ method: "chat.postMessage", kind: "reset", accept: true, skip: 1 });
  for (let run = 0; run < 3; run += 1) await world.run("poll");
}

const routes = [
  {
    name: "all",
    when: { source: "ap-invoices" },
    channel: "#accounts-payable",
    mention: ["cfo@example.com", "@controllers", "@buyer"],
  },
];

describe("every request to Slack", () => {
  test("carries a signature over its exact bytes when there is a signing secret", async () => {
    await using world = await startWorld(
      { routes, slack: { quarantineSeconds: 0 } },
      { rateLimits: "off", secret },
    );
    world.env["SAGE_SLACK_SIGNING_SECRET"] = secret;

    await everyRequest(world);

    const { requests } = world.slack;
    expect(new Set(requests.map(({ method }) => method))).toEqual(
      new Set([
        "auth.test",
        "conversations.list",
        "conversations.info",
        "conversations.history",
        "conversations.replies",
        "users.lookupByEmail",
        "usergroups.list",
        "users.list",
        "chat.postMessage",
      ]),
    );
    expect(world.slack.signatureFailures).toEqual([]);
    const forged = requests.filter(
      ({ headers, rawBody }) => !isGenuine({ headers, rawBody: Buffer.from(rawBody) }, { secret }),
    );
    expect(forged).toEqual([]);
    expect(shownIn(world.slack, "accounts-payable")).toContain("Größe 59 €");
  });

  test("carries none without one", async () => {
    await using world = await startWorld({ routes, slack: { quarantineSeconds: 0 } });

    await everyRequest(world);

    const signed = world.slack.requests.filter(
      ({ headers }) => "x-slack-signature" in headers || "x-slack-request-timestamp" in headers,
    );
    expect(world.slack.requests.length).toBeGreaterThan(10);
    expect(signed).toEqual([]);
  });

  test("is refused by Slack's side of the sandbox with another secret", async () => {
    await using world = await startWorld({}, { rateLimits: "off", secret });
    world.env["SAGE_SLACK_SIGNING_SECRET"] = "another-secret-another-secret-00";

    const { code } = await world.run("poll");

    expect(code).toBe(5);
    expect(world.slack.posts).toEqual([]);
  });
});

describe("the example of an egress gateway", () => {
  const request = {
    headers: {
      "X-Slack-Request-Timestamp": published.timestamp,
      "X-SLACK-SIGNATURE": published.signature,
    },
    rawBody: Buffer.from(published.body),
  };

  test("knows the published request as genuine, whatever the case of its headers", () => {
    expect(isGenuine(request, { secret: published.secret, now: publishedNow })).toBe(true);
  });

  test.each([
    ["another secret", request, { secret: "x", now: publishedNow }],
    ["five minutes and a second later", request, { secret: published.secret, now: publishedNow + 301_000 }],
    ["five minutes and a second before", request, { secret: published.secret, now: publishedNow - 301_000 }],
    [
      "another body",
      { ...request, rawBody: Buffer.from(`${published.body}&x=1`) },
      { secret: published.secret, now: publishedNow },
    ],
    [
      "no signature",
      { ...request, headers: { "x-slack-request-timestamp": published.timestamp } },
      { secret: published.secret, now: publishedNow },
    ],
    [
      "no timestamp",
      { ...request, headers: { "x-slack-signature": published.signature } },
      { secret: published.secret, now: publishedNow },
    ],
    [
      "half a signature",
      { ...request, headers: { ...request.headers, "X-SLACK-SIGNATURE": published.signature.slice(0, 40) } },
      { secret: published.secret, now: publishedNow },
    ],
    [
      "two signatures",
      { ...request, headers: { ...request.headers, "x-slack-signature": published.signature } },
      { secret: published.secret, now: publishedNow },
    ],
  ])("does not know it with %s", (_what, tried, options) => {
    expect(isGenuine(tried, options)).toBe(false);
  });

  test("still knows it five minutes later", () => {
    expect(isGenuine(request, { secret: published.secret, now: publishedNow + 300_000 })).toBe(true);
  });

  test("does not start without a secret", () => {
    expect(() => createGateway({ secret: "" })).toThrow("without a secret");
  });

  test("passes the program's requests on, and nobody else's", async () => {
    await using world = await startWorld();
    const gateway = createGateway({ secret, target: new URL(world.slack.url).origin });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    const apiUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/api/`;
    await world.configure({ slack: { apiUrl } });
    world.env["SAGE_SLACK_SIGNING_SECRET"] = secret;

    const run = await world.run("poll");
    const passed = world.slack.requests.length;
    const stranger = await fetch(`${apiUrl}chat.postMessage`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.slack.token}` },
      body: "channel=treasury&text=hello",
    });
    delete world.env["SAGE_SLACK_SIGNING_SECRET"];
    const unsigned = await world.run("poll");
    await new Promise((resolve) => gateway.close(resolve));

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(world.slack.posts.length).toBe(5);
    expect(stranger.status).toBe(403);
    expect(unsigned.code).toBe(5);
    expect(unsigned.stderr).toContain("status 403");
    expect(world.slack.requests.length).toBe(passed);
  });

  test("says so when it cannot reach Slack, and takes no body without end", async () => {
    const gateway = createGateway({ secret, target: "http://127.0.0.1:9" });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/api/auth.test`;
    const signed = (body: string) => ({
      method: "POST",
      headers: signatureHeaders(body, { secret, now: Date.now() }),
      body,
    });

    const unreachable = await fetch(url, signed("a=1"));
    const huge = await fetch(url, signed("x".repeat(2_000_000))).then(
      ({ status }) => status,
      () => 413, // it hung up before everything was sent
    );
    const other = await fetch(url.replace("/api/", "/other/"), signed("a=1"));
    gateway.closeAllConnections();
    await new Promise((resolve) => gateway.close(resolve));

    expect([unreachable.status, huge, other.status]).toEqual([502, 413, 404]);
  });
});

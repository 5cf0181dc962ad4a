import { describe, expect, test, vi } from "vitest";

import type { SlackFault } from "../../src/sandbox/slack/faults.ts";
import { SlackSimulator, type SlackSimulatorOptions } from "../../src/sandbox/slack/slack-simulator.ts";

/** A simulator whose clock stands still until it is put forward. */
async function startWithClock(options: SlackSimulatorOptions = {}) {
  let now = Date.parse("2026-11-02T09:00:00Z");
  const slack = await SlackSimulator.start({ ...options, clock: () => now });
  const wait = (ms: number) => {
    now += ms;
  };
  return { slack, wait, [Symbol.asyncDispose]: () => slack.stop() };
}

async function call(
  slack: SlackSimulator,
  method: string,
  { signal = null, ...args }: { signal?: AbortSignal | null; [name: string]: unknown } = {},
): Promise<Response> {
  return await fetch(slack.url + method, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8", authorization: `Bearer ${slack.token}` },
    body: JSON.stringify(args),
    redirect: "manual",
    signal,
  });
}

function post(slack: SlackSimulator, args: object = {}): Promise<Response> {
  return call(slack, "chat.postMessage", { channel: "general", text: "hi", ...args });
}

/** One post after the other: the status of each and how long it is told to wait. */
async function postEach(slack: SlackSimulator, channels: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const channel of channels) {
    const { status, headers } = await post(slack, { channel });
    answers.push([status, headers.get("retry-after")].filter((part) => part !== null).join(" "));
  }
  return answers;
}

async function statusesOf(count: number, callOnce: () => Promise<Response>): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await callOnce()).status);
  return statuses;
}

/** One post after the other: the error of each. */
async function errorsOf(slack: SlackSimulator, channels: readonly string[]): Promise<unknown[]> {
  const errors: unknown[] = [];
  for (const channel of channels) {
    const answer = (await (await post(slack, { channel })).json()) as { error?: string };
    errors.push(answer.error);
  }
  return errors;
}

/** A post whose client gives up when told to; it fails with the reason "enough". */
function startPost(slack: SlackSimulator) {
  const abort = new AbortController();
  const outcome = post(slack, { signal: abort.signal }).catch((reason: unknown) => reason);
  return { outcome, giveUp: () => abort.abort("enough") };
}

/** What a failed fetch says of the connection. */
function connectionError(error: unknown): unknown {
  return error instanceof Error ? (error.cause as { code?: string }).code : error;
}

describe("rate limits", () => {
  test("let a channel take one post a second", async () => {
    await using world = await startWithClock();
    const { slack, wait } = world;

    const hurried = await postEach(slack, ["general", "general"]);
    wait(999);
    const still = await postEach(slack, ["general"]);
    wait(1);
    const patient = await postEach(slack, ["#general"]);

    expect([hurried, still, patient]).toEqual([["200", "429 1"], ["429 1"], ["200"]]);
    expect(slack.posts).toHaveLength(2);
    expect(slack.minGapMs("general")).toBe(1_000);
  });

  test("hold for each channel by itself, under whatever name", async () => {
    await using world = await startWithClock({
      channels: [{ name: "general", id: "C1" }, { name: "finance" }],
      users: [{ name: "cfo", id: "U1" }],
    });

    expect(await postEach(world.slack, ["general", "finance", "C1", "#finance", "U1", "U1"])).toEqual([
      "200",
      "200",
      "429 1",
      "429 1",
      "200",
      "429 1",
    ]);
  });

  test("allow a short burst when told to, and make up for it", async () => {
    await using world = await startWithClock({ switches: { burst: 3 } });
    const { slack, wait } = world;

    const burst = await postEach(slack, ["general", "general", "general", "general"]);
    wait(1_000);
    const after = await postEach(slack, ["general", "general"]);

    expect([burst, after]).toEqual([
      ["200", "200", "200", "429 1"],
      ["200", "429 1"],
    ]);
  });

  test("hold for the workspace, over all its channels", async () => {
    await using world = await startWithClock({ switches: { postsPerMinute: 2 } });
    const { slack, wait } = world;

    const first = await postEach(slack, ["general", "finance"]);
    wait(10_000);
    const third = await postEach(slack, ["treasury"]);
    wait(50_000);
    const later = await postEach(slack, ["treasury"]);

    expect([first, third, later]).toEqual([["200", "200"], ["429 50"], ["200"]]);
  });

  test.each([
    ["conversations.list", {}, 20],
    ["usergroups.list", {}, 20],
    ["users.lookupByEmail", { email: "cfo@example.com" }, 50],
    ["conversations.history", { channel: "C1" }, 50],
  ])("let %s with %j be called %i times a minute", async (method, args, perMinute) => {
    await using world = await startWithClock({
      channels: [{ name: "general", id: "C1" }],
      switches: { tierAllowance: 1 },
    });
    const { slack, wait } = world;
    const callOnce = () => call(slack, method, args);

    const allowed = await statusesOf(perMinute, callOnce);
    const tooMany = await callOnce();
    wait(60_000);

    expect(new Set(allowed)).toEqual(new Set([200]));
    expect([tooMany.status, tooMany.headers.get("retry-after")]).toEqual([429, "60"]);
    expect((await callOnce()).status).toBe(200);
  });

  test("of one method leave the others alone", async () => {
    await using world = await startWithClock({ switches: { tierAllowance: 1 / 20 } });

    const lists = await statusesOf(2, () => call(world.slack, "conversations.list"));
    const groups = await call(world.slack, "usergroups.list");

    expect([...lists, groups.status]).toEqual([200, 429, 200]);
  });

  test("hold for the app, whichever of its tokens it uses", async () => {
    await using world = await startWithClock();
    const { appId } = world.slack.tokenRecord();
    world.slack.addToken({ token: "xoxb-same", scopes: ["chat:write"], appId });
    world.slack.addToken({ token: "xoxb-other", scopes: ["chat:write"] });
    const postAs = async (token: string) => {
      const body = new URLSearchParams({ token, channel: "general", text: "hi" });
      return (await fetch(`${world.slack.url}chat.postMessage`, { method: "POST", body })).status;
    };

    expect(await postAs(world.slack.token)).toBe(200);
    expect(await postAs("xoxb-same")).toBe(429);
    expect(await postAs("xoxb-other")).toBe(200);
  });

  test("give newly distributed apps one look into history a minute", async () => {
    await using world = await startWithClock({
      channels: [{ name: "general", id: "C1" }],
      switches: { historyLimit15: true },
    });
    const read = () => call(world.slack, "conversations.history", { channel: "C1" });

    const statuses = await statusesOf(2, read);
    world.wait(60_000);

    expect([...statuses, (await read()).status]).toEqual([200, 429, 200]);
  });

  test("do not say how long to wait when told to keep it to themselves", async () => {
    await using world = await startWithClock({ switches: { retryAfterHeader: "absent" } });

    expect(await postEach(world.slack, ["general", "general"])).toEqual(["200", "429"]);
    expect(await (await post(world.slack)).json()).toEqual({ ok: false, error: "ratelimited" });
  });
});

describe("a fault", () => {
  test.each<[string, SlackFault, string]>([
    [
      "an error code",
      { kind: "error", error: "internal_error" },
      '200 {"ok":false,"error":"internal_error"}',
    ],
    ["any HTTP answer", { kind: "http", status: 503, body: "down", accept: false }, "503 down"],
    ["a 429", { kind: "ratelimited", retryAfter: 7 }, '429 {"ok":false,"error":"ratelimited"}'],
    [
      "a redirect",
      { kind: "redirect", status: 302, location: "https://proxy.example" },
      "302 https://proxy.example",
    ],
  ])("can be %s", async (_, fault, expected) => {
    await using slack = await SlackSimulator.start({ rateLimits: "off" });
    slack.queueFault(fault);

    const answer = await post(slack);

    const shown = answer.headers.get("location") ?? (await answer.text());
    expect(`${answer.status} ${shown}`).toBe(expected);
    expect(slack.posts).toEqual([]);
  });

  test.each([
    [undefined, "1"],
    [30, "30"],
    [null, null],
  ])("can be a 429 with Retry-After from %j: %j", async (retryAfter, header) => {
    await using slack = await SlackSimulator.start();
    slack.queueFault({ kind: "ratelimited", ...(retryAfter === undefined ? {} : { retryAfter }) });

    expect((await post(slack)).headers.get("retry-after")).toBe(header);
  });

  test("can be a proxy's page in place of an answer", async () => {
    await using slack = await SlackSimulator.start();
    slack.queueFault({ kind: "html", accept: false });

    const answer = await post(slack);

    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await answer.text()).toContain("Please sign in to the proxy.");
  });

  test.each<[string, SlackFault, string]>([
    ["resets the connection", { kind: "reset", accept: false }, "ECONNRESET"],
    ["ends the connection", { kind: "fin", accept: false }, "UND_ERR_SOCKET"],
    ["cuts the answer off", { kind: "truncate", accept: false, afterBytes: 5 }, "UND_ERR_SOCKET"],
    ["cuts the answer off at once", { kind: "truncate", accept: false, afterBytes: 0 }, "UND_ERR_SOCKET"],
  ])("that %s is felt by the client", async (_, fault, code) => {
    await using slack = await SlackSimulator.start();
    slack.queueFault(fault);

    const outcome = await post(slack)
      .then((answer) => answer.text())
      .catch(connectionError);

    expect(outcome).toBe(code);
    expect(slack.posts).toEqual([]);
  });

  test.each([
    ["has not", false, []],
    ["has", true, ["hi"]],
  ])(
    "that hangs lasts until the client gives up, when the call %s taken effect",
    async (_, accept, texts) => {
      await using slack = await SlackSimulator.start();
      slack.queueFault({ kind: "hang", accept });

      const { outcome, giveUp } = startPost(slack);
      await vi.waitFor(() => expect(slack.requests).toHaveLength(1), { interval: 1 });
      giveUp();

      expect(await outcome).toBe("enough");
      expect(slack.requests[0]?.status).toBe(0);
      expect(slack.posts.map(({ text }) => text)).toEqual(texts);
    },
  );

  test.each<SlackFault>([
    { kind: "error", error: "fatal_error", accept: true },
    { kind: "http", status: 500, accept: true },
    { kind: "html", accept: true },
    { kind: "reset", accept: true },
    { kind: "fin", accept: true },
    { kind: "truncate", accept: true, afterBytes: 5 },
  ])("that strikes after acceptance leaves the message in the channel: $kind", async (fault) => {
    await using slack = await SlackSimulator.start();
    slack.queueFault(fault);

    const isGood = await post(slack)
      .then(async (answer) => ((await answer.json()) as { ok: boolean }).ok)
      .catch(() => false);

    expect([isGood, slack.posts.map(({ text }) => text)]).toEqual([false, ["hi"]]);
  });

  test("can accept a message only after the client has gone", async () => {
    await using slack = await SlackSimulator.start();
    slack.queueFault({ kind: "late", afterMs: 60_000 });

    const { outcome, giveUp } = startPost(slack);
    await vi.waitFor(() => expect(slack.requests).toHaveLength(1), { interval: 1 });
    slack.landLateCalls();
    const whileThere = slack.posts.length;
    giveUp();
    await outcome;

    expect(whileThere).toBe(0);
    await vi.waitFor(
      () => {
        slack.landLateCalls();
        expect(slack.posts).toHaveLength(1);
      },
      { interval: 1 },
    );
  });

  test("can patch the receipt of a good post, and of no other", async () => {
    await using slack = await SlackSimulator.start();
    slack.queueFault({ kind: "receipt", patch: { ts: undefined, channel: "C9" }, accept: true, times: 2 });

    const good = (await (await post(slack)).json()) as object;
    const bad = await (await post(slack, { channel: "nowhere" })).json();

    expect(good).toMatchObject({ ok: true, channel: "C9" });
    expect(good).not.toHaveProperty("ts");
    expect(bad).toEqual({ ok: false, error: "channel_not_found" });
  });
});

describe("the queue of faults", () => {
  const fault = { kind: "error", error: "internal_error" } as const;
  const options = { rateLimits: "off", channels: [{ name: "a", id: "C1" }, { name: "b" }] } as const;

  test("is used up in order, one call each", async () => {
    await using slack = await SlackSimulator.start(options);
    slack.queueFault({ ...fault, error: "fatal_error" });
    slack.queueFault(fault);

    expect(await errorsOf(slack, ["a", "a", "a"])).toEqual(["fatal_error", "internal_error", undefined]);
  });

  test("hits only the channel and the method it names", async () => {
    await using slack = await SlackSimulator.start(options);
    slack.queueFault({ ...fault, channel: "#a", method: "chat.postMessage" });

    const other = await call(slack, "auth.test");

    expect(await other.json()).toMatchObject({ ok: true });
    expect(await errorsOf(slack, ["b", "C1", "C1"])).toEqual([undefined, "internal_error", undefined]);
  });

  test("passes over the first calls and hits as many as told", async () => {
    await using slack = await SlackSimulator.start(options);
    slack.queueFault({ ...fault, skip: 1, times: 2 });

    expect(await errorsOf(slack, ["a", "a", "a", "a"])).toEqual([
      undefined,
      "internal_error",
      "internal_error",
      undefined,
    ]);
  });

  test("hits nothing more once cleared", async () => {
    await using slack = await SlackSimulator.start(options);
    slack.queueFault({ ...fault, times: Infinity });
    const before = await errorsOf(slack, ["a"]);

    slack.clearFaults();

    expect([before, await errorsOf(slack, ["a"])]).toEqual([["internal_error"], [undefined]]);
  });

  test("waits while a call is refused for coming too early", async () => {
    await using world = await startWithClock();
    await post(world.slack);
    world.slack.queueFault({ kind: "http", status: 503, accept: false });

    const early = await post(world.slack);
    world.wait(1_000);

    expect([early.status, (await post(world.slack)).status]).toEqual([429, 503]);
  });
});

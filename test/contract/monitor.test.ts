import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { addressOf, sendPing } from "../../src/monitor/ping.ts";
import { acquireRunLock } from "../../src/state/run-lock.ts";
import { startPingListener, type PingListener } from "../support/ping-listener.ts";
import { stepsOfOneInvoice } from "../support/steps.ts";
import { selfSigned, startTlsServer } from "../support/tls-server.ts";
import { startWorld, type ConfigParts, type World } from "../support/world.ts";

const sources = { "ap-invoices": { channel: "#accounts-payable" } };

function watchedWorld({ url }: PingListener, parts: ConfigParts = {}): Promise<World> {
  return startWorld({ sources, monitor: { pingUrl: url }, ...parts });
}

const signals = ({ received }: PingListener) => received.map(({ signal }) => signal);

describe("monitor.pingUrl", () => {
  test("SR-57 hears when a poll begins and that it ended well, under one run id", async () => {
    await using listener = await startPingListener();
    await using world = await watchedWorld(listener);
    await world.run("poll");
    world.sage.company("SAMINC").addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "12.99" }],
    });

    const run = await world.run("poll", "--verbose");

    expect(run.code).toBe(0);
    // The steps of the run, and nothing of the monitor.
    expect(run.stderr.split("\n")).toEqual(stepsOfOneInvoice);
    expect(signals(listener)).toEqual(["start", "0", "start", "0"]);
    const [first, , second, last] = listener.received;
    expect(last).toEqual({
      signal: "0",
      rid: second?.rid,
      method: "POST",
      body: "exit code 0: done; posted 1, failed 0, waiting 0, dead 0",
    });
    expect(first?.rid).not.toBe(second?.rid);
  });

  test.each<[string, (world: World) => unknown, number]>([
    ["a missing right", ({ sage }) => sage.addUser({ id: "WEBAPI", password: "WEBAPI", modules: ["GL"] }), 4],
    [
      "a refused token",
      ({ slack }) => slack.queueFault({ kind: "error", method: "auth.test", error: "invalid_auth" }),
      4,
    ],
  ])("hears the exit code: %s", async (_what, spoil, code) => {
    await using listener = await startPingListener();
    await using world = await watchedWorld(listener);
    spoil(world);

    expect((await world.run("poll")).code).toBe(code);
    expect(signals(listener)).toEqual(["start", String(code)]);
    expect(listener.received[1]?.body).toContain(`exit code ${code}: credentials or rights refused`);
  });

  test("hears of what waiting cures in its log, which changes no status", async () => {
    await using listener = await startPingListener();
    await using world = await watchedWorld(listener);
    world.slack.queueFault({ kind: "http", method: "auth.test", status: 503, accept: false, times: 9 });

    expect((await world.run("poll")).code).toBe(5);
    expect(signals(listener)).toEqual(["start", "log"]);
    expect(listener.received[1]?.body).toContain("exit code 5: something temporary");
  });

  test("hears of a run that never began", async () => {
    await using listener = await startPingListener();
    await using world = await watchedWorld(listener, { sage: { caFile: "nowhere.pem" } });
    const wrong = await world.run("poll");
    await world.configure({ sources, monitor: { pingUrl: listener.url } });
    world.env["SAGE_SLACK_SLACK_TOKEN"] = undefined;
    world.env["SAGE_SLACK_SLACK_TOKEN_FILE"] = join(world.directory, "nowhere");
    const secretless = await world.run("poll");

    expect([wrong.code, secretless.code]).toEqual([2, 7]);
    expect(signals(listener)).toEqual(["2", "7"]);
  });

  test("hears nothing of a run that finds another at work, and of other commands", async () => {
    await using listener = await startPingListener();
    await using world = await watchedWorld(listener);
    await world.run("poll");
    listener.received.length = 0;
    const lock = await acquireRunLock({ directory: world.directory });
    const locked = await world.run("poll");
    await lock.release();
    for (const command of ["dry-run", "sync-master", "status", "outbox"]) await world.run(command);

    expect(locked.code).toBe(8);
    expect(listener.requests.length).toBe(2);
    expect(signals(listener)).toEqual([]);
  });

  test("is tried by test with a line for its log", async () => {
    await using listener = await startPingListener();
    await using world = await watchedWorld(listener);
    const taken = await world.run("test");
    const heard = signals(listener);
    listener.status = 404;
    const unknown = await world.run("test");

    const { host, pathname } = new URL(listener.url);
    expect([taken.code, unknown.code, heard]).toEqual([0, 0, ["log"]]);
    expect(taken.stdout).toContain(`passed   monitor: ${host} takes signals (this one stands in its log)\n`);
    expect(unknown.stdout).toContain(`warning  monitor: ${host} was not told: status 404\n`);
    expect(unknown.stdout).not.toContain(pathname.slice(1));
  });

  test.each<[string, (listener: PingListener) => unknown, string]>([
    [
      "does not know the check",
      (listener) => (listener.status = 404),
      "status 404 (is monitor.pingUrl right?)",
    ],
    ["sends elsewhere", (listener) => (listener.status = 302), "status 302"],
    ["is broken", (listener) => (listener.status = 500), "status 500"],
    ["is not there", (listener) => listener[Symbol.asyncDispose](), "ECONNREFUSED"],
  ])("SR-57 that %s is a line each, and the run's own affair", async (_what, spoil, why) => {
    const listener = await startPingListener();
    await using world = await watchedWorld(listener);
    await spoil(listener);

    const run = await world.run("poll");
    await listener[Symbol.asyncDispose]();

    const { host, pathname } = new URL(listener.url);
    expect(run.code).toBe(0);
    expect(run.stderr.split("\n")).toEqual([
      `the monitor at ${host} was not told how the run begins: ${why}`,
      `the monitor at ${host} was not told how the run ends: ${why}`,
      "",
    ]);
    expect(run.stderr + run.stdout).not.toContain(pathname.slice(1));
    expect(listener.requests.filter((one) => one.includes("elsewhere"))).toEqual([]);
  });

  test.each([
    ["http://hc.example.com/abc", "must begin with https://"],
    ["https://user:secret@hc.example.com/abc", "must not hold user or password"],
  ])("%s is refused and not repeated", async (pingUrl, problem) => {
    await using world = await startWorld({ sources, monitor: { pingUrl } });

    const run = await world.run("poll");

    expect(run.code).toBe(2);
    expect(run.stderr).toContain(problem);
    expect(run.stderr).not.toContain("hc.example.com");
  });
});

describe("sendPing", () => {
  const ping = {
    signal: "0",
    runId: "7b8a0c9e-0000-4000-8000-000000000001",
    body: "exit code 0: done",
    deadlineMs: 3000,
  };

  test("knows checks by UUID, and by key and slug", () => {
    expect(addressOf({ ...ping, url: "https://hc-ping.com/uuid" }).href).toBe(
      `https://hc-ping.com/uuid/0?rid=${ping.runId}`,
    );
    expect(addressOf({ ...ping, url: "https://hc-ping.com/key/slug/?create=1", signal: "start" }).href).toBe(
      `https://hc-ping.com/key/slug/start?create=1&rid=${ping.runId}`,
    );
  });

  test("gives up at its deadline", async () => {
    await using listener = await startPingListener();
    listener.answers = false;
    const begun = performance.now();

    expect(await sendPing({ ...ping, url: listener.url, deadlineMs: 60 })).toBe("no answer in time");
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  test("goes through the proxy", async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer().on("connect", (request, socket) => {
      asked.push(request.url);
      socket.end("HTTP/1.1 503 No\r\n\r\n");
    });
    await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const answer = await sendPing({ ...ping, url: "https://hc.example.com/check", proxyUrl });
    await new Promise<void>((resolve) => void proxy.close(() => resolve()));

    expect(answer).not.toBeNull();
    expect(asked).toContain("hc.example.com:443");
  });

  test("trusts no certificate that nobody vouches for", async () => {
    await using server = await startTlsServer(selfSigned(), (_request, response) => {
      response.end("OK");
    });

    expect(await sendPing({ ...ping, url: `${server.url}/check` })).toMatch(
      /SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/,
    );
  });
});

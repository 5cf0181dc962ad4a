import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { readStateFile } from "../../src/state/state-file.ts";
import { runProgram } from "../support/program.ts";
import { startWorld, type World } from "../support/world.ts";

const root = join(import.meta.dirname, "../..");
const invoices = { "ap-invoices": { channel: "#accounts-payable" } };

async function usedWorld(slack: object = {}): Promise<World> {
  const world = await startWorld({ slack: { quarantineSeconds: 0, ...slack }, sources: invoices });
  await world.run("poll");
  return world;
}

/** So many invoices in one batch: 25 fit into one message, the rest into its thread. */
function keyIn({ sage }: World, count = 1): void {
  sage.company("SAMINC").addInvoiceBatch({
    invoices: Array.from({ length: count }, (_invoice, index) => ({
      vendor: "1200",
      amount: "12.99",
      documentNumber: `DOC-${index}.`,
    })),
  });
}

/** Resolves when the n-th post arrives, before it is answered. */
function postArrives({ slack }: World, number = 1): Promise<void> {
  let left = number;
  return new Promise((resolve) => {
    slack.onCall = ({ method }) => {
      if (method === "chat.postMessage" && (left -= 1) === 0) resolve();
    };
  });
}

function countOf({ slack }: World, document: string): number {
  return slack.posts.filter((post) => `${post.text} ${JSON.stringify(post.blocks)}`.includes(document))
    .length;
}

async function statusesOf({ directory }: World): Promise<string[]> {
  return (await readStateFile({ directory }))?.outbox.map(({ status }) => status) ?? [];
}

interface Signalled {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** From the first signal to the end. */
  readonly ms: number;
}

/** Runs poll and sends it signals, the first at a moment, the others each a while later. */
async function pollUntil(
  { directory: cwd, env }: World,
  when: Promise<unknown>,
  signals: readonly NodeJS.Signals[],
  preload?: string,
): Promise<Signalled> {
  let sentAt = 0;
  const result = await runProgram(["poll", "--json"], {
    cwd,
    env,
    ...(preload === undefined ? {} : { preload }),
    onStart: (child) => {
      const send = async () => {
        await when;
        sentAt = performance.now();
        for (const signal of signals) {
          child.kill(signal);
          await sleep(200);
        }
      };
      void send();
    },
  });
  return { ...result, ms: performance.now() - sentAt };
}

describe("a signal", () => {
  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("L18 %s while Sage is being read ends the run at once with %i", async (signal, code) => {
    await using world = await usedWorld();
    keyIn(world);
    const asked = new Promise<void>((resolve) => {
      world.sage.onRequest = () => resolve();
    });
    world.sage.queueFault({ kind: "hang" });

    const stopped = await pollUntil(world, asked, [signal]);
    world.sage.onRequest = null;
    const next = await world.run("poll");

    expect(stopped.code).toBe(code);
    expect(stopped.ms).toBeLessThan(2500);
    expect(next.code).toBe(0);
    expect(countOf(world, "DOC-0.")).toBe(1);
  });

  test("L18 SIGTERM while Slack is asked ends the run at once", async () => {
    await using world = await usedWorld();
    keyIn(world);
    const asked = new Promise<void>((resolve) => {
      world.slack.onCall = () => resolve();
    });
    world.slack.queueFault({ kind: "hang", accept: false, method: "auth.test" });

    const stopped = await pollUntil(world, asked, ["SIGTERM"]);
    world.slack.onCall = null;

    expect(stopped.code).toBe(143);
    expect(stopped.ms).toBeLessThan(2500);
    expect((await world.run("poll")).code).toBe(0);
    expect(countOf(world, "DOC-0.")).toBe(1);
  });

  test("L18 SIGINT while the next message waits for its turn takes its mark back", async () => {
    await using world = await usedWorld({ minIntervalMs: 5000 });
    keyIn(world, 60);
    await world.configure({ slack: { quarantineSeconds: 0, minIntervalMs: 5000 }, sources: invoices });
    const first = postArrives(world).then(() => sleep(500));

    const stopped = await pollUntil(world, first, ["SIGINT"]);
    const left = await statusesOf(world);
    await world.configure({ slack: { quarantineSeconds: 0 }, sources: invoices });
    const next = await world.run("poll");

    expect(stopped.code).toBe(130);
    expect(stopped.ms).toBeLessThan(2500);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ exitCode: stopped.code, posted: [{}] });
    expect(left).toEqual(["pending", "pending"]);
    expect(next.code).toBe(0);
    expect([countOf(world, "DOC-0."), countOf(world, "DOC-30."), countOf(world, "DOC-59.")]).toEqual([
      1, 1, 1,
    ]);
  });

  test("L18 SIGTERM during a post waits for its answer, which settles it", async () => {
    await using world = await usedWorld();
    keyIn(world);
    world.slack.queueFault({ kind: "delay", ms: 2500, method: "chat.postMessage" });

    const stopped = await pollUntil(world, postArrives(world), ["SIGTERM"]);

    expect(stopped.code).toBe(143);
    expect(stopped.ms).toBeGreaterThan(1800);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ exitCode: stopped.code, posted: [{}] });
    expect(await statusesOf(world)).toEqual([]);
    expect((await world.run("status")).stdout).toContain("with exit code 143 (terminated)");
  });

  test("L18 SIGTERM during a post that is not answered ends after five seconds, and the post is looked up", async () => {
    await using world = await usedWorld();
    keyIn(world);
    world.slack.queueFault({ kind: "hang", accept: true, method: "chat.postMessage" });

    const stopped = await pollUntil(world, postArrives(world), ["SIGTERM"]);
    const left = await statusesOf(world);
    world.slack.onCall = null;
    const next = await world.run("poll");

    expect(stopped.code).toBe(143);
    expect(stopped.ms).toBeGreaterThan(4500);
    expect(stopped.ms).toBeLessThan(8000);
    expect(left).toEqual(["inflight"]);
    expect(next.code).toBe(0);
    expect(countOf(world, "DOC-0.")).toBe(1);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("L19 %s a second time ends the run at once with %i, as a kill would", async (signal, code) => {
    await using world = await usedWorld();
    keyIn(world);
    world.slack.queueFault({ kind: "hang", accept: true, method: "chat.postMessage" });

    const stopped = await pollUntil(world, postArrives(world), [signal, signal]);
    world.slack.onCall = null;
    const left = await statusesOf(world);
    const next = await world.run("poll");

    expect(stopped.code).toBe(code);
    expect(stopped.ms).toBeLessThan(1500);
    expect(left).toEqual(["inflight"]);
    expect(next.code).toBe(0);
    expect(countOf(world, "DOC-0.")).toBe(1);
  });

  test("L21 SIGHUP, by which Windows tells that the console is closed, ends the run in good order", async () => {
    await using world = await usedWorld();
    keyIn(world, 60);
    world.slack.queueFault({ kind: "delay", ms: 1000, method: "chat.postMessage" });
    const asWindows = join(import.meta.dirname, "preload/as-windows.mjs");

    const stopped = await pollUntil(world, postArrives(world), ["SIGHUP"], asWindows);

    expect(stopped.code).toBe(130);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ exitCode: stopped.code, posted: [{}] });
    expect(await statusesOf(world)).not.toContain("inflight");
  });

  test("L20 SIGHUP, from a terminal that was closed, lets the run go on", async () => {
    await using world = await usedWorld();
    keyIn(world);
    world.slack.queueFault({ kind: "delay", ms: 500, method: "chat.postMessage" });

    const ended = await pollUntil(world, postArrives(world), ["SIGHUP"]);

    expect(ended.code).toBe(0);
    expect(countOf(world, "DOC-0.")).toBe(1);
  });

  test("L22 SIGSTOP over the deadline: nothing more leaves when the run wakes up", async () => {
    await using world = await usedWorld({ minIntervalMs: 2000 });
    keyIn(world, 60);
    const { directory: cwd, env, slack } = world;
    const before = slack.posts.length;
    const arrived = postArrives(world);

    const ended = await runProgram(["poll", "--max-duration", "6"], {
      cwd,
      env,
      onStart: (child) => {
        void arrived.then(() => suspend(child, 7000));
      },
    });
    const sent = slack.posts.length - before;
    const left = await statusesOf(world);
    slack.onCall = null;
    await world.configure({ slack: { quarantineSeconds: 0 }, sources: invoices });
    const next = await world.run("poll");

    expect(ended.code).toBe(5);
    expect(ended.stderr).toContain("out of time");
    expect(sent).toBe(1);
    expect(left).toEqual(["pending", "pending"]);
    expect(next.code).toBe(0);
    expect(slack.posts.length - before).toBe(3);
  });
});

/** Stops it while the next message waits for its turn, as a lid that is closed would. */
async function suspend(child: ChildProcess, ms: number): Promise<void> {
  await sleep(500);
  child.kill("SIGSTOP");
  await sleep(ms);
  child.kill("SIGCONT");
}

describe("a bug in the middle of a run", () => {
  test.each(["exception", "rejection"])(
    "L56 of the kind %s ends it with 1 and a stack without secrets; the next run goes on",
    async (how) => {
      await using world = await usedWorld();
      keyIn(world, 60);
      const { directory: cwd, env } = world;
      const preload = join(import.meta.dirname, "preload/throw-at.mjs");

      const ended = await runProgram(["poll", "--json"], {
        cwd,
        env: { ...env, THROW_AT: `${how}:2` },
        preload,
      });
      const left = await statusesOf(world);
      const next = await world.run("poll");

      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain("this is a bug. Nothing is lost");
      expect(ended.stderr).toContain("TypeError: cannot read x of undefined, [redacted]");
      expect(ended.stderr).toContain("throw-at.mjs");
      expect(ended.stdout + ended.stderr).not.toContain(world.slack.token);
      expect(JSON.parse(ended.stdout)).toMatchObject({
        error: { kind: "bug", message: "TypeError: cannot read x of undefined, [redacted]" },
      });
      expect(left).toContain("inflight");
      expect(next).toMatchObject({ code: 0, stderr: "" });
      expect([countOf(world, "DOC-0."), countOf(world, "DOC-30."), countOf(world, "DOC-59.")]).toEqual([
        1, 1, 1,
      ]);
    },
  );
});

describe("standard input and output", () => {
  test.each([
    ["closed by its reader (| head -1)", '"$@" poll --verbose 2>&1 | head -1'],
    ["closed from the start", '"$@" poll >&- 2>&-'],
    ["on a full disk", '"$@" poll > /dev/full'],
    ["and errors on a full disk", '"$@" poll --verbose > /dev/full 2> /dev/full'],
    ["without an input", '"$@" poll <&-'],
    ["without a terminal", 'setsid "$@" poll < /dev/null'],
  ])("L20 L57 %s: the run goes on and delivers", async (_what, script) => {
    await using world = await usedWorld();
    keyIn(world);

    const ended = await inShell(world, `set -o pipefail; ${script}`);

    expect(ended).toMatchObject({ code: 0 });
    expect(countOf(world, "DOC-0.")).toBe(1);
    expect((await readStateFile({ directory: world.directory }))?.lastRun?.exitCode).toBe(0);
  });

  test("L57 a full disk under the output is told on standard error", async () => {
    await using world = await usedWorld();
    keyIn(world);

    const { stderr } = await inShell(world, '"$@" poll > /dev/full');

    expect(stderr).toContain("standard output takes nothing (ENOSPC); the run goes on");
  });
});

async function inShell(
  { directory: cwd, env }: World,
  script: string,
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn("bash", ["-c", script, "bash", process.execPath, join(root, "bin/sage-slack.js")], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stderr }));
  });
}

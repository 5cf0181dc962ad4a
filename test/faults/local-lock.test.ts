import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { readStateFile } from "../../src/state/state-file.ts";
import { Chance } from "../loops/chance.ts";
import { Installation, type Ended } from "../loops/installation.ts";
import { judge } from "../loops/oracle.ts";
import { runProgram } from "../support/program.ts";
import { startWorld } from "../support/world.ts";

const root = join(import.meta.dirname, "../..");
const preload = join(import.meta.dirname, "../loops/kill-point.mjs");
const invoices = { "ap-invoices": { channel: "#accounts-payable" } };

async function pollTogether(installation: Installation, count: number): Promise<Ended[]> {
  return Promise.all(Array.from({ length: count }, () => installation.poll()));
}

/** A run that is killed while it reads, so that its lock stays. */
async function leaveLock(installation: Installation): Promise<void> {
  await installation.poll({ preload, env: { KILL_AT: "page.before:1" } });
  if (!(await readdir(installation.stateFolder)).includes("sage-slack.lock"))
    throw new Error("no lock was left");
}

describe("runs that are started together", () => {
  test("L38 two and eight at once, with and without a dead run's lock: one works, nothing is lost or repeated", async () => {
    await using installation = await Installation.start({ program: root });
    const chance = new Chance(38);
    expect((await installation.poll()).code).toBe(0);
    const rounds = [2, 8, 2, 8, 2, 2, 8, 2];

    for (const [round, count] of rounds.entries()) {
      installation.keyIn(chance);
      if (round % 2 === 1) await leaveLock(installation);

      const ended = await pollTogether(installation, count);

      const codes = ended.map(({ code }) => code);
      expect({ round, odd: codes.filter((code) => code !== 0 && code !== 8) }).toEqual({ round, odd: [] });
      expect(codes).toContain(0);
      for (const { code, stderr } of ended) {
        expect(code === 8 ? stderr : "another run holds").toMatch(
          /another run holds|changes hands too quickly/,
        );
      }
      expect(await readStateFile({ directory: installation.stateFolder })).not.toBeNull();
    }

    expect(judge(installation)).toMatchObject({ lost: [], duplicates: 0 });
    expect((await readdir(installation.stateFolder)).filter((name) => name.includes("lock"))).toEqual([]);
  });

  test("L38 while one is reading, the others end with 8, saying who it is, and status tells too", async () => {
    await using world = await startWorld({ sources: invoices });
    const { directory: cwd, env, sage } = world;
    await world.run("poll");
    sage.queueFault({ kind: "delay", ms: 4000 });
    let pid: number | undefined;
    const asked = new Promise<void>((resolve) => {
      sage.onRequest = () => resolve();
    });

    const working = runProgram(["poll"], { cwd, env, onStart: (child) => (pid = child.pid) });
    await asked;
    const others = await Promise.all([1, 2, 3].map(() => runProgram(["poll"], { cwd, env })));
    const status = await world.run("status");
    const retry = await world.run("outbox", "drop", "aaaa");
    const worked = await working;

    for (const { code, stderr } of others) {
      expect(code).toBe(8);
      expect(stderr).toContain(`process ${pid} on`);
    }
    expect(status.stdout).toContain(`A run is going on: process ${pid} on`);
    expect(retry.code).toBe(8);
    expect(worked.code).toBe(0);
  });
});

describe("a run that loses its lock or its state", () => {
  test.each([
    ["its lock is deleted", "lock", "no longer holds the lock"],
    ["another state is put in the place of its own", "state", "was changed by somebody else during this run"],
  ])("L40 posts nothing more when %s, and leaves what is there alone", async (_what, what, says) => {
    await using world = await startWorld({ slack: { quarantineSeconds: 0 }, sources: invoices });
    const { directory: cwd, env, sage, slack } = world;
    await world.run("poll");
    sage.company("SAMINC").addInvoiceBatch({
      invoices: [{ vendor: "1200", amount: "12.99", documentNumber: "DOC-1." }],
    });
    const state = join(cwd, "sage-slack.cursor.json");
    const other = join(cwd, "other");
    await copyFile(`${state}.bak`, other);
    const posts = slack.posts.length;
    sage.queueFault({ kind: "delay", ms: 1500, skip: 1 });
    let requests = 0;
    const reading = new Promise<void>((resolve) => {
      sage.onRequest = () => ((requests += 1) === 2 ? resolve() : undefined);
    });

    const run = runProgram(["poll"], { cwd, env });
    await reading;
    if (what === "lock") await rm(join(cwd, "sage-slack.lock"));
    else await copyFile(other, state);
    const before = await readFile(state);
    const ended = await run;
    const after = await readFile(state);
    const next = await world.run("poll");

    expect(ended.code).toBe(6);
    expect(ended.stderr).toContain(says);
    expect(slack.posts.length).toBe(posts + 1); // by the next run
    expect(after).toEqual(before);
    expect(next.code).toBe(0);
  });

  test("L40 does not remove the lock of the run that took over", async () => {
    await using world = await startWorld({ slack: { quarantineSeconds: 0 }, sources: invoices });
    const { directory: cwd, env, sage } = world;
    await world.run("poll");
    sage.queueFault({ kind: "delay", ms: 1500 });
    const asked = new Promise<void>((resolve) => {
      sage.onRequest = () => resolve();
    });
    const lock = join(cwd, "sage-slack.lock");

    const run = runProgram(["poll"], { cwd, env });
    await asked;
    const mine = JSON.parse(await readFile(lock, "utf8")) as object;
    const others = JSON.stringify({ ...mine, nonce: "0123456789abcdef", pid: process.pid });
    await writeFile(lock, others);
    const ended = await run;

    expect(ended.code).toBe(6);
    expect(await readFile(lock, "utf8")).toBe(others);
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { startWorld, type World } from "../support/world.ts";

const sources = { "ap-invoices": { channel: "#accounts-payable" } };

interface Line {
  readonly time: string;
  readonly level: string;
  readonly run: string;
  readonly command: string;
  readonly source: string | null;
  readonly message: string;
  readonly exitCode?: number;
}

async function logOf({ directory }: World): Promise<{ text: string; lines: Line[] }> {
  const text = await readFile(join(directory, "run.jsonl"), "utf8");
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
  return { text, lines };
}

describe("--log-file", () => {
  test("holds what a poll did, with no amount and no name of the books", async () => {
    await using world = await startWorld({ sources });
    await world.run("poll");
    world.sage.company("SAMINC").addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "INV-SECRET", amount: "98765.43" }],
    });

    const run = await world.run("poll", "--log-file", "run.jsonl");
    const { text, lines } = await logOf(world);

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(lines.map(({ level, source, message }) => [level, source, message])).toEqual([
      ["info", null, "poll begins"],
      ["info", "SAMINC/ap-invoices", "read: 1 new, 0 changed"],
      ["info", "#accounts-payable", expect.stringMatching(/^posted [a-z2-7]{26} as \d+\.\d{6}$/)],
      ["info", null, "ends: done"],
    ]);
    expect(lines.at(-1)?.exitCode).toBe(0);
    expect(new Set(lines.map((line) => line.run)).size).toBe(1);
    expect(
      lines.every(({ time, command }) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time) && command === "poll"),
    ).toBe(true);
    expect(text).not.toMatch(/98.?765|INV-SECRET|Chloride/);
  });

  test("holds what failed, with what to do, and the exit code", async () => {
    await using world = await startWorld({ sources });
    await world.run("poll", "--log-file", "run.jsonl");
    world.sage.queueFault({ kind: "status", match: "APInvoiceBatches", status: 403, times: 99 });
    await world.run("poll", "--log-file", "run.jsonl");
    world.slack.queueFault({ kind: "error", method: "auth.test", error: "invalid_auth" });
    await world.run("poll", "--log-file", "run.jsonl");
    const { lines } = await logOf(world);
    const failures = lines.filter(({ level }) => level === "error");

    expect(failures).toEqual([
      expect.objectContaining({
        source: "SAMINC/ap-invoices",
        hint: expect.stringContaining("right") as string,
      }),
      expect.objectContaining({ source: null, exitCode: 4, message: "ends: credentials or rights refused" }),
      expect.objectContaining({ source: null, hint: expect.stringContaining("token") as string }),
      expect.objectContaining({ source: null, exitCode: 4 }),
    ]);
    expect(new Set(lines.map((line) => line.run)).size).toBe(3);
  });

  test("holds the checks of test and the failures of sync-master, and not what --quiet leaves out elsewhere", async () => {
    await using world = await startWorld({ sources });
    world.slack.channel("accounts-payable").isArchived = true;
    await world.run("test", "--quiet", "--log-file", "run.jsonl");
    await world.run("sync-master", "--quiet", "--log-file", "run.jsonl");
    const { lines } = await logOf(world);

    expect(lines).toContainEqual(
      expect.objectContaining({ level: "error", command: "test", source: "channel #accounts-payable" }),
    );
    expect(lines.filter(({ exitCode }) => exitCode !== undefined)).toMatchObject([
      { command: "test", exitCode: 9 },
      { command: "sync-master", exitCode: 0 },
    ]);
  });

  test("holds no secret, and text from outside as strings of visible characters", async () => {
    const secret = "a1b2c3d4-check";
    await using world = await startWorld({
      sources,
      sage: { caFile: `${secret}\u202E\u001B[31m.pem` },
      monitor: { pingUrl: `http://127.0.0.1:9/${secret}` },
    });

    const run = await world.run("poll", "--log-file", "run.jsonl");
    const { text, lines } = await logOf(world);

    expect(run.code).toBe(2);
    expect(lines.some(({ message }) => message.includes("/[redacted]\u202E\u001B[31m.pem"))).toBe(true);
    expect(text).not.toContain(secret);
    expect(text).toMatch(/^[\u0020-\u007E\n]*$/);
  });

  test("L57 that cannot be written is told once, and fails nothing", async () => {
    await using world = await startWorld({ sources });

    const run = await world.run("poll", "--log-file", "no/such/folder.jsonl");

    expect(run).toMatchObject({
      code: 0,
      stderr: "the log file no/such/folder.jsonl takes nothing (ENOENT); the run goes on\n",
    });
    expect(world.slack.posts).toHaveLength(1);
  });

  test("is no flag of dry-run, which writes nothing", async () => {
    await using world = await startWorld({ sources });

    expect((await world.run("dry-run", "--log-file", "run.jsonl")).code).toBe(2);
  });
});

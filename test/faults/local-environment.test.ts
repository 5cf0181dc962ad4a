import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { readStateFile } from "../../src/state/state-file.ts";
import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { shownIn, startWorld, type Result, type World } from "../support/world.ts";

const binary = join(import.meta.dirname, "../../bin/sage-slack.js");

async function usedWorld(): Promise<World> {
  const world = await startWorld({
    slack: { quarantineSeconds: 0 },
    sources: { "ap-invoices": { channel: "#accounts-payable" } },
  });
  await world.run("poll");
  world.sage.company("SAMINC").addInvoiceBatch({
    invoices: [{ vendor: "1200", amount: "12.99", documentNumber: "DOC-1." }],
  });
  return world;
}

function count({ slack }: World): number {
  return slack.posts.filter((post) => `${post.text} ${JSON.stringify(post.blocks)}`.includes("DOC-1."))
    .length;
}

/** Exactly this environment, in a folder that may be gone by then. */
async function runBare(
  args: readonly string[],
  { cwd, env, removed }: { cwd: string; env: Record<string, string | undefined>; removed?: string },
): Promise<Result> {
  const script = removed === undefined ? 'exec "$@"' : `rmdir '${removed}' && exec "$@"`;
  const child = spawn("/bin/bash", ["-c", script, "bash", process.execPath, binary, ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, ...output }));
  });
}

describe("a scheduler's bare environment", () => {
  test("L58 without HOME, locale, time zone and with a minimal PATH, the run delivers", async () => {
    await using world = await usedWorld();

    const run = await runBare(["poll"], {
      cwd: world.directory,
      env: { ...world.env, PATH: "/usr/bin:/bin" },
    });

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(count(world)).toBe(1);
  });

  test("L58 from a folder that is gone, the run delivers with --config, and says what is missing without", async () => {
    await using world = await usedWorld();
    const gone = join(world.directory, "gone");
    const config = join(world.directory, "sage-slack.json");
    const place = { cwd: gone, env: { ...world.env, HOME: world.directory }, removed: gone };

    await mkdir(gone);
    const run = await runBare(["poll", "--config", config], place);
    await mkdir(gone);
    const without = await runBare(["poll"], place);

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(count(world)).toBe(1);
    expect(without.code).toBe(2);
    expect(without.stderr).toContain("there is no configuration");
  });

  test("L42 without a D-Bus session and without secrets in the environment it ends with 7 within ten seconds", async () => {
    await using world = await usedWorld();
    const began = performance.now();

    const run = await runBare(["poll"], { cwd: world.directory, env: { PATH: "/usr/bin:/bin" } });

    expect(run.code).toBe(7);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(run.stderr).toContain("the keychain does not give its secrets");
    expect(run.stderr).toContain("SAGE_SLACK_SLACK_TOKEN");
    expect(run.stderr).toContain("_FILE");
    expect(count(world)).toBe(0);
  });
});

describe("a program without the means", () => {
  test("L55 that runs out of memory at a page of 15 MB dies as if killed, and the next run goes on", async () => {
    await using world = await usedWorld();
    const { directory: cwd, env, sage } = world;
    const before = await readStateFile({ directory: cwd });
    sage.queueFault({ kind: "huge", bytes: 15 * 1024 * 1024, skip: 1 });

    const ended = await runProgram(["poll"], {
      cwd,
      env: { ...env, NODE_OPTIONS: "--max-old-space-size=24" },
    });
    const after = await readStateFile({ directory: cwd });
    const next = await world.run("poll");

    // 134 or killed by SIGABRT where V8 gives up; 3 where the page is refused before that.
    expect(ended.code).not.toBe(0);
    expect(after?.sources).toEqual(before?.sources);
    expect(next).toMatchObject({ code: 0, stderr: "" });
    expect(count(world)).toBe(1);
  });

  test("L60 under an older Node.js says which it needs and ends with 2", async () => {
    await using directory = await temporaryDirectory();
    const preload = join(import.meta.dirname, "preload/old-node.mjs");

    for (const claimed of ["14.21.3", "18.20.8", "20.18.9"]) {
      const old = await runProgram(["poll"], { cwd: directory.path, preload, env: { NODE_CLAIMS: claimed } });

      expect(old).toMatchObject({ code: 2, stdout: "" });
      expect(old.stderr).toContain(`sage-slack: needs Node.js 20.19 or newer; this is ${claimed}.`);
    }
    for (const claimed of ["20.19.0", "22.0.0", "100.1.0"]) {
      const good = await runProgram(["--version"], {
        cwd: directory.path,
        preload,
        env: { NODE_CLAIMS: claimed },
      });

      expect(good.code).toBe(0);
    }
  });

  test("L60 asks for the Node.js that the package names, in words that an old one can read", async () => {
    const { engines } = JSON.parse(
      await readFile(join(import.meta.dirname, "../../package.json"), "utf8"),
    ) as { engines: { node: string } };
    const text = await readFile(binary, "utf8");

    expect(engines.node).toBe(">=20.19");
    expect(text).toContain("[20, 19]");
    // No syntax after ES2017, and nothing imported before the check.
    expect(text).not.toMatch(/^import\s|\bawait\b|\?\?|\?\.|=>|`|\bconst\b|\blet\b/m);
  });
});

test("L47 wrong flags, arguments and commands end with 2, before anything is read", async () => {
  await using world = await usedWorld();
  const { directory: cwd, env } = world;
  const requests = world.slack.requests.length;
  const wrong = [
    ["pol"],
    ["poll", "--password", "x"],
    ["poll", "--only", "invoices"],
    ["poll", "--max-duration", "0"],
    ["poll", "--max-duration", "soon"],
    ["poll", "--first-run", "maybe"],
    ["poll", "surplus"],
    ["outbox", "resend", "abcd"],
    ["outbox", "retry"],
    ["login"],
    ["login", "teams"],
    ["poll", "--config", "absent.json"],
  ];

  const codes = await Promise.all(wrong.map(async (args) => (await runProgram(args, { cwd, env })).code));

  expect(codes).toEqual(wrong.map(() => 2));
  expect(world.slack.requests.length).toBe(requests);
  expect(shownIn(world.slack, "accounts-payable")).not.toContain("DOC-1.");
  await rm(join(cwd, "absent.json"), { force: true });
});

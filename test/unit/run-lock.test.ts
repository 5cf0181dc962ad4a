import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, readlink, symlink, writeFile, utimes } from "node:fs/promises";
import { hostname, uptime } from "node:os";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { acquireRunLock, readLockHolder } from "../../src/state/run-lock.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const lockName = "sage-slack.lock";
const now = "2026-11-24T07:00:00.000Z";

/** A process number that nobody has: that of a process which has just ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

/** What this process would write into a lock, with some of it changed. */
async function owner(differences: object = {}): Promise<string> {
  await using directory = await temporaryDirectory();
  const lock = await acquireRunLock({ directory: directory.path });
  const mine = JSON.parse(await readFile(join(directory.path, lockName), "utf8")) as object;
  await lock.release();
  return JSON.stringify({ ...mine, nonce: "0123456789abcdef", ...differences });
}

async function directoryWithLock(content: string) {
  const directory = await temporaryDirectory();
  await writeFile(join(directory.path, lockName), content, { mode: 0o600 });
  return directory;
}

const locked = (text: string) =>
  expect.objectContaining({ kind: "locked", message: expect.stringContaining(text) as string }) as object;

describe("a lock whose owner is provably dead", () => {
  const deaths: [string, () => object][] = [
    ["whose process is gone", () => ({ pid: deadPid() })],
    ["from before the machine was started", () => ({ pid: process.pid, bootId: "another-boot" })],
    [
      "from before the machine was started, where the system names no boots",
      () => ({ pid: process.pid, bootId: null, uptime: uptime() + 3600 }),
    ],
    ["whose process number another process has now", () => ({ pid: process.pid, processStart: "1" })],
    ["of the future", () => ({ pid: deadPid(), since: "2126-01-01T00:00:00.000Z" })],
  ];

  test.each(deaths)("L39 is taken: one %s", async (_what, differences) => {
    await using directory = await directoryWithLock(await owner(differences()));
    const told = await readLockHolder(directory.path);

    const lock = await acquireRunLock({ directory: directory.path });

    expect(told?.isDead).toBe(true);
    expect(await lock.isHeld()).toBe(true);
    expect(await readdir(directory.path)).toEqual([lockName]);
    await lock.release();
    expect(await readdir(directory.path)).toEqual([]);
  });

  test("L39 is taken though whoever was breaking it has died too", async () => {
    await using directory = await directoryWithLock(await owner({ pid: deadPid() }));
    const breaker = await owner({ pid: deadPid(), nonce: "fedcba9876543210" });
    await writeFile(join(directory.path, `${lockName}.brk.0123456789abcdef.0`), breaker);
    await writeFile(join(directory.path, ".lock.fedcba9876543210"), breaker);

    const lock = await acquireRunLock({ directory: directory.path });

    expect(await readdir(directory.path)).toEqual([lockName]);
    await lock.release();
  });
});

describe("a lock that nobody finished writing", () => {
  test.each([
    ["is empty", ""],
    ["breaks off", '{"nonce":"0123456789abcdef","pid":47'],
    ["is all zeros, as after a power cut", "\u0000".repeat(180)],
  ])("L39 is broken after a minute, and not before: one that %s", async (_what, text) => {
    await using directory = await directoryWithLock(text);
    const path = join(directory.path, lockName);
    const written = async (secondsAgo: number) => {
      const at = Date.now() / 1000 - secondsAgo;
      await utimes(path, at, at);
    };

    await written(50);
    await expect(acquireRunLock({ directory: directory.path })).rejects.toEqual(
      locked("its holder cannot be told"),
    );
    await written(70);
    const lock = await acquireRunLock({ directory: directory.path });

    expect(await lock.isHeld()).toBe(true);
    expect(await readdir(directory.path)).toEqual([lockName]);
    await lock.release();
  });

  test.each([
    ["says more than a version of today knows", '{"pid":1}'],
    ["is longer than any", "x".repeat(5000)],
  ])("L39 is respected for ever: one that %s", async (_what, text) => {
    await using directory = await directoryWithLock(text);
    await utimes(join(directory.path, lockName), 0, 0);

    await expect(acquireRunLock({ directory: directory.path })).rejects.toEqual(
      locked("its holder cannot be told"),
    );
  });
});

describe("a lock whose owner may be alive", () => {
  const lives: [string, () => Promise<string> | string][] = [
    ["is empty", () => ""],
    ["is garbage", () => "\u0000\u0001{{{"],
    ["is JSON of something else", () => '{"pid":1}'],
    ["is null", () => "null"],
    ["has no sensible process number", () => owner({ pid: -1 })],
    ["names process 0", () => owner({ pid: 0 })],
    ["has a path for a nonce", () => owner({ nonce: "../../etc/passwd" })],
    ["is from another machine", () => owner({ pid: deadPid(), host: `not-${hostname()}` })],
    ["is from another container", () => owner({ pid: deadPid(), pidNamespace: "pid:[1]" })],
    ["is this very process's", () => owner({})],
    ["is another user's process", () => owner({ pid: 1, processStart: null })],
    ["is huge", () => "x".repeat(1_000_000)],
  ];

  test.each(lives)("L39 is respected: one that %s", async (_what, content) => {
    const text = await content();
    await using directory = await directoryWithLock(text);

    await expect(acquireRunLock({ directory: directory.path })).rejects.toEqual(locked("another run holds"));

    expect(await readFile(join(directory.path, lockName), "utf8")).toBe(text);
    expect(await readdir(directory.path)).toEqual([lockName]);
    expect((await readLockHolder(directory.path))?.isDead).toBe(false);
  });

  test("L39 names its process, machine and time, and what to do when there is none", async () => {
    await using directory = await directoryWithLock(
      await owner({ host: "elsewhere", pid: 4711, since: now }),
    );

    await expect(acquireRunLock({ directory: directory.path })).rejects.toMatchObject({
      message: expect.stringContaining(`process 4711 on elsewhere since ${now}`) as string,
      hint: expect.stringContaining("remove the file") as string,
    });
  });

  test.each([
    ["a pipe", (path: string) => Promise.resolve(spawnSync("sh", ["-c", 'mkfifo "$0"', path]))],
    ["a link", (path: string) => symlink("elsewhere", path)],
    ["a folder", (path: string) => mkdir(path)],
  ])("L48 is not read, nor waited for, when %s lies in its place", async (_what, lay) => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, lockName);
    await lay(path);

    await expect(acquireRunLock({ directory: directory.path })).rejects.toEqual(
      locked("its holder cannot be told"),
    );
    expect(await readdir(directory.path)).toEqual([lockName]);
    expect(await readlink(path).catch(() => "no link")).toMatch(/elsewhere|no link/);
  });
});

test("nobody holds a lock in a folder without one", async () => {
  await using directory = await temporaryDirectory();

  expect(await readLockHolder(directory.path)).toBeNull();
});

test("L40 a lock that was taken away is neither held nor removed", async () => {
  await using directory = await temporaryDirectory();
  const lock = await acquireRunLock({ directory: directory.path });
  const other = await owner({ nonce: "0123456789abcdef" });
  await writeFile(join(directory.path, lockName), other);

  expect(await lock.isHeld()).toBe(false);
  await lock.release();

  expect(await readFile(join(directory.path, lockName), "utf8")).toBe(other);
});

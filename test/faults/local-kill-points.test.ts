import { copyFile, cp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { readStateFile } from "../../src/state/state-file.ts";
import { Chance } from "../loops/chance.ts";
import { Installation } from "../loops/installation.ts";
import { judge } from "../loops/oracle.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const root = join(import.meta.dirname, "../..");
const preload = join(import.meta.dirname, "../loops/kill-point.mjs");

/** The rows of the catalogue and the points at which they are killed. */
const points: readonly (readonly [id: string, what: string, points: readonly string[]])[] = [
  ["L01", "with the lock taken and the state loaded", ["lock.taken", "slack.before", "slack.after"]],
  ["L02", "before it looks up an uncertain post", ["history.before"]],
  ["L03", "with the answer to that look in hand", ["history.after"]],
  ["L04", "at a page of Sage", ["page.before", "page.after"]],
  ["L05", "before the outbox is on disk", ["commit.before"]],
  ["L08", "with half a commit written", ["commit.half"]],
  ["L09", "with a commit written and not flushed", ["commit.written"]],
  ["L10", "with a commit flushed and not in place", ["commit.synced"]],
  ["L11", "with a commit in place and its folder not flushed", ["commit.renamed"]],
  ["L06 L07 L12", "with a commit done", ["commit.done"]],
  ["L13", "before a post leaves", ["post.before"]],
  ["L14", "after a post has left, and after its answer", ["post.sent", "post.after"]],
  ["L15", "at its end", ["end"]],
];

const occurrences = [1, 2, 3];

describe("a run that is killed", () => {
  test.each(points)(
    "%s %s leaves a sound state, and the next runs deliver everything exactly once",
    async (_id, _what, names) => {
      await using installation = await Installation.start({ program: root });
      const chance = new Chance(7);
      expect((await installation.poll()).code).toBe(0);
      let kills = 0;

      for (const name of names) {
        for (const occurrence of occurrences) {
          for (let batch = 0; batch < 2; batch += 1) installation.keyIn(chance);
          if (name.startsWith("history.")) await killAt(installation, "post.sent:1");
          if (await killAt(installation, `${name}:${occurrence}`)) kills += 1;
          expect(await readStateFile({ directory: installation.stateFolder })).not.toBeNull();
        }
      }
      await settle(installation);

      expect(judge(installation)).toMatchObject({ lost: [], duplicates: 0 });
      expect(installation.documents.size).toBeGreaterThanOrEqual(6 * names.length);
      // A point that is never reached would prove nothing.
      expect(kills).toBeGreaterThanOrEqual(names.length);
      expect(await litterIn(installation)).toEqual([]);
    },
  );

  test("L01 L07 in its very first run is followed by a first run, at whatever commit it dies", async () => {
    const ends: number[] = [];
    for (const point of [
      "lock.taken",
      "commit.before",
      "commit.half",
      "commit.written",
      "commit.synced",
      "commit.renamed",
      "commit.done",
    ]) {
      await using installation = await Installation.start({ program: root });
      const wasKilled = await killAt(installation, `${point}:1`);
      const next = await installation.poll();

      expect({ point, wasKilled, code: next.code, stderr: next.stderr }).toEqual({
        point,
        wasKilled: true,
        code: 0,
        stderr: "",
      });
      ends.push(installation.slack.posts.length);
    }

    expect(new Set(ends)).toEqual(new Set([5]));
  });

  test("L16 at any time, again and again, loses and repeats nothing", async () => {
    await using installation = await Installation.start({ program: root });
    const chance = new Chance(16);
    expect((await installation.poll()).code).toBe(0);
    let kills = 0;
    for (let round = 0; round < 15; round += 1) {
      installation.keyIn(chance);
      const ended = await installation.poll({ killAfterMs: chance.whole(30, 300) });
      if (ended.code === null) kills += 1;
    }
    await settle(installation);

    expect(kills).toBeGreaterThan(0);
    expect(judge(installation)).toMatchObject({ lost: [], duplicates: 0 });
  });

  test("L59 by an upgrade in the middle: the new program looks up what the old one left under way", async () => {
    await using old = await olderProgram();
    await using installation = await Installation.start({ program: old.path });
    const chance = new Chance(59);
    await installation.poll();
    for (let batch = 0; batch < 4; batch += 1) installation.keyIn(chance);
    const wasKilled = await killAt(installation, "post.sent:2");
    await copyFile(join(root, "package.json"), join(old.path, "package.json"));
    await settle(installation);

    expect(wasKilled).toBe(true);
    expect(judge(installation)).toMatchObject({ lost: [], duplicates: 0 });
  });
});

/** The program under another version; there is no older format of the state yet. */
async function olderProgram() {
  const folder = await temporaryDirectory();
  for (const part of ["bin", "dist", "package.json"]) {
    await cp(join(root, part), join(folder.path, part), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(folder.path, "node_modules"));
  const description = join(folder.path, "package.json");
  const text = await readFile(description, "utf8");
  await writeFile(description, text.replace(/"version": "[^"]+"/, '"version": "0.0.1"'));
  return folder;
}

async function killAt(installation: Installation, point: string): Promise<boolean> {
  const { code, stderr } = await installation.poll({ preload, env: { KILL_AT: point } });
  if (code !== null && ![0, 5].includes(code)) throw new Error(`ended with ${code} at ${point}: ${stderr}`);
  return code === null;
}

/** Runs until everything is delivered; Slack's clock is fast, so that the quarantine is soon over. */
async function settle(installation: Installation): Promise<void> {
  for (let runs = 0; runs < 12; runs += 1) {
    const { code, stderr } = await installation.poll();
    if (code === 0) return;
    if (code !== 5) throw new Error(`ended with ${code}: ${stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("not settled after 12 runs");
}

/** What should not be there after a clean run. */
async function litterIn({ stateFolder }: Installation): Promise<string[]> {
  return (await readdir(stateFolder)).filter((name) => name.endsWith(".tmp") || name.includes("lock"));
}

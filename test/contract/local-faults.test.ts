import { createHash } from "node:crypto";
import {
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { afterEach, describe, expect, test, vi } from "vitest";

import { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";
import { shownIn, startWorld, type ConfigParts, type World } from "../support/world.ts";

const stateName = "sage-slack.cursor.json";
const invoicesOnly: ConfigParts = {
  slack: { quarantineSeconds: 0 },
  sources: { "ap-invoices": { channel: "#accounts-payable" } },
};

function keyIn({ sage }: World, documentNumber: string): void {
  sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "12.99", documentNumber }] });
}

function countOf({ slack }: World, documentNumber: string): number {
  return shownIn(slack, "accounts-payable").split(documentNumber).length - 1;
}

/** A world in which a run has been. */
async function usedWorld(): Promise<World> {
  const world = await startWorld(invoicesOnly);
  await world.run("poll");
  return world;
}

/** Puts the state into a folder of its own. */
async function moveState(world: World, stateDir: string): Promise<string> {
  const path = join(world.directory, "sage-slack.json");
  const config = JSON.parse(await readFile(path, "utf8")) as object;
  await writeFile(path, JSON.stringify({ ...config, stateDir }));
  return join(world.directory, stateDir);
}

/** Names, contents and modes of everything in the folder, so that "untouched" can be said. */
async function fingerprint(directory: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(directory)).toSorted()) {
    const path = join(directory, name);
    const found = await stat(path).catch(() => null);
    hash.update(`${name} ${found?.mode ?? "gone"} ${found?.mtimeMs ?? ""}\n`);
    if (found?.isFile() === true) hash.update(await readFile(path));
  }
  return hash.digest("hex");
}

describe("the state folder", () => {
  test("L27 that is missing is made for its owner alone, and the run is a first one", async () => {
    await using world = await startWorld(invoicesOnly);
    const folder = await moveState(world, "deep/state");

    const run = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await readdir(folder)).toSorted()).toEqual([
      "sage-slack.cursor.initialized",
      stateName,
      `${stateName}.bak`,
      "sage-slack.master.json",
    ]);
  });

  test.each([
    ["its marker", "sage-slack.cursor.initialized"],
    ["its backup", `${stateName}.bak`],
    ["a damaged copy", "sage-slack.cursor.corrupt-2026-11-24T07-00-00-000Z"],
    ["a backup from before an upgrade", `${stateName}.v1.bak`],
  ])("L28 without a state but with %s is no first run", async (_what, sign) => {
    await using world = await usedWorld();
    const content = await readFile(join(world.directory, stateName));
    for (const name of await readdir(world.directory)) {
      if (name.startsWith("sage-slack.cursor.")) await rm(join(world.directory, name));
    }
    await writeFile(join(world.directory, sign), content, { mode: 0o600 });
    keyIn(world, "INV-L28");
    const before = await fingerprint(world.directory);
    const posts = world.slack.posts.length;

    const run = await world.run("poll");

    expect(run.code).toBe(6);
    expect(run.stderr).toContain(`${stateName} is gone, though earlier runs left their traces`);
    expect(run.stderr).toContain(`Restore ${stateName} from your backup`);
    expect(run.stderr).toContain("move all sage-slack.cursor.* files elsewhere");
    expect(world.slack.posts.length).toBe(posts);
    expect(await fingerprint(world.directory)).toBe(before);
  });

  test.each([0o770, 0o707, 0o777])(
    "L49 with mode %o is refused, with the command that mends it",
    async (mode) => {
      await using world = await startWorld(invoicesOnly);
      await chmod(world.directory, mode);

      const run = await world.run("poll");

      expect(run.code).toBe(6);
      expect(run.stderr).toContain("others may write into the state folder");
      expect(run.stderr).toContain(`chmod go-w "${world.directory}"`);
      expect(await readdir(world.directory)).toEqual(["sage-slack.json"]);
      expect(world.slack.posts).toEqual([]);
    },
  );

  test("L49 that others may write into but not clear, like /tmp, is taken", async () => {
    await using world = await startWorld(invoicesOnly);
    await chmod(world.directory, 0o1777);

    expect((await world.run("poll")).code).toBe(0);
  });

  test("L48 that is a link or a file is refused", async () => {
    await using world = await startWorld(invoicesOnly);
    await mkdir(join(world.directory, "real"), { mode: 0o700 });
    await symlink("real", join(world.directory, "linked"));
    await moveState(world, "linked");
    const linked = await world.run("poll");
    await moveState(world, "sage-slack.json");
    const file = await world.run("poll");

    expect(linked).toMatchObject({ code: 6, stderr: expect.stringContaining("is a link") as string });
    expect(file).toMatchObject({ code: 6, stderr: expect.stringContaining("sage-slack.json") as string });
    expect(await readdir(join(world.directory, "real"))).toEqual([]);
    expect(world.slack.posts).toEqual([]);
  });

  test.each([0o000, 0o077, 0o022])("L51 under umask %o holds files for their owner alone", async (mask) => {
    const before = process.umask(mask);
    try {
      await using world = await startWorld(invoicesOnly);
      const folder = await moveState(world, "state");

      expect(await world.run("poll")).toMatchObject({ code: 0, stderr: "" });

      const modes = await Promise.all(
        (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).mode & 0o777),
      );
      expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
    } finally {
      process.umask(before);
    }
  });
});

describe("the state file", () => {
  test("L29 empty is recovered: said in one line, kept aside, everything pending looked up before it is sent", async () => {
    await using world = await usedWorld();
    world.slack.queueFault({ kind: "error", error: "is_archived", method: "chat.postMessage" });
    keyIn(world, "INV-L29.");
    await world.run("poll");
    const path = join(world.directory, stateName);
    const waiting = await readFile(path);
    await world.run("poll"); // delivers what the copy below still holds to be waiting
    const delivered = world.slack.posts.length;
    const calls = world.slack.requests.length;
    await writeFile(`${path}.bak`, waiting);
    await truncate(path);

    const listed = await world.run("outbox");
    const run = await world.run("poll");

    expect(listed.stdout).toContain("uncertain (recovered)");
    expect(listed.stdout).toContain("the next run looks in the channel first");
    expect(run.code).toBe(0);
    expect(run.stderr.trim().split("\n")).toEqual([
      `${stateName} was damaged; went on from ${stateName}.bak. The damaged file is kept beside it.`,
    ]);
    expect((await readdir(world.directory)).filter((name) => name.includes(".corrupt-")).length).toBe(1);
    expect(world.slack.requests.slice(calls).map(({ method }) => method)).toEqual([
      "auth.test",
      "conversations.history",
    ]);
    expect(world.slack.posts.length).toBe(delivered);
  });

  test("L29 damaged in every copy is refused with the way out, whatever is asked", async () => {
    await using world = await usedWorld();
    for (const name of [stateName, `${stateName}.bak`]) await truncate(join(world.directory, name));
    const before = await fingerprint(world.directory);

    for (const command of [["poll"], ["dry-run"], ["status"], ["outbox"], ["outbox", "retry", "aaaa"]]) {
      const run = await world.run(...command);

      expect({ command, code: run.code }).toEqual({ command, code: 6 });
      expect(run.stderr).toContain("is damaged, and so is every copy of it");
      expect(run.stderr).toContain(`Restore ${stateName} from your backup`);
    }
    expect(await fingerprint(world.directory)).toBe(before);
  });

  test("L29 recovered by another command than poll is doubted all the same", async () => {
    await using world = await startWorld(invoicesOnly);
    await world.run("poll");
    keyIn(world, "INV-DOUBT.");
    world.slack.queueFault({ kind: "error", error: "is_archived", method: "chat.postMessage" });
    await world.run("poll");
    const [waiting] = await outboxOf(world);
    await truncate(join(world.directory, stateName));

    const retried = await world.run("outbox", "retry", waiting?.key ?? "");
    const [after] = await outboxOf(world);

    expect(retried.code).toBe(0);
    expect(retried.stderr).toContain("was damaged");
    expect(after).toMatchObject({ key: waiting?.key, status: "pending" });
  });

  test("L36 of another workspace is refused before anything is read or posted", async () => {
    await using world = await usedWorld();
    keyIn(world, "INV-L36");
    const posts = world.slack.posts.length;
    const requests = world.sage.requests.length;
    const token = world.slack.tokenRecord();
    const { teamId } = token;
    Object.assign(token, { teamId: "T0ANOTHER01" });

    const refused = await world.run("poll");
    const asked = world.sage.requests.length - requests;
    Object.assign(token, { teamId });
    const after = await world.run("poll");

    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`belongs to workspace T0ANOTHER01, the state to ${teamId}`) as string,
    });
    expect(asked).toBe(0);
    expect(world.slack.posts.length).toBe(posts + 1);
    expect(after.code).toBe(0);
  });

  test("L36 of another company says nothing about this one, which begins with its own baseline", async () => {
    await using world = await usedWorld();
    await using other = await SageSimulator.start({ companies: ["SAMLTD"] });
    await world.configure({ ...invoicesOnly, sage: { url: other.url, companies: ["SAMLTD"] } });

    const run = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(world.slack.posts.length).toBe(2);
    expect(world.slack.posts.at(-1)?.text).toContain("of SAMLTD from batch");
  });

  test("L48 that is a link, a second name, a pipe or a folder is refused, and what it leads to is untouched", async () => {
    await using world = await usedWorld();
    const path = join(world.directory, stateName);
    const victim = join(world.directory, "victim");
    await rename(path, victim);
    const content = await readFile(victim);
    const ways: Record<string, () => Promise<unknown>> = {
      link: () => symlink("victim", path),
      "second name": () => link(victim, path),
      pipe: () => Promise.resolve(spawnSync("sh", ["-c", 'mkfifo "$0"', path])),
      folder: () => mkdir(path),
    };

    for (const [way, lay] of Object.entries(ways)) {
      await lay();
      const run = await world.run("poll");
      const status = await world.run("status");
      await rm(path, { recursive: true });

      expect({ way, codes: [run.code, status.code] }).toEqual({ way, codes: [6, 6] });
      expect(run.stderr).toContain("is not a plain file of this user");
    }
    expect(await readFile(victim)).toEqual(content);
  });

  test("L50 is never written through a name that somebody could have laid a link under", async () => {
    await using world = await usedWorld();
    const victim = join(world.directory, "victim");
    await writeFile(victim, "precious");
    const names = [".sage-slack.cursor.json.tmp", `${stateName}.tmp`, `${stateName}.${process.pid}.tmp`];
    for (const name of names) await symlink("victim", join(world.directory, name));
    await rm(join(world.directory, "sage-slack.master.json"));
    await symlink("victim", join(world.directory, "sage-slack.master.json"));
    keyIn(world, "INV-L50");

    // A link among its own files is not read through either: it looks like an attack, and is named.
    const named = await world.run("poll");
    for (const name of names) await rm(join(world.directory, name));
    const run = await world.run("poll");

    expect(named).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(".tmp is not a plain file") as string,
    });
    expect(run.code).toBe(0);
    expect(await readFile(victim, "utf8")).toBe("precious");
    await expect(readlink(join(world.directory, "sage-slack.master.json"))).rejects.toThrow("EINVAL");
  });
});

/** Slack's own clock, which does not jump. */
function steadyClock(): number {
  return performance.timeOrigin + performance.now();
}

test("L48 a folder in the place of the cache costs a warning, not the run", async () => {
  await using world = await startWorld(invoicesOnly);
  await mkdir(join(world.directory, "sage-slack.master.json"));

  const run = await world.run("poll");

  expect(run.code).toBe(0);
  expect(run.stderr).toContain("is not kept: cannot write");
  expect((await world.run("status")).stdout).toContain("with exit code 0 (done)");
});

describe("the local clock", () => {
  afterEach(() => vi.useRealTimers());

  test("L52 a day back, a year ahead or in another time zone changes nothing that is delivered", async () => {
    await using world = await startWorld(
      { slack: { quarantineSeconds: 0 } },
      { rateLimits: "off", clock: steadyClock },
    );
    await world.run("poll", "--all");
    const zone = process.env["TZ"];
    const day = 86_400_000;

    for (const [index, offset] of [0, -day, 365 * day, -400 * day, 3600_000, 0].entries()) {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + offset });
      process.env["TZ"] = ["UTC", "Pacific/Kiritimati", "America/St_Johns"][index % 3];
      keyIn(world, `INV-T${index}.`);
      const run = await world.run("poll");
      vi.useRealTimers();

      expect({ offset, ...run }).toMatchObject({ offset, code: 0, stderr: "" });
      expect(countOf(world, `INV-T${index}.`)).toBeGreaterThan(0);
    }
    process.env["TZ"] = zone;
    if (zone === undefined) delete process.env["TZ"];

    const announcements = world.slack.posts.filter(({ channelName }) => channelName === "accounts-payable");
    expect(announcements.length).toBe(7);
  });
});

interface Listed {
  readonly key: string;
  readonly status: string;
  readonly reason: string | null;
}

async function outboxOf(world: World): Promise<Listed[]> {
  return (JSON.parse((await world.run("outbox", "--json")).stdout) as { messages: Listed[] }).messages;
}

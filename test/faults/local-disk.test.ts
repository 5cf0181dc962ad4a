import { spawnSync } from "node:child_process";
import { chmod, chown, copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { readStateFile } from "../../src/state/state-file.ts";
import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { startWorld, type World } from "../support/world.ts";

const invoices = { "ap-invoices": { channel: "#accounts-payable" } };
const isRoot = process.getuid?.() === 0;
/** Whether a small disk of its own can be had: as root, and not in a container that forbids it. */
const canMount = isRoot && (await trial());
const nobody = 65_534;

async function trial(): Promise<boolean> {
  await using directory = await temporaryDirectory();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", directory.path]);
  if (mounted.status === 0) spawnSync("umount", [directory.path]);
  return mounted.status === 0;
}

interface SmallDisk extends AsyncDisposable {
  readonly world: World;
  /** The state folder, a disk of its own. */
  readonly path: string;
  fill(): void;
  free(): Promise<void>;
}

async function smallDisk(size: string): Promise<SmallDisk> {
  const world = await startWorld({ slack: { quarantineSeconds: 0 }, sources: invoices });
  const path = join(world.directory, "state");
  await mkdir(path, { mode: 0o700 });
  spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0700`, "tmpfs", path]);
  const config = join(world.directory, "sage-slack.json");
  const written = JSON.parse(await readFile(config, "utf8")) as object;
  await writeFile(config, JSON.stringify({ ...written, stateDir: "state" }));
  const filler = join(path, "filler");
  return {
    world,
    path,
    fill: () => {
      for (const chunk of [65_536, 4096, 1]) {
        try {
          for (;;) writeFileSync(filler, Buffer.alloc(chunk), { flag: "a" });
        } catch {
          // full, for pieces of this size
        }
      }
    },
    free: () => rm(filler, { force: true }),
    [Symbol.asyncDispose]: async () => {
      spawnSync("umount", [path]);
      await world[Symbol.asyncDispose]();
    },
  };
}

function keyIn({ sage }: World, count: number): void {
  sage.company("SAMINC").addInvoiceBatch({
    invoices: Array.from({ length: count }, (_invoice, index) => ({
      vendor: "1200",
      amount: "12.99",
      documentNumber: `DOC-${index}.`,
    })),
  });
}

function countOf({ slack }: World, document: string): number {
  return slack.posts.filter((post) => `${post.text} ${JSON.stringify(post.blocks)}`.includes(document))
    .length;
}

describe.skipIf(!canMount)("a disk that is full (needs root and a mount)", () => {
  test("L23 from the start: nothing is asked or sent, and the run says so", async () => {
    await using disk = await smallDisk("256k");
    const { world } = disk;
    await world.run("poll");
    keyIn(world, 1);
    const before = await readFile(join(disk.path, "sage-slack.cursor.json"));
    const calls = [world.sage.requests.length, world.slack.requests.length];
    disk.fill();

    const full = await runProgram(["poll"], { cwd: world.directory, env: world.env });
    const untouched = await readFile(join(disk.path, "sage-slack.cursor.json"));
    const names = await readdir(disk.path);
    const asked = [world.sage.requests.length, world.slack.requests.length];
    await disk.free();
    const next = await world.run("poll");

    expect(full.code).toBe(6);
    expect(full.stderr).toContain("ENOSPC: the disk is full");
    expect(full.stderr).toContain("Check free space");
    expect(asked).toEqual(calls);
    expect(untouched).toEqual(before);
    expect(names.filter((name) => /\.tmp$|lock/.test(name))).toEqual([]);
    expect(next).toMatchObject({ code: 0, stderr: "" });
    expect(countOf(world, "DOC-0.")).toBe(1);
  });

  test.each([1, 2, 3])(
    "L24 after post %i of 4: no further post, and the next run looks up the last one",
    async (number) => {
      await using disk = await smallDisk("1m");
      const { world } = disk;
      await world.run("poll");
      keyIn(world, 100);
      let left = number;
      world.slack.onCall = ({ method }) => {
        if (method === "chat.postMessage" && (left -= 1) === 0) disk.fill();
      };
      const before = world.slack.posts.length;

      const full = await runProgram(["poll"], { cwd: world.directory, env: world.env });
      world.slack.onCall = null;
      const sent = world.slack.posts.length - before;
      const state = await readStateFile({ directory: disk.path });
      await disk.free();
      const next = await world.run("poll");

      expect(full.code).toBe(6);
      expect(full.stderr).toContain("ENOSPC: the disk is full");
      expect(sent).toBe(number);
      expect(state?.outbox.map(({ status }) => status)).toEqual([
        "inflight",
        ...Array.from({ length: 4 - number }, () => "pending"),
      ]);
      expect(next).toMatchObject({ code: 0, stderr: "" });
      for (const document of ["DOC-0.", "DOC-30.", "DOC-60.", "DOC-99."])
        expect(countOf(world, document)).toBe(1);
    },
  );

  test("L26 read-only: the run names the folder and why, and touches nothing", async () => {
    await using disk = await smallDisk("256k");
    const { world } = disk;
    await world.run("poll");
    spawnSync("mount", ["-o", "remount,ro", disk.path]);
    const calls = world.slack.requests.length;

    const run = await runProgram(["poll"], { cwd: world.directory, env: world.env });
    const status = await runProgram(["status"], { cwd: world.directory, env: world.env });
    spawnSync("mount", ["-o", "remount,rw", disk.path]);

    expect(run.code).toBe(6);
    expect(run.stderr).toContain(disk.path);
    expect(run.stderr).toContain("EROFS: the file system is read-only");
    expect(world.slack.requests.length).toBe(calls);
    expect(status.code).toBe(0);
  });
});

/** A world whose folder and configuration are that user's. */
async function worldOf(uid: number): Promise<World> {
  const world = await startWorld({ slack: { quarantineSeconds: 0 }, sources: invoices });
  const owned = [world.directory, join(world.directory, "sage-slack.json")];
  for (const path of owned) await chown(path, uid, uid);
  return world;
}

function poll({ directory: cwd, env }: World) {
  return runProgram(["poll"], { cwd, env, uid: nobody });
}

describe.skipIf(!isRoot)("another user (needs root, to be somebody else)", () => {
  test("L26 without the right to write into the folder is told so", async () => {
    await using world = await worldOf(nobody);
    expect((await poll(world)).code).toBe(0);
    await chmod(world.directory, 0o500);

    const run = await poll(world);

    expect(run.code).toBe(6);
    expect(run.stderr).toContain("EACCES: permission denied");
  });

  test("L26 L45 without the right to read is told which file", async () => {
    await using world = await worldOf(nobody);
    const config = join(world.directory, "sage-slack.json");
    await poll(world);
    await chmod(join(world.directory, "sage-slack.cursor.json"), 0);
    const state = await poll(world);
    await chmod(config, 0);
    const configuration = await poll(world);

    expect([state.code, configuration.code]).toEqual([6, 2]);
    expect(state.stderr).toContain("cannot read");
    expect(state.stderr).toContain("sage-slack.cursor.json (EACCES: permission denied)");
    expect(configuration.stderr).toContain("sage-slack.json (EACCES: permission denied)");
  });

  test("L49 whose the state folder or a file in it is not, is refused", async () => {
    await using world = await worldOf(nobody);
    await poll(world);
    const state = join(world.directory, "sage-slack.cursor.json");
    const mine = await stat(state);
    await chown(state, 1234, 1234);
    await chmod(state, 0o644);
    const file = await poll(world);
    await chown(state, nobody, nobody);
    await chown(world.directory, 1234, 1234);
    await chmod(world.directory, 0o755);
    const folder = await poll(world);

    expect(mine.uid).toBe(nobody);
    expect([file.code, folder.code]).toEqual([6, 6]);
    expect(file.stderr).toContain("is not a plain file of this user");
    expect(folder.stderr).toContain("belongs to another user (1234)");
    expect(folder.stderr).toContain(`chown ${nobody} "${world.directory}"`);
  });

  test("L44 whose the configuration or a secret file is not, is refused; root's are taken", async () => {
    await using world = await worldOf(nobody);
    const config = join(world.directory, "sage-slack.json");
    const token = join(world.directory, "token");
    await writeFile(token, world.slack.token, { mode: 0o644 });
    const env = { ...world.env, SAGE_SLACK_SLACK_TOKEN: undefined, SAGE_SLACK_SLACK_TOKEN_FILE: token };
    const run = () => runProgram(["poll"], { cwd: world.directory, env, uid: nobody });
    await chown(config, 0, 0);
    await chmod(config, 0o644);
    const roots = await run();
    await chown(token, 1234, 1234);
    const secret = await run();
    await chown(config, 1234, 1234);
    const configuration = await run();

    expect([roots.code, secret.code, configuration.code]).toEqual([0, 7, 2]);
    expect(secret.stderr).toContain("belongs to another user (1234)");
    expect(configuration.stderr).toContain("belongs to another user (1234)");
  });

  test("L58 without a home that can be written to runs like any other", async () => {
    await using world = await worldOf(nobody);
    await using home = await temporaryDirectory();
    await chmod(home.path, 0o555);
    const config = join(world.directory, "sage-slack.json");

    const run = await runProgram(["poll", "--config", config], {
      cwd: "/",
      env: { ...world.env, HOME: home.path },
      uid: nobody,
    });
    const absent = await runProgram(["poll"], {
      cwd: "/",
      env: { ...world.env, HOME: "/absent" },
      uid: nobody,
    });

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(absent.code).toBe(2);
    expect(absent.stderr).toContain("there is no configuration");
  });
});

test("L26 a state folder that cannot be is named, with what the system says in words", async () => {
  await using directory = await temporaryDirectory();
  await copyFile("/etc/hostname", join(directory.path, "file"));
  await writeFile(
    join(directory.path, "sage-slack.json"),
    JSON.stringify({
      sage: { url: "https://erp.example.com/Sage300WebApi", companies: ["SAMINC"] },
      slack: { channel: "#finance" },
      sources: invoices,
      stateDir: "file/state",
    }),
    { mode: 0o600 },
  );

  const run = await runProgram(["status"], { cwd: directory.path });

  expect(run.code).toBe(6);
  expect(run.stderr).toContain("ENOTDIR: a part of the path is not a folder");
});

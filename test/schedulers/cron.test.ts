import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { expect, test } from "vitest";

import { installPackage } from "../support/installed-program.ts";
import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { startWorld, type World } from "../support/world.ts";

const hasCron =
  process.getuid?.() === 0 && spawnSync("sh", ["-c", "command -v cron && command -v crontab"]).status === 0;
if (!hasCron) process.stderr.write("cron is not tried: it needs Debian's cron, and root to start it\n");

function readCrontab(): Buffer | null {
  const { status, stdout } = spawnSync("crontab", ["-l"]);
  return status === 0 ? stdout : null;
}

/** The daemon, unless one is running already, and the table of this user, which is put back at the end. */
async function startCron(): Promise<AsyncDisposable & { readonly before: Buffer | null }> {
  const before = readCrontab();
  const daemon: ChildProcess = spawn("cron", ["-f"], { stdio: "ignore" });
  const ended = new Promise((resolve) => daemon.once("close", resolve));
  await delay(500);
  const isOurs = daemon.exitCode === null; // "can't lock /var/run/crond.pid": another one has it
  return {
    before,
    [Symbol.asyncDispose]: async () => {
      if (before === null) spawnSync("crontab", ["-r"]);
      else spawnSync("crontab", ["-"], { input: before });
      if (!isOurs) return;
      daemon.kill("SIGTERM");
      await ended;
    },
  };
}

/** A configuration where a scheduler has everything against it, and the secrets in files. */
async function awkwardInstallation(world: World) {
  const folder = join(world.directory, `it's 100% "finance" & \\co`);
  await mkdir(folder);
  const config = join(folder, "sage-slack.json");
  await writeFile(config, await readFile(join(world.directory, "sage-slack.json")), { mode: 0o600 });
  const env: Record<string, string | undefined> = { PATH: process.env["PATH"], HOME: world.directory };
  for (const [name, secret] of Object.entries(world.env)) {
    const file = join(folder, name);
    await writeFile(file, `${secret}\n`, { mode: 0o600 });
    env[`${name}_FILE`] = file;
  }
  return { folder, config, env };
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 90_000; !isTrue();) {
    if (Date.now() > end) throw new Error(`cron did not bring about in 90 s that ${what}`);
    await delay(250);
  }
}

test.runIf(hasCron)(
  "cron runs the installed package every minute by the entry that schedule --install made",
  async () => {
    await using installed = await temporaryDirectory();
    const binary = await installPackage(installed.path);
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    const { folder, config, env } = await awkwardInstallation(world);
    const schedule = (...flags: string[]) =>
      runProgram(["schedule", "--for", "cron", "--config", config, ...flags], { cwd: folder, env, binary });
    await using cron = await startCron();
    const { before } = cron;

    const made = await schedule("--every", "1", "--install");
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(readCrontab()?.toString()).toContain(`sage-slack schedule, the line below, for ${config}`);

    await until(() => world.slack.posts.length > 0, "the first run says from where on it follows");
    expect(world.slack.posts.map(({ text }) => text)).toEqual([expect.stringContaining("ollowing")]);
    world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "4321.00" }] });
    await until(() => world.slack.posts.length > 1, "the second run posts the new batch");
    expect(world.slack.posts.slice(1).map(({ text }) => text)).toEqual([expect.stringContaining("4,321.00")]);

    const removed = await schedule("--remove");
    expect(removed.stdout).toContain("Removed");
    expect((readCrontab() ?? Buffer.alloc(0)).toString()).toBe((before ?? Buffer.alloc(0)).toString());
    const output = join(folder, "sage-slack.output.log");
    expect(await readFile(output, "utf8")).toBe("");
    expect((await stat(output)).mode & 0o777).toBe(0o600);
  },
);

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { installPackage } from "../support/installed-program.ts";
import { startSession } from "../support/secret-service.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { startWorld, type World } from "../support/world.ts";

const root = join(import.meta.dirname, "../..");

/** What the README tells to type, in its order. */
async function commandsOf(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), "utf8");
  const blocks = [...text.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].map(([, lines = ""]) => lines);
  return blocks.flatMap((block) => block.trim().split("\n")).map((line) => line.trim());
}

interface Typed {
  readonly code: number | null;
  readonly shown: string;
}

/** Types a command at a terminal, and the answer when it is asked for a secret. */
async function type(
  command: string,
  { cwd, env, answer }: { cwd: string; env: NodeJS.ProcessEnv; answer: string },
): Promise<Typed> {
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], { cwd, env });
  let shown = "";
  let isAnswered = false;
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
    if (isAnswered || !/(?:Password of \w+|Bot token): $/.test(shown)) return;
    isAnswered = true;
    child.stdin.write(`${answer}\r`);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, shown };
}

/** The installed package, and a stand-in for the program that would change this machine. */
async function programsIn(home: string): Promise<string> {
  await installPackage(home);
  const programs = join(home, "bin");
  const crontab = '#!/bin/sh\nif [ "$1" = -l ]; then cat "$HOME/table"; else cat > "$HOME/table"; fi\n';
  await writeFile(join(programs, "crontab"), crontab, { mode: 0o755 });
  await writeFile(join(home, "table"), "");
  return programs;
}

/** As a reader fills in what `init` has written: address, company, channels. */
async function fillIn(world: World): Promise<string> {
  const path = join(world.directory, "sage-slack.json");
  const written = await readFile(path, "utf8");
  await world.configure({});
  return written;
}

test("The README's commands, typed one after the other, lead from nothing to a scheduled run", async () => {
  await using home = await temporaryDirectory();
  await using world = await startWorld();
  await using session = await startSession({ home: home.path, password: "of the keyring" });
  await rm(join(world.directory, "sage-slack.json"));
  const programs = await programsIn(home.path);
  const env = { ...session.env, HOME: home.path, PATH: `${programs}:${process.env["PATH"]}`, TERM: "xterm" };
  const commands = await commandsOf("README.md");
  const outcomes: string[] = [];
  let template = "";
  for (const command of commands) {
    const answer = command.includes("login slack") ? world.slack.token : "webapi";
    const { code, shown } = await type(command, { cwd: world.directory, env, answer });
    outcomes.push(code === 0 ? command : `${command} ended with ${code}: ${shown}`);
    if (command === "sage-slack init") template = await fillIn(world);
  }

  expect(outcomes).toEqual(commands);
  expect(commands.map((command) => command.split(" ")[1])).toEqual(
    expect.arrayContaining(["init", "login", "test", "dry-run", "poll", "schedule"]),
  );
  expect(template).toContain("https://");
  expect(world.slack.posts.map(({ text }) => text).join("\n")).toContain("Following A/P invoices of SAMINC");
  await expect(readFile(join(home.path, "table"), "utf8")).resolves.toContain("poll --config");
});

import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

import { sourceNames } from "../../src/sage/sources/index.ts";
import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

const shells = {
  bash: { start: "bash --norc --noprofile", keys: ["Tab", "Tab"] },
  zsh: { start: "zsh -f", keys: ["Tab"] },
  fish: { start: "fish --no-config --private", keys: ["Tab"] },
} as const;
type Shell = keyof typeof shells;

interface Terminal extends AsyncDisposable {
  type(text: string, ...keys: readonly string[]): Promise<void>;
  /** What stands on the screen as soon as it holds all of these words. */
  until(...words: readonly string[]): Promise<string>;
}

/** A shell in a terminal, in a folder with the script and the file `finance.json`. */
async function terminalWith(shell: Shell): Promise<Terminal> {
  const directory = await temporaryDirectory();
  const programs = join(directory.path, "programs");
  await mkdir(programs);
  await symlink(join(root, "bin/sage-slack.js"), join(programs, "sage-slack"));
  const script = await runProgram(["completion", shell], { cwd: directory.path });
  await writeFile(join(directory.path, `completion.${shell}`), script.stdout);
  await writeFile(join(directory.path, "finance.json"), "");
  const socket = join(directory.path, "tmux");
  const tmux = (...args: string[]) => run("tmux", ["-S", socket, "-f", "/dev/null", ...args]);
  const size = ["-x", "160", "-y", "50"];
  const env = [
    "env",
    "-i",
    `HOME=${directory.path}`,
    `PATH=${programs}:${process.env["PATH"]}`,
    "TERM=screen",
    "HISTFILE=",
  ];
  await tmux("new-session", "-d", ...size, "-c", directory.path, [...env, shells[shell].start].join(" "));
  const terminal: Terminal = {
    type: async (text, ...keys) => {
      await tmux("send-keys", "-l", text);
      if (keys.length > 0) await tmux("send-keys", ...keys);
    },
    until: async (...words) => {
      for (const start = Date.now(); ; await delay(50)) {
        const { stdout } = await tmux("capture-pane", "-p");
        if (words.every((word) => stdout.includes(word))) return stdout;
        if (Date.now() - start > 10_000) throw new Error(`no ${words.join(", ")} in:\n${stdout}`);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await tmux("kill-server").catch(() => {}); // it may have ended
      await directory[Symbol.asyncDispose]();
    },
  };
  const first = shell === "zsh" ? "autoload -Uz compinit && compinit -u && " : "";
  await terminal.type(`${first}source completion.${shell} && echo sourced''`, "Enter");
  await terminal.until("sourced\n");
  await terminal.type("clear", "Enter");
  return terminal;
}

describe.each(["bash", "zsh", "fish"] as const)("completion in %s", (shell) => {
  const { keys } = shells[shell];

  test.each([
    { name: "commands", typed: "sage-slack ", offered: ["poll", "dry-run", "sync-master", "completion"] },
    { name: "flags", typed: "sage-slack poll --", offered: ["--only", "--first-run", "--json"] },
    { name: "the words a flag takes", typed: "sage-slack poll --only ", offered: sourceNames },
    { name: "the words of an argument", typed: "sage-slack outbox ", offered: ["retry", "drop"] },
  ])("offers $name", async ({ typed, offered }) => {
    await using terminal = await terminalWith(shell);

    await terminal.type(typed, ...keys);

    await expect(terminal.until(...offered)).resolves.not.toContain("finance.json");
  });

  test.each([
    { typed: "sage-slack sched", completed: "sage-slack schedule" },
    { typed: "sage-slack dry-run --first-run s", completed: "--first-run seed" },
    { typed: "sage-slack dry-run --config fi", completed: "--config finance.json" },
    {
      typed: "sage-slack poll --only ap-invoices gl",
      completed: "ap-invoices gl-journals",
      not: ["fish", "zsh"],
    },
  ])("completes $typed", async ({ typed, completed }) => {
    await using terminal = await terminalWith(shell);

    await terminal.type(typed, "Tab");

    await expect(terminal.until(completed)).resolves.toContain(completed);
  });
});

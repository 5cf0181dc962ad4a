import { basename } from "node:path";

import { Argument, Command } from "@commander-js/extra-typings";

import { AppError } from "../../errors.ts";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { powershellCompletion } from "../completion/powershell.ts";
import { vocabularyOf, type CommandWords } from "../completion/vocabulary.ts";
import { zshCompletion } from "../completion/zsh.ts";
import type { Host } from "../host.ts";
import type { Context } from "../program.ts";
import { sayWhole } from "../render/say.ts";
import { loadAllCommands } from "./index.ts";

const shells = ["bash", "zsh", "fish", "powershell"] as const;
type Shell = (typeof shells)[number];

const scripts: Readonly<Record<Shell, (program: string, commands: readonly CommandWords[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
};

const installing: Readonly<Record<Shell, string>> = {
  bash: "echo 'source <(sage-slack completion bash)' >> ~/.bashrc",
  zsh: 'sage-slack completion zsh > "${fpath[1]}/_sage-slack"',
  fish: "sage-slack completion fish > ~/.config/fish/completions/sage-slack.fish",
  powershell: "sage-slack completion powershell >> $PROFILE",
};

export function completionCommand(context: Context) {
  const { host } = context;
  return new Command("completion")
    .addArgument(new Argument("[shell]", "whose script; your own when left out").choices(shells))
    .addHelpText("after", examples)
    .action(async (named) => {
      const shell = named ?? shellOf(host.env);
      const script = scripts[shell]("sage-slack", vocabularyOf(await loadAllCommands(context)));
      if (host.stdout.isTTY === true && !host.argv.includes("--quiet")) {
        host.stderr.write(`To install it: ${installing[shell]}\n`);
      }
      sayWhole(context, { shell, script }, script.trimEnd().split("\n"));
    });
}

/** @throws AppError `usage` where the environment does not tell, or tells of one that is not known */
function shellOf(env: Host["env"]): Shell {
  const path = env["SHELL"] ?? (process.platform === "win32" ? "powershell" : "");
  const name = basename(path);
  const shell = shells.find((one) => one === name);
  if (shell !== undefined) return shell;
  throw new AppError(
    "usage",
    name === "" ? "SHELL does not tell which shell this is" : `there is no completion for ${name}`,
    {
      hint: `Name one of ${shells.join(", ")}: sage-slack completion bash`,
    },
  );
}

const examples = `
Examples:
  source <(sage-slack completion bash)     in this shell alone
${Object.values(installing)
  .map((line) => `  ${line}`)
  .join("\n")}`;

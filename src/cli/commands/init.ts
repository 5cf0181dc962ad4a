import { dirname, join } from "node:path";

import { Command } from "@commander-js/extra-typings";

import { placeOfNewConfig } from "../../config/load-config.ts";
import { schemaReference, startingConfig } from "../../config/starting-config.ts";
import { AppError } from "../../errors.ts";
import { createFile, ensureStateDirectory } from "../../runtime/durable-file.ts";
import { explained } from "../../runtime/file-failure.ts";
import { packageFolder } from "../../runtime/package-folder.ts";
import type { Context } from "../program.ts";
import { say } from "../render/say.ts";

export function initCommand(context: Context) {
  const { host } = context;
  return new Command("init")
    .option("--config <file>", "where to write it (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .addHelpText("after", examples)
    .action(async ({ config: explicitPath }) => {
      const path = placeOfNewConfig({ explicitPath, env: host.env, cwd: host.cwd() });
      const folder = dirname(path);
      const notes = await notesOn(folder);
      const schema = schemaReference(join(packageFolder, "schema.json"), folder);
      await writeOnce(path, startingConfig({ schema, timeZone: timeZone() }));
      const next = nextSteps(explicitPath === undefined ? "" : ` --config ${quoted(path)}`);
      const steps = next.flatMap(({ does, commands }, index) => [
        `${index + 1}. ${does}`,
        ...commands.map((command) => `   ${command}`),
      ]);
      say(context, { config: path, next, notes }, [
        `Wrote ${path}, a configuration to begin with.`,
        ...notes,
        ...(host.argv.includes("--quiet") ? [] : ["Next:", ...steps]),
      ]);
    });
}

/** The state is kept beside the configuration, and a run refuses a folder in which others may write. */
async function notesOn(folder: string): Promise<string[]> {
  try {
    await ensureStateDirectory(folder);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [`A run would refuse this folder: ${error.message}. ${error.hint ?? ""}`.trim()];
  }
}

async function writeOnce(path: string, text: string): Promise<void> {
  const isWritten = await createFile(path, text).catch((error: unknown) => {
    throw new AppError("config", `cannot write ${path} (${explained(error)})`, {
      hint: "Name a place in a folder of this user with --config FILE.",
      cause: error,
    });
  });
  if (isWritten) return;
  throw new AppError("config", `${path} is already there, and was left as it is`, {
    hint: '"sage-slack test" checks it; --config FILE writes another one.',
  });
}

function timeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

interface Step {
  readonly does: string;
  readonly commands: readonly string[];
}

function nextSteps(flag: string): Step[] {
  return [
    { does: "Open it, and fill in the address of Sage, the company and the channels.", commands: [] },
    {
      does: "Store the credentials, checked first, in the keychain of this user:",
      commands: [`sage-slack login sage --user WEBAPI${flag}`, `sage-slack login slack${flag}`],
    },
    {
      does: "Check everything that a scheduled run needs:",
      commands: [`sage-slack test${flag}`],
    },
  ];
}

/** As every shell takes it. */
function quoted(path: string): string {
  return /^[\w./\\:-]+$/.test(path) ? path : `"${path}"`;
}

const examples = `
Call it as the user that the scheduler will use, in a folder in which only this
user may write: the state is kept beside the configuration.

Examples:
  sage-slack init
  sage-slack init --config /etc/sage-slack/sage-slack.json`;

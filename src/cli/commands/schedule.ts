import { homedir } from "node:os";
import { join } from "node:path";

import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";

import { loadConfig, locateConfig, type LoadedConfig } from "../../config/load-config.ts";
import { AppError } from "../../errors.ts";
import { ensureStateDirectory } from "../../runtime/durable-file.ts";
import { packageFolder } from "../../runtime/package-folder.ts";
import { entryFor } from "../../schedule/entry.ts";
import { installEntry, removeEntry } from "../../schedule/install.ts";
import { secretFilesIn } from "../../schedule/secrets-reach.ts";
import {
  isAtHome,
  isEvenInterval,
  logons,
  nameOf,
  schedulerOf,
  schedulers,
  usualMaxDuration,
  type Logon,
  type ScheduledRun,
  type Scheduler,
} from "../../schedule/scheduled-run.ts";
import type { Host } from "../host.ts";
import type { Context } from "../program.ts";
import { renderEntry, renderRemoval, schedulerWords } from "../render/schedule.ts";
import { parseDuration } from "../run-options.ts";

interface ScheduleFlags {
  readonly config?: string | undefined;
  readonly for?: Scheduler | undefined;
  readonly every: number;
  readonly maxDuration: number;
  readonly logon?: Logon | undefined;
  readonly install?: true | undefined;
  readonly remove?: true | undefined;
}

export function scheduleCommand(context: Context) {
  return new Command("schedule")
    .option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .addOption(
      new Option("--for <scheduler>", "whose entry (default: the usual one of this system)").choices(
        schedulers,
      ),
    )
    .addOption(new Option("--every <minutes>", "how often").argParser(parseInterval).default(5))
    .addOption(
      new Option("--max-duration <seconds>", 'of each poll; "none" for no limit')
        .argParser(parseDuration)
        .default(usualMaxDuration),
    )
    .addOption(
      new Option(
        "--logon <kind>",
        "windows: run always, with the account's password stored (default); run always, without it; run only while the account is logged on",
      ).choices(logons),
    )
    .addOption(new Option("--install", "make the entry for this user, or bring it up to date"))
    .addOption(new Option("--remove", "remove the entry of this configuration").conflicts("install"))
    .addHelpText("after", examples)
    .action(async (options) => {
      const scheduler = options.for ?? schedulerOf(process.platform);
      checkFlags(options, scheduler);
      if (options.remove === true) return remove(options, scheduler, context);
      const { host } = context;
      const loaded = await loadConfig({ explicitPath: options.config, env: host.env, cwd: host.cwd() });
      const run = runOf(options, { scheduler, loaded, host });
      const entry = entryFor(scheduler, run, host.env);
      if (options.install === true) {
        // Whoever writes the output first needs its folder.
        if (scheduler !== "systemd") await ensureStateDirectory(loaded.stateDirectory);
        await installEntry(scheduler, { entry, config: run.config, logon: run.logon }, machineOf(host));
      }
      renderEntry({ scheduler, run, entry, loaded, isInstalled: options.install === true }, context);
    });
}

async function remove(options: ScheduleFlags, scheduler: Scheduler, context: Context): Promise<void> {
  const { host } = context;
  // What is in it does not matter any more, and it may be gone.
  const config = await locateConfig({ explicitPath: options.config, env: host.env, cwd: host.cwd() });
  const wasThere = await removeEntry(scheduler, config, machineOf(host));
  renderRemoval({ scheduler, config, wasThere }, context);
}

function machineOf({ env, stdin }: Host) {
  return { env, isTerminal: stdin.isTTY === true };
}

function runOf(
  options: ScheduleFlags,
  { scheduler, loaded, host }: { scheduler: Scheduler; loaded: LoadedConfig; host: Host },
): ScheduledRun {
  const { path: config, stateDirectory } = loaded;
  const logs = join(host.env["HOME"] ?? homedir(), "Library/Logs");
  return {
    node: process.execPath,
    script: join(packageFolder, "bin/sage-slack.js"),
    config,
    everyMinutes: options.every,
    maxDuration: options.maxDuration,
    outputFile:
      scheduler === "launchd"
        ? join(logs, `${nameOf(config)}.log`)
        : join(stateDirectory, "sage-slack.output.log"),
    secretFiles: secretFilesIn(host.env, host.cwd()),
    logon: options.logon ?? "password",
  };
}

/** @throws AppError `usage` for what belongs to another system */
function checkFlags({ logon, install, remove: isRemoval }: ScheduleFlags, scheduler: Scheduler): void {
  if (logon !== undefined && scheduler !== "windows") {
    throw new AppError(
      "usage",
      `--logon belongs to --for windows; this entry is for ${schedulerWords[scheduler]}`,
      {
        hint: "Leave it out, or add --for windows.",
      },
    );
  }
  if ((install === true || isRemoval === true) && !isAtHome(scheduler, process.platform)) {
    throw new AppError("usage", `${schedulerWords[scheduler]} is not on this machine (${process.platform})`, {
      hint: `Without ${install === true ? "--install" : "--remove"} the entry is printed; take it to the machine that it is for.`,
    });
  }
}

function parseInterval(text: string): number {
  const minutes = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (isEvenInterval(minutes)) return minutes;
  throw new InvalidArgumentError(
    "It takes minutes that divide an hour (1 2 3 4 5 6 10 12 15 20 30 60) or a day (120 180 240 360 480 720 1440).",
  );
}

const examples = `
The entry is for the user who calls this, and for the paths of this machine;
each configuration has its own. It names node, the script and the configuration
in full, and takes over the paths in SAGE_SLACK_..._FILE, but no secret. It is
printed on standard output, what to do with it on standard error.

Examples:
  sage-slack schedule                          for this system's scheduler
  sage-slack schedule --install                also makes it so
  sage-slack schedule --remove
  sage-slack schedule --for systemd --every 15 --install
  sage-slack schedule --for windows --logon no-password > sage-slack-task.xml`;

import { InvalidArgumentError, Option, type Command } from "@commander-js/extra-typings";

import type { AssembleOptions } from "../pipeline/assemble.ts";
import type { Selection } from "../pipeline/poll-source.ts";
import { sourceNames, type SourceName } from "../sage/sources/index.ts";
import type { Context } from "./program.ts";
import { loggerFor } from "./render/log-lines.ts";

/** The flags that `poll` and `dry-run` share, so that the plan of one is the plan of the other. */
export interface RunFlags {
  readonly config?: string | undefined;
  readonly only?: readonly SourceName[] | undefined;
  readonly all: boolean;
  readonly firstRun: "seed" | "post";
  readonly maxDuration: number;
}

/** Adds them to a command. */
export function withSelection(command: Command) {
  return command
    .addOption(
      new Option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)"),
    )
    .addOption(new Option("--only <source...>", "only these sources, if they are due").choices(sourceNames))
    .addOption(new Option("--all", "every source, whether its schedule is due or not").default(false))
    .addOption(
      new Option(
        "--first-run <what>",
        "for a source never read before: note what there is, or post all of it",
      )
        .choices(["seed", "post"] as const)
        .default("seed" as const),
    )
    .addOption(
      new Option(
        "--max-duration <seconds>",
        'stop cleanly after so long; the next run goes on; "none" for no limit',
      )
        .argParser(parseDuration)
        .default(240),
    );
}

export function selectionOf(flags: RunFlags, enabled: readonly string[]): Selection {
  const wanted: readonly string[] = flags.only ?? enabled;
  return {
    sources: enabled.filter((name) => wanted.includes(name)),
    ignoreSchedules: flags.all,
    firstRun: flags.firstRun,
  };
}

export function assembleOptions(flags: RunFlags, context: Context): AssembleOptions {
  const { host } = context;
  return {
    env: host.env,
    cwd: host.cwd(),
    explicitPath: flags.config,
    maxDurationSeconds: flags.maxDuration,
    signal: host.signal,
    logger: loggerFor(context),
    remember: (secret) => void context.secrets.add(secret),
  };
}

function parseDuration(text: string): number {
  if (text === "none") return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new InvalidArgumentError('It takes a number of seconds, or "none".');
  return Number(text);
}

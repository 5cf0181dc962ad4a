import { InvalidArgumentError, Option, type Command } from "@commander-js/extra-typings";

import { isChannel } from "../config/config.ts";
import { AppError } from "../errors.ts";
import type { AssembleOptions } from "../pipeline/assemble.ts";
import type { BackfillOrder, Selection } from "../pipeline/source-poll.ts";
import { sourceNames, type SourceName } from "../sage/sources/index.ts";
import { isCalendarDate, type IsoDate } from "../transactions/date.ts";
import type { Context } from "./program.ts";
import { loggerFor } from "./render/log-lines.ts";

/** The flags that `poll` and `dry-run` share, so that the plan of one is the plan of the other. */
export interface RunFlags {
  readonly config?: string | undefined;
  readonly only?: readonly SourceName[] | undefined;
  readonly all: boolean;
  readonly firstRun: "seed" | "post";
  readonly maxDuration: number;
  readonly since?: IsoDate | undefined;
  readonly until?: IsoDate | undefined;
  readonly resend: boolean;
  readonly channel?: string | undefined;
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
    )
    .addOption(
      new Option(
        "--since <date>",
        "announce history instead: documents of this date and later that were not announced yet; cursors stay",
      ).argParser(parseDate),
    )
    .addOption(new Option("--until <date>", "with --since: documents before this date").argParser(parseDate))
    .addOption(new Option("--resend", "with --since: also what was announced before").default(false))
    .addOption(
      new Option(
        "--channel <channel>",
        "with --since, for trying out: everything goes there, marked as a trial, and nothing remembers it",
      ).argParser(parseChannel),
    );
}

export function selectionOf(flags: RunFlags, enabled: readonly string[], context: Context): Selection {
  const wanted: readonly string[] = flags.only ?? enabled;
  // A scheduler's entry for a source may outlive the source: a reason to say so, not to fail.
  const unfollowed = wanted.filter((name) => !enabled.includes(name));
  if (unfollowed.length > 0) {
    loggerFor(context).warn(
      `${unfollowed.join(", ")} is not followed, so nothing of it is read; "sources" in the configuration says what is`,
    );
  }
  return {
    sources: enabled.filter((name) => wanted.includes(name)),
    ignoreSchedules: flags.all,
    firstRun: flags.firstRun,
    backfill: backfillOf(flags),
  };
}

/** @throws AppError `usage` for flags that say nothing without another one, and for a range that holds no day */
function backfillOf({ since, until, resend, channel }: RunFlags): BackfillOrder | null {
  if (since === undefined) {
    const given = { "--until": until !== undefined, "--resend": resend, "--channel": channel !== undefined };
    const [lonely] = Object.entries(given).find(([, isGiven]) => isGiven) ?? [];
    if (lonely === undefined) return null;
    throw new AppError("usage", `${lonely} needs --since`, {
      hint: "Add --since with the date of the first documents to announce, like --since 2026-10-01.",
    });
  }
  if (until !== undefined && until <= since) {
    throw new AppError("usage", `--until ${until} is not after --since ${since}: no day lies between them`, {
      hint: "--until names the first day that is left out.",
    });
  }
  return { since, until: until ?? null, isResend: resend, trialChannel: channel ?? null };
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

function parseDate(text: string): IsoDate {
  if (isCalendarDate(text)) return text;
  throw new InvalidArgumentError("It takes a date like 2026-10-01.");
}

function parseChannel(text: string): string {
  if (isChannel(text)) return text;
  throw new InvalidArgumentError('It takes "#name" or a channel id.');
}

/** Seconds; infinite for `none`. */
export function parseDuration(text: string): number {
  if (text === "none") return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new InvalidArgumentError('It takes a number of seconds, or "none".');
  return Number(text);
}

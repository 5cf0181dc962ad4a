import { Command } from "@commander-js/extra-typings";

import { readStatus, type BackfillStatus, type SourceStatus, type Status } from "../../pipeline/status.ts";
import { meaningOf } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { say } from "../render/say.ts";

export function statusCommand(context: Context) {
  const { host } = context;
  return new Command("status")
    .description("Tell where every source stands and what is not delivered; asks neither Sage nor Slack")
    .option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .addHelpText("after", examples)
    .action(async (options) => {
      const status = await readStatus({ env: host.env, cwd: host.cwd(), explicitPath: options.config });
      say(context, status, linesOf(status));
    });
}

function linesOf(status: Status): string[] {
  return [
    runLine(status),
    ...(status.run === null ? [] : [lockLine(status.run)]),
    ...(status.recoveryNote === null ? [] : [status.recoveryNote]),
    ...(status.credentialsRefused
      ? [
          "Sage refused the user and password. It is not asked again until they change, because that can lock the " +
            'account: "sage-slack login sage" checks and stores other ones.',
        ]
      : []),
    ...status.sources.map(sourceLine),
    ...status.backfills.map(backfillLine),
    ...openLines(status),
    `State in ${status.stateDirectory}.`,
  ];
}

function runLine({ lastRun, sources }: Status): string {
  if (lastRun !== null) {
    const { endedAt, exitCode } = lastRun;
    return `Last run ended ${endedAt} with exit code ${exitCode} (${meaningOf(exitCode)}).`;
  }
  const isNew = sources.every(({ highWater }) => highWater === null);
  return isNew
    ? "No run so far. The first one posts nothing old: it takes note of what is there."
    : "No run has come to its end so far.";
}

function lockLine({ process, isDead }: NonNullable<Status["run"]>): string {
  if (process === null) return "A lock is held, and its file does not tell by whom.";
  const { pid, host, since } = process;
  return isDead
    ? `A run (process ${pid}) was broken off after ${since}; the next one goes on from there.`
    : `A run is going on: process ${pid} on ${host} since ${since}.`;
}

const words = { pending: "waiting", inflight: "uncertain", dead: "dead" } as const;

function openLines({ open }: Status): string[] {
  if (open.length === 0) return ["Everything is delivered."];
  return [
    'Not delivered ("sage-slack outbox" shows each message):',
    ...open.map(
      ({ channel, status, reason, count, happens }) =>
        `  ${channel}: ${count} ${words[status]}${reason === null ? "" : ` (${reason})`}. ${happens}`,
    ),
  ];
}

function sourceLine({
  company,
  source,
  channel,
  highWater,
  watched,
  lastRead,
  nextDue,
}: SourceStatus): string {
  const place = `${company} ${source} -> ${channel}`;
  if (highWater === null || lastRead === null) return `${place}: not read yet`;
  const due = nextDue === null ? "" : `, next due ${nextDue}`;
  return `${place}: up to ${marksOf(highWater)}, ${watched} open, read ${lastRead}${due}`;
}

function backfillLine({ place, since, until, readUpTo }: BackfillStatus): string {
  const range = `${place} since ${since}${until === null ? "" : ` until ${until}`}`;
  const marks = marksOf(readUpTo);
  const read = marks === "" ? "not read yet" : `read up to ${marks}`;
  return `History of ${range}: ${read}; every poll goes on with it ("sage-slack outbox drop ${place}" ends it)`;
}

function marksOf(marks: Readonly<Record<string, string>>): string {
  return Object.entries(marks)
    .map(([selector, mark]) => `${selector} ${mark}`.trim())
    .join(" and ");
}

const examples = `
Examples:
  sage-slack status
  sage-slack status --json`;

import { Command } from "@commander-js/extra-typings";

import { readStatusOf } from "../../pipeline/status-of.ts";
import { readStatus, type BackfillStatus, type SourceStatus, type Status } from "../../pipeline/status.ts";
import { meaningOf } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { explanationLines } from "../render/explanation.ts";
import { say } from "../render/say.ts";

export function statusCommand(context: Context) {
  const { host } = context;
  return new Command("status")
    .argument("[id]", "explain one document: a transaction id, a batch number, or a document number")
    .option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .addHelpText("after", examples)
    .action(async (id, options) => {
      if (id !== undefined) return explainOne(context, id, options.config);
      const status = await readStatus({ env: host.env, cwd: host.cwd(), explicitPath: options.config });
      say(context, status, linesOf(status).map(withoutMilliseconds));
    });
}

async function explainOne(context: Context, id: string, explicitPath: string | undefined): Promise<void> {
  const { host, secrets } = context;
  const remember = (secret: string) => void secrets.add(secret);
  const found = await readStatusOf(id, { env: host.env, cwd: host.cwd(), explicitPath, remember });
  say(context, found, explanationLines(found).map(withoutMilliseconds));
}

/** People look at the minute; `--json` has the rest. */
function withoutMilliseconds(line: string): string {
  return line.replaceAll(/(T\d\d:\d\d:\d\d)\.\d{3}Z/g, "$1Z");
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
    ...status.troubles.map(troubleLine),
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

function troubleLine({ subject, words, since, runs }: Status["troubles"][number]): string {
  return `${subject}: ${words} Since ${since}, ${runs} ${runs === 1 ? "run" : "runs in a row"}.`;
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
An ID is explained from what is remembered: when its source was read, where it
was announced, by which route, or why not. Slack is asked for the addresses of
its messages where the token is at hand. docs/json.md describes what --json
prints.

Examples:
  sage-slack status
  sage-slack status 28                              a batch by its number
  sage-slack status IN1003                          an invoice, check, receipt
                                                    or order by its number
  sage-slack status v1:SAMINC:ap-payments:PY-83:2   one entry
  sage-slack status --json`;

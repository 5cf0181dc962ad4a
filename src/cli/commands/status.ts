import { Command } from "@commander-js/extra-typings";

import { readStatus, type SourceStatus, type Status } from "../../pipeline/status.ts";
import type { Context } from "../program.ts";
import { say } from "../render/say.ts";

export function statusCommand(context: Context) {
  const { host } = context;
  return new Command("status")
    .description("Tell where every source stands and what is not delivered; asks neither Sage nor Slack")
    .option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .addHelpText("after", examples)
    .action(async (options) => {
      const status = await readStatus({ env: host.env, cwd: host.cwd(), configPath: options.config });
      say(context, status, linesOf(status));
    });
}

function linesOf({ lastRun, sources, outbox, credentialsRefused, stateDirectory }: Status): string[] {
  const open = outbox.pending + outbox.inflight + outbox.dead;
  return [
    lastRun === null
      ? "No run so far."
      : `Last run ended ${lastRun.endedAt} with exit code ${lastRun.exitCode}.`,
    ...(credentialsRefused
      ? ['Sage refused the user and password: "sage-slack login sage" stores other ones.']
      : []),
    ...sources.map(sourceLine),
    open === 0
      ? "Everything is delivered."
      : `Outbox: ${outbox.pending} waiting, ${outbox.inflight} uncertain, ${outbox.dead} dead; "sage-slack outbox" tells more.`,
    `State in ${stateDirectory}.`,
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
  const upTo = Object.entries(highWater).map(([selector, mark]) => `${selector} ${mark}`.trim());
  const due = nextDue === null ? "" : `, next due ${nextDue}`;
  return `${place}: up to ${upTo.join(" and ")}, ${watched} open, read ${lastRead}${due}`;
}

const examples = `
Examples:
  sage-slack status
  sage-slack status --json`;

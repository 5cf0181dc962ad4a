import { resolve } from "node:path";

import { Command } from "@commander-js/extra-typings";

import { syncMaster, type SyncReport } from "../../pipeline/sync-master.ts";
import { endingCode, worstOf } from "../exit-code.ts";
import { logFailures } from "../log.ts";
import { logFileOption, openLog } from "../open-log.ts";
import type { Context } from "../program.ts";
import { loggerFor } from "../render/log-lines.ts";
import { renderFailures } from "../render/run.ts";
import { say } from "../render/say.ts";
import { withSpinner } from "../render/spinner.ts";
import { syncLines } from "../render/sync.ts";

/** Long enough to keep to Slack's pace in a large workspace. */
const maxDurationSeconds = 1800;

export function syncMasterCommand(context: Context) {
  const { host } = context;
  return new Command("sync-master")
    .option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .option("--export <file>", "write the directory spreadsheet, keeping what is filled in there")
    .addOption(logFileOption())
    .addHelpText("after", examples)
    .action(async (options) => {
      openLog(context, "sync-master", options.logFile);
      const report = await withSpinner(host, "Reading names from Sage and Slack", () =>
        syncMaster({
          env: host.env,
          cwd: host.cwd(),
          explicitPath: options.config,
          maxDurationSeconds,
          signal: host.signal,
          logger: loggerFor(context),
          remember: (secret) => void context.secrets.add(secret),
          exportPath: options.export === undefined ? null : resolve(host.cwd(), options.export),
        }),
      );
      context.exitCode = worstOf(report.failures.map(({ kind }) => kind));
      logFailures(context, report.failures);
      show(report, context);
    });
}

function show(report: SyncReport, context: Context): void {
  const { host } = context;
  const exitCode = endingCode(host.signal, context.exitCode);
  const isJson = host.argv.includes("--json");
  if (!isJson) renderFailures(report.failures, context);
  if (isJson || !host.argv.includes("--quiet")) say(context, { exitCode, ...report }, syncLines(report));
}

const examples = `
poll needs none of this: it reads the names that it needs. The cache can be
deleted at any time.

Examples:
  sage-slack sync-master                          what is new, changed or gone,
                                                  and what leads nowhere
  sage-slack sync-master --export directory.csv   makes the spreadsheet, or adds
                                                  what is new to it`;

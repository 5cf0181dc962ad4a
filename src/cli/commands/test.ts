import { Command } from "@commander-js/extra-typings";

import { runChecks } from "../../pipeline/checks/run-checks.ts";
import type { Check } from "../../pipeline/checks/check.ts";
import { exitCodes } from "../exit-code.ts";
import { logFileOption, openLog } from "../open-log.ts";
import type { Context } from "../program.ts";
import { renderChecks } from "../render/checks.ts";
import { withSpinner } from "../render/spinner.ts";

export function testCommand(context: Context) {
  const { host, secrets } = context;
  return new Command("test")
    .option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .option("--send <channel>", "also post one sample message for each source there, marked as a sample")
    .addOption(logFileOption())
    .addHelpText("after", examples)
    .action(async (options) => {
      openLog(context, "test", options.logFile);
      const checks = await withSpinner(host, "Asking Sage and Slack", () =>
        runChecks({
          env: host.env,
          cwd: host.cwd(),
          explicitPath: options.config,
          signal: host.signal,
          remember: (secret) => void secrets.add(secret),
          sendTo: options.send === undefined ? undefined : channelOf(options.send),
        }),
      );
      if (checks.some(({ outcome }) => outcome === "failed")) context.exitCode = exitCodes.failedCheck;
      logChecks(checks, context);
      renderChecks(checks, context);
    });
}

function logChecks(checks: readonly Check[], { log }: Context): void {
  const levels = { passed: "info", warning: "warn", failed: "error" } as const;
  for (const { name, outcome, detail, hint } of checks)
    log?.({ level: levels[outcome], source: name, message: detail, ...(hint === null ? {} : { hint }) });
}

/** A shell takes `#treasury` for a comment where it is not quoted. */
function channelOf(given: string): string {
  return /^(#|[CGD][A-Z0-9]{6,}$)/.test(given) ? given : `#${given}`;
}

const examples = `
Run it as the user, and on the machine, of the scheduler. It reads one record of
each kind from Sage, posts nothing without --send, and does not disturb a run.
Exits 0, also with warnings, and 9 when a check failed. Credentials that Sage
refused before are tried once, and runs use them again when Sage takes them.

Examples:
  sage-slack test
  sage-slack test --send finance-ops
  sage-slack test --json`;

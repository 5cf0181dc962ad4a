import { Command } from "@commander-js/extra-typings";

import type { Config } from "../../config/config.ts";
import type { RunMonitor } from "../../monitor/run-monitor.ts";
import { assembleRun } from "../../pipeline/assemble.ts";
import type { RunReport } from "../../pipeline/report.ts";
import { runOnce } from "../../pipeline/run-once.ts";
import { codeOfFailure, endingCode, worstOf } from "../exit-code.ts";
import { logRun } from "../log.ts";
import { monitorOf, summaryOf, watchAs } from "../monitor-of.ts";
import { logFileOption, openLog } from "../open-log.ts";
import type { Context } from "../program.ts";
import { renderRun } from "../render/run.ts";
import { withSpinner } from "../render/spinner.ts";
import { assembleOptions, selectionOf, withSelection, type RunFlags } from "../run-options.ts";

export function pollCommand(context: Context) {
  return withSelection(new Command("poll"))
    .addHelpText("after", examples)
    .addOption(logFileOption())
    .action(async (options) => {
      openLog(context, "poll", options.logFile);
      const { signal } = context.host;
      const monitor = monitorOf(context);
      let report: RunReport | null = null;
      try {
        report = await pollOnce(options, context, monitor);
      } catch (error) {
        context.exitCode = codeOfFailure(error);
        throw error;
      } finally {
        const code = endingCode(signal, context.exitCode);
        await monitor.end(code, summaryOf(code, report));
      }
    });
}

async function pollOnce(flags: RunFlags, context: Context, monitor: RunMonitor): Promise<RunReport> {
  const onConfig = (config: Config) => watchAs(config, monitor, context);
  const run = await assembleRun({ ...assembleOptions(flags, context), onConfig });
  try {
    const selection = selectionOf(flags, run.enabledSources, context);
    monitor.begin();
    const report = await withSpinner(context.host, "Reading Sage, telling Slack", () =>
      runOnce(run.ports, selection),
    );
    context.exitCode = worstOf(report.failures.map(({ kind }) => kind));
    logRun(context, report);
    renderRun(report, context);
    return report;
  } catch (error) {
    context.exitCode = codeOfFailure(error);
    throw error;
  } finally {
    await run.finish(endingCode(context.host.signal, context.exitCode));
  }
}

const examples = `
Examples:
  sage-slack poll                          what the scheduler calls
  sage-slack poll --only ap-invoices       one source
  sage-slack poll --all --verbose          everything now, telling each step
  sage-slack poll --since 2026-10-01 --until 2026-11-01
                                           announce October
  sage-slack poll --since 2026-11-01 --channel "#sandbox"
                                           on trial, and remembered by nothing`;

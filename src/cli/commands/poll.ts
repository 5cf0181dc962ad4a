import { Command } from "@commander-js/extra-typings";

import { assembleRun } from "../../pipeline/assemble.ts";
import { runOnce } from "../../pipeline/run-once.ts";
import { codeOfFailure, codeOfSignal, worstOf } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { renderRun } from "../render/run.ts";
import { withSpinner } from "../render/spinner.ts";
import { assembleOptions, selectionOf, withSelection } from "../run-options.ts";

export function pollCommand(context: Context) {
  return withSelection(new Command("poll"))
    .addHelpText("after", examples)
    .action(async (options) => {
      const run = await assembleRun(assembleOptions(options, context));
      try {
        const selection = selectionOf(options, run.enabledSources);
        const report = await withSpinner(context.host, "Reading Sage, telling Slack", () =>
          runOnce(run.ports, selection),
        );
        context.exitCode = worstOf(report.failures.map(({ kind }) => kind));
        renderRun(report, context);
      } catch (error) {
        context.exitCode = codeOfFailure(error);
        throw error;
      } finally {
        const { signal } = context.host;
        await run.finish(signal.aborted ? codeOfSignal(signal) : context.exitCode);
      }
    });
}

const examples = `
Examples:
  sage-slack poll                          what the scheduler calls
  sage-slack poll --only ap-invoices       one source
  sage-slack poll --all --verbose          everything now, telling each step
  sage-slack poll --since 2026-10-01 --until 2026-11-01      announce October
  sage-slack poll --since 2026-11-01 --channel "#sandbox"    the same on trial, remembered by nothing`;

import { Command } from "@commander-js/extra-typings";

import { assembleDryRun } from "../../pipeline/assemble.ts";
import { dryRun } from "../../pipeline/dry-run.ts";
import { worstOf } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { renderPreview } from "../render/preview.ts";
import { withSpinner } from "../render/spinner.ts";
import { assembleOptions, selectionOf, withSelection } from "../run-options.ts";

export function dryRunCommand(context: Context) {
  return withSelection(
    new Command("dry-run").description("Show what poll would post; nothing is posted or written"),
  )
    .addHelpText("after", examples)
    .action(async (options) => {
      const run = await assembleDryRun(assembleOptions(options, context));
      try {
        const selection = selectionOf(options, run.enabledSources);
        const preview = await withSpinner(context.host, "Reading Sage", () => dryRun(run.ports, selection));
        context.exitCode = worstOf(preview.failures.map(({ kind }) => kind));
        renderPreview(preview, context);
      } finally {
        await run.finish(context.exitCode);
      }
    });
}

const examples = `
Examples:
  sage-slack dry-run                        the messages of the next run
  sage-slack dry-run --all --json           of every source, as JSON with the payloads
  sage-slack dry-run --first-run post       samples on a new installation
  sage-slack dry-run --since 2026-10-01     what announcing history would post`;

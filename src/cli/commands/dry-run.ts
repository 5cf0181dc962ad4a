import { Command } from "@commander-js/extra-typings";

import { assembleDryRun } from "../../pipeline/assemble.ts";
import { dryRun } from "../../pipeline/dry-run.ts";
import { readRouteTests } from "../../pipeline/route-tests.ts";
import { exitCodes, worstOf } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { renderPreview } from "../render/preview.ts";
import { routeTestLines } from "../render/route-tests.ts";
import { say } from "../render/say.ts";
import { withSpinner } from "../render/spinner.ts";
import { assembleOptions, selectionOf, withSelection } from "../run-options.ts";

export function dryRunCommand(context: Context) {
  return withSelection(
    new Command("dry-run").description("Show what poll would post; nothing is posted or written"),
  )
    .option("--route-tests", "only try the routeTests of the configuration; reads nothing from Sage")
    .addHelpText("after", examples)
    .action(async (options) => {
      if (options.routeTests === true) return showRouteTests(context, options.config);
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

async function showRouteTests(context: Context, explicitPath: string | undefined): Promise<void> {
  const { host } = context;
  const results = await readRouteTests({ env: host.env, cwd: host.cwd(), explicitPath });
  if (results.some(({ isPassed }) => !isPassed)) context.exitCode = exitCodes.failedCheck;
  say(context, { exitCode: context.exitCode, routeTests: results }, routeTestLines(results));
}

const examples = `
Examples:
  sage-slack dry-run                        the messages of the next run
  sage-slack dry-run --all --json           of every source, as JSON with the payloads
  sage-slack dry-run --first-run post       samples on a new installation
  sage-slack dry-run --route-tests          the route tests alone; exits 9 when one fails`;

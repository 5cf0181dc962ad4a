import { resolve } from "node:path";

import { Command, Option } from "@commander-js/extra-typings";

import { assembleDryRun } from "../../pipeline/assemble.ts";
import { dryRun } from "../../pipeline/dry-run.ts";
import { readRouteTests } from "../../pipeline/route-tests.ts";
import { expectPlaceForPage, writePage } from "../../runtime/page-file.ts";
import { redactor } from "../../runtime/redact.ts";
import { exitCodes, worstOf } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { previewPage } from "../render/preview-page.ts";
import { renderPreview } from "../render/preview.ts";
import { routeTestLines } from "../render/route-tests.ts";
import { say } from "../render/say.ts";
import { withSpinner } from "../render/spinner.ts";
import { assembleOptions, selectionOf, withSelection } from "../run-options.ts";

export function dryRunCommand(context: Context) {
  return withSelection(new Command("dry-run"))
    .addOption(
      new Option("--format <format>", "messages as people read them, or the payloads as JSON")
        .choices(["text", "blocks"] as const)
        .default("text" as const),
    )
    .option("--html <file>", "write a page that looks like Slack (it holds what the books say)")
    .option("--route-tests", "only try the routeTests of the configuration; reads nothing from Sage")
    .addHelpText("after", examples)
    .action(async (options) => {
      if (options.routeTests === true) return showRouteTests(context, options.config);
      const page = options.html === undefined ? null : resolve(context.host.cwd(), options.html);
      if (page !== null) await expectPlaceForPage(page);
      const run = await assembleDryRun(assembleOptions(options, context));
      try {
        const selection = selectionOf(options, run.enabledSources, context);
        const preview = await withSpinner(context.host, "Reading Sage", () => dryRun(run.ports, selection));
        context.exitCode = worstOf(preview.failures.map(({ kind }) => kind));
        if (page !== null) await writePage(page, previewPage(preview, redactor(context.secrets)));
        renderPreview(preview, context, { format: options.format, page });
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
docs/json.md describes what --json prints.

Examples:
  sage-slack dry-run                        the messages of the next run
  sage-slack dry-run --all --json           of every source, as JSON
  sage-slack dry-run --first-run post       samples on a new installation
  sage-slack dry-run --html preview.html    a page to look at in a browser
  sage-slack dry-run --since 2026-10-01     what announcing history would post
  sage-slack dry-run --route-tests          the route tests alone; 9: one fails`;

import { resolve } from "node:path";

import { Command } from "@commander-js/extra-typings";

import { runDemo } from "../../pipeline/demo.ts";
import { expectPlaceForPage, writePage } from "../../runtime/page-file.ts";
import { worstOf } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { loggerFor } from "../render/log-lines.ts";
import { say } from "../render/say.ts";
import { withSpinner } from "../render/spinner.ts";
import { syncLines } from "../render/sync.ts";

export function demoCommand(context: Context) {
  const { host } = context;
  return new Command("demo")
    .option("--page <file>", "where to leave the page of the Slack channels", "sage-slack-demo.html")
    .addHelpText("after", examples)
    .action(async (options) => {
      const page = resolve(host.cwd(), options.page);
      await expectPlaceForPage(page);
      const demo = await withSpinner(host, "Running against the simulators", () =>
        runDemo({ logger: loggerFor(context), signal: host.signal }),
      );
      await writePage(page, demo.page);
      const { names, baseline, run } = demo;
      const failures = [...names.failures, ...baseline.failures, ...run.failures];
      context.exitCode = worstOf(failures.map(({ kind }) => kind));
      say(context, { exitCode: context.exitCode, names, baseline, run, page }, [
        "sync-master: reads the names of both sides into the cache.",
        ...syncLines(names).map((line) => `  ${line}`),
        "",
        "First poll: takes note of what is in the books, and says so once in each channel.",
        ...demo.baseline.posted.map(({ channel, text }) => `  ${channel}  ${text}`),
        "",
        "Then people work in Sage: invoices, payments, journals, receipts and an order.",
        "",
        `Dry run: ${demo.preview.messages.length} messages would be posted.`,
        "",
        "Second poll:",
        ...demo.run.posted.map(({ channel, text }) => `  ${channel}  ${text}`),
        "",
        `Posted ${demo.run.posted.length} messages; nothing left the machine.`,
        `The Slack channels are in ${page}: open it in a browser.`,
      ]);
    });
}

const examples = `
Examples:
  sage-slack demo
  sage-slack demo --page channels.html`;

import type { ChalkInstance } from "chalk";

import type { Failure, RunReport } from "../../pipeline/report.ts";
import { redactor } from "../../runtime/redact.ts";
import { endingCode } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { jsonText } from "./json-text.ts";
import { paintFor } from "./paint.ts";
import { terminalText } from "./terminal-text.ts";
import { wrapLines } from "./wrap.ts";

/** Shows what a run did: a JSON document, or a line for each message and each source that had something. */
export function renderRun(report: RunReport, context: Context): void {
  const { host, secrets } = context;
  const redact = redactor(secrets);
  if (host.argv.includes("--json")) {
    const exitCode = endingCode(host.signal, context.exitCode);
    host.stdout.write(jsonText({ exitCode, ...report }, redact));
    return;
  }
  renderFailures(report.failures, context);
  if (host.argv.includes("--quiet")) return;
  const lines = resultLines(report, paintFor(host, host.stdout));
  host.stdout.write(lines.map((line) => `${wrapLines(redact(line), host.stdout)}\n`).join(""));
}

/** What failed and what to do about it, on standard error. */
export function renderFailures(failures: readonly Failure[], { host, secrets }: Context): void {
  const paint = paintFor(host, host.stderr);
  const redact = redactor(secrets);
  for (const { scope, message, hint } of failures) {
    const shown = (text: string) => terminalText(redact(text));
    const lines = [
      `${paint.red(shown(scope))}: ${shown(message)}`,
      ...(hint === null ? [] : [`  ${shown(hint)}`]),
    ];
    host.stderr.write(`${wrapLines(lines.join("\n"), host.stderr)}\n`);
  }
}

function resultLines({ posted, outbox, sources }: RunReport, paint: ChalkInstance): string[] {
  const waiting = outbox.pending + outbox.inflight;
  const read = sources.filter(({ outcome }) => outcome === "read").length;
  return [
    ...posted.map(({ channel, text }) => `${paint.cyan(terminalText(channel))}  ${terminalText(text)}`),
    posted.length === 0
      ? `${waiting === 0 ? "Nothing to post" : "Nothing posted"}; ${counted(read, "source")} read.`
      : `Posted ${counted(posted.length, "message")}.`,
    ...(waiting === 0 ? [] : [`${waiting} waiting for the next run.`]),
    ...(outbox.dead === 0
      ? []
      : [paint.red(`${counted(outbox.dead, "dead letter")}: see "sage-slack outbox".`)]),
    ...(sources.some(({ outcome }) => outcome === "baseline")
      ? ['Next: "sage-slack schedule" prints the entry with which a scheduler calls poll.']
      : []),
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

import type { Failure, RunReport } from "../../pipeline/report.ts";
import { redactor } from "../../runtime/redact.ts";
import type { Context } from "../program.ts";
import { terminalText } from "./terminal-text.ts";

/** Shows what a run did: a JSON document, or a line for each message and each source that had something. */
export function renderRun(report: RunReport, { host, secrets, exitCode }: Context): void {
  const redact = redactor(secrets);
  if (host.argv.includes("--json")) {
    host.stdout.write(`${redact(JSON.stringify({ exitCode, ...report }))}\n`);
    return;
  }
  for (const failure of report.failures) host.stderr.write(redact(failureLines(failure)));
  if (host.argv.includes("--quiet")) return;
  host.stdout.write(
    redact(
      resultLines(report)
        .map((line) => `${terminalText(line)}\n`)
        .join(""),
    ),
  );
}

export function failureLines({ scope, message, hint }: Failure): string {
  const lines = [`${scope}: ${message}`, ...(hint === null ? [] : [`  ${hint}`])];
  return lines.map((line) => `${terminalText(line)}\n`).join("");
}

function resultLines({ posted, outbox, sources }: RunReport): string[] {
  const waiting = outbox.pending + outbox.inflight;
  return [
    ...posted.map(({ channel, text }) => `${channel}  ${text}`),
    posted.length === 0
      ? `Nothing to post; ${sources.filter(({ outcome }) => outcome === "read").length} sources read.`
      : `Posted ${posted.length} ${posted.length === 1 ? "message" : "messages"}.`,
    ...(waiting === 0 ? [] : [`${waiting} waiting for the next run.`]),
    ...(outbox.dead === 0 ? [] : [`${outbox.dead} dead letters: see "sage-slack outbox".`]),
  ];
}

import type { Check } from "../../pipeline/checks/check.ts";
import { redactor } from "../../runtime/redact.ts";
import { endingCode } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { jsonText } from "./json-text.ts";
import { paintFor } from "./paint.ts";
import { terminalText } from "./terminal-text.ts";
import { wrapLines } from "./wrap.ts";

/** As wide as an outcome and two spaces. */
const indent = 9;

/** Shows each check with its outcome and what to do; with `--quiet` those alone that failed. */
export function renderChecks(checks: readonly Check[], { host, secrets, ...context }: Context): void {
  const redact = redactor(secrets);
  if (host.argv.includes("--json")) {
    const exitCode = endingCode(host.signal, context.exitCode);
    host.stdout.write(jsonText({ exitCode, checks }, redact));
    return;
  }
  const isQuiet = host.argv.includes("--quiet");
  const paint = paintFor(host, host.stdout);
  const words = {
    passed: paint.green("passed "),
    warning: paint.yellow("warning"),
    failed: paint.red("FAILED "),
  } as const;
  const shown = (text: string) => terminalText(redact(text));
  const lines = checks
    .filter(({ outcome }) => !isQuiet || outcome === "failed")
    .flatMap(({ name, outcome, detail, hint }) => [
      wrapLines(`${words[outcome]}  ${shown(name)}: ${shown(detail)}`, host.stdout, indent),
      ...(hint === null ? [] : [wrapLines(`${" ".repeat(indent)}-> ${shown(hint)}`, host.stdout, 3)]),
    ]);
  const end = isQuiet ? [] : [wrapLines(summary(checks), host.stdout, 0)];
  host.stdout.write([...lines, ...end].map((line) => `${line}\n`).join(""));
}

function summary(checks: readonly Check[]): string {
  const count = (wanted: Check["outcome"]) => checks.filter(({ outcome }) => outcome === wanted).length;
  const [failures, warnings] = [count("failed"), count("warning")];
  const counts = `${checks.length} checks: ${count("passed")} passed, ${warnings} ${warnings === 1 ? "warning" : "warnings"}, ${failures} failed.`;
  return failures === 0 ? `${counts} Next: "sage-slack dry-run" shows what a run would post.` : counts;
}

import { redactor } from "../../runtime/redact.ts";
import type { Context } from "../program.ts";
import { jsonText } from "./json-text.ts";
import { terminalText } from "./terminal-text.ts";
import { wrapLines } from "./wrap.ts";

/** The result of a command: one JSON document with `--json`, else lines. */
export function say(context: Context, document: object, lines: readonly string[]): void {
  write(context, document, { lines, fitted: (line) => wrapLines(line, context.host.stdout) });
}

/** The same for what is to be copied or kept: each line as long as it is. */
export function sayWhole(context: Context, document: object, lines: readonly string[]): void {
  write(context, document, { lines, fitted: (line) => line });
}

function write(
  { host, secrets }: Context,
  document: object,
  { lines, fitted }: { lines: readonly string[]; fitted: (line: string) => string },
): void {
  const redact = redactor(secrets);
  host.stdout.write(
    host.argv.includes("--json")
      ? jsonText(document, redact)
      : lines.map((line) => `${fitted(terminalText(redact(line)))}\n`).join(""),
  );
}

import { redactor } from "../../runtime/redact.ts";
import type { Context } from "../program.ts";
import { jsonText } from "./json-text.ts";
import { terminalText } from "./terminal-text.ts";

/** The result of a command: one JSON document with `--json`, else lines. */
export function say({ host, secrets }: Context, document: object, lines: readonly string[]): void {
  const redact = redactor(secrets);
  host.stdout.write(
    host.argv.includes("--json")
      ? jsonText(document, redact)
      : lines.map((line) => `${terminalText(redact(line))}\n`).join(""),
  );
}

import { redactor } from "../../runtime/redact.ts";
import type { Context } from "../program.ts";
import { terminalText } from "./terminal-text.ts";

/** The result of a command: one JSON document with `--json`, else lines. */
export function say({ host, secrets }: Context, document: object, lines: readonly string[]): void {
  const shown = host.argv.includes("--json")
    ? `${JSON.stringify(document)}\n`
    : lines.map((line) => `${terminalText(line)}\n`).join("");
  host.stdout.write(redactor(secrets)(shown));
}

import type { Logger } from "../../runtime/logger.ts";
import { redactor } from "../../runtime/redact.ts";
import type { Context } from "../program.ts";
import { terminalText } from "./terminal-text.ts";

/** Lines on standard error, so that standard output holds nothing but the result. */
export function loggerFor({ host, secrets }: Context): Logger {
  const isQuiet = host.argv.includes("--quiet");
  const isVerbose = host.argv.includes("--verbose");
  const write = (message: string) => void host.stderr.write(`${terminalText(redactor(secrets)(message))}\n`);
  return {
    warn: (message) => (isQuiet ? undefined : write(message)),
    info: (message) => (isVerbose && !isQuiet ? write(message) : undefined),
  };
}

import type { Logger } from "../../runtime/logger.ts";
import { redactor } from "../../runtime/redact.ts";
import type { Context } from "../program.ts";
import { terminalText } from "./terminal-text.ts";
import { wrapLines } from "./wrap.ts";

/** Lines on standard error, so that standard output holds nothing but the result; all of them in the log file too. */
export function loggerFor(context: Context): Logger {
  const { host, secrets } = context;
  const isQuiet = host.argv.includes("--quiet");
  const isVerbose = host.argv.includes("--verbose");
  const write = (message: string) =>
    void host.stderr.write(`${wrapLines(terminalText(redactor(secrets)(message)), host.stderr)}\n`);
  return {
    warn: (message) => {
      context.log?.({ level: "warn", source: null, message });
      if (!isQuiet) write(message);
    },
    info: (message) => {
      context.log?.({ level: "info", source: null, message });
      if (isVerbose && !isQuiet) write(message);
    },
    step: (message) => {
      if (isVerbose && !isQuiet) write(message);
    },
  };
}

import { AppError } from "../../errors.ts";
import type { Redact } from "../../runtime/redact.ts";
import type { Host } from "../host.ts";
import { terminalLines, terminalText } from "./terminal-text.ts";
import { wrapLines } from "./wrap.ts";

const longestMessage = 500;

/** What failed and what to do next; the stack only for a bug, or when asked for. */
export function renderError(
  error: unknown,
  { isVerbose, redact, stream }: { isVerbose: boolean; redact: Redact; stream?: Host["stderr"] },
): string {
  if (!(error instanceof AppError)) {
    return `sage-slack: this is a bug. Nothing is lost: the next run goes on from the last checkpoint.\n${traceOf(error, redact)}\n`;
  }
  const hint = error.hint === undefined ? "" : `\n  ${terminalText(redact(error.hint))}`;
  const causes = isVerbose ? causesOf(error).map((cause) => `\n  caused by ${traceOf(cause, redact)}`) : [];
  const plain = `sage-slack: ${terminalLines(redact(error.message))}${hint}`;
  const words = stream === undefined ? plain : wrapLines(plain, stream);
  return `${words}${causes.join("")}\n`;
}

/** The same as data, for `--json`; `kind` is the reason's, `bug` for what was not foreseen. */
export function errorDocument(error: unknown): object {
  if (error instanceof AppError) {
    const { kind, message, hint = null } = error;
    return { error: { kind, message, hint } };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint = "This is a bug. Nothing is lost: the next run goes on from the last checkpoint.";
  return { error: { kind: "bug", message: message.slice(0, longestMessage), hint } };
}

function causesOf(error: Error): unknown[] {
  const causes: unknown[] = [];
  for (let cause = error.cause; cause !== undefined && causes.length < 5;) {
    causes.push(cause);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

/** Name, message and stack, and never the other properties: the libraries' errors carry headers and bodies there. */
function traceOf(error: unknown, redact: Redact): string {
  if (!(error instanceof Error)) return terminalText(redact(String(error)).slice(0, longestMessage));
  const code = "code" in error && typeof error.code === "string" ? ` [${error.code}]` : "";
  const message = redact(error.message).slice(0, longestMessage);
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const head = terminalText(`${error.name}${code}: ${message}`);
  return [head, ...frames.map((frame) => `  ${terminalText(redact(frame)).trim()}`)].join("\n");
}

import { inspect } from "node:util";

import { AppError } from "../../errors.ts";
import { terminalText } from "./terminal-text.ts";

/** What failed and what to do next; the stack only for a bug, or when asked for. */
export function renderError(error: unknown, { isVerbose }: { isVerbose: boolean }): string {
  if (!(error instanceof AppError)) {
    return `sage-slack: this is a bug. Nothing is lost: the next run goes on from the last checkpoint.\n${terminalText(inspect(error))}\n`;
  }
  const hint = error.hint === undefined ? "" : `\n  ${terminalText(error.hint)}`;
  const cause =
    isVerbose && error.cause !== undefined ? `\n  caused by ${terminalText(inspect(error.cause))}` : "";
  return `sage-slack: ${terminalText(error.message)}${hint}${cause}\n`;
}

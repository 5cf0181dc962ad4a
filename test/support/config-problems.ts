import { AppError } from "../../src/errors.ts";
import { parseConfig } from "../../src/config/load-config.ts";

/** What is wrong with a configuration, as its reader is told; empty when nothing is. */
export function problemsIn(text: string): string {
  try {
    parseConfig(text, "sage-slack.json");
    return "";
  } catch (error) {
    if (error instanceof AppError && error.kind === "config") return error.message;
    throw error;
  }
}

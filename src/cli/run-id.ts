import { randomUUID } from "node:crypto";

import type { Context } from "./program.ts";

/** UUID under which the monitor and the log know this run. Made when first asked for: `--help` has no use for it. */
export function runIdOf(context: Context): string {
  context.runId ??= randomUUID();
  return context.runId;
}

import { Chalk, type ChalkInstance } from "chalk";

import type { Host } from "../host.ts";

/** Colours for one of the two outputs: on a terminal only, and not when `NO_COLOR` or a flag says so. */
export function paintFor({ argv, env }: Host, output: { isTTY?: boolean }): ChalkInstance {
  const isRefused = argv.includes("--no-color") || (env["NO_COLOR"] ?? "") !== "" || argv.includes("--json");
  return new Chalk({ level: output.isTTY === true && !isRefused ? 1 : 0 });
}

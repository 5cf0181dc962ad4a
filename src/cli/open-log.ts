import { resolve } from "node:path";

import { Option } from "@commander-js/extra-typings";

import { LogFile } from "../runtime/log-file.ts";
import { redactor } from "../runtime/redact.ts";
import type { Context } from "./program.ts";
import { jsonText } from "./render/json-text.ts";
import { terminalText } from "./render/terminal-text.ts";
import { runIdOf } from "./run-id.ts";

export function logFileOption() {
  return new Option("--log-file <file>", "also write what happens to this file, as JSON lines");
}

/** From here on what the command tells goes to that file too; nothing happens without one. */
export function openLog(context: Context, command: string, path: string | undefined): void {
  if (path === undefined) return;
  const { host, secrets } = context;
  const run = runIdOf(context);
  const onFailure = (why: string) =>
    void host.stderr.write(
      `${terminalText(`the log file ${path} takes nothing (${why}); the run goes on`)}\n`,
    );
  const file = new LogFile({ path: resolve(host.cwd(), path), onFailure });
  context.log = ({ level, source, message, ...rest }) => {
    const time = new Date().toISOString();
    const line = { time, level, run, command, source, message: short(message), ...rest };
    file.write(jsonText(line, redactor(secrets)));
  };
  context.log({ level: "info", source: null, message: `${command} begins` });
}

const longest = 4000;

function short(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

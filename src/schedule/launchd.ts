import { nameOf, pollArguments, type Entry, type ScheduledRun } from "./scheduled-run.ts";
import { xmlText } from "./xml-text.ts";

/** Agents of the user, which run while the user is logged on. */
export const agentFolder = "~/Library/LaunchAgents";

/** launchd never starts a job twice, ends none, and makes up for what was missed while the machine slept. */
export function launchdEntry(run: ScheduledRun): Entry {
  const name = nameOf(run.config);
  const job = {
    Label: name,
    ProgramArguments: [run.node, run.script, ...pollArguments(run)],
    ...(Object.keys(run.secretFiles).length === 0 ? {} : { EnvironmentVariables: run.secretFiles }),
    StartCalendarInterval: timesOf(run.everyMinutes),
    StandardOutPath: run.outputFile,
    StandardErrorPath: run.outputFile,
    ProcessType: "Background",
    Umask: 0o077,
  };
  const content = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    ...linesOf(job),
    "</plist>",
    "",
  ].join("\n");
  return { name, files: [{ path: `${agentFolder}/${name}.plist`, content }], output: run.outputFile };
}

/** By the clock and not by `StartInterval`, whose starts are lost while the machine sleeps. */
function timesOf(minutes: number): readonly Value[] {
  if (minutes < 60) return multiplesBelow(60, minutes).map((Minute) => ({ Minute }));
  return multiplesBelow(24, minutes / 60).map((Hour) => ({ Hour, Minute: 0 }));
}

function multiplesBelow(end: number, step: number): number[] {
  return Array.from({ length: end / step }, (_start, index) => index * step);
}

type Value = string | number | readonly Value[] | { readonly [key: string]: Value };

function linesOf(value: Value): string[] {
  if (typeof value === "string") return [`<string>${xmlText(value)}</string>`];
  if (typeof value === "number") return [`<integer>${value}</integer>`];
  if (isList(value)) return ["<array>", ...value.flatMap(linesOf).map(indented), "</array>"];
  const pairs = Object.entries(value).flatMap(([key, one]) => [
    `<key>${xmlText(key)}</key>`,
    ...linesOf(one),
  ]);
  return ["<dict>", ...pairs.map(indented), "</dict>"];
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function indented(line: string): string {
  return `  ${line}`;
}

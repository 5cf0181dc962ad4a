import type { ScheduledRun } from "../../src/schedule/scheduled-run.ts";

/** As on a usual server. */
export function scheduledRun(parts: Partial<ScheduledRun> = {}): ScheduledRun {
  return {
    node: "/usr/bin/node",
    script: "/usr/local/lib/node_modules/sage-slack/bin/sage-slack.js",
    config: "/etc/sage-slack/sage-slack.json",
    everyMinutes: 5,
    maxDuration: 240,
    outputFile: "/var/lib/sage-slack/sage-slack.output.log",
    secretFiles: {},
    logon: "password",
    ...parts,
  };
}

/** Characters that one scheduler or another takes for something else. */
export const special = Array.from("'\"\\%$&^!;#|<>()[]{}*?~`=,+@ éß漢😀-_aB9");

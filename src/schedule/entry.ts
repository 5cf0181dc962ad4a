import { cronEntry } from "./cron.ts";
import { accountOf, type Machine } from "./install.ts";
import { launchdEntry } from "./launchd.ts";
import { checkPaths, type Entry, type ScheduledRun, type Scheduler } from "./scheduled-run.ts";
import { systemdEntry } from "./systemd.ts";
import { createArguments, deleteArguments, taskEntry, taskFile } from "./task-scheduler.ts";

/** @throws AppError `config` for what this scheduler cannot take */
export function entryFor(scheduler: Scheduler, run: ScheduledRun, env: Machine["env"]): Entry {
  checkPaths(run);
  switch (scheduler) {
    case "windows":
      return taskEntry(run, accountOf(env));
    case "cron":
      return cronEntry(run);
    case "systemd":
      return systemdEntry(run);
    case "launchd":
      return launchdEntry(run);
  }
}

/** What to call to install a printed entry by hand, and to remove it. */
export interface HandCommands {
  readonly install: readonly string[];
  readonly remove: readonly string[];
  /** Calls it once, as the scheduler would; null where that can only be waited for. */
  readonly runNow: string | null;
}

export function handCommands(
  scheduler: Scheduler,
  { name }: Entry,
  order: { run: ScheduledRun; env: Machine["env"] },
): HandCommands {
  switch (scheduler) {
    case "windows": {
      const { logon } = order.run;
      return {
        install: [
          inCmd([
            "schtasks",
            ...createArguments({ name, file: taskFile, logon, account: accountOf(order.env) }),
          ]),
        ],
        remove: [inCmd(["schtasks", ...deleteArguments(name)])],
        runNow: `schtasks /Run /TN ${name}`,
      };
    }
    case "cron":
      return { install: ["crontab -e"], remove: ["crontab -e"], runNow: null };
    case "systemd":
      return {
        install: ["systemctl --user daemon-reload", `systemctl --user enable --now ${name}.timer`],
        remove: [`systemctl --user disable --now ${name}.timer`],
        runNow: `systemctl --user start ${name}.service`,
      };
    case "launchd":
      return {
        install: [`launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/${name}.plist`],
        remove: [`launchctl bootout gui/$(id -u)/${name}`],
        runNow: `launchctl kickstart gui/$(id -u)/${name}`,
      };
  }
}

function inCmd(words: readonly string[]): string {
  return words.map((word) => (/^[\w./*-]+$/.test(word) ? word : `"${word}"`)).join(" ");
}

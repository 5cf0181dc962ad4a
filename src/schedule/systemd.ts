import { AppError } from "../errors.ts";
import { nameOf, pollArguments, timeLimitSeconds, type Entry, type ScheduledRun } from "./scheduled-run.ts";

/** Units of the user, which need no root. */
export const unitFolder = "~/.config/systemd/user";

/** @throws AppError `config` for a node whose path systemd refuses, in whatever way it is written */
export function systemdEntry(run: ScheduledRun): Entry {
  if (/["'\\]/.test(run.node)) {
    throw new AppError(
      "config",
      `systemd takes no program with a quotation mark or a backslash in its path: ${run.node}`,
      {
        hint: "Install Node in another folder, or use --for cron.",
      },
    );
  }
  const name = nameOf(run.config);
  return {
    name,
    files: [
      { path: `${unitFolder}/${name}.service`, content: serviceOf(run) },
      { path: `${unitFolder}/${name}.timer`, content: timerOf(run) },
    ],
    output: `journalctl --user -u ${name}`,
  };
}

/** 8: another run, called by hand, is at work; that is no failure of this one. */
function serviceOf(run: ScheduledRun): string {
  const limit = timeLimitSeconds(run);
  const words = [run.script, ...pollArguments(run)].map((word) => inQuotes(word, "$"));
  const files = Object.entries(run.secretFiles).map(
    ([variable, path]) => `Environment=${inQuotes(`${variable}=${path}`)}`,
  );
  return [
    "[Unit]",
    `Description=${titleOf(run)}`,
    "",
    "[Service]",
    "Type=oneshot",
    ...files,
    // The program itself is not looked at for variables.
    `ExecStart=${[inQuotes(run.node), ...words].join(" ")}`,
    `TimeoutStartSec=${limit ?? "infinity"}`,
    "SuccessExitStatus=8",
    "NoNewPrivileges=yes",
    "UMask=0077",
    "",
  ].join("\n");
}

/** A run that was missed while the machine was off is made up for; a run that goes on is never started twice. */
function timerOf(run: ScheduledRun): string {
  return [
    "[Unit]",
    `Description=${titleOf(run)}`,
    "",
    "[Timer]",
    `OnCalendar=${calendarOf(run.everyMinutes)}`,
    "Persistent=true",
    "AccuracySec=10s",
    "",
    "[Install]",
    "WantedBy=timers.target",
    "",
  ].join("\n");
}

function calendarOf(minutes: number): string {
  if (minutes < 60) return `*:0/${minutes}`;
  if (minutes === 60) return "hourly";
  return minutes === 1440 ? "daily" : `0/${minutes / 60}:00`;
}

/** For a person; a backslash at its end would join it to the next line. */
function titleOf({ config }: ScheduledRun): string {
  return `sage-slack poll for ${config.replaceAll("%", "%%").replaceAll("\\", "/")}`;
}

/** As systemd reads a word: C escapes, `%` for what it knows itself, and `$` for variables in arguments. */
function inQuotes(word: string, variableSign?: "$"): string {
  const escaped = word.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll("%", "%%");
  return `"${variableSign === undefined ? escaped : escaped.replaceAll("$", "$$$$")}"`;
}

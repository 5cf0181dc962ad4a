import type { LoadedConfig } from "../../config/load-config.ts";
import { proxyFromEnvironment } from "../../config/proxy.ts";
import { handCommands } from "../../schedule/entry.ts";
import { reachOf, secretsIn } from "../../schedule/secrets-reach.ts";
import {
  nameOf,
  isAtHome,
  type Entry,
  type ScheduledRun,
  type Scheduler,
} from "../../schedule/scheduled-run.ts";
import { isRoot } from "../../runtime/folder-probe.ts";
import { redactor } from "../../runtime/redact.ts";
import type { Context } from "../program.ts";
import { say, sayWhole } from "./say.ts";
import { terminalText } from "./terminal-text.ts";
import { wrapLines } from "./wrap.ts";

export const schedulerWords: Readonly<Record<Scheduler, string>> = {
  windows: "Windows Task Scheduler",
  cron: "cron",
  systemd: "systemd",
  launchd: "launchd",
};

export interface ScheduledEntry {
  readonly scheduler: Scheduler;
  readonly run: ScheduledRun;
  readonly entry: Entry;
  readonly loaded: LoadedConfig;
  readonly isInstalled: boolean;
}

/** Shows an entry, or that it was installed; and then what to do, where the output goes and what can be read there. */
export function renderEntry(made: ScheduledEntry, context: Context): void {
  const { scheduler, run, entry, isInstalled } = made;
  const { host } = context;
  const commands = handCommands(scheduler, entry, { run, env: host.env });
  const reach = reachOf(scheduler, run);
  const notes = notesOn(made, host.env);
  const document = {
    scheduler,
    name: entry.name,
    config: run.config,
    done: isInstalled ? "installed" : "printed",
    everyMinutes: run.everyMinutes,
    files: entry.files,
    commands,
    output: entry.output,
    secrets: { ...reach, files: run.secretFiles },
    notes,
  };
  const remarks = [
    `Output of the runs: ${entry.output}`,
    `Secrets: ${reach.advice}`,
    ...notes.map((note) => `Note: ${note}`),
  ];
  if (isInstalled) {
    const now = commands.runNow === null ? "" : ` "${commands.runNow}" starts it now.`;
    const next = `Next: after ${run.everyMinutes === 1 ? "a minute" : `${run.everyMinutes} minutes`} "sage-slack status" shows the first run.${now}`;
    const head = `Installed ${entry.name} in ${schedulerWords[scheduler]}: ${intervalWords(run)}, for ${run.config}.`;
    return say(context, document, host.argv.includes("--quiet") ? [head] : [head, ...remarks, next]);
  }
  sayWhole(context, document, printed(entry));
  tell(["", ...nextSteps(made, commands.install), ...remarks], context);
}

function intervalWords({ everyMinutes }: ScheduledRun): string {
  return everyMinutes === 1 ? "every minute" : `every ${everyMinutes} minutes`;
}

/** Several files are told apart by a comment with the path of each; one alone can be saved as it is. */
function printed({ files }: Entry): string[] {
  return files.flatMap(({ path, content }) => [
    ...(files.length === 1 ? [] : [`# ${path}`]),
    ...content.replace(/\n$/, "").split("\n"),
    ...(files.length === 1 ? [] : [""]),
  ]);
}

function nextSteps({ scheduler, entry, loaded }: ScheduledEntry, commands: readonly string[]): string[] {
  const places = entry.files.flatMap(({ path }) => (path === null ? [] : [path])).join(" and ");
  const other = isAtHome(scheduler, process.platform)
    ? ' "sage-slack schedule --install", with the same flags, does it all.'
    : "";
  const folder = scheduler === "cron" ? ` The folder ${loaded.stateDirectory} must be there.` : "";
  const save =
    places === ""
      ? `Next: add both lines with "${commands.join(" ")}".`
      : `Next: save it as ${places}, then call`;
  return [
    `${save}${places === "" ? folder + other : ""}`,
    ...(places === "" ? [] : commands.map((command) => `  ${command}`)),
    ...(places === "" || other === "" ? [] : [other.trim()]),
  ];
}

function notesOn({ scheduler, run, loaded }: ScheduledEntry, env: Context["host"]["env"]): string[] {
  const { sage, slack } = loaded.config;
  const isProxied = [sage, slack].some(({ proxy }, index) => {
    const url = index === 0 ? sage.url : slack.apiUrl;
    return proxy !== undefined && proxy === proxyFromEnvironment(url, env);
  });
  const values = secretsIn(env);
  const isForeign = !isAtHome(scheduler, process.platform);
  return [
    ...(isRoot() && !isForeign
      ? ["it runs as root, which this work does not need: give it a user of its own."]
      : []),
    ...(isForeign
      ? [`this is not a machine for ${schedulerWords[scheduler]}; the paths are those of this one.`]
      : []),
    ...(values.length === 0 ? [] : [`${values.join(", ")}: set here, and no entry takes a secret over.`]),
    ...(isProxied
      ? [
          'the proxy comes from the environment, which a scheduler does not have: name it in "sage.proxy" and "slack.proxy".',
        ]
      : []),
    ...(/[\\/]_npx[\\/]/.test(run.script)
      ? [
          "this program lies in the cache of npx, which is emptied now and then: install it (npm install -g sage-slack).",
        ]
      : []),
  ];
}

export interface Removal {
  readonly scheduler: Scheduler;
  readonly config: string;
  readonly wasThere: boolean;
}

export function renderRemoval({ scheduler, config, wasThere }: Removal, context: Context): void {
  const document = { scheduler, name: nameOf(config), config, done: wasThere ? "removed" : "not there" };
  const where = schedulerWords[scheduler];
  say(context, document, [
    wasThere ? `Removed ${document.name} from ${where}.` : `Nothing is scheduled in ${where} for ${config}.`,
  ]);
}

/** On standard error, so that the entry can go into a file. */
function tell(lines: readonly string[], { host, secrets }: Context): void {
  if (host.argv.includes("--json") || host.argv.includes("--quiet")) return;
  const redact = redactor(secrets);
  host.stderr.write(lines.map((line) => `${wrapLines(terminalText(redact(line)), host.stderr)}\n`).join(""));
}

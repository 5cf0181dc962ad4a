import { isInsecure, type Config } from "../../config/config.ts";
import type { LoadedConfig } from "../../config/load-config.ts";
import { shownAddress, redactor } from "../../runtime/redact.ts";
import { isRoot, probeStateFolder } from "../../runtime/folder-probe.ts";
import { readLockHolder } from "../../state/run-lock.ts";
import { lookAtState } from "../../state/state-file.ts";
import { inspectorIn } from "../assemble.ts";
import { failedBy, passed, warning, type Check } from "./check.ts";

/** What was found out before anybody was asked: the configuration and where it runs. */
export function checkSettings(
  { config, path }: LoadedConfig,
  env: Readonly<Record<string, string | undefined>>,
) {
  const on = Object.entries(config.sources).filter(([, { enabled }]) => enabled);
  const followed = `${on.map(([name]) => name).join(", ")} of ${config.sage.companies.join(", ")}`;
  return [
    passed("configuration", `${path}: ${followed}`),
    passed("proxy", `Sage: ${proxyWords(config.sage.proxy)}; Slack: ${proxyWords(config.slack.proxy)}`),
    ...transportDoubts(config),
    ...quarantineDoubts(config),
    ...userDoubts(env),
  ];
}

function proxyWords(address: string | undefined): string {
  if (address === undefined) return "none";
  return `through ${shownAddress(address, redactor([]))}`;
}

function transportDoubts({ sage }: Config): Check[] {
  if (!isInsecure(sage.url)) return [];
  return [
    warning(
      "transport",
      `${sage.url}: user, password and books cross the network in the clear`,
      'Give the server a certificate and use https:// in "sage.url".',
    ),
  ];
}

function quarantineDoubts({ slack }: Config): Check[] {
  if (slack.quarantineSeconds >= 60) return [];
  return [
    warning(
      "slack.quarantineSeconds",
      `${slack.quarantineSeconds} s: a post that Slack takes later than that may be sent twice`,
      "Leave an uncertain post alone for 60 s or more; 120 is the default.",
    ),
  ];
}

function userDoubts(env: Readonly<Record<string, string | undefined>>): Check[] {
  const inspector = inspectorIn(env);
  const doubts: Check[] = [];
  if (isRoot()) {
    doubts.push(
      warning(
        "user",
        "this runs as root: so it says nothing about the user of the scheduler, and root need not do this work",
        "Run sage-slack, and this test, as a user of its own.",
      ),
    );
  }
  if (inspector !== null) {
    doubts.push(
      warning(
        "NODE_OPTIONS",
        `it has ${inspector}: other code can see the secrets of a run`,
        "Unset NODE_OPTIONS for the scheduled run.",
      ),
    );
  }
  return doubts;
}

/** The folder of the state, what is in it, and who is at work there. A run under way is not disturbed. */
export async function checkStateFolder(directory: string): Promise<Check[]> {
  try {
    const { isNew, openFiles } = await probeStateFolder(directory);
    if (isNew) return [passed("state folder", `${directory} is not there yet; the first run makes it`)];
    const folder = passed("state folder", `${directory} can be written to${unseenRights(directory)}`);
    const open =
      openFiles.length === 0
        ? []
        : [
            warning(
              "state files",
              `others may read ${openFiles.join(", ")}`,
              `chmod go-rwx ${openFiles.map((name) => `"${directory}/${name}"`).join(" ")}`,
            ),
          ];
    return [folder, ...open, ...(await checkState(directory))];
  } catch (error) {
    return [failedBy("state folder", error)];
  }
}

/** The bits that tell it elsewhere mean nothing on Windows, and its lists of rights are not read. */
function unseenRights(directory: string): string {
  return process.platform === "win32" ? `; who else may is not looked at: icacls "${directory}"` : "";
}

async function checkState(directory: string): Promise<Check[]> {
  try {
    const { state, recoveryNote } = await lookAtState({ directory });
    if (recoveryNote !== null)
      return [
        warning("state", recoveryNote, "The next run does it; nothing needs to be done before."),
        await runCheck(directory),
      ];
    const words =
      state === null
        ? "no run so far: the first one takes note of what there is"
        : `read; ${state.outbox.length} messages undelivered`;
    return [passed("state", words), await runCheck(directory)];
  } catch (error) {
    return [failedBy("state", error)];
  }
}

async function runCheck(directory: string): Promise<Check> {
  const holder = await readLockHolder(directory);
  if (holder === null) return passed("run", "none is going on");
  if (holder.process === null) return passed("run", "a lock is held, and its file does not tell by whom");
  const { pid, host, since } = holder.process;
  return passed(
    "run",
    holder.isDead
      ? `one was broken off after ${since}; the next one goes on from there`
      : `one is going on: process ${pid} on ${host} since ${since}`,
  );
}

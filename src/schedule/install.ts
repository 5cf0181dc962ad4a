import { mkdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { AppError } from "../errors.ts";
import { replaceFile } from "../runtime/durable-file.ts";
import { codeOf } from "../runtime/file-failure.ts";
import { temporaryFolder } from "../runtime/temporary-folder.ts";
import { withEntry, withoutEntry } from "./cron.ts";
import { nameOf, type Entry, type Logon, type Scheduler } from "./scheduled-run.ts";
import { agentFolder } from "./launchd.ts";
import { unitFolder } from "./systemd.ts";
import { createArguments, deleteArguments, taskFile, taskFileBytes } from "./task-scheduler.ts";
import { mustRun, runTool } from "./tool.ts";

/** Where an entry is installed: this machine and this user. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether somebody sits before it who can be asked for a password. */
  readonly isTerminal: boolean;
}

interface Order {
  readonly entry: Entry;
  readonly config: string;
  readonly logon: Logon;
}

interface Installer {
  readonly install: (order: Order, machine: Machine) => Promise<void>;
  /** @returns whether there was an entry of this configuration */
  readonly remove: (config: string, machine: Machine) => Promise<boolean>;
}

/**
 * Makes the entry of a configuration, or brings it up to date. Called twice it does the same as called once.
 *
 * @throws AppError `config` that names the tool which is missing or refuses
 */
export async function installEntry(scheduler: Scheduler, order: Order, machine: Machine): Promise<void> {
  await installers[scheduler].install(order, machine);
}

/** Removes the entry of a configuration and nothing else. */
export async function removeEntry(scheduler: Scheduler, config: string, machine: Machine): Promise<boolean> {
  return installers[scheduler].remove(config, machine);
}

const installers: Readonly<Record<Scheduler, Installer>> = {
  cron: {
    install: async ({ entry, config }, machine) =>
      writeTable(withEntry(await readTable(machine), entry, config), machine),
    remove: async (config, machine) => {
      const table = await readTable(machine);
      const others = withoutEntry(table, config);
      if (others === table) return false;
      await writeTable(others, machine);
      return true;
    },
  },
  systemd: {
    install: async ({ entry }, { env }) => {
      await writeFiles(entry, env);
      await userSystemd(env, "daemon-reload");
      await userSystemd(env, "enable", `${entry.name}.timer`);
      // A timer that runs already does not hear of its new times otherwise.
      await userSystemd(env, "restart", `${entry.name}.timer`);
    },
    remove: async (config, { env }) => {
      const name = nameOf(config);
      const units = [`${name}.timer`, `${name}.service`].map((unit) => join(expanded(unitFolder, env), unit));
      await runTool({ tool: "systemctl", args: ["--user", "disable", "--now", `${name}.timer`], env });
      const isRemoved = await removeFiles(units);
      if (isRemoved) await userSystemd(env, "daemon-reload");
      return isRemoved;
    },
  },
  launchd: {
    install: async ({ entry }, { env }) => {
      await writeFiles(entry, env);
      await runTool({ tool: "launchctl", args: ["bootout", `${guiDomain()}/${entry.name}`], env }); // it may not be loaded
      const file = expanded(entry.files[0]?.path ?? "", env);
      await mustRun(
        { tool: "launchctl", args: ["bootstrap", guiDomain(), file], env },
        "Log on to the desktop of the user who is to run it, and try again there.",
      );
    },
    remove: async (config, { env }) => {
      const name = nameOf(config);
      await runTool({ tool: "launchctl", args: ["bootout", `${guiDomain()}/${name}`], env });
      return removeFiles([join(expanded(agentFolder, env), `${name}.plist`)]);
    },
  },
  windows: {
    install: async ({ entry, logon }, { env, isTerminal }) => {
      if (logon === "password" && !isTerminal) {
        throw new AppError(
          "usage",
          "schtasks asks for the password of the account, and there is no terminal to ask on",
          {
            hint: "Run it in a console, or choose --logon no-password or --logon logged-on.",
          },
        );
      }
      await using folder = await temporaryFolder("sage-slack-schedule-");
      const file = join(folder.path, taskFile);
      await replaceFile(file, taskFileBytes(entry.files[0]?.content ?? ""));
      const args = createArguments({ name: entry.name, file, logon, account: accountOf(env) });
      const hint =
        "Run it in a console that was opened as administrator, or create the task with the printed XML.";
      await mustRun({ tool: "schtasks", args, env, isAsking: logon === "password" }, hint);
    },
    remove: async (config, { env }) => {
      const name = nameOf(config);
      const found = await runTool({ tool: "schtasks", args: ["/Query", "/TN", name], env });
      if (found.code !== 0) return false;
      await mustRun(
        { tool: "schtasks", args: deleteArguments(name), env },
        "Run it in a console that was opened as administrator.",
      );
      return true;
    },
  },
};

/** @throws AppError `config`: to take a table that cannot be read for an empty one would wipe it out */
async function readTable({ env }: Machine): Promise<string> {
  const { code, stdout, complaint } = await runTool({ tool: "crontab", args: ["-l"], env });
  if (code === 0) return stdout.toString("latin1");
  if (/no crontab for|no such file/i.test(complaint)) return "";
  throw new AppError("config", `"crontab -l" failed: ${complaint}`, { hint: crontabHint });
}

const crontabHint = "May this user have a crontab? See /etc/cron.allow and /etc/cron.deny.";

async function writeTable(table: string, { env }: Machine): Promise<void> {
  await mustRun({ tool: "crontab", args: ["-"], env, input: Buffer.from(table, "latin1") }, crontabHint);
}

async function userSystemd(env: Machine["env"], ...args: string[]): Promise<void> {
  await mustRun(
    { tool: "systemctl", args: ["--user", ...args], env },
    'systemd for this user is not running here. Log on as the user itself, not with su or sudo, or first call "loginctl enable-linger USER" as root and set XDG_RUNTIME_DIR=/run/user/UID. Or use --for cron.',
  );
}

async function writeFiles({ files }: Entry, env: Machine["env"]): Promise<void> {
  for (const { path, content } of files) {
    const file = expanded(path ?? "", env);
    try {
      await mkdir(dirname(file), { recursive: true });
      await replaceFile(file, content, { mode: 0o644 });
    } catch (error) {
      const why =
        error instanceof AppError ? error.message : `cannot make ${dirname(file)} (${codeOf(error)})`;
      throw new AppError("config", why, { hint: "Print the entry and put it there by hand.", cause: error });
    }
  }
}

/** @returns whether one was there */
async function removeFiles(paths: readonly string[]): Promise<boolean> {
  let wasThere = false;
  for (const path of paths) {
    const found = await rm(path).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === "ENOENT") return false;
        throw new AppError("config", `cannot remove ${path} (${codeOf(error)})`, { cause: error });
      },
    );
    wasThere ||= found;
  }
  return wasThere;
}

/** `~/` in full; units may be kept elsewhere than in `~/.config`. */
function expanded(path: string, env: Machine["env"]): string {
  const { HOME, XDG_CONFIG_HOME } = env;
  if (XDG_CONFIG_HOME !== undefined && path.startsWith("~/.config/"))
    return join(XDG_CONFIG_HOME, path.slice("~/.config/".length));
  return path.startsWith("~/") ? join(HOME ?? homedir(), path.slice(2)) : path;
}

/** Of the desktop of this user. */
function guiDomain(): string {
  return `gui/${process.getuid?.() ?? 0}`;
}

/** `DOMAIN\user`, where Windows tells; a desktop of Linux may have a USERNAME too. */
export function accountOf({ USERDOMAIN = "", USERNAME = "" }: Machine["env"]): string | undefined {
  return USERDOMAIN === "" || USERNAME === "" ? undefined : `${USERDOMAIN}\\${USERNAME}`;
}

import { Command, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";

import type { Context } from "../program.ts";

interface Entry {
  /** One line of the general help, and the first of the command's own. */
  readonly does: string;
  readonly load: () => Promise<(context: Context) => CommandUnknownOpts>;
}

/** Each command is loaded only when it is called: what polls takes five times as long to load as the help to show. */
const commands: Readonly<Record<string, Entry>> = {
  init: {
    does: "Write a configuration to begin with, and tell the next steps; never overwrites one",
    load: async () => (await import("./init.ts")).initCommand,
  },
  login: {
    does: "Check credentials against the live system, then keep them in the keychain of this user",
    load: async () => (await import("./login.ts")).loginCommand,
  },
  logout: {
    does: "Remove stored credentials from the keychain of this user",
    load: async () => (await import("./logout.ts")).logoutCommand,
  },
  test: {
    does: "Check everything that a scheduled run needs, and say what to do about what fails",
    load: async () => (await import("./test.ts")).testCommand,
  },
  "dry-run": {
    does: "Show what poll would post; nothing is posted or written",
    load: async () => (await import("./dry-run.ts")).dryRunCommand,
  },
  poll: {
    does: "Read Sage once, post what is new, and exit",
    load: async () => (await import("./poll.ts")).pollCommand,
  },
  schedule: {
    does: "Print the entry with which a scheduler calls poll for this configuration, or install it",
    load: async () => (await import("./schedule.ts")).scheduleCommand,
  },
  status: {
    does: "Tell where every source stands and what is not delivered, or explain one document; asks nothing of Sage",
    load: async () => (await import("./status.ts")).statusCommand,
  },
  outbox: {
    does: "List what is not delivered and why; send a message again, or give it up",
    load: async () => (await import("./outbox.ts")).outboxCommand,
  },
  "sync-master": {
    does: "Read vendors, customers, accounts, channels and people into the cache; tell what has changed",
    load: async () => (await import("./sync-master.ts")).syncMasterCommand,
  },
  demo: {
    does: "Run the whole job against simulators of Sage 300 and Slack on this machine; needs no account",
    load: async () => (await import("./demo.ts")).demoCommand,
  },
  completion: {
    does: "Print a script with which the shell completes commands, flags and their values",
    load: async () => (await import("./completion.ts")).completionCommand,
  },
};

/** Every command as it is called. */
export function loadAllCommands(context: Context): Promise<CommandUnknownOpts[]> {
  return Promise.all(Object.keys(commands).map((name) => loadCommand(name, context)));
}

/** The command that is called; all of them where one may be, and only their names where none is. */
export async function loadCommandsFor(
  argv: readonly string[],
  context: Context,
): Promise<CommandUnknownOpts[]> {
  const names = Object.keys(commands);
  const [first = ""] = argv;
  if (names.includes(first)) return [await loadCommand(first, context)];
  if (names.some((name) => argv.includes(name))) return loadAllCommands(context);
  return Object.entries(commands).map(([name, { does }]) => withCommon(new Command(name), does));
}

async function loadCommand(name: string, context: Context): Promise<CommandUnknownOpts> {
  const entry = commands[name];
  if (entry === undefined) throw new Error(`there is no command ${name}`);
  return withCommon((await entry.load())(context), entry.does);
}

function withCommon(command: CommandUnknownOpts, does: string): CommandUnknownOpts {
  command.description(does);
  for (const option of commonOptions()) command.addOption(option);
  return command;
}

function commonOptions(): Option[] {
  return [
    new Option("--json", "one JSON document on standard output, nothing else there"),
    new Option("--quiet", "only errors on standard error"),
    new Option("--verbose", "also every step, on standard error"),
    new Option("--no-color", "no colours (NO_COLOR does the same)"),
  ];
}

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Command, CommanderError } from "@commander-js/extra-typings";

import { AppError } from "../errors.ts";
import { packageFolder } from "../runtime/package-folder.ts";
import { redactor } from "../runtime/redact.ts";
import { loadCommandsFor } from "./commands/index.ts";
import { codeOfFailure, endingCode, exitCodeOf, exitCodes } from "./exit-code.ts";
import type { Host } from "./host.ts";
import { logEnd, logError, type Log } from "./log.ts";
import { errorDocument, renderError } from "./render/error.ts";
import { jsonText } from "./render/json-text.ts";
import { terminalText } from "./render/terminal-text.ts";

/** What a command gets from the program: the process, its flags, and where to leave the exit code. */
export interface Context {
  readonly host: Host;
  /** Hides the secrets that have been read so far; a command adds to them. */
  readonly secrets: Set<string>;
  /** See `runIdOf`; null until somebody asks. */
  runId: string | null;
  /** Null while no log file is asked for. */
  log: Log | null;
  exitCode: number;
}

/** Parses the arguments, runs the command and turns failures into words and an exit code. */
export async function runProgram(host: Host, secrets = new Set<string>()): Promise<number> {
  const context: Context = { host, secrets, runId: null, log: null, exitCode: exitCodes.done };
  const code = endingCode(host.signal, await runCommand(context));
  logEnd(context, code);
  return code;
}

async function runCommand(context: Context): Promise<number> {
  const { host } = context;
  const program = await buildProgram(context, host.argv);
  try {
    await program.parseAsync([...host.argv], { from: "user" });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return showComplaint(error, context);
    // What was broken off by the signal is no news.
    const isAnswer = host.signal.aborted && error instanceof AppError && error.kind === "temporary";
    return isAnswer ? exitCodes.interrupted : showFailure(error, context);
  }
}

/** commander has said it on standard error; help and version are no complaint. */
function showComplaint({ exitCode, message }: CommanderError, context: Context): number {
  if (exitCode === 0) return exitCodes.done;
  const [complaint = "", ...hints] = withoutValues(message)
    .replace(/^error: /, "")
    .split("\n");
  const hint = [...hints, "sage-slack --help shows what there is."].join(" ");
  showDocument(new AppError("usage", complaint, { hint }), context);
  return exitCodeOf.usage;
}

function showDocument(error: unknown, { host, secrets }: Context): void {
  if (!host.argv.includes("--json")) return;
  host.stdout.write(jsonText(errorDocument(error), redactor(secrets)));
}

function showFailure(error: unknown, context: Context): number {
  const { host, secrets } = context;
  logError(context, error);
  showDocument(error, context);
  const redact = redactor(secrets);
  const isVerbose = host.argv.includes("--verbose");
  host.stderr.write(renderError(error, { isVerbose, redact, stream: host.stderr }));
  return codeOfFailure(error);
}

async function buildProgram(context: Context, argv: readonly string[]) {
  const { host } = context;
  const program = new Command("sage-slack")
    .description("Tells the right people in Slack what happened in the books of Sage 300.")
    .version(version(), "-V, --version")
    .exitOverride()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showHelpAfterError("(sage-slack --help shows what there is)")
    .hook("preAction", () => host.beforeAction?.())
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      // A complaint repeats the arguments as they were given.
      outputError: (text, write) => write(`${terminalText(text.trimEnd())}\n`),
      writeErr: (text) => void host.stderr.write(withoutValues(redactor(context.secrets)(text))),
    });
  for (const command of await loadCommandsFor(argv, context)) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

/** Whoever gives a password to a flag that does not exist should not find it in a log as well. */
function withoutValues(complaint: string): string {
  return complaint.replaceAll(/'(--[\w-]+)=[^\n]*'/g, "'$1'");
}

function version(): string {
  const manifest = readFileSync(join(packageFolder, "package.json"), "utf8");
  const [, found = "unknown"] = /"version": "([^"]+)"/.exec(manifest) ?? [];
  return found;
}

import { spawn } from "node:child_process";

import { AppError } from "../errors.ts";

/** What a scheduler's tool needs of our environment; no secret goes there. */
const passedOn =
  /^(?:PATH|Path|PATHEXT|HOME|USER|LOGNAME|DBUS_SESSION_BUS_ADDRESS|XDG_RUNTIME_DIR|XDG_CONFIG_HOME|USERPROFILE|USERNAME|USERDOMAIN|SYSTEMROOT|SystemRoot|windir|TEMP|TMP)$/;

export interface ToolCall {
  readonly tool: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input?: Buffer;
  /** For a tool that asks on the terminal: it gets ours, and says what it says on standard error. */
  readonly isAsking?: boolean;
}

export interface ToolResult {
  readonly code: number;
  readonly stdout: Buffer;
  /** In words, from standard error or else from standard output. */
  readonly complaint: string;
}

/** What to do where a tool is not there. */
const whereFrom: Readonly<Record<string, string>> = {
  crontab:
    "Install cron (Debian, Ubuntu: apt install cron; Red Hat: dnf install cronie), or use --for systemd.",
  systemctl: "This system has no systemd: use --for cron.",
  launchctl: "launchctl comes with macOS.",
  schtasks: "schtasks comes with Windows, in System32: is that in PATH?",
};

/**
 * Runs a tool of a scheduler, without a shell.
 *
 * @throws AppError `config` when it is not there
 */
export function runTool({ tool, args, env, input, isAsking = false }: ToolCall): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, {
      env: {
        ...Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name))),
        LC_ALL: "C",
      },
      stdio: isAsking ? ["inherit", 2, 2] : ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    const [output, errors]: [Buffer[], Buffer[]] = [[], []];
    child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk));
    child.stdin?.on("error", () => {}); // it ended without reading; its exit code tells more
    child.on("error", (error: NodeJS.ErrnoException) => reject(notThere(tool, error)));
    child.on("close", (code) => {
      const stdout = Buffer.concat(output);
      resolve({ code: code ?? -1, stdout, complaint: wordsOf(errors) || wordsOf(output) });
    });
    child.stdin?.end(input ?? "");
  });
}

function notThere(tool: string, error: NodeJS.ErrnoException): AppError {
  const why =
    error.code === "ENOENT"
      ? `there is no "${tool}" on this machine`
      : `"${tool}" cannot be run (${error.code})`;
  return new AppError("config", why, { hint: whereFrom[tool] ?? "Install it.", cause: error });
}

function wordsOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8").trim().replaceAll(/\s+/g, " ").slice(0, 500);
}

/**
 * The same for a call that must succeed.
 *
 * @throws AppError `config` with the tool's own words
 */
export async function mustRun(call: ToolCall, hint: string): Promise<ToolResult> {
  const result = await runTool(call);
  if (result.code === 0) return result;
  const said = result.complaint === "" ? `it ended with ${result.code}` : result.complaint;
  throw new AppError("config", `"${[call.tool, ...call.args].join(" ")}" failed: ${said}`, { hint });
}

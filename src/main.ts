import { codeOfSignal, exitCodes } from "./cli/exit-code.ts";
import { runProgram } from "./cli/program.ts";
import { errorDocument, renderError } from "./cli/render/error.ts";
import { jsonText } from "./cli/render/json-text.ts";
import { redactor } from "./runtime/redact.ts";

type Process = Pick<
  NodeJS.Process,
  "argv" | "env" | "cwd" | "stdin" | "stdout" | "stderr" | "on" | "off" | "exit"
>;

/**
 * Windows has Ctrl-Break too, and calls it SIGHUP when the console is closed: ten seconds later the process is ended,
 * whatever it is doing.
 */
const stopping: readonly NodeJS.Signals[] =
  process.platform === "win32" ? ["SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"] : ["SIGINT", "SIGTERM"];

/** The edge of the process: arguments, environment and signals in, exit code out. */
export async function main(host: Process): Promise<number> {
  const stop = new AbortController();
  const secrets = new Set<string>();
  const onSignal = (signal: NodeJS.Signals) => {
    // Whoever asks twice does not want to wait; a killed run loses nothing either.
    if (stop.signal.aborted) host.exit(codeOfSignal(stop.signal));
    stop.abort(signal);
  };
  for (const signal of stopping) host.on(signal, onSignal);
  if (!stopping.includes("SIGHUP")) host.on("SIGHUP", ignore);
  host.on("uncaughtException", (error: unknown) => {
    // At once: a program in an unknown state must not post anything more.
    const redact = redactor(secrets);
    if (host.argv.includes("--json")) host.stdout.write(jsonText(errorDocument(error), redact));
    host.stderr.write(renderError(error, { isVerbose: false, redact, stream: host.stderr }));
    host.exit(exitCodes.bug);
  });
  ignoreLostOutput(host);
  try {
    return await runProgram(
      {
        argv: host.argv.slice(2),
        env: host.env,
        cwd: () => workingDirectory(host),
        stdin: host.stdin,
        stdout: host.stdout,
        stderr: host.stderr,
        signal: stop.signal,
        beforeAction: keepHeapSmall,
      },
      secrets,
    );
  } finally {
    for (const signal of stopping) host.off(signal, onSignal);
  }
}

/**
 * By default V8 lets the heap grow to several times what is held before it collects what is not, more so the faster
 * the machine is. On a server that runs an ERP the memory is worth more than the tenth of a second. Not before
 * everything is loaded: what is compiled of Node's own modules was compiled for other flags, and V8 would do it again.
 * What the numbers cost and save: docs/performance.md.
 */
async function keepHeapSmall(): Promise<void> {
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--heap-growing-percent=120");
  setFlagsFromString("--semi-space-growth-factor=1");
}

/** The terminal was closed: the run goes on to its end without it. */
function ignore(): void {}

/** `poll | head -1`, a closed terminal, a full disk under `> poll.log`: what cannot be told does not stop a run. */
function ignoreLostOutput({ stdout, stderr }: Process): void {
  stderr.on("error", ignore);
  stdout.on("error", ignore);
  stdout.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return; // the reader has seen enough
    stderr.write(`sage-slack: standard output takes nothing (${error.code}); the run goes on\n`);
  });
}

/** A scheduler may have been started in a folder that is gone; only relative paths need it. */
function workingDirectory(host: Process): string {
  try {
    return host.cwd();
  } catch {
    return "/";
  }
}

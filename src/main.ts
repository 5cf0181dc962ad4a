import { exitCodes } from "./cli/exit-code.ts";
import { runProgram } from "./cli/program.ts";

type Process = Pick<
  NodeJS.Process,
  "argv" | "env" | "cwd" | "stdin" | "stdout" | "stderr" | "on" | "off" | "exit"
>;

/** The edge of the process: arguments, environment and signals in, exit code out. */
export async function main(host: Process): Promise<number> {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    // Whoever asks twice does not want to wait; a killed run loses nothing either.
    if (stop.signal.aborted) host.exit(codeOf(stop.signal.reason));
    stop.abort(signal);
  };
  host.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  ignoreClosedPipe(host);
  try {
    const code = await runProgram({
      argv: host.argv.slice(2),
      env: host.env,
      cwd: () => host.cwd(),
      stdin: host.stdin,
      stdout: host.stdout,
      stderr: host.stderr,
      signal: stop.signal,
    });
    if (!stop.signal.aborted) return code;
    return codeOf(stop.signal.reason);
  } finally {
    host.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

function codeOf(signal: unknown): number {
  return signal === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted;
}

/** `sage-slack poll | head -1` closes the pipe early; the run goes on. */
function ignoreClosedPipe({ stdout, stderr }: Process): void {
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

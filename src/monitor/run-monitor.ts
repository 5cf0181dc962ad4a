import { sendPing } from "./ping.ts";

export interface RunMonitorOptions {
  readonly runId: string;
  readonly warn: (line: string) => void;
  /** Aborted when the run is to end. */
  readonly signal: AbortSignal;
  /** The exit code of a run that was asked to end. */
  readonly codeWhenStopped: () => number;
}

const deadlineMs = 5000;
/** Whoever ended the run does not wait long for the process. */
const deadlineWhenStoppedMs = 1500;
/** How long the end of a run waits for the signal of its start to arrive before it. */
const startGraceMs = 1000;

/**
 * What the monitor is told of an exit code; null for nothing. With 8 another run is at work, and that one reports. With
 * 5 the next run goes on by itself: noted, and when no run does better in the grace time the monitor alarms.
 */
export function signalOf(exitCode: number): string | null {
  if (exitCode === 8) return null;
  return exitCode === 5 ? "log" : String(exitCode);
}

/** Tells a monitor when a run begins and how it ends. It never fails a run, and keeps none waiting but at its end. */
export class RunMonitor {
  readonly #options: RunMonitorOptions;
  #check: { readonly url: string; readonly proxyUrl: string | undefined } | null = null;
  readonly #startStop = new AbortController();
  #start: Promise<void> = Promise.resolve();
  #end: Promise<void> | null = null;

  constructor(options: RunMonitorOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", this.#onStop, { once: true });
  }

  /** From here on it is known whom to tell. */
  watchAt(url: string, proxyUrl: string | undefined): void {
    this.#check = { url, proxyUrl };
  }

  /** The run has begun: it holds the lock. */
  begin(): void {
    this.#start = this.#send("start", "", { deadline: deadlineMs, stop: this.#startStop.signal });
  }

  /** How it ended, also when it ended early. */
  async end(exitCode: number, summary: string): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#onStop);
    if (this.#check === null) return;
    this.#end ??= this.#sendEnd(exitCode, summary, deadlineMs);
    await this.#end;
  }

  /** At once: the run may need some seconds more for its last post, and the one who ends it less patience. */
  readonly #onStop = (): void => {
    if (this.#check === null) return;
    this.#startStop.abort();
    this.#end ??= this.#sendEnd(this.#options.codeWhenStopped(), "stopped", deadlineWhenStoppedMs);
  };

  async #sendEnd(exitCode: number, summary: string, deadline: number): Promise<void> {
    const signal = signalOf(exitCode);
    if (signal === null) return;
    const giveUp = setTimeout(() => this.#startStop.abort(), startGraceMs);
    await this.#start;
    clearTimeout(giveUp);
    const body = `exit code ${exitCode}: ${summary}`;
    await this.#send(signal, body, { deadline });
  }

  async #send(
    signal: string,
    body: string,
    { deadline, stop }: { deadline: number; stop?: AbortSignal },
  ): Promise<void> {
    if (this.#check === null) return;
    const { runId, warn } = this.#options;
    const { url, proxyUrl } = this.#check;
    const options = stop === undefined ? {} : { stop };
    const why = await sendPing({ url, proxyUrl, signal, runId, body, deadlineMs: deadline, ...options });
    if (why === null || stop?.aborted === true) return;
    const hint = why.startsWith("status 4") ? " (is monitor.pingUrl right?)" : "";
    warn(
      `the monitor at ${new URL(url).host} was not told how the run ${signal === "start" ? "begins" : "ends"}: ${why}${hint}`,
    );
  }
}

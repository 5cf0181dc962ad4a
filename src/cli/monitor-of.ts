import type { Config } from "../config/config.ts";
import { proxyFromEnvironment } from "../config/proxy.ts";
import { secretsIn } from "../monitor/ping.ts";
import { RunMonitor } from "../monitor/run-monitor.ts";
import type { RunReport } from "../pipeline/report.ts";
import { codeOfSignal, meaningOf } from "./exit-code.ts";
import type { Context } from "./program.ts";
import { loggerFor } from "./render/log-lines.ts";
import { runIdOf } from "./run-id.ts";

/** The monitor of this run; it knows nobody to tell before it is given the configuration. */
export function monitorOf(context: Context): RunMonitor {
  const { signal } = context.host;
  return new RunMonitor({
    runId: runIdOf(context),
    warn: (line) => loggerFor(context).warn(line),
    signal,
    codeWhenStopped: () => codeOfSignal(signal),
  });
}

/** Tells it whom to tell, where the configuration names somebody. */
export function watchAs({ monitor: settings }: Config, monitor: RunMonitor, context: Context): void {
  const url = settings?.pingUrl;
  if (url === undefined) return;
  for (const secret of secretsIn(url)) context.secrets.add(secret);
  monitor.watchAt(url, proxyFromEnvironment(url, context.host.env));
}

/** For a page that others may see: counts, and no name or amount. */
export function summaryOf(exitCode: number, report: RunReport | null): string {
  if (report === null) return meaningOf(exitCode);
  const { posted, failures, outbox } = report;
  const waiting = outbox.pending + outbox.inflight;
  return `${meaningOf(exitCode)}; posted ${posted.length}, failed ${failures.length}, waiting ${waiting}, dead ${outbox.dead}`;
}

import { randomUUID } from "node:crypto";

import type { Config } from "../../config/config.ts";
import { proxyFromEnvironment } from "../../config/proxy.ts";
import { secretsIn, sendPing } from "../../monitor/ping.ts";
import { passed, warning, type Check } from "./check.ts";

const deadlineMs = 5000;

/**
 * Whether the monitor takes signals: one for its log, which changes no status there. A run goes on without it, so that
 * nothing fails.
 */
export async function checkMonitor(
  { monitor }: Config,
  { env, remember }: { env: Parameters<typeof proxyFromEnvironment>[1]; remember: (secret: string) => void },
): Promise<Check[]> {
  const url = monitor?.pingUrl;
  if (url === undefined) return [];
  for (const secret of secretsIn(url)) remember(secret);
  const why = await sendPing({
    url,
    proxyUrl: proxyFromEnvironment(url, env),
    signal: "log",
    runId: randomUUID(),
    body: "sage-slack test: no run, and no change of status",
    deadlineMs,
  });
  const { host } = new URL(url);
  if (why === null) return [passed("monitor", `${host} takes signals (this one stands in its log)`)];
  const hint = why.startsWith("status 4")
    ? "Is monitor.pingUrl the address of the check, whole and without /start or an exit code?"
    : "Can this machine reach it? HTTPS_PROXY and NO_PROXY hold here too. Runs go on without it.";
  return [warning("monitor", `${host} was not told: ${why}`, hint)];
}

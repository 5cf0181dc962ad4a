import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

import { httpAgent, httpsAgent } from "../runtime/http-agent.ts";

/** One signal to a monitor that speaks the protocol of healthchecks.io. */
export interface Ping {
  /** Of the check; whoever knows it can report for it, so it is never shown. */
  readonly url: string;
  readonly proxyUrl?: string | undefined;
  /** `start`, `log`, or an exit code: https://healthchecks.io/docs/http_api/ */
  readonly signal: string;
  /** UUID that tells the monitor which start belongs to which end. */
  readonly runId: string;
  readonly body: string;
  /** For all of it, a second try included. */
  readonly deadlineMs: number;
  /** Gives it up. */
  readonly stop?: AbortSignal;
}

/** Sends it, once more when nothing was answered. Null when the monitor took it, else why not; never rejects. */
export async function sendPing(ping: Ping): Promise<string | null> {
  const until = performance.now() + ping.deadlineMs;
  const first = await attempt(ping, until);
  const mayPass = first !== null && !first.startsWith("status 4") && !first.startsWith("status 3");
  return mayPass && performance.now() < until && ping.stop?.aborted !== true ? attempt(ping, until) : first;
}

/** The address of one signal: of a check by its UUID, or by key and slug. */
export function addressOf({ url, signal, runId }: Pick<Ping, "url" | "signal" | "runId">): URL {
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/+$/, "")}/${signal}`;
  address.searchParams.set("rid", runId);
  return address;
}

const shortestSecret = 8;

/** What must not be shown of the address of a check: whoever knows it can report for it. */
export function secretsIn(url: string): string[] {
  const { pathname, href } = new URL(url);
  return [url, href, pathname.replaceAll(/^\/+|\/+$/g, "")].filter(({ length }) => length >= shortestSecret);
}

async function attempt(ping: Ping, until: number): Promise<string | null> {
  try {
    return await exchange(ping, Math.max(1, until - performance.now()));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : "no answer";
  }
}

/** Redirects are not followed, and nothing of the answer is read but its status. */
function exchange(ping: Ping, timeoutMs: number): Promise<string | null> {
  const url = addressOf(ping);
  const isSecure = url.protocol === "https:";
  const agent = (isSecure ? httpsAgent : httpAgent)(ping.proxyUrl, { keepAlive: false });
  return new Promise((resolve, reject) => {
    const request = (isSecure ? httpsRequest : httpRequest)(url, {
      method: "POST",
      agent,
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-length": Buffer.byteLength(ping.body),
        "user-agent": "sage-slack",
      },
      ...(isSecure ? { minVersion: "TLSv1.2" } : {}),
    });
    const end = (answer: string | null) => {
      clearTimeout(timer);
      ping.stop?.removeEventListener("abort", stopped);
      request.destroy();
      resolve(answer);
    };
    const stopped = () => end("given up");
    const timer = setTimeout(() => end("no answer in time"), timeoutMs);
    ping.stop?.addEventListener("abort", stopped, { once: true });
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.on("response", ({ statusCode = 0 }) =>
      end(statusCode >= 200 && statusCode < 300 ? null : `status ${statusCode}`),
    );
    request.end(ping.body);
  });
}

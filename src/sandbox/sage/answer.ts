import type { IncomingHttpHeaders } from "node:http";
import { gzipSync } from "node:zlib";

import type { Refusal } from "./refusal.ts";
import type { SageSwitches } from "./switches.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function json(body: string): Answer {
  return { status: 200, headers: {}, body: Buffer.from(body) };
}

export function xml(body: string): Answer {
  return { status: 200, headers: { "content-type": "application/xml" }, body: Buffer.from(body) };
}

export function html(status: number, body: string): Answer {
  return { status, headers: { "content-type": "text/html" }, body: Buffer.from(body) };
}

export function refusalAnswer({ code, status, message }: Refusal): Answer {
  const body = JSON.stringify({ error: { code, message: { lang: "en-US", value: message } } });
  const challenge = { "www-authenticate": 'Basic realm="Sage300WebApi"' };
  return { status, headers: status === 401 ? challenge : {}, body: Buffer.from(body) };
}

/** As IIS sends it: error answers are packed like any other. */
export function packed(answer: Answer, accepted: IncomingHttpHeaders, { compression }: SageSwitches): Answer {
  const isAccepted = /\bgzip\b/.test(accepted["accept-encoding"] ?? "");
  if (compression === "none" || !isAccepted) return answer;
  return {
    ...answer,
    headers: { ...answer.headers, "content-encoding": "gzip", vary: "Accept-Encoding" },
    body: gzipSync(answer.body),
  };
}

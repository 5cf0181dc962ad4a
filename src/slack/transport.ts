import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { gunzipSync } from "node:zlib";

import type { FetchFunction } from "@slack/web-api";

import { httpAgent, httpsAgent } from "../runtime/http-agent.ts";
import { shownAddress, type Redact } from "../runtime/redact.ts";
import { isTlsFailure } from "../runtime/tls-failure.ts";

/** What is known about a request that brought no usable answer. */
export type TransportFact =
  | {
      readonly kind: "rate-limited";
      readonly retryAfter: string | null;
      /** Slack's error code; empty without one. */
      readonly code: string;
    }
  /** It never left: no connection was made. */
  | { readonly kind: "not-sent"; readonly reason: string }
  | { readonly kind: "untrusted"; readonly reason: string }
  | { readonly kind: "redirected"; readonly target: string }
  /** It may have taken effect. */
  | { readonly kind: "unclear"; readonly reason: string; readonly status?: number };

export class TransportError extends Error {
  readonly fact: TransportFact;

  constructor(fact: TransportFact, cause?: unknown) {
    super(`Slack request: ${fact.kind}`, { cause });
    this.name = "TransportError";
    this.fact = fact;
  }
}

export interface TransportOptions {
  /** For one request, its answer included, milliseconds. */
  readonly timeoutMs: number;
  /** Answers over this size, unpacked, are refused. */
  readonly maxBytes: number;
  /** Servers and proxies may repeat what was sent to them. */
  readonly redact: Redact;
  readonly proxyUrl?: string | undefined;
  /** Headers over the exact body, such as a signature. */
  readonly sign?: ((body: string) => Record<string, string>) | undefined;
  /** Told the Date header of each answer. */
  readonly onDate?: ((serverTime: number) => void) | undefined;
  /** Gives a request up: it may have taken effect all the same. */
  readonly signal?: AbortSignal | undefined;
  /** Told when all of a request has been handed to the connection. */
  readonly onLeft?: (() => void) | undefined;
}

interface Answer {
  readonly response: IncomingMessage;
  readonly body: Buffer;
}

/**
 * A `fetch` for the Slack SDK that tells for certain whether a request left the machine: one connection a request, no
 * redirect, a deadline over everything, a bounded answer. Only a JSON answer with status 200 is handed on; anything
 * else is a {@link TransportError}.
 */
export function slackFetch(options: TransportOptions): FetchFunction {
  return async (address, init) => {
    const url = new URL(address);
    const body = typeof init?.body === "string" ? init.body : "";
    const headers = { ...init?.headers, ...options.sign?.(body) };
    const answer = await exchange({ url, body, headers }, options);
    return responseOf(url, resultOf(answer, options));
  };
}

/** Slack's word, and the scopes of the token where it tells them. */
interface Result {
  readonly text: string;
  readonly scopes: string | null;
}

/** What the SDK reads of a `Response`. Node's own comes with a second HTTP client, a tenth of a quiet run. */
function responseOf(url: URL, { text, scopes }: Result): Awaited<ReturnType<FetchFunction>> {
  const headers = new Map(scopes === null ? [] : [["x-oauth-scopes", scopes]]);
  return {
    ok: true,
    status: 200,
    statusText: "OK",
    url: url.href,
    headers: { get: (name) => headers.get(name.toLowerCase()) ?? null, entries: () => headers.entries() },
    text: () => Promise.resolve(text),
    json: () => Promise.resolve(JSON.parse(text) as unknown),
    arrayBuffer: () => Promise.resolve(new TextEncoder().encode(text).buffer),
  };
}

interface Outgoing {
  readonly url: URL;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

function exchange({ url, body, headers }: Outgoing, options: TransportOptions): Promise<Answer> {
  const isSecure = url.protocol === "https:";
  const agent = (isSecure ? httpsAgent : httpAgent)(options.proxyUrl, { keepAlive: false });
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const send = isSecure ? httpsRequest : httpRequest;
    const request = send(url, {
      method: "POST",
      headers: { ...headers, "accept-encoding": "identity", "content-length": Buffer.byteLength(body) },
      agent,
      ...(isSecure ? { minVersion: "TLSv1.2" } : {}),
    });
    const stopped = () => fail(new Error("stopped before the answer came"));
    const settled = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", stopped);
    };
    const fail = (error: unknown) => {
      settled();
      request.destroy();
      reject(error instanceof TransportError ? error : new TransportError(factOf(error, isConnected), error));
    };
    const timer = setTimeout(
      () => fail(new Error(`no complete answer within ${options.timeoutMs} ms`)),
      options.timeoutMs,
    );
    options.signal?.addEventListener("abort", stopped, { once: true });
    if (options.signal?.aborted === true) stopped();
    request.on("error", fail);
    request.on("finish", () => options.onLeft?.());
    request.on("socket", (socket) => {
      const ready = isSecure ? "secureConnect" : "connect";
      if (!socket.connecting && !isSecure) isConnected = true;
      socket.once(ready, () => (isConnected = true));
    });
    request.on("response", (response) => {
      isConnected = true;
      collect(response, options.maxBytes)
        .then((received) => resolve({ response, body: received }))
        .finally(settled)
        .catch(fail);
    });
    request.end(body);
  });
}

async function collect(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const bytes of response as AsyncIterable<Buffer>) {
    size += bytes.length;
    if (size > maxBytes) throw new TransportError({ kind: "unclear", reason: "the answer is too large" });
    chunks.push(bytes);
  }
  if (!response.complete) throw new TransportError({ kind: "unclear", reason: "the answer was cut off" });
  return Buffer.concat(chunks);
}

function resultOf({ response, body }: Answer, { maxBytes, onDate, redact }: TransportOptions): Result {
  const { headers } = response;
  const date = Date.parse(headers.date ?? "");
  if (!Number.isNaN(date)) onDate?.(date);
  const refusal = refusalOf({ response, body }, redact);
  if (refusal !== null) throw new TransportError(refusal);
  const text = textOf(body, headers["content-encoding"], maxBytes);
  const answer = objectIn(text);
  if (answer === null) throw new TransportError({ kind: "unclear", reason: "the answer is not Slack's" });
  const scopes = headers["x-oauth-scopes"];
  return {
    text: JSON.stringify(withPlainMetadata(answer)),
    scopes: typeof scopes === "string" ? scopes : null,
  };
}

/** What an answer without a result of Slack's says; Slack sends its own errors with status 200. */
function refusalOf(
  { response: { statusCode = 0, headers }, body }: Answer,
  redact: Redact,
): TransportFact | null {
  if (statusCode === 200) return null;
  if (statusCode === 429)
    return { kind: "rate-limited", retryAfter: headers["retry-after"] ?? null, code: codeIn(body) };
  if (statusCode < 300 || statusCode >= 400)
    return { kind: "unclear", reason: `status ${statusCode}`, status: statusCode };
  return { kind: "redirected", target: shownAddress(headers.location ?? "", redact) };
}

/** The error code in the body of a 429: in JSON as a rule, bare where the workspace is at its limit of messages. */
function codeIn(body: Buffer): string {
  const text = body.toString("utf8", 0, 2000).trim();
  const quoted = /"error"\s*:\s*"([a-z_]{1,64})"/.exec(text)?.[1];
  return quoted ?? (/^[a-z_]{1,64}$/.test(text) ? text : "");
}

function textOf(body: Buffer, encoding: string | undefined, maxBytes: number): string {
  try {
    const plain = encoding === "gzip" ? gunzipSync(body, { maxOutputLength: maxBytes }) : body;
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch (error) {
    throw new TransportError({ kind: "unclear", reason: "the answer cannot be unpacked" }, error);
  }
}

/** The SDK looks for secrets in every key, in a time that grows with the square of its length. */
const longestKey = 1000;

function objectIn(text: string): object | null {
  try {
    const parsed: unknown = JSON.parse(text, (key, value: unknown) => {
      if (key.length > longestKey) throw new SyntaxError("a key that Slack does not have");
      return value;
    });
    return typeof parsed === "object" && !Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

/** Nothing but the cursor is used, and over anything else in an odd shape the SDK throws a good answer away. */
function withPlainMetadata(answer: object): object {
  const metadata: unknown = "response_metadata" in answer ? answer.response_metadata : null;
  const isObject = typeof metadata === "object" && metadata !== null;
  const cursor = isObject && "next_cursor" in metadata ? metadata.next_cursor : "";
  return { ...answer, response_metadata: typeof cursor === "string" ? { next_cursor: cursor } : {} };
}

function factOf(error: unknown, isConnected: boolean): TransportFact {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const reason = code === "" && error instanceof Error ? error.message : code;
  // Once there was a connection, TLS included, no code tells whether the request had left before it broke.
  if (isConnected) return { kind: "unclear", reason };
  return isTlsFailure(code) ? { kind: "untrusted", reason } : { kind: "not-sent", reason };
}

// A gateway through which sage-slack reaches Slack, and nothing else does: only requests that carry a valid signature
// of this installation are passed on. Plain Node, no dependency.
//
//   SAGE_SLACK_SIGNING_SECRET=… PORT=8080 node egress-gateway.mjs
//
// and in sage-slack.json: "slack": { "apiUrl": "http://127.0.0.1:8080/api/" } where both run on one machine, or the
// https address of a proxy in front of it. The signature is Slack's own scheme, v0:
// https://docs.slack.dev/authentication/verifying-requests-from-slack

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const toleranceSeconds = 300;
const longestBody = 1024 * 1024;

/**
 * Whether a request comes from the installation that holds the secret, and is not older than five minutes.
 *
 * @param {{ headers: Record<string, string | string[] | undefined>, rawBody: Buffer }} request the body as it arrived,
 *   before anything has parsed it; names of headers in any case
 * @param {{ secret: string, now?: number }} options `now` in Unix milliseconds
 * @returns {boolean}
 */
export function isGenuine({ headers, rawBody }, { secret, now = Date.now() }) {
  const timestamp = header(headers, "x-slack-request-timestamp");
  const signature = header(headers, "x-slack-signature");
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const digest = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(rawBody).digest("hex");
  const expected = Buffer.from(`v0=${digest}`);
  const actual = Buffer.from(signature);
  // Not a byte-by-byte comparison: how long it takes would tell how much of a guess is right.
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/**
 * @param {Record<string, string | string[] | undefined>} headers
 * @param {string} name
 * @returns {string} empty when it is missing or given twice
 */
function header(headers, name) {
  const found = Object.entries(headers).filter(([key]) => key.toLowerCase() === name);
  const value = found.length === 1 ? found[0]?.[1] : "";
  return typeof value === "string" ? value : "";
}

/**
 * A server that passes genuine requests on and refuses all others with 403.
 *
 * @param {{ secret: string, target?: string, now?: () => number }} options `target` is where Slack is
 * @returns {import("node:http").Server}
 */
export function createGateway({ secret, target = "https://slack.com", now = Date.now }) {
  if (secret === "") throw new Error("a gateway without a secret would pass everything on");
  return createServer((request, response) => {
    handle(request, { secret, target, now }).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      () => response.writeHead(502).end("Slack cannot be reached"),
    );
  });
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {{ secret: string, target: string, now: () => number }} options
 * @returns {Promise<{ status: number, headers: Record<string, string>, body: Buffer | string }>}
 */
async function handle(request, { secret, target, now }) {
  const rawBody = await bodyOf(request);
  if (rawBody === null) return refusal(413, "too large");
  const { pathname } = new URL(request.url ?? "/", "http://gateway");
  if (request.method !== "POST" || !/^\/api\/[A-Za-z.]+$/.test(pathname))
    return refusal(404, "no method of Slack's");
  if (!isGenuine({ headers: request.headers, rawBody }, { secret, now: now() }))
    return refusal(403, "not signed");
  return forward(new URL(pathname, target), { request, rawBody });
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @returns {Promise<Buffer | null>} null when it is too large
 */
async function bodyOf(request) {
  /** @type {Buffer[]} */
  const chunks = [];
  let size = 0;
  for await (const chunk of /** @type {AsyncIterable<Buffer>} */ (request)) {
    size += chunk.length;
    if (size > longestBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * @param {URL} url
 * @param {{ request: import("node:http").IncomingMessage, rawBody: Buffer }} genuine
 * @returns {Promise<{ status: number, headers: Record<string, string>, body: Buffer }>}
 */
async function forward(url, { request, rawBody }) {
  const passed = pick(request.headers, ["authorization", "content-type", "user-agent"]);
  // Once: sage-slack alone decides whether something is sent again. A redirect goes back to it, which refuses it.
  const answer = await fetch(url, {
    method: "POST",
    headers: passed,
    body: rawBody,
    redirect: "manual",
    signal: AbortSignal.timeout(14_000),
  });
  const kept = [
    "content-type",
    "date",
    "retry-after",
    "location",
    "x-oauth-scopes",
    "x-accepted-oauth-scopes",
  ];
  return {
    status: answer.status,
    headers: pick(Object.fromEntries(answer.headers), kept),
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

/**
 * @param {Record<string, string | string[] | undefined>} headers
 * @param {readonly string[]} names
 * @returns {Record<string, string>}
 */
function pick(headers, names) {
  /** @type {Record<string, string>} */
  const picked = {};
  for (const name of names) {
    const value = header(headers, name);
    if (value !== "") picked[name] = value;
  }
  return picked;
}

/**
 * @param {number} status
 * @param {string} body
 * @returns {{ status: number, headers: Record<string, string>, body: string }}
 */
function refusal(status, body) {
  return { status, headers: { "content-type": "text/plain" }, body };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { SAGE_SLACK_SIGNING_SECRET: secret = "", SLACK_TARGET: target, PORT: port = "8080" } = process.env;
  createGateway(target === undefined ? { secret } : { secret, target }).listen(Number(port), "127.0.0.1");
}

import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createGzip } from "node:zlib";

import { answerText, sendAnswer, writeHead, type Answer } from "./answer.ts";
import type { FaultKind, FaultOf } from "./faults.ts";

export interface Exchange {
  readonly response: ServerResponse;
  /** Lets the call take effect and says what Slack would answer. */
  readonly perform: () => Answer;
  /** The answer that has no effect: the headers of any, an empty body. */
  readonly blank: Answer;
  /** Has the call take effect later on, without an answer. */
  readonly performLater: (afterMs: number) => void;
  /** Takes no new connections from now on. */
  readonly vanish: () => void;
}

type Servers = {
  readonly [Kind in FaultKind]: (exchange: Exchange, fault: FaultOf<Kind>) => Promise<void> | void;
};

/** Answers wrongly, or not at all. */
export async function serveFault<Kind extends FaultKind>(
  exchange: Exchange,
  fault: FaultOf<Kind>,
): Promise<void> {
  await servers[fault.kind](exchange, fault);
}

function performIf(exchange: Exchange, accept: boolean | undefined): void {
  if (accept) exchange.perform();
}

const servers: Servers = {
  error(exchange, { error, extra, accept }) {
    performIf(exchange, accept);
    sendAnswer(exchange.response, { ...exchange.blank, body: { ok: false, error, ...extra } });
  },

  http(exchange, { status, body = "", contentType = "text/plain", accept }) {
    performIf(exchange, accept);
    writeHead(exchange.response, { ...exchange.blank, status }, { "content-type": contentType });
    exchange.response.end(body);
  },

  hang(exchange, { accept }) {
    performIf(exchange, accept);
  },

  reset(exchange, { accept }) {
    performIf(exchange, accept);
    exchange.response.socket?.resetAndDestroy();
  },

  fin(exchange, { accept }) {
    performIf(exchange, accept);
    exchange.response.socket?.end();
  },

  truncate(exchange, { accept, afterBytes }) {
    const { response } = exchange;
    const { answer, bytes } = goodAnswer(exchange, accept);
    writeHead(response, answer, { "content-length": bytes.length });
    response.write(bytes.subarray(0, afterBytes), () => response.socket?.end());
    response.flushHeaders();
  },

  async drip(exchange, { accept, everyMs }) {
    const { response } = exchange;
    const { answer, bytes } = goodAnswer(exchange, accept);
    writeHead(response, answer, { "content-length": bytes.length });
    for (let position = 0; position < bytes.length && !response.destroyed; position += 1) {
      response.write(bytes.subarray(position, position + 1));
      await sleep(everyMs);
    }
    response.end();
  },

  html(exchange, { accept }) {
    performIf(exchange, accept);
    writeHead(exchange.response, exchange.blank, { "content-type": "text/html; charset=utf-8" });
    exchange.response.end("<!doctype html><title>Sign in</title><form>Please sign in to the proxy.</form>");
  },

  ratelimited({ response, blank }, { retryAfter = 1 }) {
    const headers = retryAfter === null ? {} : { "retry-after": String(retryAfter) };
    const body = { ok: false, error: "ratelimited" };
    sendAnswer(response, { status: 429, headers: { ...blank.headers, ...headers }, body });
  },

  late({ response, performLater }, { afterMs, hangUp }) {
    response.once("close", () => performLater(afterMs));
    if (hangUp === true) response.socket?.resetAndDestroy();
  },

  receipt({ response, perform }, { patch }) {
    const answer = perform();
    const isGood = answer.body["ok"] === true;
    sendAnswer(response, isGood ? { ...answer, body: { ...answer.body, ...patch } } : answer);
  },

  redirect({ response, blank }, { location, status }) {
    response.writeHead(status, { ...blank.headers, location });
    response.end();
  },

  async huge(exchange, { bytes, accept }) {
    performIf(exchange, accept);
    writeHead(exchange.response, exchange.blank);
    await pipeline(Readable.from(longJson(bytes)), exchange.response).catch(clientGone);
  },

  async "gzip-bomb"(exchange, { bytes, accept }) {
    performIf(exchange, accept);
    writeHead(exchange.response, exchange.blank, { "content-encoding": "gzip" });
    await pipeline(Readable.from(longJson(bytes)), createGzip(), exchange.response).catch(clientGone);
  },

  async delay({ response, perform }, { ms }) {
    const answer = perform();
    await sleep(ms);
    if (!response.destroyed) sendAnswer(response, answer);
  },

  close({ response, perform }) {
    const { socket } = response;
    response.once("finish", () => socket?.destroySoon());
    sendAnswer(response, perform());
  },

  vanish({ response, perform, vanish }) {
    vanish();
    sendAnswer(response, perform());
  },

  body(exchange, { text, accept }) {
    performIf(exchange, accept);
    writeHead(exchange.response, exchange.blank);
    exchange.response.end(text);
  },
};

function goodAnswer(exchange: Exchange, accept: boolean): { answer: Answer; bytes: Buffer } {
  const answer = accept
    ? exchange.perform()
    : { ...exchange.blank, body: { ok: true, channel: "C0000000000", ts: "1700000000.000001" } };
  return { answer, bytes: Buffer.from(answerText(answer)) };
}

function* longJson(bytes: number): Generator<string> {
  const opening = '{"ok":true,"filler":"';
  const closing = '"}';
  const chunk = "a".repeat(65_536);
  yield opening;
  for (let left = bytes - opening.length - closing.length; left > 0; left -= chunk.length) {
    yield left < chunk.length ? chunk.slice(0, left) : chunk;
  }
  yield closing;
}

/** A client that has seen enough closes the connection; that is its right. */
function clientGone(): void {}

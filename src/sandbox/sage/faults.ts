import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { drip, sendLong, truncate } from "../faulty-http.ts";
import type { Answer } from "./answer.ts";

export type SageFault = FaultTarget & FaultOf<FaultKind>;

interface FaultTarget {
  /** Only requests whose path and query, decoded, contain this; default any. */
  readonly match?: string;
  /** How many requests it hits; default 1, Infinity for every one from then on. */
  readonly times?: number;
  /** How many matching requests pass unharmed first. */
  readonly skip?: number;
}

interface FaultDetails {
  status: {
    readonly status: number;
    readonly body?: string;
    readonly contentType?: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** The page of http.sys while the application pool restarts. */
  html503: unknown;
  text500: unknown;
  hang: unknown;
  drip: { readonly everyMs: number };
  truncate: { readonly afterBytes: number };
  reset: unknown;
  delay: { readonly ms: number };
  huge: { readonly bytes: number };
  "gzip-bomb": { readonly bytes: number };
  /** What the server would have said, changed. */
  rewrite: {
    readonly change: (body: Buffer) => string | Uint8Array;
    readonly headers?: Readonly<Record<string, string>>;
  };
  redirect: { readonly location: string; readonly status: number };
  /** A page where JSON should be, with the headers of JSON. */
  "not-json": unknown;
  /** Status 200 and nothing else. */
  empty: unknown;
}

type FaultKind = keyof FaultDetails;

type FaultOf<Kind extends FaultKind> = {
  [Each in Kind]: { readonly kind: Each } & FaultDetails[Each];
}[Kind];

/** Faults wait in order; the first that fits a request hits it. */
export class FaultQueue {
  readonly #queue: { readonly fault: SageFault; skip: number; times: number }[] = [];

  add(fault: SageFault): void {
    this.#queue.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
  }

  clear(): void {
    this.#queue.length = 0;
  }

  take(address: string): SageFault | undefined {
    for (const queued of this.#queue) {
      if (queued.times <= 0 || !address.includes(queued.fault.match ?? "")) continue;
      if (queued.skip > 0) {
        queued.skip -= 1;
        continue;
      }
      queued.times -= 1;
      return queued.fault;
    }
    return undefined;
  }
}

const htmlType = "text/html; charset=us-ascii";

const unavailablePage =
  "<!DOCTYPE HTML><HTML><HEAD><TITLE>Service Unavailable</TITLE></HEAD><BODY><h2>Service Unavailable</h2>" +
  "<hr><p>HTTP Error 503. The service is unavailable.</p></BODY></HTML>";

/** Answers wrongly or not at all; `good` is what the server would have said. */
export async function serveFault<Kind extends FaultKind>(
  exchange: Exchange,
  fault: FaultOf<Kind>,
): Promise<void> {
  await servers[fault.kind](exchange, fault);
}

interface Exchange {
  readonly response: ServerResponse;
  readonly good: Answer;
  readonly answer: () => void;
}

type Servers = {
  readonly [Kind in FaultKind]: (exchange: Exchange, fault: FaultOf<Kind>) => Promise<void> | void;
};

const servers: Servers = {
  status({ response }, { status, body = "", contentType = "text/plain", headers = {} }) {
    response.writeHead(status, { "content-type": contentType, ...headers }).end(body);
  },

  html503({ response }) {
    response.writeHead(503, { "content-type": htmlType }).end(unavailablePage);
  },

  text500({ response }) {
    response.writeHead(500, { "content-type": "text/plain" }).end("The operation has timed out.");
  },

  hang() {},

  async drip({ response, good }, { everyMs }) {
    await drip(begun(response, good), good.body, everyMs);
  },

  truncate({ response, good }, { afterBytes }) {
    truncate(begun(response, good), good.body, afterBytes);
  },

  reset({ response }) {
    response.socket?.resetAndDestroy();
  },

  async delay({ response, answer }, { ms }) {
    await sleep(ms);
    if (!response.destroyed) answer();
  },

  async huge({ response }, { bytes }) {
    await sendLong(response, { ...longFeed, bytes, gzip: false });
  },

  async "gzip-bomb"({ response }, { bytes }) {
    await sendLong(response, { ...longFeed, bytes, gzip: true });
  },

  rewrite({ response, good }, { change, headers = {} }) {
    begun(response, { ...good, headers: { ...good.headers, ...headers } }).end(change(good.body));
  },

  redirect({ response }, { location, status }) {
    response.writeHead(status, { location }).end();
  },

  "not-json"({ response }) {
    response.end("<!DOCTYPE html><title>Sign in</title>");
  },

  empty({ response }) {
    response.end();
  },
};

function begun(response: ServerResponse, { status, headers }: Answer): ServerResponse {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  return response;
}

const longFeed = { opening: '{"@odata.context":"x","value":[{"Description":"', closing: '"}]}' };

import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";

import { got, type Got, type Response } from "got";

import { AppError } from "../errors.ts";
import { httpAgent, httpsAgent } from "../runtime/http-agent.ts";
import { redactor, type Redact } from "../runtime/redact.ts";
import { AnswerFailure } from "./answer-failure.ts";
import { isObject, parseJson } from "./json.ts";
import { busyStatus, failureOf, redirected, SageRefusal, type Asked } from "./odata-failure.ts";
import type { Filter } from "./odata-filter.ts";
import { maxBytes, unpack } from "./unpack.ts";

export interface ODataClientOptions {
  /** Up to the virtual directory: `https://erp.example.com/Sage300WebApi`. */
  readonly url: string;
  readonly company: string;
  readonly user: string;
  readonly password: string;
  /** For one request, its answer included. */
  readonly timeoutSeconds: number;
  /** PEM; trusted for this server in addition to nothing else. */
  readonly ca?: string | undefined;
  readonly proxyUrl?: string | undefined;
  readonly signal?: AbortSignal;
  /** By `performance.now()`, after which nothing is asked any more: a server may find new rows for ever. */
  readonly deadline?: number;
  /** Longest wait before a request is tried again; a test passes 0. */
  readonly longestBackoffMs?: number;
}

export interface FeedQuery {
  /** `AP/APInvoiceBatches`. */
  readonly resource: string;
  readonly filter?: Filter;
  readonly select?: readonly string[];
  readonly top?: number;
  readonly skip?: number;
  /** Asks how many rows match in all. */
  readonly count?: boolean;
}

export interface FeedPage {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Sage said that more rows remain. Not saying so proves nothing: the link may be absent. */
  readonly hasNextLink: boolean;
  /** How many rows match in all, when Sage says so. */
  readonly count: number | null;
}

/**
 * Reads one company of a Sage 300 Web API: GET only, one request at a time, no redirect followed, no link of the
 * server's dereferenced, and never a second try with credentials that were refused (it can lock the account).
 */
export class ODataClient {
  /** Requests sent so far, tries included. */
  requests = 0;
  /** The server's clock at its last answer, Unix milliseconds. */
  serverTime: number | null = null;
  /** The answer that refused the credentials; nothing is sent after it. */
  refusal: AppError | null = null;
  readonly company: string;
  readonly #base: string;
  readonly #timeoutSeconds: number;
  readonly #deadline: number;
  readonly #got: Got;
  readonly #redact: Redact;
  readonly #agents: { http: HttpAgent; https: HttpsAgent };

  constructor(options: ODataClientOptions) {
    this.company = options.company;
    this.#base = `${options.url}/v1.0/-/${encodeURIComponent(options.company)}`;
    this.#timeoutSeconds = options.timeoutSeconds;
    this.#deadline = options.deadline ?? Number.POSITIVE_INFINITY;
    this.#redact = redactor([options.password, `${options.user}:${options.password}`]);
    this.#agents = keepAliveAgents(options.proxyUrl);
    this.#got = got.extend(requestOptions(options), {
      agent: this.#agents,
      hooks: { beforeRequest: [() => void (this.requests += 1)] },
    });
  }

  /** One page of a feed. */
  async page(query: FeedQuery): Promise<FeedPage> {
    const name = this.#name(query.resource);
    const body = await this.#get(`${query.resource}${queryString(query)}`, query.resource);
    const value = isObject(body) ? body["value"] : undefined;
    if (!isObject(body) || !Array.isArray(value) || !value.every(isObject)) {
      throw new AppError("unreadable", `${name} answered without a list of records`);
    }
    const hasNextLink = typeof body["@odata.nextLink"] === "string";
    if (query.top !== undefined && value.length > query.top) {
      throw dishonest(name, `${value.length} records where ${query.top} were asked for`);
    }
    if (value.length === 0 && hasNextLink) throw dishonest(name, "an empty page that others are to follow");
    return { rows: value, hasNextLink, count: countOf(body["@odata.count"] ?? body["odata.count"]) };
  }

  /** The record with this key (`28`, `BatchSelector='PY',BatchNumber=83`), or null when Sage has none. */
  async entity(resource: string, key: string): Promise<Readonly<Record<string, unknown>> | null> {
    try {
      const body = await this.#get(`${resource}(${encodeKey(key)})`, resource);
      if (isObject(body)) return body;
    } catch (error) {
      if (error instanceof SageRefusal && error.code === "RecordNotFound") return null;
      throw error;
    }
    // Not even for a JSON null: only Sage's own word for it makes a record one that is not there.
    throw new AppError("unreadable", `${this.#name(resource)} answered without a record`);
  }

  /** Ends the connection that is kept open between requests. */
  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #get(path: string, resource: string): Promise<unknown> {
    if (this.refusal !== null) throw this.refusal;
    const asked = this.#asked(resource);
    const { name } = asked;
    if (performance.now() > this.#deadline) throw outOfTime(name);
    const response = await this.#send(`${this.#base}/${path}`, asked);
    const seen = Date.parse(response.headers.date ?? "");
    if (!Number.isNaN(seen)) this.serverTime = seen;
    if (response.statusCode >= 300) throw redirected(response, asked);
    const body = parseJson(unpack(response, asked), name, this.#redact);
    if (isObject(body)) this.#checkCompany(body["@odata.context"], name);
    return body;
  }

  async #send(url: string, asked: Asked): Promise<Response> {
    const request = this.#got(url);
    let stopped: AppError | undefined;
    const stop = (error: AppError) => {
      stopped ??= error;
      request.cancel();
    };
    void request.on("downloadProgress", ({ transferred }) => {
      if (transferred > maxBytes) stop(tooLarge(asked.name));
    });
    // Without a listener the connection would be closed and the request never end in any way.
    void request.on("request", (sent) => sent.once("upgrade", () => stop(switchedProtocol(asked.name))));
    try {
      return await request;
    } catch (error) {
      if (stopped !== undefined) throw stopped;
      const failure = failureOf(error, asked);
      if (failure instanceof AppError && failure.kind === "auth") this.refusal = failure;
      throw failure;
    }
  }

  /** A proxy or a restored server that mixes companies up must not pass for ours. */
  #checkCompany(context: unknown, name: string): void {
    const stated = typeof context === "string" ? this.#redact(context.slice(0, 1000)) : "";
    const [, answering] = /\/-\/([^/]+)\//.exec(stated) ?? [];
    if (answering === undefined || answering.toUpperCase() === this.company.toUpperCase()) return;
    throw new AppError("config", `${name} answered for the company ${answering.slice(0, 60)}`, {
      hint: "Check sage.url and sage.companies, and what lies between this machine and Sage.",
    });
  }

  #asked(resource: string): Asked {
    return {
      name: this.#name(resource),
      company: this.company,
      base: this.#base,
      timeoutSeconds: this.#timeoutSeconds,
      redact: this.#redact,
    };
  }

  #name(resource: string): string {
    return `${resource} of ${this.company} at ${new URL(this.#base).origin}`;
  }
}

function requestOptions(options: ODataClientOptions) {
  const longest = options.longestBackoffMs ?? 20_000;
  return {
    method: "GET",
    // Sage asks for it on every request, though a GET has no body.
    headers: {
      authorization: `Basic ${Buffer.from(`${options.user}:${options.password}`, "utf8").toString("base64")}`,
      "content-type": "application/json",
      accept: "application/json",
      "accept-encoding": "gzip",
      "user-agent": "sage-slack",
    },
    responseType: "buffer",
    decompress: false,
    followRedirect: false,
    timeout: { request: options.timeoutSeconds * 1000 },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    https: {
      minVersion: "TLSv1.2",
      ...(options.ca === undefined ? {} : { certificateAuthority: options.ca }),
    },
    retry: {
      limit: 2,
      methods: ["GET"],
      statusCodes: busyStatus,
      errorCodes: ["ECONNRESET", "EPIPE"],
      calculateDelay: ({ computedValue, attemptCount, retryAfter }) => {
        if (computedValue === 0) return 0;
        if (retryAfter !== undefined && retryAfter > longest) return 0;
        const fullJitter = Math.random() * Math.min(longest, 1000 * 2 ** attemptCount);
        return Math.max(1, retryAfter ?? fullJitter);
      },
    },
  } as const satisfies Parameters<typeof got.extend>[0];
}

function keepAliveAgents(proxy: string | undefined): { http: HttpAgent; https: HttpsAgent } {
  const one = { keepAlive: true, maxSockets: 1 };
  return { http: httpAgent(proxy, one), https: httpsAgent(proxy, one) };
}

function queryString({ filter, select, top, skip, count }: FeedQuery): string {
  const parts = [
    filter === undefined ? null : `$filter=${encodeURIComponent(filter)}`,
    select === undefined ? null : `$select=${encodeURIComponent(select.join(","))}`,
    top === undefined ? null : `$top=${top}`,
    skip === undefined || skip === 0 ? null : `$skip=${skip}`,
    count === true ? "$count=true" : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

function encodeKey(key: string): string {
  // Half a character, which JSON can hold, has no place in an address.
  const whole = key.replaceAll(/\p{Surrogate}/gu, "\uFFFD");
  return encodeURIComponent(whole).replaceAll("%2C", ",").replaceAll("%3D", "=");
}

function dishonest(name: string, what: string): AppError {
  return new AppError("unreadable", `${name} answered with ${what}`, {
    hint: "Its paging cannot be relied on, so nothing of it was used. Is there a proxy in between?",
  });
}

function outOfTime(name: string): AppError {
  return new AppError("temporary", `there is no time left to go on reading ${name}`, {
    hint: "The next run tries again. A long history, or names read for the first time, may need a longer --max-duration.",
  });
}

function tooLarge(name: string): AppError {
  return new AnswerFailure(`cannot read ${name}: the answer is larger than 16 MB`, {
    hint: "Is that the Sage server? A single record of this size cannot be read either.",
  });
}

function switchedProtocol(name: string): AppError {
  return new AppError("temporary", `cannot read ${name}: the server changes to another protocol`);
}

/** A number in OData 4; Sage's own documentation prints a string. */
function countOf(value: unknown): number | null {
  const count = typeof value === "string" ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

import { got, type Got, type Response } from "got";
import { HttpProxyAgent, HttpsProxyAgent } from "hpagent";

import { AppError } from "../errors.ts";
import { redactor, type Redact } from "../runtime/redact.ts";
import { parseJson } from "./json.ts";
import { busyStatus, failureOf, redirected, SageRefusal, type Asked } from "./odata-failure.ts";
import type { Filter } from "./odata-filter.ts";

export interface ODataClientOptions {
  /** Up to the virtual directory: `https://erp.example.com/Sage300WebApi`. */
  readonly url: string;
  readonly company: string;
  readonly user: string;
  readonly password: string;
  /** For one request, its answer included. */
  readonly timeoutSeconds: number;
  /** PEM; trusted for this server in addition to nothing else. */
  readonly ca?: string;
  readonly proxyUrl?: string;
  readonly signal?: AbortSignal;
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

/** Answers over this size, unpacked, are refused: a page of batches is far below it. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Reads one company of a Sage 300 Web API: GET only, one request at a time, no redirect followed, no link of the
 * server's dereferenced, and never a second try with credentials that were refused (it can lock the account).
 */
export class ODataClient {
  /** Requests sent so far, tries included. */
  requests = 0;
  /** The server's clock at its last answer, Unix milliseconds. */
  serverTime: number | null = null;
  readonly company: string;
  readonly #base: string;
  readonly #got: Got;
  readonly #redact: Redact;
  readonly #agents: { http: HttpAgent; https: HttpsAgent };

  constructor(options: ODataClientOptions) {
    this.company = options.company;
    this.#base = `${options.url}/v1.0/-/${encodeURIComponent(options.company)}`;
    this.#redact = redactor([options.password, `${options.user}:${options.password}`]);
    this.#agents = keepAliveAgents(options.proxyUrl);
    this.#got = got.extend(requestOptions(options), {
      agent: this.#agents,
      hooks: { beforeRequest: [() => void (this.requests += 1)] },
    });
  }

  /** One page of a feed. */
  async page(query: FeedQuery): Promise<FeedPage> {
    const body = await this.#get(`${query.resource}${queryString(query)}`, query.resource);
    const value = isObject(body) ? body["value"] : undefined;
    if (!Array.isArray(value) || !value.every(isObject)) {
      throw new AppError("unreadable", `${this.#name(query.resource)} answered without a list of records`);
    }
    const envelope = isObject(body) ? body : {};
    this.#checkCompany(envelope["@odata.context"], query.resource);
    return {
      rows: value,
      hasNextLink: typeof envelope["@odata.nextLink"] === "string",
      count: countOf(envelope["@odata.count"] ?? envelope["odata.count"]),
    };
  }

  /** The record with this key (`28`, `BatchSelector='PY',BatchNumber=83`), or null when Sage has none. */
  async entity(resource: string, key: string): Promise<Readonly<Record<string, unknown>> | null> {
    const body = await this.#get(`${resource}(${encodeKey(key)})`, resource).catch((error: unknown) => {
      if (error instanceof SageRefusal && error.code === "RecordNotFound") return null;
      throw error;
    });
    if (body === null) return null;
    if (!isObject(body))
      throw new AppError("unreadable", `${this.#name(resource)} answered without a record`);
    return body;
  }

  /** Ends the connection that is kept open between requests. */
  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #get(path: string, resource: string): Promise<unknown> {
    const response = await this.#send(`${this.#base}/${path}`, resource);
    const seen = Date.parse(response.headers.date ?? "");
    if (!Number.isNaN(seen)) this.serverTime = seen;
    if (response.statusCode >= 300) throw redirected(response, this.#asked(resource));
    const { name } = this.#asked(resource);
    return parseJson(unpack(response, this.#asked(resource)), name, this.#redact);
  }

  async #send(url: string, resource: string): Promise<Response> {
    const request = this.#got(url);
    let tooLarge = false;
    void request.on("downloadProgress", ({ transferred }) => {
      if (transferred <= maxBytes) return;
      tooLarge = true;
      request.cancel();
    });
    try {
      return await request;
    } catch (error) {
      const asked = this.#asked(resource);
      if (tooLarge)
        throw new AppError("temporary", `cannot read ${asked.name}: the answer is larger than 16 MB`, {
          cause: error,
        });
      throw failureOf(error, asked);
    }
  }

  /** A proxy or a restored server that mixes companies up must not pass for ours. */
  #checkCompany(context: unknown, resource: string): void {
    const stated = typeof context === "string" ? this.#redact(context.slice(0, 1000)) : "";
    const [, answering] = /\/-\/(\w{1,40})\//.exec(stated) ?? [];
    if (answering === undefined || answering.toUpperCase() === this.company.toUpperCase()) return;
    throw new AppError("config", `${this.#name(resource)} answered for the company ${answering}`, {
      hint: "Check sage.url and sage.companies, and what lies between this machine and Sage.",
    });
  }

  #asked(resource: string): Asked {
    return { name: this.#name(resource), company: this.company, base: this.#base, redact: this.#redact };
  }

  #name(resource: string): string {
    return `${resource} of ${this.company} at ${new URL(this.#base).origin}`;
  }
}

function requestOptions(options: ODataClientOptions) {
  const longest = options.longestBackoffMs ?? 20_000;
  return {
    method: "GET",
    username: options.user,
    password: options.password,
    // Sage asks for it on every request, though a GET has no body.
    headers: {
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
  if (proxy === undefined) return { http: new HttpAgent(one), https: new HttpsAgent(one) };
  return { http: new HttpProxyAgent({ ...one, proxy }), https: new HttpsProxyAgent({ ...one, proxy }) };
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
  return encodeURIComponent(key).replaceAll("%2C", ",").replaceAll("%3D", "=");
}

function unpack(response: Response, { name: from, redact }: Asked): Uint8Array {
  const stated = response.headers["content-encoding"] ?? "identity";
  const encoding = stated.toLowerCase();
  const body = response.rawBody;
  const unpackers: Record<string, (packed: Uint8Array, limit: { maxOutputLength: number }) => Uint8Array> = {
    identity: (plain) => plain,
    gzip: gunzipSync,
    deflate: inflateSync,
    br: brotliDecompressSync,
  };
  const unpacker = unpackers[encoding];
  if (unpacker === undefined)
    throw new AppError("unreadable", `${from} answered in the encoding "${redact(stated).slice(0, 60)}"`);
  try {
    return unpacker(body, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new AppError("temporary", `${from} sent an answer that cannot be unpacked within 16 MB`, {
      cause: error,
    });
  }
}

/** A number in OData 4; Sage's own documentation prints a string. */
function countOf(value: unknown): number | null {
  const count = typeof value === "string" ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

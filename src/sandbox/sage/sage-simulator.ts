import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { readAddress, type Address } from "./address.ts";
import { html, json, packed, refusalAnswer, xml, type Answer } from "./answer.ts";
import { CompanyBooks } from "./company-books.ts";
import { describe } from "./edmx.ts";
import { matcherOf } from "./entity-key.ts";
import { FaultQueue, serveFault, type SageFault } from "./faults.ts";
import { entityText, feedText, type FeedRequest } from "./feed.ts";
import { authorize, Logins, userOf, type UserSpec } from "./logins.ts";
import { landingPage, notFoundPage } from "./pages.ts";
import { Refusal, refuse } from "./refusal.ts";
import { findResource, resourcesOf, type Resource, type ResourceName } from "./resources.ts";
import type { SageRow } from "./rows.ts";
import { addSampleHistory } from "./sample-history.ts";
import { defaultSwitches, type SageSwitches } from "./switches.ts";

export interface SageSimulatorOptions {
  readonly companies?: readonly string[];
  /** `sample`: hundreds of batches in every state; `empty`: master data alone. */
  readonly history?: "sample" | "empty";
  /** Stops the server's calendar and clock at this day. */
  readonly today?: string;
  readonly port?: number;
  readonly switches?: Partial<SageSwitches>;
  /** How long every answer takes. */
  readonly latencyMs?: number;
}

export interface RecordedRequest {
  readonly method: string;
  /** Decoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** As it was sent: path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly user: string;
  /** Milliseconds on the monotonic clock. */
  readonly at: number;
  /** 0 until something is answered. */
  status: number;
}

/** A Sage 300 Web API on the loopback interface, with a record of everything it was asked. */
export class SageSimulator {
  readonly url: string;
  readonly requests: RecordedRequest[] = [];
  /** May be changed at any time. */
  readonly switches: SageSwitches;
  /** May be changed at any time; `today` null is the machine's own calendar in UTC. */
  readonly now: { today: string | null };
  /** Sees each request before it is answered: the moment for a test to change the books. */
  onRequest: ((request: RecordedRequest) => void) | null = null;
  readonly #server: Server;
  readonly #latencyMs: number;
  readonly #logins = new Logins();
  readonly #faults = new FaultQueue();
  readonly #companies = new Map<string, CompanyBooks>();
  /** Requests being served, by user. */
  readonly #inService = new Map<string, number>();

  static async start(options: SageSimulatorOptions = {}): Promise<SageSimulator> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    return new SageSimulator(server, options);
  }

  private constructor(server: Server, options: SageSimulatorOptions) {
    this.#server = server;
    this.#latencyMs = options.latencyMs ?? 0;
    this.url = `http://127.0.0.1:${portOf(server)}/Sage300WebApi`;
    this.switches = { ...defaultSwitches, ...options.switches };
    this.now = { today: options.today ?? null };
    for (const id of options.companies ?? ["SAMINC", "SAMLTD"]) {
      const books = new CompanyBooks(id, {
        today: () => this.today,
        postingTouchesLastEdited: () => this.switches.postingTouchesLastEdited,
      });
      if (options.history !== "empty") addSampleHistory(books, this.today);
      this.#companies.set(id, books);
    }
    this.#logins.add({ id: "WEBAPI", password: "WEBAPI" });
    this.#logins.add({ id: "ADMIN", password: "ADMIN", isAdmin: true });
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      void this.#serve(request, response);
    });
  }

  get today(): string {
    return this.now.today ?? new Date().toISOString().slice(0, 10);
  }

  company(id: string): CompanyBooks {
    const books = this.#companies.get(id);
    if (books === undefined) throw new Error(`the sandbox has no company ${id}`);
    return books;
  }

  /** Adds a user or replaces the one with this id. */
  addUser(spec: UserSpec): void {
    this.#logins.add(spec);
  }

  isLocked(id: string): boolean {
    return this.#logins.isLocked(id, this.switches);
  }

  unlock(id: string): void {
    this.#logins.unlock(id);
  }

  queueFault(fault: SageFault): void {
    this.#faults.add(fault);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = addressOf(request);
    const record = recordOf(request, url);
    this.requests.push(record);
    response.sendDate = false;
    for (const [name, value] of Object.entries(this.#commonHeaders())) response.setHeader(name, value);
    response.once("close", () => {
      record.status = response.headersSent ? response.statusCode : 0;
    });
    try {
      this.onRequest?.(record);
      const good = packed(this.#answerTo(request, url, response), request.headers, this.switches);
      const fault = this.#faults.take(record.path + decoded(url.search));
      if (this.#latencyMs > 0) await sleep(this.#latencyMs);
      const answer = () => {
        response.writeHead(good.status, { ...good.headers, "content-length": good.body.length });
        response.end(good.body);
      };
      if (fault === undefined) answer();
      else await serveFault({ response, good, answer }, fault);
    } catch (error) {
      failLoudly(response, error);
    }
  }

  #commonHeaders(): Record<string, string> {
    const at = this.now.today === null ? new Date() : new Date(`${this.now.today}T18:00:00Z`);
    return {
      "api-supported-versions": "1.0",
      "cache-control": "no-cache",
      "content-type": "application/json; odata.metadata=minimal",
      date: at.toUTCString(),
      expires: "-1",
      "odata-version": "4.0",
      pragma: "no-cache",
      server: "Microsoft-IIS/10.0",
      "x-aspnet-version": "4.0.30319",
      "x-powered-by": "ASP.NET",
    };
  }

  #answerTo(request: IncomingMessage, url: URL, response: ServerResponse): Answer {
    try {
      const [, query = ""] = /\?(.*)$/s.exec(request.url ?? "") ?? [];
      if (query.length > this.switches.maxQueryLength) return html(404, notFoundPage("404.15"));
      const address = readAddress(url.pathname);
      if (address === null) return html(404, notFoundPage("404.0"));
      if (address.kind === "landing-page") return html(200, landingPage);
      return this.#dataAnswer(request, url, { address, response });
    } catch (error) {
      if (error instanceof Refusal) return refusalAnswer(error);
      throw error;
    }
  }

  /** In the order in which a server finds fault: login, load, company, rights, resource, verb, query. */
  #dataAnswer(
    { headers, method }: IncomingMessage,
    url: URL,
    { address, response }: { address: Exclude<Address, { kind: "landing-page" }>; response: ServerResponse },
  ): Answer {
    const user = this.#logins.authenticate(headers.authorization, this.switches);
    this.#countRequest(user.id, response);
    const books = this.#companies.get(address.company);
    if (books === undefined) return this.#unknownCompany();
    authorize(user, address.module, this.switches);
    if (this.switches.contentTypeRequired && headers["content-type"] === undefined) {
      refuse("InternalServerError", "An error has occurred.");
    }
    const resource = address.kind === "metadata" ? null : findResource(address.module, address.resource);
    if (resource === undefined) return refuse("ResourceNotFound", "The resource does not exist.");
    if (method !== "GET") refuse("MethodNotAllowed", `The verb ${method} is not supported here.`);
    if (address.kind === "metadata" || resource === null) return xml(this.#metadata(address.module));
    const feed: FeedRequest = {
      resource,
      rows: rowsOf(books, resource.name),
      parameters: url.searchParams,
      switches: this.switches,
      moduleUrl: `${this.url}/v1.0/-/${address.company}/${address.module}`,
    };
    if (address.kind === "feed") return json(feedText(feed));
    const row = feed.rows.find(matcherOf(address.key, resource));
    if (row === undefined) {
      return refuse("RecordNotFound", "A Record cannot be found for the specified entity key");
    }
    return json(entityText(feed, row));
  }

  #countRequest(user: string, response: ServerResponse): void {
    const others = this.#inService.get(user) ?? 0;
    this.#inService.set(user, others + 1);
    response.once("close", () => this.#inService.set(user, (this.#inService.get(user) ?? 1) - 1));
    if (others === 0 || this.switches.concurrency === "serve") return;
    const status = this.switches.concurrency === "429" ? 429 : 409;
    throw new Refusal("TooManyRequests", "Server was flooded with too many concurrent requests.", status);
  }

  #unknownCompany(): Answer {
    switch (this.switches.unknownCompany) {
      case "404":
        return refuse("ResourceNotFound", "The resource does not exist.");
      case "500-DBLinkError":
        return refuse("DBLinkError", "The database link could not be opened.");
      case "html-404":
        return html(404, notFoundPage("404.0"));
    }
  }

  #metadata(module: string): string {
    const resources = resourcesOf(module);
    if (resources.length === 0) refuse("ResourceNotFound", "The resource does not exist.");
    return describe(module, resources, this.switches);
  }
}

function rowsOf(books: CompanyBooks, name: Resource["name"]): readonly SageRow[] {
  const rows: Readonly<Record<ResourceName, readonly SageRow[]>> = {
    APInvoiceBatches: books.rows("ap-invoices"),
    APPaymentAndAdjustmentBatches: books.rows("ap-payments"),
    APVendors: books.vendors,
    ARReceiptAndAdjustmentBatches: books.rows("ar-receipts"),
    ARCustomers: books.customers,
    GLJournalBatches: books.rows("gl-journals"),
    GLAccounts: books.accounts,
    POPurchaseOrders: books.rows("purchase-orders"),
    POGetReceipts: books.orderReceipts,
  };
  return rows[name];
}

/** Whatever the request line says, it is about this server. */
function addressOf(request: IncomingMessage): URL {
  const target = (request.url ?? "/").replace(/^https?:\/\/[^/?#]*/i, "");
  return new URL(`http://sandbox${target.startsWith("/") ? target : `/${target}`}`);
}

function recordOf(request: IncomingMessage, url: URL): RecordedRequest {
  return {
    method: request.method ?? "",
    path: decoded(url.pathname),
    query: Object.fromEntries(url.searchParams),
    url: request.url ?? "/",
    headers: request.headers,
    user: userOf(request.headers.authorization),
    at: performance.now(),
    status: 0,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the sandbox has no port");
  return address.port;
}

/** Only a mistake in the simulator itself gets here; a test should see it. */
function failLoudly(response: ServerResponse, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
  response.end(`sandbox failure: ${text}`);
}

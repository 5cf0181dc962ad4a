import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { sendAnswer, type Answer } from "./answer.ts";
import { renderChannelPage } from "./channel-page.ts";
import { removeMessage } from "./chat-methods.ts";
import { serveFault } from "./fault-answer.ts";
import { FaultQueue, type SlackFault } from "./faults.ts";
import { readCall, recordedArguments, type IncomingCall } from "./incoming-call.ts";
import { LateCalls } from "./late-calls.ts";
import type {
  ChannelRecord,
  ChannelSpec,
  PostedMessage,
  RecordedCall,
  TokenRecord,
  TokenSpec,
  UserGroupRecord,
  UserGroupSpec,
  UserRecord,
  UserSpec,
} from "./records.ts";
import { sampleChannels, sampleScopes, sampleUserGroups, sampleUsers } from "./sample-workspace.ts";
import { verifySignature, type SignatureProblem } from "./signature.ts";
import { defaultSwitches, type SlackSwitches } from "./switches.ts";
import { WebApi } from "./web-api.ts";
import { Workspace } from "./workspace.ts";

export interface SlackSimulatorOptions {
  readonly channels?: readonly ChannelSpec[];
  readonly users?: readonly UserSpec[];
  readonly userGroups?: readonly UserGroupSpec[];
  readonly port?: number;
  /** Default "slack": one post a second and channel, tiers for the rest. */
  readonly rateLimits?: "slack" | "off";
  readonly switches?: Partial<SlackSwitches>;
  /** Scopes of the default token. */
  readonly scopes?: readonly string[];
  /** Signing secret: when given, every call must carry a valid signature over its raw body. */
  readonly secret?: string;
  /** Milliseconds since 1970 for the Date header, ts, pacing and signatures. */
  readonly clock?: () => number;
}

export interface SignatureFailure {
  readonly method: string;
  readonly problem: SignatureProblem;
  readonly at: number;
}

/** A Slack workspace on the loopback interface, with a record of everything it was told. */
export class SlackSimulator {
  readonly url: string;
  readonly token = "xoxb-000000000000-000000000000-sandboxsandboxsandbox";
  readonly requests: RecordedCall[] = [];
  readonly signatureFailures: SignatureFailure[] = [];
  readonly switches: SlackSwitches;
  /** Told of each call before it is answered. */
  onCall: ((call: RecordedCall) => void) | null = null;
  readonly #server: Server;
  readonly #workspace: Workspace;
  readonly #api: WebApi;
  readonly #faults: FaultQueue;
  readonly #late = new LateCalls();
  readonly #pace: () => number;
  readonly #secret: string | undefined;

  static async start(options: SlackSimulatorOptions = {}): Promise<SlackSimulator> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    return new SlackSimulator(server, options);
  }

  private constructor(server: Server, options: SlackSimulatorOptions) {
    this.#server = server;
    this.#pace = options.clock ?? (() => performance.now());
    this.#secret = options.secret;
    this.url = `http://127.0.0.1:${portOf(server)}/api/`;
    this.switches = { ...defaultSwitches, ...options.switches };
    this.#workspace = new Workspace(options.clock ?? Date.now);
    this.#api = new WebApi(this.#workspace, this.switches, options.rateLimits ?? "slack");
    this.#faults = new FaultQueue((one, other) => this.#channelKey(one) === this.#channelKey(other));
    for (const user of options.users ?? sampleUsers) this.addUser(user);
    for (const group of options.userGroups ?? sampleUserGroups) this.addUserGroup(group);
    for (const channel of options.channels ?? sampleChannels) this.addChannel(channel);
    this.addToken({ token: this.token, scopes: options.scopes ?? sampleScopes, appName: "Sage Notifier" });
    server.on("request", (request, response) => void this.#serve(request, response));
  }

  /** Every accepted message, replies too, in the order of acceptance. Nothing is ever taken out. */
  get posts(): readonly PostedMessage[] {
    return this.#workspace.posts;
  }

  get channels(): readonly ChannelRecord[] {
    return this.#workspace.channels;
  }

  get users(): readonly UserRecord[] {
    return this.#workspace.users;
  }

  get userGroups(): readonly UserGroupRecord[] {
    return this.#workspace.userGroups;
  }

  addChannel(spec: ChannelSpec): ChannelRecord {
    return this.#workspace.addChannel(spec);
  }

  addUser(spec: UserSpec): UserRecord {
    return this.#workspace.addUser(spec);
  }

  addUserGroup(spec: UserGroupSpec): UserGroupRecord {
    return this.#workspace.addUserGroup(spec);
  }

  /** Another app, or another token of the same one when `appId` and `botId` say so. */
  addToken(spec: TokenSpec): TokenRecord {
    return this.#workspace.addToken(spec);
  }

  /** The default token unless another is given; its record may be changed, as by reinstalling the app. */
  tokenRecord(token: string = this.token): TokenRecord {
    const record = this.#workspace.tokens.get(token);
    if (!record) throw new Error("the sandbox knows no such token");
    return record;
  }

  channel(nameOrId: string): ChannelRecord {
    const channel = this.#workspace.findChannel(nameOrId);
    if (!channel) throw new Error(`the sandbox has no channel ${nameOrId}`);
    return channel;
  }

  /** As a person would delete it: out of the channel, still in `posts`. */
  deleteMessage(channel: string, ts: string): void {
    removeMessage(this.#workspace, this.channel(channel), ts);
  }

  queueFault(fault: SlackFault): void {
    this.#faults.add(fault);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** Lets every call held back by a "late" fault take effect now. */
  landLateCalls(): void {
    this.#late.landAll();
  }

  /** Takes connections again after a "vanish" fault, at the same address. */
  async comeBack(): Promise<void> {
    const port = Number(new URL(this.url).port);
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  /** Shortest time between two requests accepted for the channel; Infinity with fewer than two. */
  minGapMs(channel: string): number {
    const { id } = this.channel(channel);
    const times = [...new Set(this.posts.filter((post) => post.channel === id).map(({ at }) => at))];
    return Math.min(Infinity, ...times.slice(1).map((at, index) => at - (times[index] ?? at)));
  }

  async stop(): Promise<void> {
    this.#late.cancel();
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
    const arrival = { at: this.#pace(), recordedAt: performance.now() };
    try {
      const pathname = pathOf(request);
      if (pathname.startsWith("/api/")) {
        await this.#serveCall(await readCall(request, pathname.slice("/api/".length)), response, arrival);
      } else if (pathname === "/") this.#servePage(response);
      else response.writeHead(404).end();
    } catch (error) {
      failLoudly(response, error);
    }
  }

  async #serveCall(
    call: IncomingCall,
    response: ServerResponse,
    { at, recordedAt }: { at: number; recordedAt: number },
  ): Promise<void> {
    const record = recordOf(call, recordedAt);
    this.requests.push(record);
    this.onCall?.(record);
    response.once("close", () => {
      record.status = response.headersSent ? response.statusCode : 0;
    });
    const refused = this.#refuseSignature(call, recordedAt) ?? this.#api.limit(call, at);
    const perform = (when = at) => noteError(record, this.#api.perform(call, when));
    const fault = refused
      ? undefined
      : this.#faults.take({ method: call.method, channel: call.args.string("channel") });
    if (!fault) {
      sendAnswer(response, refused ? noteError(record, refused) : perform());
      return;
    }
    if (fault.kind === "error") record.error = fault.error;
    if (fault.kind === "ratelimited") record.error = "ratelimited";
    const performLater = (afterMs: number) => this.#late.hold(afterMs, () => perform(this.#pace()));
    const vanish = () => void this.#server.close();
    await serveFault(
      { response, perform: () => perform(), blank: this.#api.blank(call), performLater, vanish },
      fault,
    );
  }

  #refuseSignature(call: IncomingCall, at: number): Answer | undefined {
    if (this.#secret === undefined) return undefined;
    const signed = {
      timestamp: call.headers["x-slack-request-timestamp"],
      signature: call.headers["x-slack-signature"],
      rawBody: call.rawBody,
    };
    const problem = verifySignature(this.#secret, signed, this.#workspace.now());
    if (problem === undefined) return undefined;
    this.signatureFailures.push({ method: call.method, problem, at });
    return { ...this.#api.blank(call), status: 401, body: { ok: false, error: "invalid_signature" } };
  }

  #servePage(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
    response.end(renderChannelPage(this, { title: "Slack sandbox" }));
  }

  #channelKey(nameOrId: string): string {
    return this.#workspace.findChannel(nameOrId)?.id ?? nameOrId;
  }
}

/** Empty for a target that is no address, such as `//`. */
function pathOf({ url = "/" }: IncomingMessage): string {
  return URL.canParse(url, "http://localhost") ? new URL(url, "http://localhost").pathname : "";
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the sandbox has no port");
  return address.port;
}

function recordOf(call: IncomingCall, at: number): RecordedCall {
  return {
    method: call.method,
    args: recordedArguments(call.args),
    headers: call.headers,
    rawBody: call.rawBody.toString("utf8"),
    at,
    status: 0,
  };
}

function noteError(record: RecordedCall, answer: Answer): Answer {
  const { error } = answer.body;
  if (typeof error === "string") record.error = error;
  return answer;
}

/** Only a mistake in the simulator itself gets here; a test should see it. */
function failLoudly(response: ServerResponse, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
  response.end(`sandbox failure: ${text}`);
}

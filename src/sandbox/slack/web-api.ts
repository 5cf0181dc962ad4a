import type { Answer } from "./answer.ts";
import type { CallContext } from "./call-context.ts";
import type { IncomingCall } from "./incoming-call.ts";
import { listOf, objectOf, stringOf, type JsonObject } from "./json.ts";
import { methods, type Method } from "./methods.ts";
import { RateLimits } from "./rate-limits.ts";
import type { TokenRecord } from "./records.ts";
import { SlackRefusal } from "./refusal.ts";
import type { SlackSwitches } from "./switches.ts";
import type { Workspace } from "./workspace.ts";

const historyMethods = new Set(["conversations.history", "conversations.replies"]);

/** The Web API of one workspace, without the transport. */
export class WebApi {
  readonly #workspace: Workspace;
  readonly #switches: SlackSwitches;
  readonly #limits: RateLimits | undefined;

  constructor(workspace: Workspace, switches: SlackSwitches, rateLimits: "slack" | "off") {
    this.#workspace = workspace;
    this.#switches = switches;
    this.#limits = rateLimits === "off" ? undefined : new RateLimits(switches);
  }

  /** The 429 for a call that comes too early. */
  limit(call: IncomingCall, at: number): Answer | undefined {
    const caller = this.#callerOf(call);
    const method = methods.get(call.method);
    if (!this.#limits || !caller || !method) return undefined;
    const seconds =
      call.method === "chat.postMessage"
        ? this.#limits.postWait(this.#postKey(caller, call.args.string("channel") ?? ""), at)
        : this.#limits.admitCall(`${caller.appId} ${call.method}`, this.#perMinute(call.method, method), at);
    if (seconds === undefined) return undefined;
    const header: Record<string, string> =
      this.#switches.retryAfterHeader === "present" ? { "retry-after": String(seconds) } : {};
    const headers = { ...this.blank(call).headers, ...header };
    return { status: 429, headers, body: { ok: false, error: "ratelimited" } };
  }

  /** Carries a call out. */
  perform(call: IncomingCall, at: number): Answer {
    const body = this.#bodyFor(call, at);
    const caller = this.#callerOf(call);
    if (body["ok"] === true && call.method === "chat.postMessage" && caller) {
      this.#limits?.countPost(this.#postKey(caller, stringOf(body["channel"])), at);
    }
    return { ...this.blank(call), body: withWarning(body, call.warning) };
  }

  /** The headers that every answer to the call has. */
  blank(call: IncomingCall): Answer {
    const caller = this.#callerOf(call);
    const accepted = methods.get(call.method)?.scopes ?? [];
    return {
      status: 200,
      headers: {
        date: new Date(this.#workspace.now()).toUTCString(),
        ...(caller ? { "x-oauth-scopes": caller.scopes.join(",") } : {}),
        ...(caller && accepted.length > 0 ? { "x-accepted-oauth-scopes": accepted.join(",") } : {}),
      },
      body: {},
    };
  }

  #bodyFor(call: IncomingCall, at: number): JsonObject {
    try {
      return { ok: true, ...this.#run(call, at) };
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      return { ok: false, error: error.code, ...error.extra };
    }
  }

  #run(call: IncomingCall, at: number): JsonObject {
    const method = methods.get(call.method);
    if (!method) throw new SlackRefusal("unknown_method", { req_method: call.method });
    if (call.problem !== undefined) throw new SlackRefusal(call.problem);
    if (method.isPublic) return method.handle({ args: call.args });
    const caller = this.#authorised(call, method);
    const context: CallContext = {
      workspace: this.#workspace,
      switches: this.#switches,
      args: call.args,
      caller,
      at,
    };
    return method.handle(context);
  }

  #authorised(call: IncomingCall, { scopes }: Method): TokenRecord {
    if (call.token === undefined) throw new SlackRefusal("not_authed");
    const caller = this.#callerOf(call);
    if (!caller) throw new SlackRefusal("invalid_auth");
    if (caller.revoked) throw new SlackRefusal("token_revoked");
    if (scopes.length > 0 && !scopes.some((scope) => caller.scopes.includes(scope))) {
      throw new SlackRefusal("missing_scope", {
        needed: scopes.join(","),
        provided: caller.scopes.join(","),
      });
    }
    return caller;
  }

  #callerOf({ token }: IncomingCall): TokenRecord | undefined {
    return token === undefined ? undefined : this.#workspace.tokens.get(token);
  }

  #postKey({ appId }: TokenRecord, channel: string): { appId: string; channel: string } {
    return { appId, channel: this.#workspace.findChannel(channel)?.id ?? channel };
  }

  #perMinute(name: string, { perMinute }: Method): number {
    if (this.#switches.historyLimit15 && historyMethods.has(name)) return 1;
    return perMinute * this.#switches.tierAllowance;
  }
}

function withWarning(body: JsonObject, warning: string | undefined): JsonObject {
  if (warning === undefined) return body;
  const metadata = objectOf(body["response_metadata"]);
  return {
    ...body,
    warning: [stringOf(body["warning"]), warning].filter(Boolean).join(","),
    response_metadata: { ...metadata, warnings: [...listOf(metadata["warnings"]), warning] },
  };
}

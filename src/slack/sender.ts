import { LogLevel, WebClient, type Logger } from "@slack/web-api";

import { AppError } from "../errors.ts";
import { factBehind, outcomeOfCode, outcomeOfFact, rules, shownCode, type Outcome } from "./failure.ts";
import { redactor, type Redact } from "../runtime/redact.ts";
import { z } from "../runtime/zod.ts";
import type { SlackMessage } from "./message.ts";
import { messageMetadata } from "./metadata.ts";
import { longestWaitMs } from "./rate-limiter.ts";
import { signatureHeaders } from "./signature.ts";
import { slackFetch } from "./transport.ts";

export interface SenderOptions {
  readonly token: string;
  /** `https://slack.com/api/` */
  readonly apiUrl: string;
  /** Key of the MAC in the metadata. */
  readonly macKey: string;
  readonly timeoutMs?: number;
  readonly proxyUrl?: string | undefined;
  readonly signingSecret?: string | undefined;
  /** Asks to stop: other calls are given up at once, a post under way is given {@link answerGraceMs} for its answer. */
  readonly signal?: AbortSignal;
  readonly waits?: Waits;
}

/** Until when Slack asked not to call a method (Unix milliseconds of the local clock), from one run to the next. */
export interface Waits {
  untilOf(method: string): number;
  note(method: string, until: number): Promise<void>;
}

/** A post that is given up has to be looked up in the channel: its answer is worth a short wait. */
const answerGraceMs = 5000;

export interface Post {
  readonly channelId: string;
  readonly message: SlackMessage;
  readonly key: string;
  readonly threadTs?: string;
  /** Told when the last byte of the request has been handed to the connection. */
  readonly onLeft?: () => void;
}

export interface Identity {
  readonly teamId: string;
  readonly botId: string;
  readonly userId: string;
  /** Address of the workspace. */
  readonly url: string;
  /** What the token may do; null where the answer does not tell. */
  readonly scopes: readonly string[] | null;
}

/** What Slack names a message by: seconds, and six digits that tell messages of one second apart. */
export const messageTs = z.string().regex(/^\d{1,12}\.\d{6}$/);

const receipt = z.object({
  ok: z.literal(true),
  ts: messageTs,
  channel: z.string(),
  // Whatever it is, it takes nothing away from the receipt.
  warning: z.string().optional().catch(undefined),
});
const link = z.object({ permalink: z.url({ protocol: /^https?$/ }).max(500) });
const identity = z.object({
  team_id: z.string(),
  user_id: z.string(),
  bot_id: z.string().optional(),
  url: z.string().optional(),
  // Of the header x-oauth-scopes.
  response_metadata: z
    .object({ scopes: z.array(z.string()).optional() })
    .optional()
    .catch(undefined),
});

/**
 * Speaks to Slack with every retry of the SDK switched off: one call is one request, and what became of it is told
 * as it is. Nothing else decides whether a message is sent again.
 */
export class WebApiSender {
  readonly macKey: string;
  readonly #options: SenderOptions;
  readonly #redact: Redact;
  readonly #caller: WebClient;
  /** Of this app, once {@link authTest} has told, and what it was before: their messages are ours. */
  readonly botIds = new Set<string>();
  #server: { readonly time: number; readonly seenAt: number } | null = null;

  constructor(options: SenderOptions) {
    this.macKey = options.macKey;
    this.#options = options;
    this.#redact = redactor([options.token, options.signingSecret ?? ""]);
    this.#caller = this.#client({ signal: options.signal });
  }

  /** One for each post: the SDK holds back every other call of a client that is told to wait. */
  #client(request: { signal?: AbortSignal | undefined; onLeft?: (() => void) | undefined }): WebClient {
    const { token, apiUrl, timeoutMs = 15_000, proxyUrl, signingSecret } = this.#options;
    return new WebClient(token, {
      slackApiUrl: apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      logger: silent,
      fetch: slackFetch({
        timeoutMs,
        maxBytes: 4 * 1024 * 1024,
        redact: this.#redact,
        proxyUrl,
        sign:
          signingSecret === undefined
            ? undefined
            : (body) => signatureHeaders(body, { secret: signingSecret, now: Date.now() }),
        onDate: (time) => (this.#server = { time, seenAt: performance.now() }),
        ...request,
      }),
    });
  }

  /** Slack's clock, Unix milliseconds: its last Date header and the time that has passed since. */
  serverNow(): number | null {
    return this.#server === null ? null : this.#server.time + performance.now() - this.#server.seenAt;
  }

  /**
   * Who the token belongs to.
   *
   * @throws AppError `auth`, `config` or `temporary`
   */
  async authTest(): Promise<Identity> {
    const answer = identity.safeParse(await this.call("auth.test", {}));
    if (!answer.success) throw new AppError("temporary", "Slack's auth.test answered without team and user");
    const { team_id, user_id, bot_id, url, response_metadata } = answer.data;
    const botId = bot_id ?? user_id;
    this.botIds.add(botId);
    const scopes = response_metadata?.scopes ?? null;
    return { teamId: team_id, botId, userId: user_id, url: url ?? "", scopes };
  }

  /**
   * The address of a message, for people; null when Slack does not give one.
   *
   * @throws AppError
   */
  async permalink(channel: string, ts: string): Promise<string | null> {
    const answer = link.safeParse(await this.call("chat.getPermalink", { channel, message_ts: ts }));
    return answer.success ? answer.data.permalink : null;
  }

  /** Posts once. Never throws for what Slack or the network may do. */
  async post({ channelId, message, key, threadTs, onLeft }: Post): Promise<Outcome> {
    using grace = delayed(this.#options.signal, answerGraceMs);
    try {
      const answer = await this.#client({ signal: grace.signal, onLeft }).apiCall("chat.postMessage", {
        channel: channelId,
        text: message.text,
        ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
        metadata: messageMetadata({ key, channelId, macKey: this.macKey }),
        mrkdwn: false,
        parse: "none",
        link_names: false,
        unfurl_links: false,
        unfurl_media: false,
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      });
      const read = receipt.safeParse(answer);
      // Half a receipt is none.
      if (!read.success || read.data.channel !== channelId)
        return { kind: "ambiguous", reason: "bad receipt" };
      return { kind: "sent", ts: read.data.ts, warning: read.data.warning?.slice(0, 200) ?? null };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  /**
   * Calls a method that does no harm when it is called again: one that reads, or brings a message up to date.
   *
   * @throws AppError by the same table as posts, `temporary` where only waiting helps
   */
  async call(method: string, options: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { waits } = this.#options;
    const leftMs = (waits?.untilOf(method) ?? 0) - Date.now();
    if (leftMs > 0 && leftMs <= longestWaitMs) throw tooEarly(method, Math.ceil(leftMs / 1000));
    try {
      return await this.#caller.apiCall(method, { ...options });
    } catch (error) {
      const outcome = outcomeOf(error);
      if (outcome.kind === "wait") await waits?.note(method, Date.now() + outcome.seconds * 1000);
      throw callFailure(method, outcome, error);
    }
  }
}

/** A signal that follows another after a while; disposed of, it follows no more and keeps no process alive. */
function delayed(
  signal: AbortSignal | undefined,
  milliseconds: number,
): { signal: AbortSignal } & Disposable {
  const later = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const follow = () => {
    timer = setTimeout(() => later.abort(), milliseconds);
  };
  signal?.addEventListener("abort", follow, { once: true });
  if (signal?.aborted === true) follow();
  return {
    signal: later.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", follow);
    },
  };
}

function outcomeOf(error: unknown): Outcome {
  const fact = factBehind(error);
  if (fact !== null) return outcomeOfFact(fact);
  const { error: code, needed } = platformAnswer(error);
  return outcomeOfCode(code, needed);
}

const refusal = z.object({ error: z.string().catch(""), needed: z.string().catch("") });

/** Slack's own error code in an error of the SDK, and the scope that it misses; empty for anything else. */
function platformAnswer(error: unknown): z.output<typeof refusal> {
  const data = error instanceof Error && "data" in error ? error.data : null;
  return refusal.safeParse(data).data ?? { error: "", needed: "" };
}

/** A call that Slack refused; `code` is Slack's own. */
export class SlackRefusal extends AppError {
  readonly code: string;

  constructor(
    kind: "auth" | "channel",
    method: string,
    refused: { code: string; hint: string; cause: unknown },
  ) {
    super(kind, `Slack refuses ${method}: ${refused.code}`, { hint: refused.hint, cause: refused.cause });
    this.code = refused.code;
  }
}

function callFailure(method: string, outcome: Outcome, cause: unknown): AppError {
  const hint = "hint" in outcome ? outcome.hint : "";
  switch (outcome.kind) {
    case "refused-run":
      if (outcome.exit === "auth")
        return new SlackRefusal("auth", method, { code: outcome.code, hint, cause });
      return new AppError(outcome.exit, `Slack refuses ${method}: ${outcome.code}`, { hint, cause });
    case "wait":
      return tooEarly(method, outcome.seconds, cause);
    case "refused-channel":
    case "refused-content":
      return new SlackRefusal("channel", method, { code: outcome.code, hint, cause });
    case "ambiguous": {
      const { error: code } = platformAnswer(cause);
      // A code of the method's own, such as users_not_found.
      if (!rules.has(code) && shownCode(code) === code)
        return new SlackRefusal("channel", method, { code, hint: "", cause });
      return unusable(method, outcome.reason, cause);
    }
    case "not-sent":
      return unusable(method, outcome.reason, cause);
    case "sent":
      return unusable(method, "", cause);
  }
}

function unusable(method: string, reason: string, cause: unknown): AppError {
  const fact = factBehind(cause);
  if (fact?.kind === "unclear" && (fact.status === 404 || fact.status === 405)) {
    const hint = "Is slack.apiUrl the address of Slack's Web API, https://slack.com/api/?";
    return new AppError("config", `there is no ${method} at Slack's address: ${reason}`, { hint, cause });
  }
  const hint = "The next run tries again.";
  return new AppError("temporary", `cannot reach Slack for ${method}: ${reason}`, { hint, cause });
}

/** Slack asks to wait before this method is called again. */
export class SlackBusy extends AppError {
  readonly seconds: number;

  constructor(method: string, seconds: number, cause?: unknown) {
    const hint = "The next run after that tries again.";
    super("temporary", `Slack asks to wait ${seconds} s before ${method}`, { hint, cause });
    this.seconds = seconds;
  }
}

function tooEarly(method: string, seconds: number, cause?: unknown): AppError {
  return new SlackBusy(method, seconds, cause);
}

const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

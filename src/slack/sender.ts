import { LogLevel, WebClient, type Logger } from "@slack/web-api";
import { z } from "zod";

import { AppError } from "../errors.ts";
import { redactor, type Redact } from "../runtime/redact.ts";
import { factBehind, outcomeOfCode, outcomeOfFact, shownCode, type Outcome } from "./failure.ts";
import type { SlackMessage } from "./message.ts";
import { messageMetadata } from "./metadata.ts";
import { signatureHeaders } from "./signature.ts";
import { slackFetch } from "./transport.ts";

export interface SenderOptions {
  readonly token: string;
  /** `https://slack.com/api/` */
  readonly apiUrl: string;
  /** Key of the MAC in the metadata. */
  readonly macKey: string;
  readonly timeoutMs?: number;
  readonly proxyUrl?: string;
  readonly signingSecret?: string;
}

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
}

const receipt = z.object({
  ok: z.literal(true),
  ts: z.string().regex(/^\d{1,12}\.\d{6}$/),
  channel: z.string(),
  warning: z.string().optional(),
});
const identity = z.object({
  team_id: z.string(),
  user_id: z.string(),
  bot_id: z.string().optional(),
  url: z.string().optional(),
});

/**
 * Speaks to Slack with every retry of the SDK switched off: one call is one request, and what became of it is told
 * as it is. Nothing else decides whether a message is sent again.
 */
export class WebApiSender {
  readonly macKey: string;
  readonly #options: SenderOptions;
  readonly #redact: Redact;
  readonly #reader: WebClient;
  /** Of this app, once {@link authTest} has told. */
  botId: string | null = null;
  #server: { readonly time: number; readonly seenAt: number } | null = null;

  constructor(options: SenderOptions) {
    this.macKey = options.macKey;
    this.#options = options;
    this.#redact = redactor([options.token, options.signingSecret ?? ""]);
    this.#reader = this.#client();
  }

  /** One for each post: the SDK holds back every other call of a client that is told to wait. */
  #client(onLeft?: () => void): WebClient {
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
        onLeft,
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
    const answer = identity.safeParse(await this.read("auth.test", {}));
    if (!answer.success) throw new AppError("temporary", "Slack's auth.test answered without team and user");
    const { team_id, user_id, bot_id, url } = answer.data;
    this.botId = bot_id ?? user_id;
    return { teamId: team_id, botId: this.botId, userId: user_id, url: url ?? "" };
  }

  /** Posts once. Never throws for what Slack or the network may do. */
  async post({ channelId, message, key, threadTs, onLeft }: Post): Promise<Outcome> {
    try {
      const answer = await this.#client(onLeft).apiCall("chat.postMessage", {
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
      return { kind: "sent", ts: read.data.ts, warning: read.data.warning ?? null };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  /**
   * Calls a method that changes nothing.
   *
   * @throws AppError by the same table as posts, `temporary` where only waiting helps
   */
  async read(method: string, options: Readonly<Record<string, unknown>>): Promise<unknown> {
    try {
      return await this.#reader.apiCall(method, { ...options });
    } catch (error) {
      throw readFailure(method, outcomeOf(error), error);
    }
  }
}

function outcomeOf(error: unknown): Outcome {
  const fact = factBehind(error);
  if (fact !== null) return outcomeOfFact(fact);
  return outcomeOfCode(platformCode(error));
}

/** Slack's own error code in an error of the SDK; empty for anything else. */
function platformCode(error: unknown): string {
  const data = error instanceof Error && "data" in error ? error.data : null;
  const code = typeof data === "object" && data !== null && "error" in data ? data.error : "";
  return typeof code === "string" ? code : "";
}

/** A read that Slack refused; `code` is Slack's own. */
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

function readFailure(method: string, outcome: Outcome, cause: unknown): AppError {
  const hint = "hint" in outcome ? outcome.hint : "The next run tries again.";
  switch (outcome.kind) {
    case "refused-run":
      if (outcome.exit === "auth")
        return new SlackRefusal("auth", method, { code: outcome.code, hint, cause });
      return new AppError(outcome.exit, `Slack refuses ${method}: ${outcome.code}`, { hint, cause });
    case "wait":
      return new AppError("temporary", `Slack asks to wait ${outcome.seconds} s before ${method}`, {
        hint,
        cause,
      });
    case "refused-channel":
    case "refused-content":
      return new SlackRefusal("channel", method, { code: outcome.code, hint, cause });
    case "not-sent":
    case "ambiguous":
    case "sent": {
      const code = shownCode(platformCode(cause));
      if (code !== "unknown error") return new SlackRefusal("channel", method, { code, hint: "", cause });
      const reason = outcome.kind === "sent" ? "" : `: ${outcome.reason}`;
      return new AppError("temporary", `cannot reach Slack for ${method}${reason}`, { hint, cause });
    }
  }
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

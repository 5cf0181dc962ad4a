import { TransportError, type TransportFact } from "./transport.ts";

/** What became of one `chat.postMessage`. */
export type Outcome =
  | { readonly kind: "sent"; readonly ts: string; readonly warning: string | null }
  /** Not posted; Slack asks to wait. */
  | {
      readonly kind: "wait";
      readonly scope: "channel" | "workspace";
      readonly seconds: number;
      readonly reason: string;
    }
  /** Not posted, for certain: the request never left. */
  | { readonly kind: "not-sent"; readonly reason: string }
  | { readonly kind: "refused-content"; readonly code: string }
  | { readonly kind: "refused-channel"; readonly code: string; readonly hint: string }
  | {
      readonly kind: "refused-run";
      readonly code: string;
      readonly exit: "auth" | "config" | "temporary";
      readonly hint: string;
    }
  /** It may have been posted: never sent again before the channel has been looked at. */
  | { readonly kind: "ambiguous"; readonly reason: string };

interface Rule {
  readonly kind:
    | "wait"
    | "refused-content"
    | "refused-channel"
    | "auth"
    | "config"
    | "temporary"
    | "ambiguous";
  readonly hint: string;
}

function each(kind: Rule["kind"], hint: string, codes: readonly string[]): [string, Rule][] {
  return codes.map((code) => [code, { kind, hint }]);
}

const missingScope = "missing_scope";
const newToken = 'Reinstall the app in the workspace and store the new token with "sage-slack login slack".';
const otherChannel = "Choose a channel in which apps may post, or ask a workspace admin.";

/**
 * Every error that Slack documents for chat.postMessage and for all methods
 * (https://docs.slack.dev/reference/methods/chat.postMessage). An error that is not in this table is ambiguous:
 * Slack says that others can be returned, and only a look at the channel tells whether the message is there.
 */
export const rules: ReadonlyMap<string, Rule> = new Map([
  ...each("wait", "", ["ratelimited", "rate_limited"]),
  ...each("refused-channel", "Is the channel still there, and is the app invited to it if it is private?", [
    "channel_not_found",
  ]),
  ...each("refused-channel", 'Invite the app to the channel: "/invite" in Slack.', ["not_in_channel"]),
  ...each("refused-channel", "The channel is archived: unarchive it, or route to another one.", [
    "is_archived",
  ]),
  ...each("refused-channel", otherChannel, [
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "restricted_action_thread_locked",
    "no_permission",
    "ekm_access_denied",
    "messages_tab_disabled",
    "cannot_reply_to_message",
    "thread_not_found",
    "slack_connect_canvas_sharing_blocked",
    "slack_connect_file_link_sharing_blocked",
    "slack_connect_lists_sharing_blocked",
    "slack_connect_clip_sharing_blocked",
    "slack_connect_blocked_file_type",
    "as_user_not_supported",
  ]),
  ...each("refused-content", "", [
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "markdown_text_conflict",
    "too_many_attachments",
    "attachment_payload_limit_exceeded",
    "invalid_attachments",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "metadata_too_large",
    "too_many_contact_cards",
    "missing_file_data",
    "invalid_arguments",
    "invalid_array_arg",
    "invalid_arg_name",
    "invalid_charset",
    "invalid_form_data",
    "invalid_post_type",
    "missing_post_type",
    "invalid_json",
    "json_not_object",
  ]),
  ...each("auth", newToken, [
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_allowed_token_type",
    "access_denied",
    "accesslimited",
    "team_access_not_granted",
    "two_factor_setup_required",
    "enterprise_is_restricted",
    "metadata_must_be_sent_from_app",
  ]),
  ...each("auth", "Add the missing scope to the app, then reinstall it in the workspace.", [missingScope]),
  ...each("config", "Use channel ids instead of names with a token of an organisation.", ["team_not_found"]),
  ...each("config", "This version of sage-slack is too old for Slack: update it.", [
    "method_deprecated",
    "deprecated_endpoint",
  ]),
  ...each("temporary", "Slack is moving this workspace or at its limit; the next run goes on.", [
    "org_login_required",
    "team_added_to_org",
    "message_limit_exceeded",
  ]),
  ...each("ambiguous", "", [
    "fatal_error",
    "internal_error",
    "service_unavailable",
    "request_timeout",
    "duplicate_channel_not_found",
    "duplicate_message_not_found",
  ]),
]);

/** Refusals that concern a thread alone: the channel may well take the message outside of it. */
export const threadCodes: ReadonlySet<string> = new Set([
  "cannot_reply_to_message",
  "thread_not_found",
  "restricted_action_thread_locked",
  "restricted_action_non_threadable_channel",
]);

/** Seconds to wait when Slack does not say how many. */
const defaultWait = 30;

/**
 * The outcome that an error code of Slack stands for.
 *
 * @param needed the scopes that a `missing_scope` names
 */
export function outcomeOfCode(code: string, needed = ""): Outcome {
  const { kind, hint }: Rule = rules.get(code) ?? { kind: "ambiguous", hint: "" };
  switch (kind) {
    case "ambiguous":
      return { kind, reason: shownCode(code) };
    case "wait":
      return { kind, scope: "channel", seconds: defaultWait, reason: code };
    case "refused-content":
      return { kind, code };
    case "refused-channel":
      return { kind, code, hint };
    case "auth":
    case "config":
    case "temporary":
      return {
        kind: "refused-run",
        code,
        exit: kind,
        hint: code === missingScope ? (scopeHint(needed) ?? hint) : hint,
      };
  }
}

/** Null when what Slack names is no list of scopes. */
function scopeHint(needed: string): string | null {
  if (!/^[a-z._]+:[a-z._:]+(?:,[a-z._:]+){0,9}$/.test(needed)) return null;
  return `Add the scope ${needed.replaceAll(",", " or ")} to the app, then reinstall it in the workspace.`;
}

/** The outcome of a request that brought no answer of Slack's. */
export function outcomeOfFact(fact: TransportFact): Outcome {
  switch (fact.kind) {
    case "rate-limited":
      // The workspace is full, and no second that Slack could name will change that.
      if (rules.get(fact.code)?.kind === "temporary") return outcomeOfCode(fact.code);
      return { kind: "wait", scope: "channel", seconds: waitSeconds(fact.retryAfter), reason: "ratelimited" };
    case "not-sent":
      return { kind: "not-sent", reason: `Slack cannot be reached (${fact.reason})` };
    case "untrusted":
      return {
        kind: "refused-run",
        code: fact.reason,
        exit: "config",
        hint: "The certificate of Slack's address is not trusted here: is a proxy in between? NODE_EXTRA_CA_CERTS names its authority.",
      };
    case "redirected":
      return {
        kind: "refused-run",
        code: `redirected to ${fact.target}`,
        exit: "config",
        hint: "Redirects are not followed, so that the token goes nowhere else. Check slack.apiUrl and the proxy.",
      };
    case "unclear":
      return { kind: "ambiguous", reason: fact.reason };
  }
}

/** The fact behind an error of the SDK, which wraps what our transport throws. */
export function factBehind(error: unknown): TransportFact | null {
  for (let inner = error, depth = 0; depth < 5 && inner instanceof Error; depth += 1) {
    if (inner instanceof TransportError) return inner.fact;
    inner = "original" in inner ? inner.original : inner.cause;
  }
  return null;
}

/** Whole seconds from one up to an hour; anything else in the header is no answer. */
export function waitSeconds(retryAfter: string | null): number {
  return retryAfter !== null && /^\d{1,4}$/.test(retryAfter) && Number(retryAfter) <= 3600
    ? Math.max(1, Number(retryAfter))
    : defaultWait;
}

/** An error code as far as it is one: never a page of HTML. */
export function shownCode(code: string): string {
  return /^[a-z0-9_]{1,64}$/.test(code) ? code : "unknown error";
}

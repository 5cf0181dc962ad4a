import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { factBehind, outcomeOfCode, outcomeOfFact, rules, waitSeconds } from "../../src/slack/failure.ts";
import { delayBefore, PostCeiling } from "../../src/slack/rate-limiter.ts";
import { TransportError } from "../../src/slack/transport.ts";

/** From Slack's page of chat.postMessage and of the errors common to all methods, by what they mean for a message. */
const documented = {
  wait: ["ratelimited", "rate_limited"],
  "refused-channel": [
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "restricted_action_thread_locked",
    "no_permission",
    "messages_tab_disabled",
    "ekm_access_denied",
    "cannot_reply_to_message",
    "thread_not_found",
    "slack_connect_canvas_sharing_blocked",
    "slack_connect_file_link_sharing_blocked",
    "slack_connect_lists_sharing_blocked",
    "slack_connect_clip_sharing_blocked",
    "slack_connect_blocked_file_type",
    "as_user_not_supported",
  ],
  "refused-content": [
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
  ],
  "refused-run": [
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "missing_scope",
    "not_allowed_token_type",
    "access_denied",
    "accesslimited",
    "team_access_not_granted",
    "enterprise_is_restricted",
    "two_factor_setup_required",
    "team_not_found",
    "metadata_must_be_sent_from_app",
    "method_deprecated",
    "deprecated_endpoint",
    "org_login_required",
    "team_added_to_org",
    "message_limit_exceeded",
  ],
  ambiguous: [
    "fatal_error",
    "internal_error",
    "service_unavailable",
    "request_timeout",
    "duplicate_channel_not_found",
    "duplicate_message_not_found",
  ],
} as const;

describe("an error code of Slack's", () => {
  test.each(Object.entries(documented).flatMap(([kind, codes]) => codes.map((code) => [code, kind])))(
    "%s means %s",
    (code, kind) => {
      expect(rules.has(code)).toBe(true);
      expect(outcomeOfCode(code).kind).toBe(kind);
    },
  );

  test("is in the table if it is documented, and in no other case", () => {
    expect([...rules.keys()].toSorted()).toEqual(Object.values(documented).flat().toSorted());
  });

  test("that nobody documents is ambiguous, and is not shown when it is no code", () => {
    fc.assert(
      fc.property(fc.string(), (code) => {
        fc.pre(!rules.has(code));
        const outcome = outcomeOfCode(code);

        expect(outcome.kind).toBe("ambiguous");
        expect(outcome.kind === "ambiguous" && /^[a-z0-9_]{1,64}$|^unknown error$/.test(outcome.reason)).toBe(
          true,
        );
      }),
    );
  });

  test("tells what to do when somebody can do something", () => {
    const silent = [...rules].filter(
      ([, { kind, hint }]) => hint === "" && !["wait", "refused-content", "ambiguous"].includes(kind),
    );

    expect(silent).toEqual([]);
  });
});

describe("a request without an answer", () => {
  test.each([
    [
      { kind: "rate-limited", retryAfter: "3", code: "ratelimited" },
      { kind: "wait", seconds: 3 },
    ],
    [{ kind: "not-sent", reason: "ECONNREFUSED" }, { kind: "not-sent" }],
    [
      { kind: "untrusted", reason: "CERT_HAS_EXPIRED" },
      { kind: "refused-run", exit: "config" },
    ],
    [
      { kind: "redirected", target: "https://evil.example" },
      { kind: "refused-run", exit: "config" },
    ],
    [{ kind: "unclear", reason: "ECONNRESET" }, { kind: "ambiguous" }],
  ] as const)("%o is %o", (fact, expected) => {
    expect(outcomeOfFact(fact)).toMatchObject(expected);
  });

  test("is found behind the error that the SDK wraps around it", () => {
    const fact = { kind: "unclear", reason: "ECONNRESET" } as const;
    const wrapped = Object.assign(new Error("request failed"), { original: new TransportError(fact) });

    expect(factBehind(wrapped)).toEqual(fact);
    expect(factBehind(new Error("other"))).toBeNull();
  });
});

test.each([
  ["0", 1],
  ["17", 17],
  ["3600", 3600],
  [null, 30],
  ["", 30],
  ["-5", 30],
  ["abc", 30],
  ["3601", 30],
  ["1000000000", 30],
  ["Wed, 21 Oct 2026 07:28:00 GMT", 30],
])("a Retry-After of %j asks for %i seconds", (header, seconds) => {
  expect(waitSeconds(header)).toBe(seconds);
});

describe("delayBefore", () => {
  const pace = { lastPost: undefined, waitUntil: 0, now: 100_000, minIntervalMs: 1000 };

  test.each([
    ["the first post", {}, 0],
    ["a post right after another", { lastPost: 99_900 }, 904],
    ["a post a good second later", { lastPost: 98_990 }, 0],
    ["a clock that was set back", { lastPost: 5_000_000 }, 1004],
    ["a wait that Slack asked for", { lastPost: 99_900, waitUntil: 103_000 }, 3000],
    ["a wait from a clock that was wrong", { waitUntil: 100_000 + 86_400_000 }, 0],
    ["a simulator without a pace", { lastPost: 99_999, minIntervalMs: 0 }, 0],
  ])("is right for %s", (_name, differences, expected) => {
    expect(delayBefore({ ...pace, ...differences })).toBe(expected);
  });
});

describe("PostCeiling", () => {
  test("lets through so many posts in any minute, over all channels", () => {
    const ceiling = new PostCeiling(3);
    for (const at of [0, 10_000, 20_000]) ceiling.reserve(at);

    expect(ceiling.delayFor(30_000)).toBe(30_000);
    expect(ceiling.delayFor(61_000)).toBe(0);
    ceiling.reserve(61_000);
    expect(ceiling.delayFor(62_000)).toBe(8_000);
  });
});

import type { Preview } from "../../pipeline/dry-run.ts";
import type { Redact } from "../../runtime/redact.ts";
import { composeMessage } from "../../slack/compose.ts";
import type { Block, SlackMessage } from "../../slack/message.ts";

/** What Slack would be given for a message, with no secret in it. */
export function payloadOf(message: Preview["messages"][number], redact: Redact): SlackMessage {
  return redacted(composeMessage(message), redact);
}

function redacted<Value>(value: Value, redact: Redact): Value;
function redacted(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((item: unknown) => redacted(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redacted<unknown>(inner, redact)]),
  );
}

/**
 * Address of Slack's Block Kit Builder with these blocks in it. They stand in the fragment, which no browser sends, but
 * which stays in its history: https://docs.slack.dev/block-kit/ (the Builder takes an object, not a bare array).
 */
export function builderLink(blocks: readonly Block[]): string {
  return `https://app.slack.com/block-kit-builder/#${encodeURIComponent(JSON.stringify({ blocks }))}`;
}

import type { Preview } from "../../pipeline/dry-run.ts";
import type { Redact } from "../../runtime/redact.ts";
import { composeMessage } from "../../slack/compose.ts";
import type { Block, SlackMessage } from "../../slack/message.ts";

/** What Slack would be given for a message, with no secret in it. */
export function payloadOf(message: Preview["messages"][number], redact: Redact): SlackMessage {
  const text = JSON.stringify(composeMessage(message), (_key, value: unknown) =>
    typeof value === "string" ? redact(value) : value,
  );
  return JSON.parse(text) as SlackMessage;
}

/**
 * Address of Slack's Block Kit Builder with these blocks in it. They stand in the fragment, which no browser sends, but
 * which stays in its history: https://docs.slack.dev/block-kit/ (the Builder takes an object, not a bare array).
 */
export function builderLink(blocks: readonly Block[]): string {
  return `https://app.slack.com/block-kit-builder/#${encodeURIComponent(JSON.stringify({ blocks }))}`;
}

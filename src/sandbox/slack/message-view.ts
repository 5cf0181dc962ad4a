import { createHash } from "node:crypto";

import { isList, isObject, type Json, type JsonObject } from "./json.ts";
import type { ChannelMessage, ChannelRecord, TokenRecord } from "./records.ts";
import type { Workspace } from "./workspace.ts";

/** A message as the Web API returns it. */
export function messageView(message: ChannelMessage, workspace: Workspace): JsonObject {
  const { author } = message;
  return {
    user: author.userId,
    type: "message",
    ts: message.ts,
    bot_id: author.botId,
    app_id: author.appId,
    text: message.text,
    team: author.teamId,
    bot_profile: botProfile(author, workspace),
    ...(message.broadcast ? { subtype: "thread_broadcast" } : {}),
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(message.editedTs === undefined ? {} : { edited: { user: author.userId, ts: message.editedTs } }),
    blocks: message.blocks.length > 0 ? message.blocks : [textAsBlock(message)],
    ...(message.attachments.length > 0 ? { attachments: message.attachments } : {}),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
  };
}

/** What a parent tells about its thread, and a reply about its parent. */
export function threadView(message: ChannelMessage, channel: ChannelRecord): JsonObject {
  if (message.threadTs !== undefined) {
    const parent = channel.messages.find(({ ts }) => ts === message.threadTs);
    return parent ? { parent_user_id: parent.author.userId } : {};
  }
  const replies = channel.messages.filter(({ threadTs }) => threadTs === message.ts);
  const latest = replies.at(-1);
  if (!latest) return {};
  const users = [...new Set(replies.map(({ author }) => author.userId))];
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    reply_users: users,
    latest_reply: latest.ts,
  };
}

/** What Slack adds to blocks on the way in: an id for each and the defaults of text objects. */
export function storedBlocks(blocks: readonly JsonObject[], ts: string): readonly JsonObject[] {
  return blocks.map((block, index) => ({
    ...objectWithDefaults(block),
    block_id: block["block_id"] ?? blockId(`${ts}/${index}`),
  }));
}

function objectWithDefaults(object: JsonObject): JsonObject {
  const fields = Object.entries(object).map(([key, value]): [string, Json | undefined] => [
    key,
    withDefaults(value),
  ]);
  const copy: JsonObject = Object.fromEntries(fields);
  if (object["type"] === "plain_text") return { emoji: true, ...copy };
  return object["type"] === "mrkdwn" ? { verbatim: false, ...copy } : copy;
}

function withDefaults(value: Json | undefined): Json | undefined {
  if (isList(value)) return value.map((item) => withDefaults(item) ?? null);
  return isObject(value) ? objectWithDefaults(value) : value;
}

/** Text without blocks comes back with a block that Slack made of it. */
function textAsBlock(message: ChannelMessage): JsonObject {
  return {
    type: "rich_text",
    block_id: blockId(message.ts),
    elements: [{ type: "rich_text_section", elements: [{ type: "text", text: message.text }] }],
  };
}

function blockId(seed: string): string {
  return createHash("sha256").update(seed).digest("base64").replaceAll(/[+/]/g, "x").slice(0, 5);
}

function icon(size: number): string {
  return `https://a.slack-edge.com/80588/img/plugins/app/bot_${size}.png`;
}

function botProfile(author: TokenRecord, workspace: Workspace): JsonObject {
  return {
    id: author.botId,
    app_id: author.appId,
    user_id: author.userId,
    name: workspace.user(author.userId)?.realName ?? author.appName,
    icons: { image_36: icon(36), image_48: icon(48), image_72: icon(72) },
    deleted: false,
    updated: 1_700_000_000,
    team_id: author.teamId,
  };
}

import { checkBlocks } from "./block-kit.ts";
import { visibleChannel, type CallContext } from "./call-context.ts";
import { isList, objectOf, type Json, type JsonObject } from "./json.ts";
import { readContent, type MessageContent } from "./message-checks.ts";
import { messageView, storedBlocks } from "./message-view.ts";
import type { ChannelMessage, ChannelRecord } from "./records.ts";
import { SlackRefusal } from "./refusal.ts";
import type { SlackSwitches } from "./switches.ts";
import type { Workspace } from "./workspace.ts";

/** Reported by users; unlike a post's text, an update's is counted in bytes. */
const maxUpdatedTextBytes = 4_000;
const maxViewBlocks = 100;

/** An edit notifies nobody: https://docs.slack.dev/reference/methods/chat.update/ */
export function updateMessage(context: CallContext): JsonObject {
  const { args, caller, workspace, switches } = context;
  const channel = visibleChannel(context);
  const message = messageIn(channel, args.required("ts"));
  if (message.author.appId !== caller.appId) throw new SlackRefusal("cant_update_message");
  const content = readContent(context);
  refuseUpdate(content);
  replaceContent(message, content, switches);
  if (!content.blocks) message.editedTs = workspace.newTs();
  const post = workspace.posts.find(({ channel: id, ts }) => id === channel.id && ts === message.ts);
  if (post) post.edits += 1;
  return {
    channel: channel.id,
    ts: message.ts,
    text: message.text,
    message: messageView(message, workspace),
  };
}

function refuseUpdate({ text, isMarkdown, blocks, attachments }: MessageContent): void {
  if (!isMarkdown && Buffer.byteLength(text) > maxUpdatedTextBytes) throw new SlackRefusal("msg_too_long");
  if (text === "" && blocks === undefined && attachments === undefined) throw new SlackRefusal("no_text");
}

/** What is not given stays, but new text without blocks drops the old ones. */
function replaceContent(message: ChannelMessage, content: MessageContent, switches: SlackSwitches): void {
  const { text, blocks, attachments, metadata } = content;
  if (text !== "") message.text = text;
  if (blocks) message.blocks = storedBlocks(blocks, message.ts);
  else if (text !== "") message.blocks = [];
  if (attachments) message.attachments = attachments;
  if (metadata) message.metadata = metadata;
  if (metadata ? Object.keys(metadata).length === 0 : !switches.updateKeepsMetadata) delete message.metadata;
}

/** https://docs.slack.dev/reference/methods/chat.delete/ */
export function deleteMessage(context: CallContext): JsonObject {
  const channel = visibleChannel(context);
  const message = messageIn(channel, context.args.required("ts"));
  if (message.author.appId !== context.caller.appId) throw new SlackRefusal("cant_delete_message");
  removeMessage(context.workspace, channel, message.ts);
  return { channel: channel.id, ts: message.ts };
}

/** Takes a message out of sight; what was posted stays on record. */
export function removeMessage(workspace: Workspace, channel: ChannelRecord, ts: string): void {
  channel.messages.splice(channel.messages.indexOf(messageIn(channel, ts)), 1);
  const post = workspace.posts.find((posted) => posted.channel === channel.id && posted.ts === ts);
  if (post) post.deleted = true;
}

/** https://docs.slack.dev/reference/methods/chat.getPermalink/ */
export function getPermalink(context: CallContext): JsonObject {
  const channel = visibleChannel(context);
  const { ts } = messageIn(channel, context.args.required("message_ts"));
  const permalink = `${context.workspace.webUrl}archives/${channel.id}/p${ts.replace(".", "")}`;
  return { channel: channel.id, permalink };
}

/** Public, needs no token: https://docs.slack.dev/reference/methods/blocks.validate/ */
export function validateBlocks({ args }: { args: CallContext["args"] }): JsonObject {
  const given = (["blocks", "message", "view"] as const).filter((name) => args.string(name) !== undefined);
  const [kind] = given;
  if (given.length !== 1 || !kind) throw new SlackRefusal("invalid_arguments");
  const code = `invalid_${kind}`;
  const value = args.structure(kind, code);
  const blocks = kind === "blocks" ? value : objectOf(value)["blocks"];
  if (!isList(blocks)) throw new SlackRefusal(code, { errors: [missingBlocks(kind)] });
  const base = kind === "blocks" ? "" : "/blocks";
  const errors: Json[] = checkBlocks(blocks, kind === "view" ? maxViewBlocks : undefined).map((issue) => ({
    code: issue.code,
    message: issue.message,
    ...(issue.field === undefined ? {} : { field: issue.field }),
    pointer: base + issue.pointer,
  }));
  if (errors.length > 0) throw new SlackRefusal(code, { errors });
  return {};
}

function missingBlocks(kind: string): JsonObject {
  return {
    code: "missing_field",
    message: "missing required field: blocks",
    field: "blocks",
    pointer: kind === "blocks" ? "" : "/blocks",
  };
}

function messageIn(channel: ChannelRecord, ts: string): ChannelMessage {
  const message = channel.messages.find((candidate) => candidate.ts === ts);
  if (!message) throw new SlackRefusal("message_not_found");
  return message;
}

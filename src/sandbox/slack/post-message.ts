import { hasScope, type CallContext } from "./call-context.ts";
import type { JsonObject } from "./json.ts";
import { audienceOf, type Audience, type RawNames } from "./mentions.ts";
import { readContent, type MessageContent } from "./message-checks.ts";
import { messageView, storedBlocks, threadView } from "./message-view.ts";
import type { ChannelMessage, ChannelRecord, PostedMessage } from "./records.ts";
import { SlackRefusal } from "./refusal.ts";

/** Measured by users of Slack; its documentation recommends 4,000. */
const longestText = 4_040;
const partLength = 4_000;
/** https://docs.slack.dev/changelog/2018-04-truncating-really-long-messages/ */
const truncatedLength = 40_000;

/** https://docs.slack.dev/reference/methods/chat.postMessage/ */
export function postMessage(context: CallContext): JsonObject {
  const channel = postableChannel(context);
  const content = readContent(context);
  if (isEmpty(content)) throw new SlackRefusal("no_text");
  const threadTs = threadOf(context, channel);
  const texts = textsOf(context, content);
  const known = alreadyPosted(context, channel);
  if (known) return receiptOf(context, channel, known);

  const accepted = texts.map((text) => accept(context, { channel, threadTs, content: { ...content, text } }));
  const [first] = accepted;
  if (!first) throw new SlackRefusal("no_text");
  return { ...receiptOf(context, channel, first), ...truncationWarning(content.text) };
}

/** The channel of the call, if its caller may post there. */
function postableChannel(context: CallContext): ChannelRecord {
  const channel = findPostChannel(context, context.args.required("channel"));
  if (!channel || (channel.isPrivate && !channel.isMember)) throw new SlackRefusal("channel_not_found");
  if (channel.isArchived) throw new SlackRefusal("is_archived");
  if (!channel.isMember && !hasScope(context, "chat:write.public")) throw new SlackRefusal("not_in_channel");
  if (channel.restricted && !channel.posters.includes(context.caller.userId)) {
    throw new SlackRefusal("restricted_action");
  }
  return channel;
}

function findPostChannel(context: CallContext, given: string): ChannelRecord | undefined {
  const { workspace, switches } = context;
  const byId = workspace.channelById(given);
  if (byId) return byId;
  if (workspace.user(given)) return directMessage(context, given);
  const byName = workspace.findChannel(given);
  return byName && (!byName.isPrivate || switches.privateByName) ? byName : undefined;
}

/** Posting to a user's id opens the conversation between them and the app. */
function directMessage({ workspace, switches }: CallContext, userId: string): ChannelRecord {
  if (!switches.messagesTab) throw new SlackRefusal("messages_tab_disabled");
  const open = workspace.channels.find((channel) => channel.directMessageWith === userId);
  return open ?? workspace.addChannel({ name: "directmessage", isPrivate: true }, userId);
}

function isEmpty({ text, blocks, attachments }: MessageContent): boolean {
  return text.trim() === "" && !blocks?.length && !attachments?.length;
}

/** Slack asks for the parent's ts, never a reply's. */
function threadOf({ args, switches }: CallContext, channel: ChannelRecord): string | undefined {
  const threadTs = args.string("thread_ts");
  if (threadTs === undefined) return undefined;
  const parent = channel.messages.find(({ ts }) => ts === threadTs);
  if (parent && parent.threadTs === undefined) return threadTs;
  if (switches.missingThread === "post-anyway") return undefined;
  throw new SlackRefusal(switches.missingThread);
}

/** One text a message; blocks cannot be divided, so beside them long text is refused. */
function textsOf(
  { switches }: CallContext,
  { text, isMarkdown, blocks, attachments }: MessageContent,
): readonly string[] {
  if (isMarkdown) return [text];
  const kept = text.slice(0, truncatedLength);
  if (kept.length <= longestText) return [kept];
  if (switches.longText === "reject" || blocks?.length || attachments?.length) {
    throw new SlackRefusal("msg_too_long");
  }
  return Array.from({ length: Math.ceil(kept.length / partLength) }, (_, part) =>
    kept.slice(part * partLength, (part + 1) * partLength),
  );
}

function alreadyPosted({ args, switches, workspace }: CallContext, channel: ChannelRecord) {
  const id = args.string("client_msg_id");
  if (id === undefined || switches.clientMessageId === "ignore") return undefined;
  if (switches.clientMessageId === "reject") throw new SlackRefusal("duplicate_message_not_found");
  const earlier = workspace.posts.find((post) => post.channel === channel.id && post.clientMsgId === id);
  return channel.messages.find(({ ts }) => ts === earlier?.ts);
}

interface AcceptedMessage {
  readonly channel: ChannelRecord;
  readonly message: ChannelMessage;
  readonly audience: Audience;
  /** As sent, without what Slack added. */
  readonly blocks: readonly JsonObject[];
}

interface AcceptedParts {
  readonly channel: ChannelRecord;
  readonly threadTs: string | undefined;
  readonly content: MessageContent;
}

function accept(context: CallContext, { channel, threadTs, content }: AcceptedParts): ChannelMessage {
  const { args, caller, workspace, switches } = context;
  const { text, blocks = [], attachments = [], metadata } = content;
  const ts = workspace.newTs();
  const message: ChannelMessage = {
    ts,
    ...(threadTs === undefined ? {} : { threadTs }),
    broadcast: threadTs !== undefined && args.boolean("reply_broadcast", false),
    text,
    blocks: storedBlocks(blocks, ts),
    attachments,
    ...(metadata === undefined ? {} : { metadata }),
    author: caller,
  };
  const audience = audienceOf(
    {
      text,
      blocks,
      attachments,
      names: namesIn(args),
      leavesUrls: args.string("parse") === "none",
    },
    workspace,
    switches,
  );
  channel.messages.push(message);
  channel.notified.push(...audience.notified.map((who) => ({ ts, who })));
  workspace.posts.push(postedMessage(context, { channel, message, audience, blocks }));
  return message;
}

function namesIn(args: CallContext["args"]): RawNames {
  if (args.string("parse") === "full") return "all";
  return args.boolean("link_names", false) ? "groups" : "none";
}

function postedMessage(
  { args, at, caller }: CallContext,
  { channel, message, audience, blocks }: AcceptedMessage,
): PostedMessage {
  const clientMsgId = args.string("client_msg_id");
  return {
    channel: channel.id,
    channelName: channel.name,
    ts: message.ts,
    ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
    text: message.text,
    blocks,
    attachments: message.attachments,
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
    ...(clientMsgId === undefined ? {} : { clientMsgId }),
    botId: caller.botId,
    appId: caller.appId,
    at,
    notified: audience.notified,
    links: audience.links,
    unfurlLinks: args.boolean("unfurl_links", true),
    unfurlMedia: args.boolean("unfurl_media", true),
    edits: 0,
  };
}

function receiptOf({ workspace }: CallContext, channel: ChannelRecord, message: ChannelMessage): JsonObject {
  const reply = message.threadTs === undefined ? {} : threadView(message, channel);
  return {
    channel: channel.id,
    ts: message.ts,
    message: { ...messageView(message, workspace), ...reply },
  };
}

function truncationWarning(text: string): JsonObject {
  if (text.length <= truncatedLength) return {};
  return {
    warning: "message_truncated",
    response_metadata: { messages: ["[WARN] Your message was truncated but still posted"] },
  };
}

import { requireScope, scopeFor, visibleChannel, type CallContext } from "./call-context.ts";
import { objectOf, type JsonObject } from "./json.ts";
import { messageView, threadView } from "./message-view.ts";
import { pageOf } from "./pages.ts";
import type { ChannelMessage, ChannelRecord } from "./records.ts";
import { SlackRefusal } from "./refusal.ts";

/** Newest first, without the replies: https://docs.slack.dev/reference/methods/conversations.history/ */
export function history(context: CallContext): JsonObject {
  const channel = readableChannel(context);
  const newestFirst = channel.messages
    .filter(({ threadTs, broadcast }) => threadTs === undefined || broadcast)
    .filter(isInWindow(context))
    .toReversed();
  return { ...messagePage(context, channel, newestFirst), pin_count: 0 };
}

/** Parent first: https://docs.slack.dev/reference/methods/conversations.replies/ */
export function replies(context: CallContext): JsonObject {
  const channel = readableChannel(context);
  const ts = context.args.required("ts");
  const asked = channel.messages.find((message) => message.ts === ts);
  const parentTs = asked?.threadTs ?? ts;
  const parent = channel.messages.filter((message) => message.ts === parentTs);
  const answers = channel.messages.filter(({ threadTs }) => threadTs === parentTs);
  if (parent.length + answers.length === 0) throw new SlackRefusal("thread_not_found");
  return messagePage(context, channel, [...parent, ...answers.filter(isInWindow(context))]);
}

/** A bot reads only where it is a member, public channels included. */
function readableChannel(context: CallContext): ChannelRecord {
  const channel = visibleChannel(context);
  requireScope(context, scopeFor(channel, "history"));
  if (!channel.isMember) throw new SlackRefusal("not_in_channel");
  return channel;
}

function isInWindow({ args }: CallContext): (message: ChannelMessage) => boolean {
  const oldest = microsecondsOf(args.string("oldest"), "invalid_ts_oldest") ?? -1;
  const latest = microsecondsOf(args.string("latest"), "invalid_ts_latest") ?? Infinity;
  const inclusive = args.boolean("inclusive", false);
  return ({ ts }) => {
    const at = microsecondsOf(ts, "invalid_ts_latest") ?? 0;
    return (at > oldest && at < latest) || (inclusive && (at === oldest || at === latest));
  };
}

/** Compared as whole numbers: a ts has more digits than a fraction keeps. */
function microsecondsOf(ts: string | undefined, refusal: string): number | undefined {
  if (ts === undefined) return undefined;
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(ts);
  if (!match) throw new SlackRefusal(refusal);
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? "").padEnd(6, "0"));
}

function messagePage(
  context: CallContext,
  channel: ChannelRecord,
  messages: readonly ChannelMessage[],
): JsonObject {
  const { args, switches } = context;
  const { historyLimit15, historyMaxPages = Infinity, shortPages } = switches;
  const asked = args.limit(historyLimit15 ? 15 : 100, 1_000);
  const limit = historyLimit15 ? Math.min(asked, 15) : asked;
  const page = pageOf(args, messages, { limit, short: shortPages });
  const hasMore = page.nextCursor !== "";
  const showsCursor = hasMore && page.number < historyMaxPages;
  return {
    messages: page.items.map((message) => ({
      ...messageView(message, context.workspace),
      ...threadView(message, channel),
      ...metadataView(context, message),
    })),
    has_more: hasMore,
    ...(showsCursor ? { response_metadata: { next_cursor: page.nextCursor } } : {}),
  };
}

/** Without include_all_metadata only the event type is told. */
function metadataView({ args, switches }: CallContext, { metadata }: ChannelMessage): JsonObject {
  if (metadata === undefined) return {};
  const { event_type } = objectOf(metadata);
  const showsAll = args.boolean("include_all_metadata", false) && !switches.historyWithholdsPayload;
  return { metadata: showsAll ? metadata : { event_type } };
}

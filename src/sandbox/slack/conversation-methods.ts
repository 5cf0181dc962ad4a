import { hasScope, requireScope, scopeFor, visibleChannel, type CallContext } from "./call-context.ts";
import type { JsonObject } from "./json.ts";
import { pageOf } from "./pages.ts";
import type { ChannelRecord } from "./records.ts";
import { SlackRefusal } from "./refusal.ts";

const scopeOfType: Readonly<Record<string, string>> = {
  public_channel: "channels:read",
  private_channel: "groups:read",
  im: "im:read",
  mpim: "mpim:read",
};

/** https://docs.slack.dev/reference/methods/conversations.list/ */
export function listConversations(context: CallContext): JsonObject {
  return channelPage(
    context,
    context.workspace.channels.filter((channel) => !channel.isPrivate || channel.isMember),
  );
}

/** https://docs.slack.dev/reference/methods/users.conversations/ */
export function listOwnConversations(context: CallContext): JsonObject {
  return channelPage(
    context,
    context.workspace.channels.filter(({ isMember }) => isMember),
  );
}

/** https://docs.slack.dev/reference/methods/conversations.info/ */
export function conversationInfo(context: CallContext): JsonObject {
  const channel = visibleChannel(context);
  requireScope(context, scopeFor(channel, "read"));
  const count = context.args.boolean("include_num_members", false)
    ? { num_members: membersOf(context, channel).length }
    : {};
  return { channel: { ...channelView(context, channel), ...count } };
}

/** https://docs.slack.dev/reference/methods/conversations.join/ */
export function joinConversation(context: CallContext): JsonObject {
  const channel = visibleChannel(context);
  if (channel.isPrivate) throw new SlackRefusal("method_not_supported_for_channel_type");
  if (channel.isArchived) throw new SlackRefusal("is_archived");
  const wasMember = channel.isMember;
  channel.isMember = true;
  const warning = {
    warning: "already_in_channel",
    response_metadata: { warnings: ["already_in_channel"] },
  };
  return { channel: channelView(context, channel), ...(wasMember ? warning : {}) };
}

/** https://docs.slack.dev/reference/methods/conversations.members/ */
export function conversationMembers(context: CallContext): JsonObject {
  const { args, switches } = context;
  const channel = visibleChannel(context);
  requireScope(context, scopeFor(channel, "read"));
  const page = pageOf(args, membersOf(context, channel), {
    limit: args.limit(100, 1_000),
    short: switches.shortPages,
  });
  return { members: page.items, response_metadata: { next_cursor: page.nextCursor } };
}

/** People are in every channel; the bot only where it was invited. */
function membersOf({ workspace, caller }: CallContext, channel: ChannelRecord): readonly string[] {
  const people = workspace.users.filter((user) => !user.isBot && !user.deleted).map(({ id }) => id);
  return channel.isMember ? [...people, caller.userId] : people;
}

function channelPage(context: CallContext, channels: readonly ChannelRecord[]): JsonObject {
  const { args, switches } = context;
  const types = (args.string("types") ?? "public_channel").split(",").map((type) => type.trim());
  for (const type of types) {
    const scope = scopeOfType[type];
    if (scope === undefined) throw new SlackRefusal("invalid_types");
    requireScope(context, scope);
  }
  const wanted = channels
    .filter((channel) => types.includes(typeOf(channel)))
    .filter((channel) => !channel.isArchived || !args.boolean("exclude_archived", false));
  const page = pageOf(args, wanted, { limit: args.limit(100, 1_000), short: switches.shortPages });
  return {
    channels: page.items.map((channel) => channelView(context, channel)),
    response_metadata: { next_cursor: page.nextCursor },
  };
}

function typeOf(channel: ChannelRecord): string {
  if (channel.directMessageWith !== undefined) return "im";
  return channel.isPrivate ? "private_channel" : "public_channel";
}

/** https://docs.slack.dev/reference/objects/conversation-object/ */
function channelView(context: CallContext, channel: ChannelRecord): JsonObject {
  const { workspace, caller } = context;
  if (channel.directMessageWith !== undefined) {
    return {
      id: channel.id,
      created: channel.createdSeconds,
      is_im: true,
      is_archived: channel.isArchived,
      user: channel.directMessageWith,
    };
  }
  const topic = { value: "", creator: "", last_set: 0 };
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_im: false,
    is_mpim: false,
    is_private: channel.isPrivate,
    created: channel.createdSeconds,
    creator: workspace.users[0]?.id ?? caller.userId,
    is_archived: channel.isArchived,
    is_general: channel.name === "general",
    is_member: channel.isMember,
    is_shared: channel.isExtShared,
    is_ext_shared: channel.isExtShared,
    is_org_shared: false,
    is_pending_ext_shared: false,
    context_team_id: caller.teamId,
    shared_team_ids: channel.isExtShared ? [caller.teamId, "T0PARTNER01"] : [caller.teamId],
    topic,
    purpose: topic,
    previous_names: [],
    ...(channel.restricted
      ? { properties: { posting_restricted_to: { type: ["admin"], user: channel.posters } } }
      : {}),
    ...(hasScope(context, "channels:read") ? { num_members: membersOf(context, channel).length } : {}),
  };
}

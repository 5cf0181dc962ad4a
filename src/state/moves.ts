import { mayMove, placeOf } from "./outbox.ts";
import type { Announced, Channel, Delivered, OutboxMessage, State } from "./state.ts";
import { messageOf, partsOf, returnToPending } from "./transitions.ts";

/** A thread that takes no replies: they become messages of the channel. */
export function leaveThread(state: State, key: string, reason: string): State {
  const { threadTs } = messageOf(state, key);
  const outbox = returnToPending(state, key, reason).outbox.map((message) => {
    if (message.threadTs !== threadTs || message.status !== "pending") return message;
    const { parent: _parent, threadTs: _thread, ...own } = message;
    return own;
  });
  return { ...state, outbox };
}

/** What waits for a channel goes to another one instead, with its replies. */
export function reroute(state: State, channelId: string, via: Channel): State {
  return {
    ...state,
    outbox: state.outbox.map((message) =>
      placeOf(message).id === channelId && mayMove(message) ? { ...message, via } : message,
    ),
  };
}

/** What waits for a channel that was only a name, or whose name another has taken, belongs to the one found. */
export function resolveChannel(state: State, id: string, channel: Channel): State {
  return {
    ...state,
    outbox: state.outbox.map((message) =>
      message.channel.id === id && mayMove(message) ? { ...message, channel } : message,
    ),
  };
}

/** A message goes to another channel than it was meant for, with what would go into its thread. */
export function moveMessage(state: State, key: string, channel: Channel): State {
  const outbox = state.outbox.map((message) => {
    if ((message.key !== key && message.parent !== key) || !mayMove(message)) return message;
    const { via: _standIn, ...own } = message;
    return { ...own, channel };
  });
  return { ...state, outbox };
}

/**
 * A reply goes to another channel, as a message there, because the channel of its thread takes none any more. What else
 * waits for that thread follows it, and nothing more of these records is told there.
 */
export function moveThread(state: State, key: string, channel: Channel): State {
  const from = messageOf(state, key);
  const isMoved = (message: OutboxMessage) =>
    message.status === "pending" &&
    message.threadTs === from.threadTs &&
    placeOf(message).id === placeOf(from).id;
  const moved = state.outbox.filter(isMoved);
  const outbox = state.outbox.map((message) => {
    if (!isMoved(message)) return message;
    const { via: _standIn, parent: _parent, threadTs: _thread, ...own } = message;
    return { ...own, channel, ...(message.key === key ? {} : { parent: key }) };
  });
  const records = new Set(
    moved.flatMap(({ transactions }) => transactions.map((one) => partsOf(one).record)),
  );
  const delivered = { ...state.delivered };
  for (const record of records) {
    const channels = delivered[record];
    if (channels !== undefined) delivered[record] = withThreadClosed(channels, from);
  }
  return { ...state, outbox, delivered };
}

function withThreadClosed(
  channels: Readonly<Record<string, Delivered>>,
  reply: OutboxMessage,
): Record<string, Delivered> {
  const closed = ([channelId, told]: [string, Delivered]): [string, Delivered] => {
    const posts = told.posts.map((post): Announced => {
      const isIt = post.ts === reply.threadTs && (post.via ?? channelId) === placeOf(reply).id;
      return isIt ? { ...post, isClosed: true } : post;
    });
    return [channelId, { ...told, posts }];
  };
  return Object.fromEntries(Object.entries(channels).map(closed));
}

import type { Channel, OutboxMessage, State } from "./state.ts";

/** The channel in which a message is posted: its own, or the one that stands in for it. */
export function placeOf({ channel, via }: OutboxMessage): Channel {
  return via ?? channel;
}

/** A message that waits; but a reply whose parent is in a channel's history stays there: its thread is. */
export function mayMove({ status, threadTs }: OutboxMessage): boolean {
  return status === "pending" && threadTs === undefined;
}

/** When the post whose outcome is not known left, Unix milliseconds: by Slack's clock where that was known. */
export function startOf({ attempt }: OutboxMessage): number {
  return attempt?.startedServer ?? attempt?.startedLocal ?? 0;
}

/** The channels in which something could be sent: those that stand in for others included. */
export function waitingPlaces({ outbox }: State): Channel[] {
  const waiting = outbox.filter(({ status }) => status === "pending").map(placeOf);
  return [...new Map(waiting.map((place) => [place.id, place])).values()];
}

/** Ids of the {@link waitingPlaces}. */
export function waitingChannels(state: State): string[] {
  return waitingPlaces(state).map(({ id }) => id);
}

/**
 * The oldest message that may be sent to a channel now. None while the outcome of another is still to be looked up
 * there; a reply waits until the message it belongs to has arrived.
 */
export function nextFor({ outbox }: State, channelId: string): OutboxMessage | null {
  const here = outbox.filter((message) => placeOf(message).id === channelId);
  const isUnsettled = here.some(({ status, isHeld }) => status === "inflight" && isHeld !== true);
  return isUnsettled ? null : (here.find(isFree) ?? null);
}

function isFree({ status, parent, threadTs }: OutboxMessage): boolean {
  return status === "pending" && (parent === undefined || threadTs !== undefined);
}

/** Until when Slack asked not to post to a channel, Unix milliseconds; 0 for not at all. */
export function waitUntilOf({ pace }: State, channelId: string): number {
  return Math.max(pace.waitUntil[channelId] ?? 0, pace.waitUntil["*"] ?? 0);
}

/** How many messages are not delivered, by what keeps them. */
export type OutboxCounts = Readonly<Record<OutboxMessage["status"], number>>;

export function countOutbox({ outbox }: Pick<State, "outbox">): OutboxCounts {
  const count = (wanted: string) => outbox.filter(({ status }) => status === wanted).length;
  return { pending: count("pending"), inflight: count("inflight"), dead: count("dead") };
}

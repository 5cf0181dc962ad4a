import type { Attempt, Delivered, OutboxMessage, Rendering, State } from "./state.ts";

/** A state in which nothing has been read or sent. */
export function emptyState({ instance, salt }: { instance: string; salt: string }): State {
  return {
    instance,
    salt,
    epoch: 0,
    bind: { teamId: null, botId: null },
    sources: {},
    outbox: [],
    delivered: {},
    pace: { lastPost: {}, waitUntil: {} },
    refusedCredentials: null,
    lastRun: null,
  };
}

export function beginRun(state: State): State {
  return { ...state, epoch: state.epoch + 1 };
}

/** Adds messages behind those that wait; one that is there already is not added again. */
export function enqueue(state: State, messages: readonly OutboxMessage[]): State {
  const known = new Set(state.outbox.map(({ key }) => key));
  const added = messages.filter(({ key }) => !known.has(key));
  return added.length === 0 ? state : { ...state, outbox: [...state.outbox, ...added] };
}

/** The channels in which something could be sent. */
export function waitingChannels({ outbox }: State): string[] {
  const waiting = outbox.filter(({ status }) => status === "pending");
  return [...new Set(waiting.map(({ channel }) => channel.id))];
}

/**
 * The oldest message that may be sent to a channel now. None while the outcome of another is unknown there; a reply
 * waits until the message it belongs to has arrived.
 */
export function nextFor({ outbox }: State, channelId: string): OutboxMessage | null {
  const here = outbox.filter(({ channel }) => channel.id === channelId);
  return here.some(({ status }) => status === "inflight") ? null : (here.find(isFree) ?? null);
}

function isFree({ status, parent, threadTs }: OutboxMessage): boolean {
  return status === "pending" && (parent === undefined || threadTs !== undefined);
}

/** The mark that must be on disk before the request leaves. */
export function markInflight(state: State, key: string, attempt: Attempt): State {
  const message = messageOf(state, key);
  if (nextFor(state, message.channel.id)?.status !== "pending" || message.status !== "pending") {
    throw new Error(`message ${key} may not be sent now`);
  }
  if (message.parent !== undefined && message.threadTs === undefined)
    throw new Error(`message ${key} has no thread yet`);
  return change(state, key, (waiting) => ({
    ...waiting,
    status: "inflight",
    attempt,
    attempts: waiting.attempts + 1,
  }));
}

/** Slack has it. It leaves the outbox; its replies learn their thread, and what it announced is delivered for good. */
export function settleSent(state: State, key: string, { ts, at }: { ts: string; at: number }): State {
  const message = messageOf(state, key);
  const outbox = state.outbox
    .filter((waiting) => waiting.key !== key)
    .map((waiting) => (waiting.parent === key ? { ...waiting, threadTs: ts } : waiting));
  const delivered =
    message.kind === "announcement" ? withDelivered(state.delivered, message, { ts, at }) : state.delivered;
  return { ...state, outbox, delivered };
}

/** Slack does not have it, that is certain: it waits again. */
export function returnToPending(state: State, key: string, reason: string): State {
  return change(state, key, (message) => ({ ...message, status: "pending", attempt: null, reason }));
}

/** Sent again although nobody could look whether it had arrived: the message will say so. */
export function resendUncertain(state: State, key: string): State {
  return change(returnToPending(state, key, "possible repeat"), key, (message) => ({
    ...message,
    isRepeat: true,
  }));
}

/**
 * After a recovery from an older copy: what waits in it may have been sent since, by the last run that the copy knows
 * of or a later one, and is looked up before it is sent.
 */
export function doubtPending(state: State): State {
  const since = state.lastRun?.endedAt ?? 0;
  const attempt = { id: "recovery", startedLocal: since, startedServer: null };
  return {
    ...state,
    outbox: state.outbox.map((message) =>
      message.status === "pending" && message.parent === undefined
        ? { ...message, status: "inflight", attempt, reason: "recovered" }
        : message,
    ),
  };
}

/** Somebody wants a dead or held message sent, in its full form again. */
export function retryMessage(state: State, key: string): State {
  const { status } = messageOf(state, key);
  const again = status === "inflight" ? resendUncertain(state, key) : returnToPending(state, key, "retried");
  return change(again, key, (message) => ({ ...message, rendering: "full", attempts: 1 }));
}

/** Somebody does not want a message sent: it and what would go into its thread become dead letters. */
export function dropMessage(state: State, key: string): State {
  const concerned = state.outbox.filter((message) => message.key === key || message.parent === key);
  return concerned.reduce((next, message) => bury(next, message.key, "dropped"), state);
}

/** Takes a dead letter away for good; what it announced counts as settled, so that it does not come back. */
export function discardDead(state: State, key: string, at: number): State {
  const message = messageOf(state, key);
  if (message.status !== "dead") throw new Error(`message ${key} is not a dead letter`);
  const outbox = state.outbox.filter((waiting) => waiting.key !== key && waiting.parent !== key);
  return { ...state, outbox, delivered: withDelivered(state.delivered, message, { ts: null, at }) };
}

const smaller: Readonly<Record<Rendering, Rendering | null>> = {
  full: "compact",
  compact: "plain",
  plain: null,
};

/** The same content in a smaller form; null when there is none. */
export function shrinkRendering(state: State, key: string, reason: string): State | null {
  const rendering = smaller[messageOf(state, key).rendering];
  if (rendering === null) return null;
  return change(returnToPending(state, key, reason), key, (message) => ({ ...message, rendering }));
}

/** A dead letter: kept and listed, never sent unless somebody asks for it. */
export function bury(state: State, key: string, reason: string): State {
  return change(state, key, (message) => ({ ...message, status: "dead", attempt: null, reason }));
}

export function notePost(state: State, channelId: string, at: number): State {
  return { ...state, pace: { ...state.pace, lastPost: { ...state.pace.lastPost, [channelId]: at } } };
}

/** Slack asked to wait: one channel, or `"*"` for all. */
export function noteWait(state: State, scope: string, until: number): State {
  return { ...state, pace: { ...state.pace, waitUntil: { ...state.pace.waitUntil, [scope]: until } } };
}

/** Whether a transaction has been delivered to a channel, or waits in the outbox for it. */
export function isPromised(state: State, transaction: string, channelId: string): boolean {
  const { record, entry } = partsOf(transaction);
  if (state.delivered[record]?.[channelId]?.entries.includes(entry) === true) return true;
  return state.outbox.some(
    ({ channel, transactions }) =>
      channel.id === channelId && transactions.some((promised) => promised.startsWith(`${transaction}@`)),
  );
}

function withDelivered(
  delivered: State["delivered"],
  { channel, transactions }: OutboxMessage,
  { ts, at }: { ts: string | null; at: number },
): State["delivered"] {
  const next: Record<string, Readonly<Record<string, Delivered>>> = { ...delivered };
  for (const transaction of transactions) {
    const { record, entry } = partsOf(transaction);
    const before = next[record]?.[channel.id];
    const entries = [...new Set([...(before?.entries ?? []), entry])];
    next[record] = { ...next[record], [channel.id]: { ts: before?.ts ?? ts, at: before?.at ?? at, entries } };
  }
  return next;
}

/** `v1:SAMINC:ap-invoices:28:1@rev` -> `SAMINC:ap-invoices:28` and `1`. */
function partsOf(transaction: string): { record: string; entry: string } {
  const [, company = "", source = "", record = "", rest = ""] = transaction.split(":");
  return { record: `${company}:${source}:${record}`, entry: rest.split("@")[0] ?? "" };
}

function messageOf(state: State, key: string): OutboxMessage {
  const message = state.outbox.find((waiting) => waiting.key === key);
  if (message === undefined) throw new Error(`message ${key} is not in the outbox`);
  return message;
}

function change(state: State, key: string, to: (message: OutboxMessage) => OutboxMessage): State {
  messageOf(state, key);
  return { ...state, outbox: state.outbox.map((message) => (message.key === key ? to(message) : message)) };
}

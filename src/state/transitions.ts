import { isSettled } from "./forget.ts";
import { mayMove, nextFor, placeOf } from "./outbox.ts";
import type { Announced, Attempt, Delivered, OutboxMessage, Rendering, State } from "./state.ts";

/** A state in which nothing has been read or sent. */
export function emptyState({ instance, salt }: { instance: string; salt: string }): State {
  return {
    instance,
    salt,
    epoch: 0,
    bind: { teamId: null, botId: null },
    sources: {},
    backfills: [],
    outbox: [],
    delivered: {},
    settled: {},
    headings: {},
    pace: { lastPost: {}, waitUntil: {} },
    refusedCredentials: null,
    troubles: {},
    lastRun: null,
  };
}

/** A new run tries a message's own channel first: it may be in order again. */
export function beginRun(state: State): State {
  const outbox = state.outbox.map((message) => {
    if (!mayMove(message)) return message;
    const { via: _standIn, ...own } = message;
    return own;
  });
  return { ...state, epoch: state.epoch + 1, outbox };
}

/** Adds messages behind those that wait; one that is there already is not added again. */
export function enqueue(state: State, messages: readonly OutboxMessage[]): State {
  const added = unknownTo(state, messages);
  return added.length === 0 ? state : { ...state, outbox: [...state.outbox, ...added] };
}

/** Those of the messages that are not in the outbox, each once. */
export function unknownTo({ outbox }: State, messages: readonly OutboxMessage[]): OutboxMessage[] {
  const known = new Set(outbox.map(({ key }) => key));
  const unknown = new Map(messages.filter(({ key }) => !known.has(key)).map((one) => [one.key, one]));
  return [...unknown.values()];
}

/** The mark that must be on disk before the request leaves. */
export function markInflight(state: State, key: string, attempt: Attempt): State {
  const message = messageOf(state, key);
  if (nextFor(state, placeOf(message).id)?.status !== "pending" || message.status !== "pending") {
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

/** The mark is taken back: the request never left. */
export function callOff(state: State, key: string): State {
  return change(state, key, (message) => ({
    ...message,
    status: "pending",
    attempt: null,
    attempts: message.attempts - 1,
  }));
}

/** Slack has it. It leaves the outbox; its replies learn their thread, and what it announced is delivered for good. */
export function settleSent(state: State, key: string, { ts, at }: { ts: string; at: number }): State {
  const message = messageOf(state, key);
  const outbox = state.outbox
    .filter((waiting) => waiting.key !== key)
    .map((waiting) => (waiting.parent === key ? inThread(waiting, message, ts) : waiting));
  const announces =
    message.isTrial !== true && (message.kind === "announcement" || message.kind === "update");
  // What a reply announces is in its parent's thread.
  const thread = { ts: message.threadTs ?? ts, at };
  return {
    ...state,
    outbox,
    delivered: announces ? withDelivered(state.delivered, message, thread) : state.delivered,
    headings: withPlace(state.headings, key, `${placeOf(message).id} ${ts}`),
  };
}

/** A thread is where its first message went. */
function inThread(reply: OutboxMessage, { via }: OutboxMessage, threadTs: string): OutboxMessage {
  const { via: _planned, ...own } = reply;
  return { ...own, threadTs, ...(via === undefined ? {} : { via }) };
}

/** Slack does not have it, that is certain: it waits again. */
export function returnToPending(state: State, key: string, reason: string): State {
  return change(state, key, ({ isHeld: _held, ...message }) => ({
    ...message,
    status: "pending",
    attempt: null,
    reason,
  }));
}

/** Its outcome was unknown and the channel shows that it never arrived: it waits again, and that is counted. */
export function countMiss(state: State, key: string, reason: string): State {
  return change(returnToPending(state, key, reason), key, (message) => ({
    ...message,
    misses: (message.misses ?? 0) + 1,
  }));
}

/** Its outcome stays unknown until somebody decides. */
export function hold(state: State, key: string, reason: string): State {
  return change(state, key, (message) => ({ ...message, isHeld: true, reason }));
}

/** What the header of a message was to say once it is sent: now it has a place. */
function withPlace(headings: State["headings"], key: string, place: string): State["headings"] {
  const waiting = placeOfWaiting(key);
  const { [waiting]: wish, ...others } = headings;
  return wish === undefined ? headings : { ...others, [place]: wish };
}

/** Stands for the place of a message that is not sent yet. */
export function placeOfWaiting(key: string): string {
  return `waiting ${key}`;
}

/** Such a place; where its message has left the outbox, it was given up. */
export function isOfWaiting(place: string): boolean {
  return place.startsWith("waiting ");
}

/** A header has been brought up to date, or cannot be. */
export function dropHeading(state: State, place: string): State {
  const { [place]: _done, ...headings } = state.headings;
  return { ...state, headings };
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
      message.status === "pending"
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
  // A reply is not what announced anything.
  const isAnnouncement = message.kind === "announcement" && message.isTrial !== true;
  const delivered = isAnnouncement
    ? withDelivered(state.delivered, message, { ts: null, at })
    : state.delivered;
  return { ...state, outbox, delivered };
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

/** Slack asked to wait: one channel, one of its methods, or `"*"` for all posts. */
export function noteWait(state: State, scope: string, until: number): State {
  return { ...state, pace: { ...state.pace, waitUntil: { ...state.pace.waitUntil, [scope]: until } } };
}

/** Whether a transaction has been delivered to a channel. */
export function isDelivered(state: State, transaction: string, channelId: string): boolean {
  const { record, entry } = partsOf(transaction);
  const posts = state.delivered[record]?.[channelId]?.posts ?? [];
  return posts.some(({ entries }) => entries.includes(entry)) || isSettled(state, record, channelId);
}

/** What messages are in the outbox about, dead letters included: `<channel id> <transaction id>`. */
export function waitingIn(outbox: readonly OutboxMessage[]): Set<string> {
  return new Set(
    outbox
      .filter(({ isTrial }) => isTrial !== true)
      .flatMap(({ channel, transactions }) =>
        transactions.map((promised) => `${channel.id} ${promised.slice(0, promised.lastIndexOf("@"))}`),
      ),
  );
}

function withDelivered(
  delivered: State["delivered"],
  { channel, via, transactions, notices }: OutboxMessage,
  { ts, at }: { ts: string | null; at: number },
): State["delivered"] {
  const next: Record<string, Readonly<Record<string, Delivered>>> = { ...delivered };
  const deciders = decidersIn(notices);
  for (const [record, entries] of entriesOf(transactions)) {
    const others = (next[record]?.[channel.id]?.posts ?? [])
      .map((one) => ({ ...one, entries: one.entries.filter((known) => !entries.has(known)) }))
      .filter((one) => one.ts === ts || one.entries.length > 0);
    const post: Announced = others.find((one) => one.ts === ts) ?? {
      ts,
      ...(via === undefined ? {} : { via: via.id }),
      entries: [],
    };
    const decidedBy = deciders.get(record) ?? post.decidedBy;
    const told = {
      ...post,
      ...(decidedBy === undefined ? {} : { decidedBy }),
      entries: [...post.entries, ...entries],
    };
    const posts = [...others.filter((one) => one !== post), told];
    next[record] = { ...next[record], [channel.id]: { posts, at } };
  }
  return next;
}

/** What of each record some transactions are, in their order. */
function entriesOf(transactions: readonly string[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { record, entry } of transactions.map(partsOf))
    found.set(record, (found.get(record) ?? new Set()).add(entry));
  return found;
}

/** What decided for this channel, by record: one message may tell of several, and of one by several rules. */
function decidersIn(notices: OutboxMessage["notices"]): ReadonlyMap<string, string> {
  const found = new Map<string, Set<string>>();
  for (const notice of notices) {
    if (notice.kind !== "announcement") continue;
    // A summary names all of its records.
    for (const one of notice.record.split(", ")) {
      const record = `${notice.company}:${notice.source}:${one}`;
      found.set(record, (found.get(record) ?? new Set()).add(notice.decidedBy));
    }
  }
  return new Map([...found].map(([record, rules]) => [record, [...rules].join(", ")]));
}

/** `v1:SAMINC:ap-invoices:28:1@rev` -> `SAMINC:ap-invoices:28` and `1`. */
export function partsOf(transaction: string): { record: string; entry: string } {
  const [, company = "", source = "", record = "", rest = ""] = transaction.split(":");
  return { record: `${company}:${source}:${record}`, entry: rest.split("@")[0] ?? "" };
}

/** @throws Error when it is not in the outbox */
export function messageOf(state: State, key: string): OutboxMessage {
  const message = state.outbox.find((waiting) => waiting.key === key);
  if (message === undefined) throw new Error(`message ${key} is not in the outbox`);
  return message;
}

function change(state: State, key: string, to: (message: OutboxMessage) => OutboxMessage): State {
  messageOf(state, key);
  return { ...state, outbox: state.outbox.map((message) => (message.key === key ? to(message) : message)) };
}

import { AppError } from "../errors.ts";
import { z } from "../runtime/zod.ts";
import { eventType, isOurs } from "./metadata.ts";
import { messageTs, SlackRefusal, type WebApiSender } from "./sender.ts";

export interface Wanted {
  readonly channelId: string;
  readonly key: string;
  /** When the post was sent, by Slack's clock, Unix milliseconds. */
  readonly startedServer: number;
  /** Later it cannot have arrived, Unix milliseconds by Slack's clock; absent where that was not known. */
  readonly arrivedBy?: number;
  /** Replies are not in a channel's history but in that of their thread. */
  readonly threadTs?: string;
}

export type Found =
  | { readonly kind: "found"; readonly ts: string; readonly copies: number; readonly forgeries: number }
  | { readonly kind: "absent"; readonly forgeries: number }
  | Unreadable;

export interface Unreadable {
  readonly kind: "unreadable";
  readonly reason: string;
  /** Waiting will not make it readable. */
  readonly lasting: boolean;
  /** What somebody can do about it; empty for nothing. */
  readonly hint: string;
}

/** What other apps write into their messages must not make a page unreadable. */
const message = z.object({
  ts: messageTs,
  bot_id: z.string().optional().catch(undefined),
  metadata: z
    .object({
      event_type: z.string().optional().catch(undefined),
      event_payload: z.record(z.string(), z.unknown()).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
const page = z.object({
  messages: z.array(message),
  has_more: z.boolean().optional(),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});
type Message = z.output<typeof message>;

const mostPages = 20;
/** Clocks and queues on the way: the look begins this long before the post. */
const marginMs = 300_000;
/** Where it has to end before now, it ends this long after the last moment at which the message can have arrived. */
const lateMarginMs = 3_600_000;

/** Looks a message up by its key, in the channel or in its thread, over the whole time in which it can have arrived. */
export async function lookUp(sender: WebApiSender, wanted: Wanted): Promise<Found> {
  const upToNow = await look(sender, wanted, null);
  const end = (wanted.arrivedBy ?? Infinity) + lateMarginMs;
  // More is written all the time: looking again would reach no further.
  const isOfLater = upToNow.gap === cutOff && upToNow.seen.some(({ ts }) => Number(ts) * 1000 > end);
  if (!isOfLater) return verdictOf(upToNow, wanted, sender);
  const upToThen = await look(sender, wanted, end);
  const seen = new Map([...upToNow.seen, ...upToThen.seen].map((one) => [one.ts, one]));
  return verdictOf({ seen: [...seen.values()], gap: upToThen.gap }, wanted, sender);
}

/** What could be read, newest first, and why that is not everything. */
interface Look {
  readonly seen: readonly Message[];
  readonly gap: Unreadable | null;
}

async function look(sender: WebApiSender, wanted: Wanted, end: number | null): Promise<Look> {
  const seen: Message[] = [];
  let cursor = "";
  for (let pages = 0; pages < mostPages; pages += 1) {
    const read = await readMessages(sender, { ...wanted, end, cursor });
    if ("kind" in read) return { seen, gap: read };
    seen.push(...read.messages);
    const next = read.response_metadata?.next_cursor ?? "";
    if (next === "") return { seen, gap: read.has_more === true ? incomplete : null };
    if (next === cursor) return { seen, gap: incomplete };
    cursor = next;
  }
  return { seen, gap: cutOff };
}

/**
 * What this installation has sent to a channel of late, the `ts` of each copy by key, earliest first: whatever a
 * restored copy of the state has forgotten sending is found in time. Empty when the channel cannot be read; a net, not
 * the proof that {@link lookUp} is.
 */
export async function readNewest(sender: WebApiSender, channelId: string): Promise<Map<string, string[]>> {
  const copies = new Map<string, string[]>();
  const newest = { channel: channelId, limit: 200, include_all_metadata: true };
  const read = page.safeParse(await sender.call("conversations.history", newest).catch(() => null));
  for (const one of read.data?.messages ?? []) {
    const key = one.metadata?.event_payload?.["key"];
    if (typeof key !== "string" || !isHit(one, { channelId, key }, sender)) continue;
    copies.set(key, [...(copies.get(key) ?? []), one.ts].toSorted());
  }
  return copies;
}

const incomplete: Unreadable = {
  kind: "unreadable",
  reason: "history incomplete",
  lasting: false,
  hint: "",
};

/** So much was written that its own time may not have been reached. */
const cutOff: Unreadable = { ...incomplete };

/** A hit proves enough, wherever the reading ended; a miss proves nothing unless the window is complete. */
function verdictOf({ seen, gap }: Look, wanted: Wanted, sender: WebApiSender): Found {
  const named = seen.filter(({ metadata }) => metadata?.event_payload?.["key"] === wanted.key);
  const hits = named.filter((one) => isHit(one, wanted, sender)).map(({ ts }) => ts);
  const forgeries = named.length - hits.length;
  const [ts] = hits.toSorted();
  if (ts !== undefined) return { kind: "found", ts, copies: hits.length, forgeries };
  return gap ?? { kind: "absent", forgeries };
}

interface Page extends Wanted {
  /** The look ends here, Unix milliseconds; null for now. */
  readonly end: number | null;
  readonly cursor: string;
}

async function readMessages(sender: WebApiSender, wanted: Page): Promise<z.output<typeof page> | Unreadable> {
  try {
    const read = page.safeParse(await readPage(sender, wanted));
    if (!read.success) return { ...incomplete, reason: "unexpected answer" };
    const isUnproven = read.data.messages.some((one) => isWithheld(one, sender));
    return isUnproven ? { ...incomplete, reason: "metadata withheld", lasting: true } : read.data;
  } catch (error) {
    // A thread without its first message and without replies: nothing arrived there.
    if (error instanceof SlackRefusal && error.code === "thread_not_found") return { messages: [] };
    return unreadable(error);
  }
}

function readPage(sender: WebApiSender, { end, cursor, ...wanted }: Page): Promise<unknown> {
  const window = {
    channel: wanted.channelId,
    oldest: Math.max(0, (wanted.startedServer - marginMs) / 1000).toFixed(6),
    ...(end === null ? {} : { latest: (end / 1000).toFixed(6) }),
    inclusive: true,
    limit: 200,
    // Without it Slack returns the type of the metadata and withholds the payload.
    include_all_metadata: true,
    ...(cursor === "" ? {} : { cursor }),
  };
  return wanted.threadTs === undefined
    ? sender.call("conversations.history", window)
    : sender.call("conversations.replies", { ...window, ts: wanted.threadTs });
}

function isHit(
  { bot_id, metadata }: Message,
  { channelId, key }: Pick<Wanted, "channelId" | "key">,
  { botIds, macKey }: WebApiSender,
): boolean {
  const isBot = botIds.size === 0 || bot_id === undefined || botIds.has(bot_id);
  return (
    isBot &&
    metadata?.event_type === eventType &&
    isOurs(metadata.event_payload ?? {}, { key, channelId, macKey })
  );
}

/** A message of ours whose payload is missing: a miss would prove nothing. */
function isWithheld({ bot_id, metadata }: Message, { botIds }: WebApiSender): boolean {
  const isBot = bot_id !== undefined && botIds.has(bot_id);
  return isBot && metadata?.event_type === eventType && metadata.event_payload === undefined;
}

const lastingCodes = new Set([
  "missing_scope",
  "not_in_channel",
  "channel_not_found",
  "access_denied",
  "not_allowed_token_type",
]);

function unreadable(error: unknown): Unreadable {
  if (!(error instanceof AppError)) throw error;
  const hint = error.hint ?? "";
  if (!(error instanceof SlackRefusal)) return { ...incomplete, reason: error.message, hint };
  return { kind: "unreadable", reason: error.code, lasting: lastingCodes.has(error.code), hint };
}

import { z } from "zod";

import { AppError } from "../errors.ts";
import { eventType, isOurs } from "./metadata.ts";
import { SlackRefusal, type WebApiSender } from "./sender.ts";

export interface Wanted {
  readonly channelId: string;
  readonly key: string;
  /** When the post was sent, by Slack's clock, Unix milliseconds. */
  readonly startedServer: number;
  /** Replies are not in a channel's history but in that of their thread. */
  readonly threadTs?: string;
}

export type Found =
  | { readonly kind: "found"; readonly ts: string; readonly copies: number }
  | { readonly kind: "absent" }
  /** `lasting`: waiting will not make it readable. */
  | { readonly kind: "unreadable"; readonly reason: string; readonly lasting: boolean };

const message = z.object({
  ts: z.string(),
  bot_id: z.string().optional(),
  metadata: z
    .object({
      event_type: z.string().optional(),
      event_payload: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
});
const page = z.object({
  messages: z.array(message),
  has_more: z.boolean().optional(),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
type Message = z.output<typeof message>;

const mostPages = 20;
/** Clocks and queues on the way: the look begins this long before the post. */
const marginMs = 300_000;

/** Looks a message up by its key, in the channel or in its thread, over the whole time in which it can have arrived. */
export async function lookUp(sender: WebApiSender, wanted: Wanted): Promise<Found> {
  const hits: string[] = [];
  let cursor = "";
  for (let pages = 0; pages < mostPages; pages += 1) {
    const read = await readMessages(sender, wanted, cursor);
    if ("kind" in read) return read;
    hits.push(...read.messages.filter((one) => isHit(one, wanted, sender)).map(({ ts }) => ts));
    cursor = read.response_metadata?.next_cursor ?? "";
    if (cursor === "") return read.has_more === true ? incomplete : verdictOf(hits);
  }
  return incomplete;
}

/**
 * Which of these messages are among the newest of a channel, key by `ts`: whatever a restored copy of the state has
 * forgotten sending is found in time. Empty when the channel cannot be read; a net, not the proof that {@link lookUp} is.
 */
export async function findAmongNewest(
  sender: WebApiSender,
  { channelId, keys }: { channelId: string; keys: readonly string[] },
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const newest = { channel: channelId, limit: 200, include_all_metadata: true };
  const read = page.safeParse(await sender.read("conversations.history", newest).catch(() => null));
  if (!read.success) return found;
  for (const key of keys) {
    const hit = read.data.messages.find((one) => isHit(one, { channelId, key, startedServer: 0 }, sender));
    if (hit !== undefined) found.set(key, hit.ts);
  }
  return found;
}

const incomplete: Found = { kind: "unreadable", reason: "history incomplete", lasting: false };

function verdictOf(hits: readonly string[]): Found {
  const [ts] = hits.toSorted();
  return ts === undefined ? { kind: "absent" } : { kind: "found", ts, copies: hits.length };
}

async function readMessages(
  sender: WebApiSender,
  wanted: Wanted,
  cursor: string,
): Promise<z.output<typeof page> | Found> {
  try {
    const read = page.safeParse(await readPage(sender, wanted, cursor));
    if (!read.success) return { kind: "unreadable", reason: "unexpected answer", lasting: false };
    const isUnproven = read.data.messages.some((one) => isWithheld(one, sender));
    return isUnproven ? { kind: "unreadable", reason: "metadata withheld", lasting: true } : read.data;
  } catch (error) {
    return unreadable(error);
  }
}

function readPage(sender: WebApiSender, wanted: Wanted, cursor: string): Promise<unknown> {
  const window = {
    channel: wanted.channelId,
    oldest: Math.max(0, (wanted.startedServer - marginMs) / 1000).toFixed(6),
    inclusive: true,
    limit: 200,
    // Without it Slack returns the type of the metadata and withholds the payload.
    include_all_metadata: true,
    ...(cursor === "" ? {} : { cursor }),
  };
  return wanted.threadTs === undefined
    ? sender.read("conversations.history", window)
    : sender.read("conversations.replies", { ...window, ts: wanted.threadTs });
}

function isHit(
  { bot_id, metadata }: Message,
  { channelId, key }: Wanted,
  { botId, macKey }: WebApiSender,
): boolean {
  const isBot = botId === null || bot_id === undefined || bot_id === botId;
  return (
    isBot &&
    metadata?.event_type === eventType &&
    isOurs(metadata.event_payload ?? {}, { key, channelId, macKey })
  );
}

/** A message of ours whose payload is missing: a miss would prove nothing. */
function isWithheld({ bot_id, metadata }: Message, { botId }: WebApiSender): boolean {
  return bot_id === botId && metadata?.event_type === eventType && metadata.event_payload === undefined;
}

const lastingCodes = new Set([
  "missing_scope",
  "not_in_channel",
  "channel_not_found",
  "access_denied",
  "not_allowed_token_type",
  "thread_not_found",
]);

function unreadable(error: unknown): Found {
  if (error instanceof SlackRefusal)
    return { kind: "unreadable", reason: error.code, lasting: lastingCodes.has(error.code) };
  if (error instanceof AppError) return { kind: "unreadable", reason: error.message, lasting: false };
  throw error;
}

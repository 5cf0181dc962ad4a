import type { IsoDate } from "../transactions/date.ts";
import type { Notice } from "../transactions/notice.ts";
import type { NumberRanges } from "../transactions/number-ranges.ts";
import type { Position } from "../transactions/position.ts";
import type { Troubles } from "./troubles.ts";

/** Smaller each time Slack refuses a message as too long or invalid; the content set never changes. */
export type Rendering = "full" | "compact" | "plain";

/** One POST: written to disk before the request leaves. */
export interface Attempt {
  /** Random, for diagnosis only; never used to decide. */
  readonly id: string;
  /** Unix milliseconds of the local clock. */
  readonly startedLocal: number;
  /** Unix milliseconds by Slack's clock, when a Date header had been seen. */
  readonly startedServer: number | null;
}

/** A channel of Slack's, or the direct messages of somebody. */
export interface Channel {
  readonly id: string;
  /** As people know it, `#treasury`. */
  readonly name: string;
}

/** A message promised but not delivered. */
export interface OutboxMessage {
  /** Public: HMAC over the sorted transactions with revisions, kind, channel and part. One per Slack message. */
  readonly key: string;
  readonly kind: "announcement" | "more-rows" | "update" | "baseline" | "operations";
  /** Where it belongs; the id is the `#name` while Slack has no such channel. */
  readonly channel: Channel;
  /** The channel that stands in for one that takes no messages. */
  readonly via?: Channel;
  /** `<transaction id>@<revision>` of everything the message says. */
  readonly transactions: readonly string[];
  readonly notices: readonly Notice[];
  /** Tells a message that is sent again on purpose, or on trial, from the one that said the same before. */
  readonly edition?: string;
  /** Posted for trying out: it says so, and nothing remembers that it was. */
  readonly isTrial?: true;
  /** Key of the message in whose thread this one goes; it waits for that one. */
  readonly parent?: string;
  /** Slack's `ts` of the parent, once known. */
  readonly threadTs?: string;
  readonly status: "pending" | "inflight" | "dead";
  readonly rendering: Rendering;
  /** POSTs so far. A message with none may still be merged with others; afterwards key and content stay. */
  readonly attempts: number;
  readonly attempt: Attempt | null;
  /** Sent again though an earlier post of it may have arrived: it says so. */
  readonly isRepeat?: true;
  /** Whether it arrived can never be looked up: a human decides, and its channel goes on without it. */
  readonly isHeld?: true;
  /** How many times its outcome was unknown and it then left no trace in the channel. */
  readonly misses?: number;
  /** Why it is still here, in a word that `outbox` shows: `channel_not_found`, `outcome unknown`, … */
  readonly reason: string | null;
}

/** Where the reading of one source in one company stands. */
export interface SourceState extends Position {
  /** Unix milliseconds of the last complete read. */
  readonly lastRead: number;
}

/** A part of the history that somebody wants announced, kept until it is read to its end. */
export interface Backfill {
  /** `SAMINC/ap-invoices`. */
  readonly place: string;
  /** Documents of this date and later. */
  readonly since: IsoDate;
  /** Documents before this date; null for all later ones. */
  readonly until: IsoDate | null;
  /** Also what was announced before; the word tells these messages from the earlier ones. */
  readonly resend?: string;
  /** Per selector: up to which number it has been read. */
  readonly readUpTo: Readonly<Record<string, string>>;
  /** As in {@link Position}: the entries of error batches that are still to be met. */
  readonly copies: Readonly<Record<string, string>>;
  /** Per selector: the records in which nothing has changed for so long that nothing will. */
  readonly closed: Readonly<Record<string, NumberRanges>>;
}

/** A message that announced entries of a record, and in whose thread their changes go. */
export interface Announced {
  /** Slack's id of the message; null where somebody decided that there is to be none. */
  readonly ts: string | null;
  /** Id of the channel that stood in. */
  readonly via?: string;
  /** The rules that decided for this channel: `route "large invoices"`. Not kept by older versions. */
  readonly decidedBy?: string;
  readonly entries: readonly string[];
  /** Its channel takes no replies any more, and somebody sent what waited there about this record elsewhere. */
  readonly isClosed?: true;
}

/** Where a record was announced: one row per record and the channel where it belongs. */
export interface Delivered {
  readonly posts: readonly Announced[];
  /** Unix milliseconds of the last of them. */
  readonly at: number;
}

/** What the header of an announcement should say by now. */
export interface Heading {
  readonly headline: string;
  readonly sentence: string;
}

/** Not earlier than this (Unix milliseconds of the local clock), by what was asked of us or promised. */
export interface Pace {
  /** Channel id -> when the last post had left. */
  readonly lastPost: Readonly<Record<string, number>>;
  /** Channel id, name of a method, or `"*"` for all posts -> until when Slack asked us to wait. */
  readonly waitUntil: Readonly<Record<string, number>>;
}

/** Everything that must move together, in one document and one atomic commit. */
export interface State {
  readonly instance: string;
  /** Random bytes (hex) that make message keys and the MAC in the metadata unguessable. */
  readonly salt: string;
  /** +1 for each run that got the lock. */
  readonly epoch: number;
  /** What this state belongs to; null until first seen. */
  readonly bind: { readonly teamId: string | null; readonly botId: string | null };
  /** Keyed `<company>/<source>`. */
  readonly sources: Readonly<Record<string, SourceState>>;
  /** Continued by every run that reads their source, oldest first. */
  readonly backfills: readonly Backfill[];
  readonly outbox: readonly OutboxMessage[];
  /** Keyed `<company>:<source>:<record>`, then by channel id. */
  readonly delivered: Readonly<Record<string, Readonly<Record<string, Delivered>>>>;
  /**
   * Records that were delivered and whose threads are closed, because nothing will change in them any more: `<company>:<source>:<selector>:<channel id>`
   * -> their numbers.
   */
  readonly settled: Readonly<Record<string, NumberRanges>>;
  /**
   * Headers to be brought up to date, keyed `<channel id> <ts>`, or `waiting <key>` until their message is sent; tried
   * once a run, and never a reason to fail.
   */
  readonly headings: Readonly<Record<string, Heading>>;
  readonly pace: Pace;
  /** Keyed hashes, separated by spaces, of Sage credentials that were refused: not tried again until they change. */
  readonly refusedCredentials: string | null;
  /** What is not in order, and what the operators were told of it. */
  readonly troubles: Troubles;
  readonly lastRun: { readonly endedAt: number; readonly exitCode: number } | null;
}

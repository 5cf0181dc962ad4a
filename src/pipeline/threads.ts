import type { Channel, OutboxMessage, State } from "../state/state.ts";
import { partsOf, placeOfWaiting } from "../state/transitions.ts";

/** A message that announced entries of a record, sent or still waiting, and in whose thread their changes go. */
export interface Thread {
  readonly channelId: string;
  readonly via?: Channel;
  /** Slack's id of the message, once it is sent; else the key of the one that waits. */
  readonly at: { readonly threadTs: string } | { readonly parent: string };
  readonly entries: readonly string[];
  /** Whether other records are announced by the same message. */
  readonly isShared: boolean;
}

/** Of the header above a thread: some of what is told in it may still wait. */
export function placeOf({ channelId, via, at }: Thread): string {
  return "parent" in at ? placeOfWaiting(at.parent) : `${via?.id ?? channelId} ${at.threadTs}`;
}

/** Where a record has been announced, or is about to be. Records are keyed `<company>:<source>:<record>`. */
export class Threads {
  readonly #delivered: State["delivered"];
  /** Number of records by channel and message. */
  readonly #sharers = new Map<string, number>();

  constructor(delivered: State["delivered"]) {
    this.#delivered = delivered;
    for (const channels of Object.values(delivered)) {
      for (const [channelId, { posts }] of Object.entries(channels)) {
        for (const { ts } of posts) {
          const place = `${channelId} ${ts}`;
          this.#sharers.set(place, (this.#sharers.get(place) ?? 0) + 1);
        }
      }
    }
  }

  of(record: string, outbox: State["outbox"]): Thread[] {
    return waitingThreads(record, outbox).reduce(withLater, this.#sent(record));
  }

  #sent(record: string): Thread[] {
    return Object.entries(this.#delivered[record] ?? {}).flatMap(([channelId, { posts }]) =>
      posts.flatMap(({ ts, via, entries, isClosed }): Thread[] => {
        if (ts === null || isClosed === true) return []; // somebody decided that there is to be none
        const isShared = (this.#sharers.get(`${channelId} ${ts}`) ?? 0) > 1;
        const standIn = via === undefined ? {} : { via: { id: via, name: via } };
        return [{ channelId, ...standIn, at: { threadTs: ts }, entries, isShared }];
      }),
    );
  }
}

/** In each channel an entry is at home where it was told last, or will be: what waits there says it too. */
function withLater(threads: readonly Thread[], later: Thread): Thread[] {
  const isMoved = (entry: string) => later.entries.includes(entry);
  const others = threads.map((thread) =>
    thread.channelId === later.channelId
      ? { ...thread, entries: thread.entries.filter((entry) => !isMoved(entry)) }
      : thread,
  );
  const same = others.find((thread) => placeOf(thread) === placeOf(later));
  const rest = others.filter((thread) => thread !== same && thread.entries.length > 0);
  if (same === undefined) return [...rest, later];
  const isShared = same.isShared || later.isShared;
  return [...rest, { ...same, entries: [...same.entries, ...later.entries], isShared }];
}

function waitingThreads(record: string, outbox: State["outbox"]): Thread[] {
  return outbox.filter(announcesSomething).flatMap((message): Thread[] => {
    const entries = entriesIn(message, record);
    if (entries.length === 0) return [];
    const { channel, via, transactions } = message;
    const standIn = via === undefined ? {} : { via };
    const isShared = transactions.some((one) => partsOf(one).record !== record);
    return [{ channelId: channel.id, ...standIn, at: threadOf(message), entries, isShared }];
  });
}

/** What is announced in a reply is in the thread of that reply. */
function threadOf({ key, parent, threadTs }: OutboxMessage): Thread["at"] {
  return threadTs === undefined ? { parent: parent ?? key } : { threadTs };
}

function announcesSomething({ kind, status, isTrial }: OutboxMessage): boolean {
  return isTrial !== true && status !== "dead" && (kind === "announcement" || kind === "update");
}

function entriesIn({ transactions }: OutboxMessage, wanted: string): string[] {
  return transactions
    .map(partsOf)
    .filter(({ record }) => record === wanted)
    .map(({ entry }) => entry);
}

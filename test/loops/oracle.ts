import { clockSpeed, minIntervalMs, type Installation, type Kind } from "./installation.ts";

export interface Findings {
  readonly documents: number;
  /** `DOC-1-1. treasury`: documents that no message in a channel of theirs names. */
  readonly lost: readonly string[];
  /** How often a document is named in a channel after the first time. */
  readonly duplicates: number;
  /** Those of them that do not say that they may be a repeat. */
  readonly unmarked: number;
  /** Documents in a channel where they do not belong, or that nobody keyed in. */
  readonly phantoms: number;
  /** Documents that came before one of an earlier batch of their kind. */
  readonly misordered: number;
  /** Messages sent again. */
  readonly repeats: number;
  /** Most messages sent again in one run and channel. */
  readonly mostRepeats: number;
  /** Posts after another to the same channel, as received, and those after less than half of the interval. */
  readonly gaps: number;
  readonly close: number;
}

/** Compares what was keyed into Sage with every message that Slack ever accepted. */
export class Oracle {
  readonly #installation: Installation;
  /** `DOC-1-1. treasury` -> how often, and how often with the mark of a repeat. */
  readonly #named = new Map<string, { all: number; marked: number }>();
  readonly #messages = new Set<string>();
  readonly #lastBatch = new Map<string, number>();
  readonly #lastPost = new Map<string, number>();
  #seen = 0;
  #phantoms = 0;
  #misordered = 0;
  #repeats = 0;
  #mostRepeats = 0;
  #gaps = 0;
  #close = 0;

  constructor(installation: Installation) {
    this.#installation = installation;
  }

  /** Takes note of the messages of one run. */
  look(): void {
    const repeats = new Map<string, number>();
    for (const post of this.#installation.slack.posts.slice(this.#seen)) {
      const { channelName, at } = post;
      const text = `${post.text}\n${JSON.stringify(post.blocks)}`;
      const isMarked = text.includes("Possible repeat");
      for (const number of new Set(text.match(/DOC-\d+-\d+\./g))) this.#name(number, channelName, isMarked);
      const before = this.#lastPost.get(channelName);
      if (before !== undefined) this.#gaps += 1;
      if (before !== undefined && (at - before) / clockSpeed < minIntervalMs / 2) this.#close += 1;
      this.#lastPost.set(channelName, at);
      const message = `${channelName} ${JSON.stringify(post.metadata?.["event_payload"])}`;
      if (this.#messages.has(message)) repeats.set(channelName, (repeats.get(channelName) ?? 0) + 1);
      this.#messages.add(message);
    }
    this.#seen = this.#installation.slack.posts.length;
    for (const count of repeats.values()) {
      this.#repeats += count;
      this.#mostRepeats = Math.max(this.#mostRepeats, count);
    }
  }

  #name(number: string, channelName: string, isMarked: boolean): void {
    const document = this.#installation.documents.get(number);
    if (document === undefined || !document.channels.includes(channelName)) {
      this.#phantoms += 1;
      return;
    }
    const place = `${number} ${channelName}`;
    const count = this.#named.get(place);
    if (count === undefined) this.#checkOrder(document, channelName);
    const { all, marked } = count ?? { all: 0, marked: 0 };
    this.#named.set(place, { all: all + 1, marked: marked + (isMarked ? 1 : 0) });
  }

  #checkOrder({ kind, batch }: { kind: Kind; batch: number }, channelName: string): void {
    const queue = `${kind} ${channelName}`;
    const last = this.#lastBatch.get(queue) ?? 0;
    if (batch < last) this.#misordered += 1;
    else this.#lastBatch.set(queue, batch);
  }

  /** How often a document came more than once, so far. */
  get duplicates(): number {
    return [...this.#named.values()].reduce((sum, { all }) => sum + all - 1, 0);
  }

  /** Whether Slack has a message with this key. */
  has(key: string): boolean {
    return [...this.#messages].some((message) => message.includes(`"key":"${key}"`));
  }

  findings(): Findings {
    const { documents } = this.#installation;
    const lost = [...documents].flatMap(([number, { channels }]) =>
      channels.map((channel) => `${number} ${channel}`).filter((place) => !this.#named.has(place)),
    );
    const counts = [...this.#named.values()];
    return {
      documents: documents.size,
      lost,
      duplicates: this.duplicates,
      unmarked: counts.reduce((sum, { all, marked }) => sum + Math.max(0, all - marked - 1), 0),
      phantoms: this.#phantoms,
      misordered: this.#misordered,
      repeats: this.#repeats,
      mostRepeats: this.#mostRepeats,
      gaps: this.#gaps,
      close: this.#close,
    };
  }
}

/** What everything that an installation ever posted shows, for a test that looks once at the end. */
export function judge(installation: Installation): Findings {
  const oracle = new Oracle(installation);
  oracle.look();
  return oracle.findings();
}

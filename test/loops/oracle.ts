import type { PostedMessage } from "../../src/sandbox/slack/records.ts";
import { clockSpeed, minIntervalMs, opsChannel, type Document } from "./installation.ts";

/** An installation as far as it can be judged: what was keyed into its Sage, and what its Slack accepted. */
export interface Judged {
  readonly slack: { readonly posts: readonly Post[] };
  /** By document number, in the order of keying. */
  readonly documents: ReadonlyMap<string, Document>;
  /** Milliseconds by which a post that arrived at this time of Slack's may have come earlier. */
  latenessAt(at: number): number;
}

export type Post = Pick<PostedMessage, "channelName" | "at" | "text" | "blocks" | "metadata">;

export interface Findings {
  readonly documents: number;
  /** `DOC-1-1. treasury`: documents that no message in a channel of theirs names. */
  readonly lost: readonly string[];
  /** How often a document is named in a channel after the first time. */
  readonly duplicates: number;
  /** Those of them that do not say that they may be a repeat. */
  readonly unmarked: number;
  /** Documents in a channel where they do not belong, or that nobody keyed in, and messages that name none. */
  readonly phantoms: number;
  /** Documents that came after a later one of their kind. */
  readonly misordered: number;
  /** Messages sent again. */
  readonly repeats: number;
  /** Most messages sent again in one run and channel. */
  readonly mostRepeats: number;
  /** Posts after another to the same channel, and those that arrived earlier than the pace allows. */
  readonly gaps: number;
  readonly close: number;
}

/** The simulator notes arrivals in fractions of a millisecond; what is computed from them is rounded. */
const roundingMs = 0.1;

/** Compares what was keyed into Sage with every message that Slack ever accepted. */
export class Oracle {
  readonly #judged: Judged;
  /** `DOC-1-1. treasury` -> how often, and how often with the mark of a repeat. */
  readonly #named = new Map<string, { all: number; marked: number }>();
  readonly #messages = new Set<string>();
  /** Documents that somebody sent by hand, when others had passed them. */
  readonly #excused = new Set<string>();
  /** Latest of each kind and channel. */
  readonly #latest = new Map<string, Document>();
  readonly #lastPost = new Map<string, number>();
  #seen = 0;
  #phantoms = 0;
  #misordered = 0;
  #repeats = 0;
  #mostRepeats = 0;
  #gaps = 0;
  #close = 0;

  constructor(judged: Judged) {
    this.#judged = judged;
  }

  /** Takes note of the messages of one run. */
  look(): void {
    const repeats = new Map<string, number>();
    for (const post of this.#judged.slack.posts.slice(this.#seen)) {
      const { channelName } = post;
      this.#read(post);
      this.#measure(post);
      const message = `${channelName} ${JSON.stringify(post.metadata?.["event_payload"])}`;
      if (this.#messages.has(message)) repeats.set(channelName, (repeats.get(channelName) ?? 0) + 1);
      this.#messages.add(message);
    }
    this.#seen = this.#judged.slack.posts.length;
    for (const count of repeats.values()) {
      this.#repeats += count;
      this.#mostRepeats = Math.max(this.#mostRepeats, count);
    }
  }

  #read({ text, blocks, channelName }: Post): void {
    const shown = `${text}\n${JSON.stringify(blocks)}`;
    const numbers = new Set(shown.match(/DOC-\d+-\d+\./g));
    // What the program tells about itself has a judge of its own.
    if (channelName === opsChannel) return;
    // Before anything is keyed in, a line in each channel says from where on the program follows.
    if (numbers.size === 0 && this.#judged.documents.size > 0) this.#phantoms += 1;
    for (const number of numbers) this.#name(number, channelName, shown.includes("Possible repeat"));
  }

  #name(number: string, channelName: string, isMarked: boolean): void {
    const document = this.#judged.documents.get(number);
    if (document === undefined || !document.channels.includes(channelName)) {
      this.#phantoms += 1;
      return;
    }
    const place = `${number} ${channelName}`;
    const count = this.#named.get(place);
    if (count === undefined) this.#checkOrder(document, place);
    const { all, marked } = count ?? { all: 0, marked: 0 };
    this.#named.set(place, { all: all + 1, marked: marked + (isMarked ? 1 : 0) });
  }

  #checkOrder(document: Document, place: string): void {
    const queue = `${document.kind} ${place.split(" ")[1]}`;
    const latest = this.#latest.get(queue);
    if (latest === undefined || isAfter(document, latest)) this.#latest.set(queue, document);
    else if (!this.#excused.has(place)) this.#misordered += 1;
  }

  #measure({ channelName, at }: Post): void {
    const before = this.#lastPost.get(channelName);
    this.#lastPost.set(channelName, at);
    if (before === undefined) return;
    this.#gaps += 1;
    const apart = (at - before) / clockSpeed + this.#judged.latenessAt(before);
    if (apart < minIntervalMs - roundingMs) this.#close += 1;
  }

  /** What somebody asks for when others have passed it comes late by right. */
  excuse(number: string, channelName: string): void {
    this.#excused.add(`${number} ${channelName}`);
  }

  /** How often a document came more than once, so far. */
  get duplicates(): number {
    return [...this.#named.values()].reduce((sum, { all }) => sum + all - 1, 0);
  }

  /** Whether Slack has a message with this key. */
  has(key: string): boolean {
    return [...this.#messages].some((message) => message.includes(`"key":"${key}"`));
  }

  /** Whether a message in this channel has named the document. */
  isNamed(number: string, channelName: string): boolean {
    return this.#named.has(`${number} ${channelName}`);
  }

  findings(): Findings {
    const { documents } = this.#judged;
    const lost = [...documents].flatMap(([number, { channels }]) =>
      channels.filter((channel) => !this.isNamed(number, channel)).map((channel) => `${number} ${channel}`),
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

function isAfter(one: Document, other: Document): boolean {
  return one.batch > other.batch || (one.batch === other.batch && one.entry > other.entry);
}

/** What everything that an installation ever posted shows, for a test that looks once at the end. */
export function judge(judged: Judged): Findings {
  const oracle = new Oracle(judged);
  oracle.look();
  return oracle.findings();
}

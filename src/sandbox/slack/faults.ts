import type { JsonObject } from "./json.ts";

export type SlackFault = FaultTarget & FaultOf<FaultKind>;

export interface FaultTarget {
  /** Only calls of this method; default any. */
  readonly method?: string;
  /** Only calls that name this channel, by name or id on either side. */
  readonly channel?: string;
  /** How many calls it hits; default 1, Infinity for every one from then on. */
  readonly times?: number;
  /** How many matching calls pass unharmed first. */
  readonly skip?: number;
}

/** `accept`: whether the call takes effect before its answer goes wrong. */
interface FaultDetails {
  error: { readonly error: string; readonly extra?: JsonObject; readonly accept?: boolean };
  http: {
    readonly status: number;
    readonly body?: string;
    readonly contentType?: string;
    readonly accept: boolean;
  };
  hang: { readonly accept: boolean };
  reset: { readonly accept: boolean };
  /** The connection is closed in good order, without an answer. */
  fin: { readonly accept: boolean };
  truncate: { readonly accept: boolean; readonly afterBytes: number };
  /** The answer comes byte by byte. */
  drip: { readonly accept: boolean; readonly everyMs: number };
  /** A proxy's login page with status 200. */
  html: { readonly accept: boolean };
  /** `null` sends no Retry-After; default 1. */
  ratelimited: { readonly retryAfter?: string | number | null };
  /**
   * No answer; the call takes effect only so long after the client was gone. With `hangUp` a machine in between drops
   * the client at once.
   */
  late: { readonly afterMs: number; readonly hangUp?: boolean };
  /** Replaces fields of the good answer; `undefined` takes one away. */
  receipt: { readonly patch: JsonObject; readonly accept: true };
  redirect: { readonly location: string; readonly status: number };
  huge: { readonly bytes: number; readonly accept?: boolean };
  "gzip-bomb": { readonly bytes: number; readonly accept?: boolean };
  /** Takes effect at once, answers only after so long. */
  delay: { readonly ms: number };
  /** Answers, then closes the connection without having said so. */
  close: unknown;
  /** Answers, then takes no new connection until the simulator comes back. */
  vanish: unknown;
  /** A good answer with this in place of its body. */
  body: { readonly text: string; readonly accept?: boolean };
}

export type FaultKind = keyof FaultDetails;

/** A fault of the given kind; a map, so that whatever serves it gets the details of its own kind. */
export type FaultOf<Kind extends FaultKind> = {
  [Each in Kind]: { readonly kind: Each } & FaultDetails[Each];
}[Kind];

interface QueuedFault {
  readonly fault: SlackFault;
  skip: number;
  times: number;
}

/** Faults wait in order; the first that fits a call hits it. */
export class FaultQueue {
  readonly #queue: QueuedFault[] = [];
  readonly #isSameChannel: (one: string, other: string) => boolean;

  constructor(isSameChannel: (one: string, other: string) => boolean) {
    this.#isSameChannel = isSameChannel;
  }

  add(fault: SlackFault): void {
    this.#queue.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
  }

  clear(): void {
    this.#queue.length = 0;
  }

  take(call: { method: string; channel: string | undefined }): SlackFault | undefined {
    for (const queued of this.#queue) {
      if (queued.times <= 0 || !this.#fits(queued.fault, call)) continue;
      if (queued.skip > 0) {
        queued.skip -= 1;
        continue;
      }
      queued.times -= 1;
      return queued.fault;
    }
    return undefined;
  }

  #fits(fault: SlackFault, { method, channel }: { method: string; channel: string | undefined }): boolean {
    if (fault.method !== undefined && fault.method !== method) return false;
    if (fault.channel === undefined) return true;
    return channel !== undefined && this.#isSameChannel(fault.channel, channel);
  }
}

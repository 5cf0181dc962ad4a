import type { Outcome } from "../../src/slack/failure.ts";
import { outcomeOfCode } from "../../src/slack/failure.ts";
import { messageMetadata } from "../../src/slack/metadata.ts";
import { deliver, DeliveryRun } from "../../src/pipeline/deliver.ts";
import type { Ports } from "../../src/pipeline/ports.ts";
import { reconcile } from "../../src/pipeline/reconcile.ts";
import type { OutboxMessage, State } from "../../src/state/state.ts";
import { beginRun, emptyState, enqueue } from "../../src/state/transitions.ts";
import { SlackRefusal, type WebApiSender } from "../../src/slack/sender.ts";
import { outboxMessage } from "../support/messages.ts";

/**
 * Explores everything that can happen to a few messages: every crash point, every answer of the network, requests that
 * land late, runs that follow soon or late. The code explored is the program's own (deliver, reconcile, judge and the
 * transitions of the state); only Slack, the disk and the clock are models.
 */
export interface Assumptions {
  readonly crashes: number;
  readonly badAnswers: number;
  readonly history?: "readable" | "unreadable";
  readonly onUncertain?: "resend" | "hold";
  /** A guard taken out: what it guards against must be seen. */
  readonly mutant?: Mutant;
}

export type Mutant =
  | "no inflight mark"
  | "no quarantine"
  | "internal_error means no"
  | "blind retry"
  | "newest first"
  | "cursor before outbox";

export interface Worst {
  /** Points between two runs that were told apart. */
  readonly situations: number;
  readonly runs: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Messages that arrived, for the first time, after one that was planned later. */
  readonly misordered: number;
  /** Messages that the program keeps because it cannot know, or has given up. */
  readonly parked: number;
  /** Situations out of which undisturbed runs do not lead. */
  readonly wedged: number;
}

const channel = { id: "C1", name: "#treasury" };
const macKey = "salt";
const quarantineMs = 120_000;
/** How long after it was sent a request may still take effect: soon, or just within the quarantine. */
const landings = [40_000, 110_000] as const;
/** Until the next run: beyond the quarantine, or before anything late has landed. */
const gaps = [130_000, 30_000] as const;

/** Between two runs. */
interface Situation {
  readonly disk: State;
  readonly now: number;
  /** Keys of the messages that Slack has, in the order of their first arrival, with how often. */
  readonly posted: Readonly<Record<string, number>>;
  readonly late: readonly { readonly key: string; readonly at: number }[];
  readonly crashes: number;
  readonly badAnswers: number;
}

export async function explore(assumptions: Assumptions): Promise<Worst> {
  const worst = { situations: 0, runs: 0, lost: 0, duplicates: 0, misordered: 0, parked: 0, wedged: 0 };
  const seen = new Set<string>();
  const waiting: Situation[] = [beginning(assumptions)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const situation = landed(next);
    const key = keyOf(situation);
    if (seen.has(key)) continue;
    seen.add(key);
    const ends = await everyRunFrom(situation, assumptions);
    worst.runs += ends.length;
    for (const end of ends) waiting.push(...gaps.map((gap) => ({ ...end, now: end.now + gap })));
    // The first run is the one in which nothing goes wrong.
    const undisturbed = ends[0];
    if (undisturbed === undefined) continue;
    const later = landed({ ...undisturbed, now: undisturbed.now + gaps[0] });
    if (keyOf(later) === key) weigh(situation, assumptions, worst);
  }
  return { ...worst, situations: seen.size };
}

function beginning({ crashes, badAnswers }: Assumptions): Situation {
  const disk = emptyState({ instance: "model", salt: macKey });
  return { disk, now: 1_000_000_000, posted: {}, late: [], crashes, badAnswers };
}

/** Nothing changes any more by itself: every message has arrived, or is kept. */
function weigh(
  situation: Situation,
  { onUncertain }: Assumptions,
  worst: { -readonly [K in keyof Worst]: number },
) {
  const { disk, posted } = landed({ ...situation, now: Number.POSITIVE_INFINITY });
  const kept = new Set(disk.outbox.map(({ key }) => key));
  const lost = messages.filter(({ key }) => posted[key] === undefined && !kept.has(key));
  const repeats = Object.values(posted).map((count) => count - 1);
  worst.lost = Math.max(worst.lost, lost.length);
  worst.duplicates = Math.max(
    worst.duplicates,
    repeats.reduce((sum, count) => sum + count, 0),
  );
  worst.misordered = Math.max(worst.misordered, misorderedIn(posted));
  worst.parked = Math.max(worst.parked, kept.size);
  if (kept.size > 0 && onUncertain !== "hold" && disk.outbox.some(({ status }) => status !== "dead"))
    worst.wedged += 1;
}

/** Keys stand in the order in which they first arrived. */
function misorderedIn(posted: Situation["posted"]): number {
  const planned = messages.map(({ key }) => key);
  const arrived = Object.keys(posted).map((key) => planned.indexOf(key));
  return arrived.filter((place, at) => arrived.slice(0, at).some((before) => before > place)).length;
}

/** What makes two situations the same; times count only as far as something depends on them. */
function keyOf({ disk, now, posted, late, crashes, badAnswers }: Situation): string {
  const since = (time: number) => Math.min(now - time, quarantineMs);
  return JSON.stringify([
    disk.outbox.map(({ key, status, rendering, attempts, attempt, threadTs, isRepeat }) => [
      key,
      status,
      rendering,
      attempts,
      attempt === null ? null : since(attempt.startedServer ?? 0),
      threadTs !== undefined,
      isRepeat,
    ]),
    Object.keys(disk.delivered).length,
    disk.sources["model"]?.highWater,
    Object.values(disk.pace.waitUntil).map((until) => Math.max(0, until - now)),
    posted,
    late.map(({ key, at }) => [key, Math.max(0, at - now)]),
    crashes,
    badAnswers,
  ]);
}

/** What the books hold: an announcement with a reply in its thread, and another one. */
const messages: readonly OutboxMessage[] = [
  message("first", {}),
  message("reply", { kind: "more-rows", parent: "first" }),
  message("second", {}),
];

function message(key: string, differences: Partial<OutboxMessage>): OutboxMessage {
  return outboxMessage({
    key,
    channel,
    transactions: [`v1:SAMINC:ap-payments:PY-${key}:1@1`],
    notices: [{ kind: "line", text: key }],
    ...differences,
  });
}

/** Every way in which one run may go from here, the undisturbed one first. */
async function everyRunFrom(situation: Situation, assumptions: Assumptions): Promise<Situation[]> {
  const ends: Situation[] = [];
  const scripts: number[][] = [[]];
  for (let script = scripts.pop(); script !== undefined; script = scripts.pop()) {
    const world = new ModelWorld(situation, assumptions, script);
    await world.run();
    ends.push(world.end());
    // Every choice that this run made by default is made otherwise in another run.
    for (let at = script.length; at < world.widths.length; at += 1) {
      for (let other = 1; other < (world.widths[at] ?? 0); other += 1) {
        scripts.push([...Array.from({ length: at }, (_choice, index) => script[index] ?? 0), other]);
      }
    }
  }
  return ends;
}

function landed(situation: Situation): Situation {
  const { late, now } = situation;
  const posted = { ...situation.posted };
  for (const { key, at } of late) if (at <= now) posted[key] = (posted[key] ?? 0) + 1;
  return { ...situation, posted, late: late.filter(({ at }) => at > now) };
}

class Crash extends Error {}

interface Fate {
  /** When Slack takes it: at once, after so long, or never. */
  readonly taken: "now" | "never" | number;
  readonly outcome: Outcome | "crash";
}

const ambiguous: Outcome = { kind: "ambiguous", reason: "ECONNRESET" };
const definite: readonly Outcome[] = [
  { kind: "not-sent", reason: "ECONNREFUSED" },
  { kind: "wait", scope: "channel", seconds: 1, reason: "ratelimited" },
  { kind: "refused-content", code: "invalid_blocks" },
  { kind: "refused-channel", code: "is_archived", hint: "" },
  { kind: "refused-run", code: "invalid_auth", exit: "auth", hint: "" },
];

/** One run of the program: what it asks of its disk, its clock and Slack, and what they make of it. */
class ModelWorld {
  /** How many ways there were at each choice. */
  readonly widths: number[] = [];
  readonly #assumptions: Assumptions;
  readonly #script: readonly number[];
  #now: number;
  #disk: State;
  #memory: State;
  #posted: Record<string, number>;
  #late: { key: string; at: number }[];
  #crashes: number;
  #badAnswers: number;

  constructor(situation: Situation, assumptions: Assumptions, script: readonly number[]) {
    this.#assumptions = assumptions;
    this.#script = script;
    this.#now = situation.now;
    this.#disk = situation.disk;
    this.#memory = situation.disk;
    this.#posted = { ...situation.posted };
    this.#late = [...situation.late];
    this.#crashes = situation.crashes;
    this.#badAnswers = situation.badAnswers;
  }

  end(): Situation {
    return {
      disk: this.#disk,
      now: this.#now,
      posted: this.#posted,
      late: this.#late,
      crashes: this.#crashes,
      badAnswers: this.#badAnswers,
    };
  }

  /** As run-once.ts does it, with a reading of Sage that finds all there is. */
  async run(): Promise<void> {
    try {
      const ports = this.#ports();
      const delivery = new DeliveryRun(ports.config);
      await ports.store.commit(beginRun);
      await reconcile(ports);
      await deliver(ports, delivery);
      await this.#read();
      await deliver(ports, delivery);
      await ports.store.commit((state) => ({ ...state, lastRun: { endedAt: this.#now, exitCode: 0 } }));
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }

  async #read(): Promise<void> {
    if (this.#memory.sources["model"] !== undefined) return;
    const source = { highWater: { "": "3" }, known: { "": "1-3" }, watch: {}, copies: {}, lastRead: 0 };
    const advance = (state: State): State => ({ ...state, sources: { model: source } });
    if (this.#assumptions.mutant === "cursor before outbox") {
      await this.#commit(advance);
      await this.#commit((state) => enqueue(state, messages));
    } else await this.#commit((state) => enqueue(advance(state), messages));
  }

  /** One of so many ways, by the script; the first where it has nothing to say. */
  #choose(ways: number): number {
    const choice = this.#script[this.widths.length] ?? 0;
    this.widths.push(ways);
    return choice;
  }

  /** One of these; the first is what happens when nothing goes wrong, the others cost a crash. */
  #mayCrash(): number {
    const choice = this.#crashes === 0 ? 0 : this.#choose(3);
    if (choice > 0) this.#crashes -= 1;
    return choice;
  }

  async #commit(transition: (state: State) => State): Promise<void> {
    this.#memory = transition(this.#memory);
    const crash = this.#mayCrash();
    if (crash === 1) throw new Crash();
    this.#disk = this.#assumptions.mutant === "no inflight mark" ? withoutMarks(this.#memory) : this.#memory;
    if (crash === 2) throw new Crash();
    await Promise.resolve();
  }

  #post(key: string): Outcome {
    this.#land();
    const fates = this.#fates();
    const fate = fates[this.#choose(fates.length)] ?? fates[0];
    if (fate === undefined) throw new Error("no fate");
    if (fate.outcome === "crash") this.#crashes -= 1;
    else if (fate.outcome.kind !== "sent") this.#badAnswers -= 1;
    this.#take(key, fate.taken);
    if (fate.outcome === "crash") throw new Crash();
    if (fate.outcome.kind === "ambiguous" && this.#assumptions.mutant === "blind retry")
      this.#take(key, "now");
    return fate.outcome.kind === "sent" ? { ...fate.outcome, ts: tsOf(key) } : fate.outcome;
  }

  #fates(): Fate[] {
    const internal: Outcome =
      this.#assumptions.mutant === "internal_error means no"
        ? { kind: "not-sent", reason: "internal_error" }
        : outcomeOfCode("internal_error");
    const times = ["now", "never", ...landings] as const;
    const bad = [
      ...times.map((taken) => ({ taken, outcome: ambiguous })),
      ...(["now", "never"] as const).map((taken) => ({ taken, outcome: internal })),
      ...definite.map((outcome) => ({ taken: "never" as const, outcome })),
    ];
    return [
      { taken: "now", outcome: { kind: "sent", ts: "", warning: null } },
      ...(this.#badAnswers === 0 ? [] : bad),
      ...(this.#crashes === 0 ? [] : times.map((taken) => ({ taken, outcome: "crash" as const }))),
    ];
  }

  #take(key: string, taken: Fate["taken"]): void {
    if (taken === "now") this.#posted[key] = (this.#posted[key] ?? 0) + 1;
    else if (taken !== "never") this.#late.push({ key, at: this.#now + taken });
  }

  #land(): void {
    const { posted, late } = landed(this.end());
    this.#posted = { ...posted };
    this.#late = [...late];
  }

  /** The history as the program asks for it to look up a message; the look at the newest finds nothing in a busy channel. */
  #history(method: string, options: Readonly<Record<string, unknown>>): unknown {
    if (this.#assumptions.history === "unreadable")
      throw new SlackRefusal("auth", method, { code: "missing_scope", hint: "", cause: null });
    if (options["oldest"] === undefined) return { ok: true, messages: [] };
    if (this.#badAnswers > 0 && this.#choose(2) === 1) {
      this.#badAnswers -= 1;
      throw new SlackRefusal("channel", method, { code: "internal_error", hint: "", cause: null });
    }
    this.#land();
    const isThread = method === "conversations.replies";
    const here = messages.filter(({ parent }) => (parent !== undefined) === isThread);
    const found = here.flatMap(({ key }) =>
      Array.from({ length: this.#posted[key] ?? 0 }, () => ({
        ts: tsOf(key),
        metadata: messageMetadata({ key, channelId: channel.id, macKey }),
      })),
    );
    return { ok: true, messages: found };
  }

  #ports(): Ports {
    const isQuarantined = this.#assumptions.mutant !== "no quarantine";
    const info = { ...channel, name: "treasury", isExtShared: false };
    const isReversed = this.#assumptions.mutant === "newest first";
    const memory = () =>
      isReversed ? { ...this.#memory, outbox: this.#memory.outbox.toReversed() } : this.#memory;
    const sender: Pick<WebApiSender, "macKey" | "botIds" | "serverNow" | "post" | "call"> = {
      macKey,
      botIds: new Set<string>(),
      serverNow: () => this.#now,
      post: async ({ key }) => Promise.resolve(this.#post(key)),
      call: async (method, options) => Promise.resolve(this.#history(method, options)),
    };
    const ports = {
      config: {
        slack: {
          minIntervalMs: 0,
          quarantineSeconds: isQuarantined ? quarantineMs / 1000 : 0,
          onUncertain: this.#assumptions.onUncertain ?? "resend",
          allowShared: [],
        },
      },
      clock: {
        now: () => this.#now,
        elapsed: () => 0,
        sleep: (ms: number) => Promise.resolve(void (this.#now += ms)),
      },
      logger: { warn: () => {}, step: () => {} },
      store: {
        get state() {
          return memory();
        },
        commit: (transition: (state: State) => State) => this.#commit(transition),
      },
      sender,
      directory: {
        load: () => Promise.resolve(),
        channel: () => channel,
        info: () => Promise.resolve(info),
      },
      signal: new AbortController().signal,
      deadline: Number.POSITIVE_INFINITY,
    };
    return ports as unknown as Ports;
  }
}

function withoutMarks(state: State): State {
  return {
    ...state,
    outbox: state.outbox.map((one) => (one.status === "inflight" ? { ...one, status: "pending" } : one)),
  };
}

function tsOf(key: string): string {
  return `1779393408.00000${key.length}`;
}

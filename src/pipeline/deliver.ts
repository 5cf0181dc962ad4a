import { randomBytes } from "node:crypto";

import { composeMessage } from "../slack/compose.ts";
import type { SlackMessage } from "../slack/message.ts";
import { delayBefore, PostCeiling } from "../slack/rate-limiter.ts";
import { readNewest } from "../slack/reconcile.ts";
import { nextFor, placeOf, waitingChannels, waitUntilOf } from "../state/outbox.ts";
import type { Attempt, Channel, OutboxMessage, State } from "../state/state.ts";
import { reroute } from "../state/moves.ts";
import { callOff, markInflight, notePost, settleSent } from "../state/transitions.ts";
import { openPlaces } from "./places.ts";
import type { Ports } from "./ports.ts";
import type { Failure, Posted } from "./report.ts";
import { judge, temporary, type Transition, type Verdict } from "./verdict.ts";

export interface Delivery {
  readonly posted: readonly Posted[];
  readonly failures: readonly Failure[];
}

/** What the deliveries of one run have in common. */
export class DeliveryRun {
  /** Channels that were looked through before the first post to them. */
  readonly swept = new Set<string>();
  /** Channels that took no message: they are not asked again in this run. */
  readonly closed = new Set<string>();
  /** Names of the channels whose messages went to the fallback. */
  readonly diverted = new Set<string>();
  /** Aborted when Slack refuses the whole run, so that nothing goes on. */
  readonly stop = new AbortController();
  readonly ceiling: PostCeiling;

  constructor({ slack }: Ports["config"]) {
    // Without a pace (a simulator on this machine) there is no ceiling either.
    this.ceiling = new PostCeiling(slack.minIntervalMs === 0 ? Number.POSITIVE_INFINITY : 300);
  }
}

/**
 * Posts what waits in the outbox: channels side by side, one message a second in each, each attempt on disk first.
 *
 * @param isTurn whether a channel is served now; all are without it
 */
export async function deliver(
  ports: Ports,
  run: DeliveryRun,
  isTurn: (channelId: string) => boolean = () => true,
): Promise<Delivery> {
  if (run.stop.signal.aborted) return { posted: [], failures: [] };
  const { fallback, closed, failures } = await openPlaces(ports, run.diverted);
  await leaveClosed(ports, run, fallback);
  const open = waitingChannels(ports.store.state).filter(
    (id) => !closed.has(id) && !run.closed.has(id) && isTurn(id),
  );
  const drains = open.map(async (channelId) => {
    await sweep(ports, channelId, run);
    return drainChannel({ ...ports, run, fallback, channelId });
  });
  const results = await Promise.all(drains);
  // What was sent to stand-in channels on the way waits there now.
  const again = results.some(({ hasRerouted }) => hasRerouted) ? await deliver(ports, run) : null;
  return {
    posted: [...results.flatMap(({ posted }) => posted), ...(again?.posted ?? [])],
    failures: [...failures, ...results.flatMap((result) => result.failures), ...(again?.failures ?? [])],
  };
}

/** What was planned for a channel after it had turned out to take nothing. */
async function leaveClosed(
  { store }: Ports,
  { closed }: DeliveryRun,
  fallback: Channel | null,
): Promise<void> {
  if (fallback === null) return;
  const waiting = waitingChannels(store.state).filter((id) => closed.has(id) && id !== fallback.id);
  for (const id of waiting) await store.commit((state) => reroute(state, id, fallback));
}

/** Once a run and channel, before the first post: what is there already is not sent again. */
async function sweep(
  { store, sender, clock, logger }: Ports,
  channelId: string,
  { swept }: DeliveryRun,
): Promise<void> {
  if (swept.has(channelId)) return;
  swept.add(channelId);
  const waiting = store.state.outbox.filter(
    (message) =>
      placeOf(message).id === channelId && message.status === "pending" && message.parent === undefined,
  );
  const newest = await readNewest(sender, channelId);
  // Told once: by the next post to the channel it is older than the last.
  const lastPost = store.state.pace.lastPost[channelId] ?? 0;
  const late = [...newest.values()].filter(
    (copies) => copies.length > 1 && millisOf(copies.at(-1)) > lastPost,
  );
  if (late.length > 0) {
    logger.warn(
      `A post took effect at Slack later than slack.quarantineSeconds: ${channelId} has ${late.length} of our messages twice.`,
    );
  }
  const found = waiting.flatMap(({ key }) => (newest.get(key) ?? []).slice(0, 1).map((ts) => ({ key, ts })));
  if (found.length === 0) return;
  await store.commit((state) =>
    found.reduce((next, { key, ts }) => settleSent(next, key, { ts, at: clock.now() }), state),
  );
}

function millisOf(ts = "0"): number {
  return Number(ts) * 1000;
}

interface Drain extends Ports {
  readonly channelId: string;
  readonly run: DeliveryRun;
  readonly fallback: Channel | null;
}

interface Drained extends Delivery {
  readonly hasRerouted: boolean;
}

async function drainChannel(drain: Drain): Promise<Drained> {
  const { run, logger, store, channelId } = drain;
  const posted: Posted[] = [];
  const failures: Failure[] = [];
  let settle: Transition = unchanged;
  for (;;) {
    // One commit a message: it settles the one before and marks the next as under way.
    const ready = await getReady(drain, settle);
    if (!("message" in ready)) {
      return { posted, failures: [...failures, ...ready.failures], hasRerouted: false };
    }
    const { verdict, receipt } = await post(drain, ready);
    settle = verdict.settle;
    if (receipt !== null) {
      posted.push(receipt);
      logger.step(`posted to ${receipt.channel}`);
    }
    if (verdict.note !== undefined) logger.warn(verdict.note);
    if (verdict.failure !== null) failures.push(verdict.failure);
    if (verdict.endsRun === true) run.stop.abort();
    if (verdict.closesChannel === true) run.closed.add(channelId);
    if (isLast(verdict)) {
      await store.commit(settle);
      const hasRerouted = run.closed.has(channelId) && drain.fallback !== null;
      if (hasRerouted) run.diverted.add(placeOf(ready.message).name);
      return { posted, failures, hasRerouted };
    }
  }
}

function isLast({ failure, goesOn, closesChannel }: Verdict): boolean {
  return closesChannel === true || (failure !== null && goesOn !== true);
}

function unchanged(state: State): State {
  return state;
}

/** A message whose turn has come. */
interface Ready {
  readonly message: OutboxMessage;
  readonly composed: SlackMessage;
}

/** Marks the next message of a channel and waits for its turn; without one, the channel is done for this run. */
async function getReady(
  drain: Drain,
  settle: Transition,
): Promise<Ready | { readonly failures: readonly Failure[] }> {
  const { message, turn, obstacle } = await takeNext(drain, settle);
  if (message === null) return { failures: failuresOf(obstacle) };
  const composed = composeMessage(message); // before the wait, which is not to be any longer for it
  const hindrance = await waitTurn(drain, message, turn);
  if (hindrance === null) return { message, composed };
  const takeBack: Transition = (state) => callOff(state, message.key);
  if (hindrance === "late") return getReady(drain, takeBack);
  await drain.store.commit(takeBack);
  return { failures: failuresOf(hindrance) };
}

/** `silent`: there is nothing to tell, or somebody else tells it. */
type Obstacle = Failure | "silent";

function failuresOf(obstacle: Obstacle): Failure[] {
  return obstacle === "silent" ? [] : [obstacle];
}

/** When a message may leave. */
interface Turn {
  /** By the elapsed time of the clock: what the commit takes is a part of the wait. */
  readonly dueAt: number;
  /** Unix milliseconds of the local clock. */
  readonly at: number;
}

type Taken =
  | { readonly message: OutboxMessage; readonly turn: Turn; readonly obstacle: null }
  | { readonly message: null; readonly turn: null; readonly obstacle: Obstacle };

async function takeNext(drain: Drain, settle: Transition): Promise<Taken> {
  const { clock, signal, store } = drain;
  const settled = settle(store.state);
  const message = nextFor(settled, drain.channelId);
  const delayMs = message === null ? 0 : delayUntilFree(settled, drain);
  const obstacle = message === null ? "silent" : reasonToStop(message, delayMs, drain);
  if (message === null || obstacle !== null) {
    await store.commit(settle);
    return { message: null, turn: null, obstacle: obstacle ?? "silent" };
  }
  if (isLong(delayMs, drain)) {
    // Not marked meanwhile: killed now, the run would leave a message in doubt that never left.
    await store.commit(settle);
    await clock.sleep(delayMs, signal).catch(() => {}); // only a stop ends it early
    return takeNext(drain, unchanged);
  }
  const dueAt = clock.elapsed() + delayMs;
  const attempt = newAttempt(drain, delayMs);
  await store.commit((state) => markInflight(settle(state), message.key, attempt));
  return { message, turn: { dueAt, at: attempt.startedLocal }, obstacle: null };
}

/** Longer than the pace alone makes it. */
function isLong(delayMs: number, { config }: Drain): boolean {
  return delayMs > 2 * config.slack.minIntervalMs;
}

/** The mark says when a post left, and the quarantine is counted from there: it must not be older than this. */
const freshMarkMs = 30_000;

/**
 * Waits until the message may leave, then looks again: the run may have been stopped meanwhile, or the machine have
 * slept. `late`: the mark has grown old and must be set anew.
 */
async function waitTurn(
  drain: Drain,
  message: OutboxMessage,
  { dueAt, at }: Turn,
): Promise<Obstacle | "late" | null> {
  const { clock } = drain;
  await clock.sleep(Math.max(0, dueAt - clock.elapsed()), drain.signal).catch(() => {}); // only a stop ends it early
  const obstacle = reasonToStop(message, 0, drain);
  if (obstacle !== null) return obstacle;
  return Math.abs(clock.now() - at) > freshMarkMs ? "late" : null;
}

async function post(drain: Drain, { message, composed }: Ready) {
  const { clock, fallback, sender, channelId } = drain;
  let leftAt: number | null = null;
  const outcome = await sender.post({
    channelId,
    message: composed,
    key: message.key,
    onLeft: () => (leftAt = clock.now()),
    ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
  });
  const now = clock.now();
  const verdict = judge(outcome, message, { now, fallback });
  const settle: Transition = (state) => notePost(verdict.settle(state), channelId, arrivalOf(leftAt, now));
  const receipt: Posted | null =
    outcome.kind !== "sent"
      ? null
      : {
          key: message.key,
          channel: placeOf(message).name,
          ts: outcome.ts,
          text: composed.text,
          transactions: message.transactions,
        };
  return { verdict: { ...verdict, settle }, receipt };
}

/** At Slack it was between leaving and being answered; a busy machine may have kept it a little on the way. */
function arrivalOf(leftAt: number | null, answeredAt: number): number {
  return leftAt === null ? answeredAt : Math.min(answeredAt, leftAt + mostTransitMs);
}

const mostTransitMs = 15;

function delayUntilFree(state: State, { channelId, clock, config, run }: Drain): number {
  const delayMs = delayBefore({
    lastPost: state.pace.lastPost[channelId],
    waitUntil: waitUntilOf(state, channelId),
    now: clock.now(),
    minIntervalMs: config.slack.minIntervalMs,
  });
  return run.ceiling.delayFor(clock.elapsed() + delayMs) + delayMs;
}

function reasonToStop(message: OutboxMessage, delayMs: number, drain: Drain): Obstacle | null {
  if (drain.signal.aborted || drain.run.stop.signal.aborted) return "silent";
  if (drain.clock.elapsed() + delayMs <= drain.deadline) return null;
  return temporary(
    message,
    isLong(delayMs, drain)
      ? `Slack asked to wait ${Math.ceil(delayMs / 1000)} s before the next message`
      : "out of time",
  );
}

function newAttempt({ clock, sender, run }: Drain, delayMs: number): Attempt {
  const server = sender.serverNow();
  run.ceiling.reserve(clock.elapsed() + delayMs);
  return {
    id: randomBytes(8).toString("hex"),
    startedLocal: clock.now() + delayMs,
    startedServer: server === null ? null : server + delayMs,
  };
}

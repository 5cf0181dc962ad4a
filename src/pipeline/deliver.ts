import { randomBytes } from "node:crypto";

import { composeMessage } from "../slack/compose.ts";
import type { Outcome } from "../slack/failure.ts";
import { delayBefore } from "../slack/rate-limiter.ts";
import { findAmongNewest } from "../slack/reconcile.ts";
import type { Attempt, OutboxMessage, State } from "../state/state.ts";
import {
  bury,
  markInflight,
  nextFor,
  notePost,
  noteWait,
  returnToPending,
  settleSent,
  shrinkRendering,
  waitingChannels,
} from "../state/transitions.ts";
import type { Ports } from "./ports.ts";
import type { Failure, Posted } from "./report.ts";

export interface Delivery {
  readonly posted: readonly Posted[];
  readonly failures: readonly Failure[];
}

/** Time kept free at the end of a run for the answer to a post and the last commit, milliseconds. */
const reserveMs = 20_000;

/**
 * Posts what waits in the outbox: channels side by side, one message a second in each, each attempt on disk first.
 *
 * @param swept channels that were looked through in this run; it is added to
 */
export async function deliver(ports: Ports, swept: Set<string>): Promise<Delivery> {
  const stop = new AbortController();
  const drains = waitingChannels(ports.store.state).map(async (channelId) => {
    await sweep(ports, { channelId, swept });
    return drainChannel({ ...ports, stop, channelId });
  });
  const results = await Promise.all(drains);
  return {
    posted: results.flatMap(({ posted }) => posted),
    failures: results.flatMap(({ failures }) => failures),
  };
}

/** Once a run and channel, before the first post: what is there already is not sent again. */
async function sweep(
  { store, sender, clock }: Ports,
  { channelId, swept }: { channelId: string; swept: Set<string> },
): Promise<void> {
  if (swept.has(channelId)) return;
  swept.add(channelId);
  const waiting = store.state.outbox.filter(
    ({ channel, status, parent }) => channel.id === channelId && status === "pending" && parent === undefined,
  );
  const found = await findAmongNewest(sender, { channelId, keys: waiting.map(({ key }) => key) });
  if (found.size === 0) return;
  await store.commit((state) =>
    [...found].reduce((next, [key, ts]) => settleSent(next, key, { ts, at: clock.now() }), state),
  );
}

interface Drain extends Ports {
  readonly channelId: string;
  /** Aborted when Slack refuses the whole run, so that no other channel goes on. */
  readonly stop: AbortController;
}

type Transition = (state: State) => State;

async function drainChannel(drain: Drain): Promise<Delivery> {
  const posted: Posted[] = [];
  let settle: Transition = unchanged;
  for (;;) {
    // One commit a message: it settles the one before and marks the next as under way.
    const next = await takeNext(drain, settle);
    if (next.message === null) return { posted, failures: next.failures };
    await drain.clock.sleep(next.delayMs, drain.signal).catch(() => {});
    const { message } = next;
    const composed = composeMessage(message);
    const outcome = await drain.sender.post({
      channelId: message.channel.id,
      message: composed,
      key: message.key,
      ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
    });
    const verdict = judge(outcome, message, drain);
    const answeredAt = drain.clock.now();
    settle = (state) => notePost(verdict.settle(state), drain.channelId, answeredAt);
    if (outcome.kind === "sent") {
      posted.push({
        key: message.key,
        channel: message.channel.name,
        ts: outcome.ts,
        text: composed.text,
        transactions: message.transactions,
      });
    }
    if (verdict.failure !== null) {
      await drain.store.commit(settle);
      return { posted, failures: [verdict.failure] };
    }
  }
}

function unchanged(state: State): State {
  return state;
}

interface Taken {
  readonly message: OutboxMessage | null;
  readonly delayMs: number;
  readonly failures: readonly Failure[];
}

async function takeNext(drain: Drain, settle: Transition): Promise<Taken> {
  const settled = settle(drain.store.state);
  const message = nextFor(settled, drain.channelId);
  if (message === null) {
    await drain.store.commit(settle);
    return { message, delayMs: 0, failures: [] };
  }
  const delayMs = delayUntilFree(settled, drain);
  const failure = reasonToStop(message, delayMs, drain);
  if (failure !== null) {
    await drain.store.commit(settle);
    return { message: null, delayMs: 0, failures: failure === "silent" ? [] : [failure] };
  }
  const attempt = newAttempt(drain, delayMs);
  await drain.store.commit((state) => markInflight(settle(state), message.key, attempt));
  return { message, delayMs, failures: [] };
}

function delayUntilFree(state: State, { channelId, clock, config }: Drain): number {
  const { lastPost, waitUntil } = state.pace;
  return delayBefore({
    lastPost: lastPost[channelId],
    waitUntil: Math.max(waitUntil[channelId] ?? 0, waitUntil["*"] ?? 0),
    now: clock.now(),
    minIntervalMs: config.slack.minIntervalMs,
  });
}

function reasonToStop(message: OutboxMessage, delayMs: number, drain: Drain): Failure | "silent" | null {
  if (drain.signal.aborted || drain.stop.signal.aborted) return "silent";
  if (drain.clock.elapsed() + delayMs + reserveMs <= drain.deadline) return null;
  return temporary(
    message,
    delayMs > 2 * drain.config.slack.minIntervalMs
      ? `Slack asked to wait ${Math.ceil(delayMs / 1000)} s before the next message`
      : "out of time",
  );
}

function newAttempt({ clock, sender }: Drain, delayMs: number): Attempt {
  const server = sender.serverNow();
  return {
    id: randomBytes(8).toString("hex"),
    startedLocal: clock.now() + delayMs,
    startedServer: server === null ? null : server + delayMs,
  };
}

/** What an outcome means for the message, and whether the channel stops here. */
function judge(
  outcome: Outcome,
  message: OutboxMessage,
  drain: Drain,
): { settle: Transition; failure: Failure | null } {
  const { key } = message;
  switch (outcome.kind) {
    case "sent":
      return {
        settle: (state) => settleSent(state, key, { ts: outcome.ts, at: drain.clock.now() }),
        failure: null,
      };
    case "wait": {
      const until = drain.clock.now() + outcome.seconds * 1000;
      const scope = outcome.scope === "workspace" ? "*" : message.channel.id;
      return {
        settle: (state) => noteWait(returnToPending(state, key, outcome.reason), scope, until),
        failure: null,
      };
    }
    case "not-sent":
      return { settle: pendingBecause(key, outcome.reason), failure: temporary(message, outcome.reason) };
    case "refused-content":
      return refusedContent(message, outcome.code);
    case "refused-channel":
      return {
        settle: pendingBecause(key, outcome.code),
        failure: { ...temporary(message, outcome.code), kind: "channel", hint: outcome.hint },
      };
    case "refused-run":
      drain.stop.abort();
      return {
        settle: pendingBecause(key, outcome.code),
        failure: {
          scope: "Slack",
          kind: outcome.exit,
          message: `Slack refuses to go on: ${outcome.code}`,
          hint: outcome.hint,
        },
      };
    case "ambiguous":
      // Stays inflight: Slack may have posted it. It is looked up in the channel before anything is sent again.
      return {
        settle: unchanged,
        failure: temporary(message, `whether the last message arrived is not known (${outcome.reason})`),
      };
  }
}

function refusedContent(
  message: OutboxMessage,
  code: string,
): { settle: Transition; failure: Failure | null } {
  const { key } = message;
  return {
    settle: (state) => shrinkRendering(state, key, code) ?? bury(state, key, code),
    failure:
      message.rendering === "plain"
        ? {
            scope: message.channel.name,
            kind: "channel",
            message: `Slack refuses a message in every form (${code}); it is kept as a dead letter`,
            hint: "See `sage-slack outbox`.",
          }
        : null,
  };
}

function pendingBecause(key: string, reason: string): Transition {
  return (state) => returnToPending(state, key, reason);
}

function temporary(message: OutboxMessage, reason: string): Failure {
  return {
    scope: message.channel.name,
    kind: "temporary",
    message: `cannot post to ${message.channel.name}: ${reason}`,
    hint: "Nothing is lost: it waits in the outbox for the next run.",
  };
}

import type { Config } from "../config/config.ts";
import { loadConfig, type LoadOptions } from "../config/load-config.ts";
import { AppError } from "../errors.ts";
import { ensureStateDirectory } from "../runtime/durable-file.ts";
import { composeMessage } from "../slack/compose.ts";
import { acquireRunLock } from "../state/run-lock.ts";
import { placeOf } from "../state/outbox.ts";
import { dropBackfills as withoutBackfills } from "../state/backfills.ts";
import type { OutboxMessage, State } from "../state/state.ts";
import { lookAtState, openStateFile, type StateStore } from "../state/state-file.ts";
import { moveMessage, moveThread } from "../state/moves.ts";
import { discardDead, dropMessage, retryMessage } from "../state/transitions.ts";
import { channelSpelling } from "../transactions/spelling.ts";
import { nextStep, type NextStep } from "./next-step.ts";
import { backfillStatus, type BackfillStatus } from "./status.ts";

/** A message that is not delivered, and what becomes of it. */
export interface Undelivered {
  readonly key: string;
  readonly channel: string;
  readonly status: OutboxMessage["status"];
  readonly reason: string | null;
  readonly attempts: number;
  /** The sentence that phones would show. */
  readonly text: string;
  readonly transactions: readonly string[];
  readonly next: NextStep;
}

/** What is asked for, and what there is to tell about a recovery of the state. */
export interface Outbox {
  readonly messages: readonly Undelivered[];
  readonly note: string | null;
}

/** What is in the outbox, oldest first. Takes no lock and asks nobody. */
export async function listOutbox(installation: LoadOptions): Promise<Outbox> {
  const { config, stateDirectory } = await loadConfig(installation);
  const { state, recoveryNote } = await lookAtState({ directory: stateDirectory });
  return {
    messages: state === null ? [] : state.outbox.map((message) => describe(message, state, config)),
    note: recoveryNote,
  };
}

export interface Change {
  readonly change: "retry" | "drop";
  /** The message's key, or enough of its beginning. */
  readonly id: string;
  /** With `retry`: where it goes instead, `#name` or an id. */
  readonly channel?: string | undefined;
}

/**
 * Sends a dead or held message with the next run, or one that waits to another channel; or gives one up. A dead letter
 * that is dropped is forgotten.
 *
 * @throws AppError `usage` when no message, or more than one, has that key, or it cannot go elsewhere; `locked` during
 * a run
 */
export async function changeOutbox(
  installation: LoadOptions,
  change: Change,
): Promise<{ message: Undelivered; note: string | null }> {
  return withState(installation, async (store, config) => {
    const message = messageWith(store.state, change.id);
    if (change.channel !== undefined) checkMove(message, change.channel);
    await store.commit((state) => changed(state, change, message));
    const after = store.state.outbox.find(({ key }) => key === message.key) ?? message;
    return { message: describe(after, store.state, config), note: store.recoveryNote };
  });
}

/**
 * Gives up what is left of the history that was asked for (`poll --since`); what is in the outbox of it stays.
 *
 * @param place `<company>/<source>`
 * @throws AppError `usage` when no history of that source is asked for; `locked` during a run
 */
export async function dropBackfills(
  installation: LoadOptions,
  place: string,
): Promise<{ backfills: readonly BackfillStatus[]; note: string | null }> {
  return withState(installation, async (store) => {
    const backfills = store.state.backfills.filter((one) => one.place === place);
    if (backfills.length === 0) {
      throw new AppError("usage", `no history of ${place} is waiting to be read`, {
        hint: '"sage-slack status" lists what is.',
      });
    }
    await store.commit((state) => withoutBackfills(state, place));
    return { backfills: backfills.map(backfillStatus), note: store.recoveryNote };
  });
}

async function withState<Result>(
  installation: LoadOptions,
  work: (store: StateStore, config: Config) => Promise<Result>,
): Promise<Result> {
  const { config, stateDirectory: directory } = await loadConfig(installation);
  await ensureStateDirectory(directory);
  const lock = await acquireRunLock({ directory });
  try {
    return await work(await openStateFile({ directory, lock }), config);
  } finally {
    await lock.release();
  }
}

function changed(state: State, { change, channel }: Change, { key, status, threadTs }: OutboxMessage): State {
  if (change === "drop") {
    return status === "dead" ? discardDead(state, key, Date.now()) : dropMessage(state, key);
  }
  if (channel === undefined) return retryMessage(state, key);
  // One that waits and was never refused stays what it is: nothing of it is a repeat.
  const again = status === "pending" ? state : retryMessage(state, key);
  // The next run looks for the name, as for one that could not be found before.
  const move = threadTs === undefined ? moveMessage : moveThread;
  return move(again, key, { id: channel, name: channel });
}

function checkMove({ status, channel }: OutboxMessage, wanted: string): void {
  if (!channelSpelling.pattern.test(wanted)) {
    throw new AppError("usage", `${wanted} is no channel: it ${channelSpelling.rule}`);
  }
  if (status === "inflight") {
    throw new AppError("usage", `this message belongs to ${channel.name}: it may have arrived there`, {
      hint: "Only what has not been sent can go to another channel.",
    });
  }
}

function messageWith({ outbox }: State, id: string): OutboxMessage {
  const [message, ...others] = outbox.filter(({ key }) => key.startsWith(id));
  if (message !== undefined && others.length === 0) return message;
  throw new AppError(
    "usage",
    message === undefined
      ? `no message in the outbox has the key ${id}`
      : `${others.length + 1} messages in the outbox have a key that begins with ${id}`,
    { hint: '"sage-slack outbox" lists them with their keys.' },
  );
}

function describe(message: OutboxMessage, state: State, { slack }: Config): Undelivered {
  const { key, status, reason, attempts, transactions } = message;
  return {
    key,
    channel: placeOf(message).name,
    status,
    reason,
    attempts,
    text: composeMessage(message).text,
    transactions,
    next: nextStep(message, { state, quarantineSeconds: slack.quarantineSeconds, now: Date.now() }),
  };
}

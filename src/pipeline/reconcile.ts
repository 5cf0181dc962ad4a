import { lookUp, type Found, type Unreadable } from "../slack/reconcile.ts";
import { placeOf, startOf } from "../state/outbox.ts";
import type { OutboxMessage } from "../state/state.ts";
import { bury, countMiss, hold, resendUncertain, returnToPending, settleSent } from "../state/transitions.ts";
import type { Ports } from "./ports.ts";
import type { Failure } from "./report.ts";

/** After so many attempts whose outcome was unknown and that left no trace, a human decides. */
const mostMisses = 5;

/**
 * Finds out what became of posts whose outcome is not known, from the history of their channel and only after the
 * quarantine: until then a request may still take effect.
 */
export async function reconcile(ports: Ports): Promise<Failure[]> {
  const failures: Failure[] = [];
  const keys = ports.store.state.outbox.filter(({ status }) => status === "inflight").map(({ key }) => key);
  for (const key of keys) {
    // Read anew: a reply learns its thread when the message before it is found.
    const message = ports.store.state.outbox.find((one) => one.key === key);
    const failure = message === undefined ? null : await settleInflight(ports, message);
    if (failure !== null) failures.push(failure);
  }
  return failures;
}

async function settleInflight(ports: Ports, message: OutboxMessage): Promise<Failure | null> {
  const { store, clock, config } = ports;
  if (message.parent !== undefined && message.threadTs === undefined) return settleReply(ports, message);
  const startedAt = startOf(message);
  // Slack's Date header has whole seconds: the age may come out slightly below zero.
  const age = Math.max(0, (ports.sender.serverNow() ?? clock.now()) - startedAt);
  if (age < config.slack.quarantineSeconds * 1000) {
    return unknown(message, "it is looked up once the quarantine is over");
  }
  const found = await lookUp(ports.sender, {
    channelId: placeOf(message).id,
    key: message.key,
    startedServer: startedAt,
    ...arrivalOf(message, ports),
    ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
  });
  if (found.kind === "unreadable") return unreadable(ports, message, found);
  warnOf(found, message, ports);
  if (found.kind === "absent") return absent(ports, message);
  await store.commit((state) => settleSent(state, message.key, { ts: found.ts, at: clock.now() }));
  return null;
}

/** A clock that stood still while the machine slept, or was set, gives another age than the other one. */
const mostDisagreementMs = 60_000;

/** The last moment at which a message can have arrived, where both clocks say when it left. */
function arrivalOf({ attempt }: OutboxMessage, { sender, clock, config }: Ports): { arrivedBy?: number } {
  const now = sender.serverNow();
  if (attempt?.startedServer == null || now === null) return {};
  const { startedServer, startedLocal } = attempt;
  const disagreement = Math.abs(now - startedServer - (clock.now() - startedLocal));
  if (disagreement > mostDisagreementMs) return {};
  return { arrivedBy: startedServer + config.slack.quarantineSeconds * 1000 };
}

/** What somebody should know although the message is settled. */
function warnOf(found: Exclude<Found, Unreadable>, message: OutboxMessage, { logger }: Ports): void {
  const { name } = placeOf(message);
  if (found.kind === "found" && found.copies > 1) {
    logger.warn(`${name} has ${found.copies} copies of a message; none will be added (key ${message.key}).`);
  }
  if (found.forgeries > 0) {
    logger.warn(`Somebody else has put the mark of our message ${message.key} into ${name}: ignored.`);
  }
}

async function absent(
  { store }: Ports,
  { key, channel, misses = 0 }: OutboxMessage,
): Promise<Failure | null> {
  if (misses + 1 < mostMisses) {
    await store.commit((state) => countMiss(state, key, "not found in the channel"));
    return null;
  }
  await store.commit((state) => bury(state, key, "unresolved"));
  return {
    scope: channel.name,
    kind: "channel",
    message: `a message to ${channel.name} was sent ${mostMisses} times and never arrived; it is kept as a dead letter`,
    hint: 'See "sage-slack outbox".',
    isOfMessage: true,
  };
}

/** A reply cannot have arrived before the message in whose thread it goes. */
async function settleReply({ store }: Ports, message: OutboxMessage): Promise<Failure | null> {
  const parent = store.state.outbox.find(({ key }) => key === message.parent);
  if (parent?.status === "inflight") return null; // told for the parent
  await store.commit((state) => returnToPending(state, message.key, "its thread is not there yet"));
  return null;
}

async function unreadable(
  { store, config }: Ports,
  message: OutboxMessage,
  { reason, lasting, hint }: Unreadable,
): Promise<Failure | null> {
  const { key } = message;
  if (!lasting) return unknown(message, `its channel cannot be read now (${reason})`);
  if (config.slack.onUncertain === "resend") {
    await store.commit((state) => resendUncertain(state, key));
    return null;
  }
  await store.commit((state) => hold(state, key, `held: ${reason}`));
  return {
    ...unknown(message, `its channel cannot be read (${reason}), and slack.onUncertain is hold`),
    kind: "channel",
    hint: `Look into the channel, then "sage-slack outbox retry ${key.slice(0, 12)}" or "drop". ${hint}`.trim(),
    isOfMessage: true,
  };
}

function unknown(message: OutboxMessage, why: string): Failure {
  const { name } = placeOf(message);
  return {
    scope: name,
    kind: "temporary",
    message: `whether a message to ${name} arrived is not known: ${why}`,
    hint: "Nothing is sent twice: the next run looks again.",
  };
}

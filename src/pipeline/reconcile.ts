import { lookUp } from "../slack/reconcile.ts";
import type { OutboxMessage } from "../state/state.ts";
import { bury, resendUncertain, returnToPending, settleSent } from "../state/transitions.ts";
import type { Ports } from "./ports.ts";
import type { Failure } from "./report.ts";
import { placeOf } from "./verdict.ts";

/** After so many attempts whose outcome stayed unknown and that left no trace, a human decides. */
const mostAttempts = 5;

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
    ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
  });
  switch (found.kind) {
    case "found":
      await store.commit((state) => settleSent(state, message.key, { ts: found.ts, at: clock.now() }));
      return null;
    case "absent":
      if (message.attempts >= mostAttempts) return giveUp(ports, message);
      await store.commit((state) => returnToPending(state, message.key, "not found in the channel"));
      return null;
    case "unreadable":
      return unreadable(ports, message, found);
  }
}

async function giveUp({ store }: Ports, message: OutboxMessage): Promise<Failure> {
  await store.commit((state) => bury(state, message.key, "unresolved"));
  const { name } = placeOf(message);
  return {
    scope: name,
    kind: "channel",
    message: `a message to ${name} was sent ${message.attempts} times without an answer and never arrived; it is kept as a dead letter`,
    hint: 'See "sage-slack outbox": "retry" sends it again.',
  };
}

/** By Slack's clock where it was known. */
function startOf({ attempt }: OutboxMessage): number {
  return attempt?.startedServer ?? attempt?.startedLocal ?? 0;
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
  found: { readonly reason: string; readonly lasting: boolean },
): Promise<Failure | null> {
  if (!found.lasting) return unknown(message, `its channel cannot be read now (${found.reason})`);
  if (config.slack.onUncertain === "hold") {
    return { ...unknown(message, `its channel cannot be read (${found.reason})`), kind: "channel" };
  }
  await store.commit((state) => resendUncertain(state, message.key));
  return null;
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

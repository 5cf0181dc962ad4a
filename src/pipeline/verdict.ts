import type { Outcome } from "../slack/failure.ts";
import { placeOf } from "../state/outbox.ts";
import type { Channel, OutboxMessage, State } from "../state/state.ts";
import { threadCodes } from "../slack/failure.ts";
import { leaveThread, reroute } from "../state/moves.ts";
import { bury, noteWait, returnToPending, settleSent, shrinkRendering } from "../state/transitions.ts";
import type { Failure } from "./report.ts";

export type Transition = (state: State) => State;

/** What an outcome means for the message that was posted. */
export interface Verdict {
  readonly settle: Transition;
  /** What to report; it ends the channel's turn in this run unless {@link goesOn}. */
  readonly failure: Failure | null;
  /** The failure is this message's alone. */
  readonly goesOn?: true;
  /** Slack refuses everything: no other channel goes on either. */
  readonly endsRun?: true;
  /** The channel takes nothing in this run; with a fallback, what may go there is on its way. */
  readonly closesChannel?: true;
  /** What an operator should know although nothing failed. */
  readonly note?: string;
}

export interface Circumstances {
  /** Unix milliseconds of the local clock. */
  readonly now: number;
  /** Where messages go whose own channel fails; null without one. */
  readonly fallback: Channel | null;
}

/** One outcome, one transition of the state; nothing else decides what becomes of a message. */
export function judge(outcome: Outcome, message: OutboxMessage, { now, fallback }: Circumstances): Verdict {
  const { key } = message;
  switch (outcome.kind) {
    case "sent":
      return {
        settle: (state) => settleSent(state, key, { ts: outcome.ts, at: now }),
        failure: null,
        ...(outcome.warning === null
          ? {}
          : { note: `${placeOf(message).name}: Slack warns of ${outcome.warning}` }),
      };
    case "wait": {
      const scope = outcome.scope === "workspace" ? "*" : placeOf(message).id;
      const until = now + outcome.seconds * 1000;
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
      return refusedChannel(message, outcome, fallback);
    case "refused-run":
      return {
        settle: pendingBecause(key, outcome.code),
        failure: {
          scope: "Slack",
          kind: outcome.exit,
          message: `Slack refuses to go on: ${outcome.code}`,
          hint: outcome.hint,
        },
        endsRun: true,
      };
    case "ambiguous":
      // Stays inflight: Slack may have posted it. It is looked up in the channel before anything is sent again.
      return {
        settle: (state) => state,
        failure: temporary(message, `whether the last message arrived is not known (${outcome.reason})`),
      };
  }
}

function refusedContent(message: OutboxMessage, code: string): Verdict {
  const { key } = message;
  return {
    settle: (state) => shrinkRendering(state, key, code) ?? bury(state, key, code),
    failure:
      message.rendering === "plain"
        ? {
            scope: message.channel.name,
            kind: "channel",
            message: `Slack refuses a message in every form (${code}); it is kept as a dead letter`,
            hint: 'See "sage-slack outbox".',
            isOfMessage: true,
          }
        : null,
    goesOn: true,
  };
}

function refusedChannel(
  message: OutboxMessage,
  { code, hint }: { code: string; hint: string },
  fallback: Channel | null,
): Verdict {
  const { key, threadTs } = message;
  const place = placeOf(message);
  if (threadTs !== undefined && threadCodes.has(code)) {
    return {
      settle: (state) => leaveThread(state, key, code),
      failure: null,
      note: `A thread in ${place.name} takes no replies (${code}): they become messages of the channel.`,
    };
  }
  const settle = pendingBecause(key, code);
  const failure: Failure = { ...temporary(message, code), kind: "channel", hint };
  if (fallback === null || place.id === fallback.id) return { settle, failure, closesChannel: true };
  // A reply stays: its thread is nowhere else.
  const stays = threadTs !== undefined;
  const goes = stays ? `what is new goes to ${fallback.name}, a reply waits` : `they go to ${fallback.name}`;
  return {
    settle: (state) => reroute(settle(state), place.id, fallback),
    failure: stays ? failure : null,
    closesChannel: true,
    note: `${place.name} takes no messages (${code}): ${goes}. ${hint}`,
  };
}

function pendingBecause(key: string, reason: string): Transition {
  return (state) => returnToPending(state, key, reason);
}

export function temporary(message: OutboxMessage, reason: string): Failure {
  const { name } = placeOf(message);
  return {
    scope: name,
    kind: "temporary",
    message: `cannot post to ${name}: ${reason}`,
    hint: "Nothing is lost: it waits in the outbox for the next run.",
  };
}

import { rules } from "../slack/failure.ts";
import { placeOf, startOf, waitUntilOf } from "../state/outbox.ts";
import type { OutboxMessage, State } from "../state/state.ts";
import { isOnlyName } from "./places.ts";

/** What becomes of an undelivered message, and what somebody can do about it. */
export interface NextStep {
  /** A sentence: what happens by itself, or what has to be mended first. */
  readonly happens: string;
  /** What `outbox retry`, `outbox retry --channel` and `outbox drop` would do with it. */
  readonly commands: { readonly retry: string | null; readonly move: string | null; readonly drop: string };
}

export interface Circumstances {
  readonly state: State;
  readonly quarantineSeconds: number;
  /** Unix milliseconds. */
  readonly now: number;
}

export function nextStep(message: OutboxMessage, circumstances: Circumstances): NextStep {
  switch (message.status) {
    case "pending":
      return {
        happens: pendingStep(message, circumstances),
        commands: {
          retry: null,
          move: isRefusedThere(message) ? "sends it elsewhere" : null,
          drop: "gives it up",
        },
      };
    case "inflight":
      return {
        happens: inflightStep(message, circumstances),
        commands: { retry: "sends it again, marked as a possible repeat", move: null, drop: "gives it up" },
      };
    case "dead":
      return {
        happens: `${deathOf(message)} It is never sent by itself.`,
        commands: { retry: "sends it with the next run", move: "sends it elsewhere", drop: "forgets it" },
      };
  }
}

function pendingStep(message: OutboxMessage, { state, now }: Circumstances): string {
  const parent = state.outbox.find(({ key }) => key === message.parent);
  if (parent?.status === "dead") {
    return `It belongs to the thread of ${parent.key.slice(0, 12)}, a dead letter: retry or drop that one.`;
  }
  if (parent !== undefined) return "It follows the message in whose thread it belongs.";
  const place = placeOf(message);
  if (isOnlyName(place)) return `The next run looks for ${place.name} and sends it there.`;
  const waiting = waitUntilOf(state, place.id);
  if (waiting > now) return `Slack asked to wait until ${utc(waiting)}; the first run after that sends it.`;
  const hint = rules.get(message.reason ?? "")?.hint ?? "";
  if (hint !== "") return `${hint} The next run tries again.`;
  return message.reason === null ? "The next run sends it." : "The next run tries again.";
}

/** Its channel takes no messages, or is not to be found. */
function isRefusedThere(message: OutboxMessage): boolean {
  return isOnlyName(placeOf(message)) || rules.get(message.reason ?? "")?.kind === "refused-channel";
}

function inflightStep(message: OutboxMessage, { quarantineSeconds, now }: Circumstances): string {
  const { reason, isHeld } = message;
  if (isHeld === true) {
    return "Whether it arrived cannot be looked up: look into the channel, then retry it if it is not there, or drop it.";
  }
  if (reason === "recovered") {
    return "It comes from a copy of the state and may have been sent since: the next run looks in the channel first.";
  }
  const free = startOf(message) + quarantineSeconds * 1000;
  const when = free > now ? `the first run after ${utc(free)}` : "the next run";
  return `Slack may have it: ${when} looks in the channel before anything is sent again.`;
}

function deathOf({ reason }: OutboxMessage): string {
  if (reason === "dropped") return "Somebody gave it up.";
  if (reason === "unresolved") return "Several posts of it left no answer and no trace in the channel.";
  return "Slack refuses it in every form.";
}

function utc(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

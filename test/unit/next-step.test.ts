import { describe, expect, test } from "vitest";

import { nextStep, type NextStep } from "../../src/pipeline/next-step.ts";
import type { OutboxMessage, State } from "../../src/state/state.ts";
import { attempt, outboxMessage, stateWith } from "../support/messages.ts";

const now = Date.parse("2026-11-24T07:00:00Z");

function stepOf(message: OutboxMessage, change: (state: State) => State = (state) => state) {
  const state = change(stateWith(message));
  return nextStep(message, { state, quarantineSeconds: 120, now });
}

/** Slack asked a channel, or all, to wait. */
function until(scope: string, time: number) {
  return (state: State): State => ({ ...state, pace: { lastPost: {}, waitUntil: { [scope]: time } } });
}

describe("the next step of a message", () => {
  test.each<[string, Partial<OutboxMessage>, string]>([
    ["new", {}, "The next run sends it."],
    [
      "for a name that Slack does not know",
      { key: "f7lijv4pwbjoabcdefghijklmn", channel: { id: "#acounts", name: "#acounts" } },
      "The next run looks for #acounts and sends it there.",
    ],
    [
      "for such a name, which the fallback takes",
      { channel: { id: "#acounts", name: "#acounts" }, via: { id: "C0000000FB", name: "#fallback" } },
      "The next run sends it.",
    ],
    [
      "that could not leave",
      { reason: "Slack cannot be reached (ECONNREFUSED)" },
      "The next run tries again.",
    ],
    [
      "for a channel without the app",
      { reason: "not_in_channel" },
      'Invite the app to the channel: "/invite" in Slack. The next run tries again.',
    ],
    [
      "for an archived channel",
      { reason: "is_archived" },
      "The channel is archived: unarchive it, or route to another one. The next run tries again.",
    ],
    [
      "refused with the token",
      { reason: "token_revoked" },
      'Reinstall the app in the workspace and store the new token with "sage-slack login slack". The next run tries again.',
    ],
    [
      "under way, in quarantine",
      { status: "inflight", attempt: { ...attempt, startedServer: now - 20_000 } },
      "Slack may have it: the first run after 2026-11-24T07:01:40Z looks in the channel before anything is sent again.",
    ],
    [
      "under way for long",
      { status: "inflight", attempt: { ...attempt, startedServer: null, startedLocal: now - 500_000 } },
      "Slack may have it: the next run looks in the channel before anything is sent again.",
    ],
    [
      "from a copy of the state",
      { status: "inflight", reason: "recovered", attempt },
      "It comes from a copy of the state and may have been sent since: the next run looks in the channel first.",
    ],
    [
      "refused",
      { status: "dead", reason: "invalid_blocks" },
      "Slack refuses it in every form. It is never sent by itself.",
    ],
    ["given up", { status: "dead", reason: "dropped" }, "Somebody gave it up. It is never sent by itself."],
    [
      "unresolved",
      { status: "dead", reason: "unresolved" },
      "Several posts of it left no answer and no trace in the channel. It is never sent by itself.",
    ],
  ])("%s", (_what, differences, expected) => {
    expect(stepOf(outboxMessage(differences)).happens).toBe(expected);
  });

  test("waits as long as Slack asked, for the channel or for all", () => {
    const waiting = outboxMessage({ reason: "ratelimited" });
    for (const scope of ["C1", "*"]) {
      expect(stepOf(waiting, until(scope, now + 60_000)).happens).toBe(
        "Slack asked to wait until 2026-11-24T07:01:00Z; the first run after that sends it.",
      );
    }
    expect(stepOf(waiting, until("C1", now - 1)).happens).toBe("The next run tries again.");
  });

  test("is that of its parent while it waits for a thread", () => {
    const reply = outboxMessage({ key: "reply", kind: "more-rows", parent: "parent" });
    const stepUnder = (parent: OutboxMessage) =>
      nextStep(reply, { state: stateWith(parent, reply), quarantineSeconds: 0, now }).happens;

    expect(stepUnder(outboxMessage({ key: "parent" }))).toBe(
      "It follows the message in whose thread it belongs.",
    );
    expect(stepUnder(outboxMessage({ key: "parent", status: "dead", reason: "invalid_blocks" }))).toBe(
      "It belongs to the thread of parent, a dead letter: retry or drop that one.",
    );
  });

  const elsewhere = "sends it elsewhere";

  test.each<[OutboxMessage["status"], string | null, NextStep["commands"]]>([
    ["pending", null, { retry: null, move: null, drop: "gives it up" }],
    ["pending", "is_archived", { retry: null, move: elsewhere, drop: "gives it up" }],
    [
      "inflight",
      null,
      { retry: "sends it again, marked as a possible repeat", move: null, drop: "gives it up" },
    ],
    ["dead", null, { retry: "sends it with the next run", move: elsewhere, drop: "forgets it" }],
  ])("of one that is %s (%s) can be changed", (status, reason, commands) => {
    expect(stepOf(outboxMessage({ status, reason, attempt })).commands).toEqual(commands);
  });

  test("of one for a name that Slack does not know can be changed", () => {
    const misspelt = outboxMessage({ channel: { id: "#acounts", name: "#acounts" } });
    expect(stepOf(misspelt).commands).toMatchObject({ move: elsewhere });
  });
});

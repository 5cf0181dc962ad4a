import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { readState } from "../../src/state/state-schema.ts";
import type { OutboxMessage, State } from "../../src/state/state.ts";
import { leaveThread, moveThread, reroute } from "../../src/state/moves.ts";
import {
  beginRun,
  bury,
  callOff,
  countMiss,
  discardDead,
  doubtPending,
  dropMessage,
  enqueue,
  hold,
  isDelivered,
  markInflight,
  resendUncertain,
  retryMessage,
  settleSent,
  shrinkRendering,
  waitingIn,
} from "../../src/state/transitions.ts";
import { nextFor, waitingChannels } from "../../src/state/outbox.ts";
import { attempt, outboxMessage, stateWith } from "../support/messages.ts";

/** Delivered, or waiting in the outbox. */
function isPromised(state: State, transaction: string, channelId: string): boolean {
  return (
    isDelivered(state, transaction, channelId) || waitingIn(state.outbox).has(`${channelId} ${transaction}`)
  );
}

const sent = { ts: "1779393408.521249", at: 5 };

describe("the outbox", () => {
  test("takes a message once", () => {
    const message = outboxMessage();

    expect(enqueue(enqueue(stateWith(), [message, message]), [message]).outbox).toEqual([message]);
  });

  test("gives the oldest message of a channel first", () => {
    const state = stateWith(
      outboxMessage({ key: "other", channel: { id: "C2", name: "#two" } }),
      outboxMessage({ key: "first" }),
      outboxMessage({ key: "second" }),
    );

    expect(nextFor(state, "C1")?.key).toBe("first");
    expect(waitingChannels(state)).toEqual(["C2", "C1"]);
  });

  test("gives nothing in a channel where the outcome of a post is not known", () => {
    const state = markInflight(
      stateWith(outboxMessage({ key: "a" }), outboxMessage({ key: "b" })),
      "a",
      attempt,
    );

    expect(nextFor(state, "C1")).toBeNull();
    expect(() => markInflight(state, "b", attempt)).toThrow("may not be sent now");
  });

  test("holds a reply back until its parent has arrived, and then gives it the thread", () => {
    const parent = outboxMessage({ key: "parent" });
    const reply = outboxMessage({ key: "reply", kind: "more-rows", parent: "parent" });
    const waiting = stateWith(reply, parent);

    expect(nextFor(waiting, "C1")?.key).toBe("parent");
    expect(() => markInflight(waiting, "reply", attempt)).toThrow("no thread yet");
    expect(nextFor(settleSent(markInflight(waiting, "parent", attempt), "parent", sent), "C1")).toMatchObject(
      {
        key: "reply",
        threadTs: sent.ts,
      },
    );
  });

  test("remembers what was delivered where, for good", () => {
    const state = settleSent(markInflight(stateWith(outboxMessage()), "aaaa", attempt), "aaaa", sent);

    expect(state.outbox).toEqual([]);
    expect(isPromised(state, "v1:SAMINC:ap-invoices:28:1", "C1")).toBe(true);
    expect(isPromised(state, "v1:SAMINC:ap-invoices:28:2", "C1")).toBe(false);
    expect(isPromised(state, "v1:SAMINC:ap-invoices:28:1", "C2")).toBe(false);
  });

  test("does not take entry 1 for entry 11", () => {
    const state = stateWith(outboxMessage({ transactions: ["v1:SAMINC:ap-invoices:28:11@rev"] }));

    expect(isPromised(state, "v1:SAMINC:ap-invoices:28:1", "C1")).toBe(false);
  });

  test("shrinks a refused message twice and then has no smaller form", () => {
    const once = shrinkRendering(stateWith(outboxMessage()), "aaaa", "msg_too_long");
    const twice = once === null ? null : shrinkRendering(once, "aaaa", "msg_too_long");

    expect(once?.outbox[0]).toMatchObject({ rendering: "compact", status: "pending" });
    expect(twice?.outbox[0]?.rendering).toBe("plain");
    expect(twice === null ? "" : shrinkRendering(twice, "aaaa", "msg_too_long")).toBeNull();
  });
});

const elsewhere = { id: "C9", name: "#finance-ops" };

/** Parents with an even number, each with the reply that has the next. */
function promisedMessages(count: number): OutboxMessage[] {
  return Array.from({ length: count }, (_message, index) => {
    const transactions = [`v1:SAMINC:ap-invoices:${index - (index % 2)}:1@r`];
    const channel = { id: `C${index % 4 < 2 ? 1 : 2}`, name: "#one" };
    const own = outboxMessage({ key: `k${index}`, channel, transactions });
    return index % 2 === 0 ? own : { ...own, kind: "more-rows", parent: `k${index - 1}` };
  });
}

type Change = (state: State, key: string) => State;

function nextBeside(state: State, { channel, via }: OutboxMessage): OutboxMessage | null {
  return nextFor(state, (via ?? channel).id);
}

function inflight(change: Change): (state: State, message: OutboxMessage) => State {
  return (state, { key, status }) => (status === "inflight" ? change(state, key) : state);
}

function dead(change: Change): (state: State, message: OutboxMessage) => State {
  return (state, { key, status }) => (status === "dead" ? change(state, key) : state);
}

/** Everything that may become of a message, by anybody; nothing where it is not possible. */
const changes: Readonly<Record<string, (state: State, message: OutboxMessage) => State>> = {
  begin: (state, message) => {
    const next = nextBeside(state, message);
    return next === null ? state : markInflight(state, next.key, attempt);
  },
  arrive: (state, { key, status, parent, threadTs }) =>
    status === "inflight" && (parent === undefined || threadTs !== undefined)
      ? settleSent(state, key, sent)
      : state,
  miss: inflight((state, key) => countMiss(state, key, "not found")),
  resend: inflight(resendUncertain),
  hold: inflight((state, key) => hold(state, key, "held")),
  refuse: inflight(
    (state, key) => shrinkRendering(state, key, "msg_too_long") ?? bury(state, key, "msg_too_long"),
  ),
  bury: inflight((state, key) => bury(state, key, "unresolved")),
  callOff: inflight(callOff),
  leaveThread: (state, { key, status, threadTs }) =>
    status === "inflight" && threadTs !== undefined ? leaveThread(state, key, "locked") : state,
  moveThread: (state, { key, status, threadTs }) =>
    status === "pending" && threadTs !== undefined ? moveThread(state, key, elsewhere) : state,
  reroute: (state, { channel, via }) => reroute(state, (via ?? channel).id, elsewhere),
  beginRun,
  doubt: doubtPending,
  retryDead: dead(retryMessage),
  retryHeld: inflight(retryMessage),
  drop: (state, { key, status }) => (status === "dead" ? state : dropMessage(state, key)),
  discard: dead((state, key) => discardDead(state, key, 9)),
  enqueue: (state, message) => enqueue(state, [message]),
};

function after(state: State, step: string, key: string): State {
  const message = state.outbox.find((one) => one.key === key);
  return message === undefined ? state : (changes[step]?.(state, message) ?? state);
}

describe("whatever becomes of messages, in any order", () => {
  const anyStep = fc.tuple(fc.constantFrom(...Object.keys(changes)), fc.nat());
  const anyRun = fc.tuple(fc.integer({ min: 2, max: 8 }), fc.array(anyStep, { maxLength: 120 }));

  test("each is in the outbox or settled for good, and what it announces stays promised", () => {
    fc.assert(
      fc.property(anyRun, ([count, taken]) => {
        const promised = promisedMessages(count);
        let state = enqueue(stateWith(), promised);
        const gone = new Set<string>();
        for (const [step, which] of taken) {
          const { delivered } = state;
          state = after(state, step, `k${which % count}`);
          const here = state.outbox.map(({ key }) => key);
          for (const { key } of promised) if (!here.includes(key)) gone.add(key);

          expect(new Set(here).size).toBe(here.length);
          expect(here.filter((key) => gone.has(key))).toEqual([]);
          expect(here.length + gone.size).toBe(count);
          expect(state.delivered).toMatchObject(delivered);
          for (const { transactions, channel } of promised) {
            expect(isPromised(state, transactions[0]?.split("@")[0] ?? "", channel.id)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a channel has one post under way at most, and a reply never comes before its thread", () => {
    fc.assert(
      fc.property(anyRun, ([count, taken]) => {
        let state = enqueue(stateWith(), promisedMessages(count));
        for (const [step, which] of taken) {
          // A recovery doubts everything at once, and looks it all up before it sends.
          if (step !== "doubt") state = after(state, step, `k${which % count}`);
          const underWay = state.outbox.filter(
            ({ status, isHeld }) => status === "inflight" && isHeld !== true,
          );
          const places = underWay.map(({ via, channel }) => (via ?? channel).id);

          expect(new Set(places).size).toBe(places.length);
          for (const { parent, threadTs } of underWay)
            expect(parent === undefined || threadTs === sent.ts).toBe(true);
          expect(state.outbox.every(isReadable)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** What the state file would accept again. */
function isReadable(message: OutboxMessage): boolean {
  return readState(stateWith(message)) !== null;
}

test("a reply goes where its thread is, whatever was planned for it meanwhile", () => {
  const parent = outboxMessage({ key: "parent", via: elsewhere, status: "inflight", attempt });
  const reply = outboxMessage({ key: "reply", kind: "more-rows", parent: "parent", via: elsewhere });
  const next = beginRun(stateWith(parent, reply));

  expect(next.outbox[1]?.via).toBeUndefined();
  expect(settleSent(next, "parent", sent).outbox[0]).toMatchObject({ threadTs: sent.ts, via: elsewhere });
});

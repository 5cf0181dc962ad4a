import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { State } from "../../src/state/state.ts";
import {
  bury,
  enqueue,
  isPromised,
  markInflight,
  nextFor,
  returnToPending,
  settleSent,
  shrinkRendering,
  waitingChannels,
} from "../../src/state/transitions.ts";
import { attempt, outboxMessage, stateWith } from "../support/messages.ts";

const sent = { ts: "1779393408.521249", at: 5 };

describe("the outbox", () => {
  test("takes a message once", () => {
    const message = outboxMessage();

    expect(enqueue(enqueue(stateWith(), [message]), [message]).outbox).toEqual([message]);
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

test("whatever happens to messages, each stays promised: in the outbox, dead, or delivered", () => {
  const step = fc.constantFrom("send", "lose", "refuse", "bury");
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (steps, count) => {
      const ids = Array.from({ length: count }, (_item, index) => `v1:SAMINC:ap-invoices:${index}:1`);
      let state: State = enqueue(
        stateWith(),
        ids.map((id, index) => outboxMessage({ key: `k${index}`, transactions: [`${id}@r`] })),
      );

      for (const what of steps) state = apply(state, what);

      expect(ids.filter((id) => !isPromised(state, id, "C1"))).toEqual([]);
    }),
  );
});

function apply(state: State, what: string): State {
  const message = nextFor(state, "C1");
  if (message === null) return state;
  const inflight = markInflight(state, message.key, attempt);
  if (what === "send") return settleSent(inflight, message.key, sent);
  if (what === "lose") return returnToPending(inflight, message.key, "not found");
  if (what === "bury") return bury(inflight, message.key, "invalid_blocks");
  return (
    shrinkRendering(inflight, message.key, "msg_too_long") ?? bury(inflight, message.key, "msg_too_long")
  );
}

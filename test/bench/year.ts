import { forgetOld } from "../../src/state/forget.ts";
import type { OutboxMessage, State } from "../../src/state/state.ts";
import { writeEnvelope } from "../../src/state/envelope.ts";
import { emptyState, enqueue, markInflight, settleSent } from "../../src/state/transitions.ts";
import { atMost, noted, type Figure } from "./rows.ts";

const perDay = { batches: 100, entries: 5 };
const day = 86_400_000;

function announcement(batch: number): OutboxMessage {
  const transactions = Array.from(
    { length: perDay.entries },
    (_, index) => `v1:SAMINC:ap-invoices:${batch}:${index + 1}@0123456789abcdef`,
  );
  return {
    key: `key ${batch}`,
    kind: "announcement",
    channel: { id: "C0123456789", name: "#accounts-payable" },
    transactions,
    notices: [],
    status: "pending",
    rendering: "full",
    attempts: 0,
    attempt: null,
    reason: null,
  };
}

function sent(state: State, message: OutboxMessage, at: number): State {
  const attempt = { id: "0123456789abcdef", startedLocal: at, startedServer: null };
  const inflight = markInflight(enqueue(state, [message]), message.key, attempt);
  return settleSent(inflight, message.key, { ts: `${Math.floor(at / 1000)}.000100`, at });
}

/** The ledger after a year of announcements, by the transitions of the program itself. */
export const year: Figure = {
  name: "year",
  measure: () => {
    let state = emptyState({ instance: "bench", salt: "0".repeat(64) });
    let batch = 0;
    for (let today = 0; today < 365; today += 1) {
      const now = Date.parse("2026-01-01T08:00:00Z") + today * day;
      for (let one = 0; one < perDay.batches; one += 1)
        state = sent(state, announcement((batch += 1)), now + one);
      state = forgetOld(state, now);
    }
    const bytes = Buffer.byteLength(writeEnvelope({ generation: 1, state }));
    return Promise.resolve([
      atMost("state file after a year of 500 documents a day", bytes / 1_000_000, { most: 1, unit: "MB" }),
      noted("records that still have a thread", Object.keys(state.delivered).length, ""),
    ]);
  },
};

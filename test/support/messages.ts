import type { OutboxMessage, State } from "../../src/state/state.ts";
import { emptyState } from "../../src/state/transitions.ts";
import type { Announcement } from "../../src/transactions/notice.ts";

/** An announcement of one invoice; a test names only what matters to it. */
export function announcement(differences: Partial<Announcement> = {}): Announcement {
  return {
    kind: "announcement",
    company: "SAMINC",
    source: "ap-invoices",
    record: "28",
    title: "A/P invoice batch 28",
    noun: { one: "invoice", many: "invoices" },
    count: 1,
    countInRecord: 1,
    totals: [{ amount: "12.99", currency: "USD" }],
    status: "Open",
    date: "2026-11-20",
    dueDate: "2026-12-20",
    description: "Monday's mail",
    facts: [{ label: "Entered by", value: "ADMIN" }],
    columns: [
      { title: "Vendor", align: "left" },
      { title: "Document", align: "left" },
      { title: "Due", align: "left" },
      { title: "Amount", align: "right" },
    ],
    rows: [
      {
        transaction: "v1:SAMINC:ap-invoices:28:1",
        cells: ["Chloride Systems (1200)", "INV-1", "2026-12-20", { amount: "12.99", currency: "USD" }],
      },
    ],
    mentions: [],
    decidedBy: "channel of ap-invoices",
    ...differences,
  };
}

/** A message that waits for its first attempt. */
export function outboxMessage(differences: Partial<OutboxMessage> = {}): OutboxMessage {
  return {
    key: "aaaa",
    kind: "announcement",
    channel: { id: "C1", name: "#accounts-payable" },
    transactions: ["v1:SAMINC:ap-invoices:28:1@rev"],
    notices: [announcement()],
    status: "pending",
    rendering: "full",
    attempts: 0,
    attempt: null,
    reason: null,
    ...differences,
  };
}

export function stateWith(...outbox: OutboxMessage[]): State {
  return { ...emptyState({ instance: "test", salt: "salt" }), outbox };
}

export const attempt = { id: "0123456789abcdef", startedLocal: 1_000, startedServer: 1_000 };

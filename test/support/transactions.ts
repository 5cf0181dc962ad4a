import type { SageRecord, Transaction } from "../../src/transactions/transaction.ts";

/** An invoice of 100 dollars; a test names only what matters to it. */
export function transaction(differences: Partial<Transaction> = {}): Transaction {
  return {
    id: "v1:SAMINC:ap-invoices:28:1",
    entry: "1",
    documentNumber: "INV-1",
    documentKind: "invoice",
    counterparty: { kind: "vendor", code: "1200", name: "Chloride Systems", group: "INV" },
    description: "Batteries",
    reference: "",
    date: "2026-11-20",
    dueDate: "2026-12-20",
    amount: { amount: "100", currency: "USD" },
    accounts: [{ account: "1300", description: "Inventory", amount: { amount: "100", currency: "USD" } }],
    appliedTo: [],
    orderLines: [],
    enteredBy: "ADMIN",
    flags: [],
    ...differences,
  };
}

/** An open batch with that invoice. */
export function record(differences: Partial<SageRecord> = {}): SageRecord {
  return {
    company: "SAMINC",
    source: "ap-invoices",
    record: "28",
    number: "28",
    description: "Monday's mail",
    date: "2026-11-20",
    lastEdited: "2026-11-20",
    status: { name: "Open", isFinal: false },
    facts: [],
    transactions: [transaction()],
    ...differences,
  };
}

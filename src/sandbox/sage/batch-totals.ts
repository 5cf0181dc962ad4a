import { sum } from "./decimal.ts";
import { numberIn, textIn, type SageRow } from "./rows.ts";

export type BatchSource = "ap-invoices" | "ap-payments" | "gl-journals" | "ar-receipts";

/** An entry's amount that counts towards the total of its batch. */
const counted = {
  "ap-invoices": "DistributedTotalIncludingTax",
  "ap-payments": "CheckAmountInBankCurrency",
  "ar-receipts": "BankReceiptAmount",
} as const;

/** What a batch's header says about its entries. The last number stays when its entry goes: it is not given again. */
export function totalsOf(source: BatchSource, entries: readonly SageRow[], lastSoFar = 0): SageRow {
  const last = Math.max(lastSoFar, ...entries.map((entry) => numberIn(entry, "EntryNumber")));
  const total = (field: string) => sum(...entries.map((entry) => textIn(entry, field)));
  if (source === "gl-journals") {
    return {
      NumberOfEntries: entries.length,
      NextEntryNumber: last + 1,
      Debits: total("Debits"),
      Credits: total("Credits"),
    };
  }
  return { NumberOfEntries: entries.length, LastEntryNumber: last, BatchTotal: total(counted[source]) };
}

/** The entries under the numbers of another batch, what hangs on them included. */
export function renumbered(entries: readonly SageRow[], batch: string | number): SageRow[] {
  return entries.map((entry, index) => {
    const number = typeof batch === "string" ? String(index + 1).padStart(5, "0") : index + 1;
    return underNumbers(structuredClone(entry), { BatchNumber: batch, EntryNumber: number });
  });
}

function underNumbers(row: SageRow, numbers: SageRow): SageRow {
  for (const value of Object.values(row)) {
    if (!Array.isArray(value)) continue;
    for (const child of value) underNumbers(child, numbers);
  }
  for (const [name, number] of Object.entries(numbers)) if (row[name] !== undefined) row[name] = number;
  return row;
}

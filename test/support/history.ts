import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import type { World } from "./world.ts";

/** Invoices alone, in a channel of their own. */
export const invoicesOnly = { sources: { "ap-invoices": { channel: "#accounts-payable" } } };

/** Batches of three months, each with one invoice named after its date; the last two are still open. */
export function threeMonths({ sage }: World): void {
  const books = sage.company("SAMINC");
  for (const date of ["2026-08-31", "2026-09-01", "2026-09-30", "2026-10-01"]) {
    const batch = books.addInvoiceBatch({
      date,
      lastEdited: date,
      invoices: [{ vendor: "1200", documentNumber: `INV-${date}`, amount: "12.99", date }],
    });
    if (date < "2026-09-30") books.post("ap-invoices", keyOf("ap-invoices", batch));
  }
}

/** The documents that a channel's messages announce, in order, each as often as messages tell it. */
export function announced(world: World, channel = "accounts-payable"): string[] {
  return world.slack.posts
    .filter(({ channelName, threadTs }) => channelName === channel && threadTs === undefined)
    .flatMap(({ blocks }) => [...new Set(JSON.stringify(blocks).match(/INV-[\w-]+/g))]);
}

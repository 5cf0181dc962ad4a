import type { World } from "./world.ts";

/** One new record in each source, each with an amount of its own. */
export function aMorningsWork({ sage }: World): void {
  const books = sage.company("SAMINC");
  books.addInvoiceBatch({
    invoices: [
      {
        vendor: "1200",
        documentNumber: "INV-77",
        amount: "31400.00",
        dueDate: "2026-12-31",
        account: "1300",
      },
    ],
  });
  books.addPaymentBatch({ payments: [{ vendor: "1350", checkNumber: "000451", amount: "980.10" }] });
  books.addJournalBatch({
    entries: [
      {
        description: "Rent",
        lines: [
          { account: "1300", amount: "4200.00" },
          { account: "1020", amount: "-4200.00" },
        ],
      },
    ],
  });
  books.addReceiptBatch({
    receipts: [
      {
        customer: "1210",
        amount: "2000.00",
        unapplied: "500.00",
        appliedTo: [{ documentNumber: "IN0000000000002", amount: "1500.00" }],
      },
    ],
  });
  books.addPurchaseOrder({
    number: "PO000123",
    vendor: "1400",
    lines: [
      { item: "A1-103/0", quantity: "60", unitCost: "12.50" },
      { item: "A1-450/0", quantity: "12", unitCost: "57.50" },
    ],
  });
}

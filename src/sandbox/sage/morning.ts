import type { CompanyBooks } from "./company-books.ts";
import type { SageSimulator } from "./sage-simulator.ts";

/** What the clerks of the two sample companies key in on one morning: something for every source. */
export function keyInAMorning(sage: SageSimulator): void {
  const inc = sage.company("SAMINC");
  keyInInvoices(inc);
  keyInPayments(inc);
  keyInJournals(inc);
  keyInReceipts(inc);
  placeOrder(inc);
  sage.company("SAMLTD").addInvoiceBatch({
    description: "Freight",
    invoices: [{ vendor: "1400", amount: "866.00", account: "1300", description: "Freight, Ottawa" }],
  });
}

function keyInInvoices(books: CompanyBooks): void {
  const account = "1300";
  books.addInvoiceBatch({
    description: "Monday's mail",
    invoices: [
      { vendor: "1200", amount: "12.99", account, description: "Batteries" },
      { vendor: "1350", amount: "4870.50", account, description: "Industrial batteries" },
      { vendor: "1500", amount: "31400.00", account, description: "Compressor, building 2" },
      {
        vendor: "1200",
        amount: "250.00",
        documentType: "CreditNote",
        account,
        description: "Returned goods",
      },
    ],
  });
}

function keyInPayments(books: CompanyBooks): void {
  books.addPaymentBatch({
    bank: "SEATAC",
    description: "Weekly check run",
    payments: [
      { vendor: "1200", amount: "1250.00" },
      { vendor: "1350", amount: "980.10" },
    ],
  });
}

function keyInJournals(books: CompanyBooks): void {
  const rent = [
    { account: "6260", amount: "4200.00" },
    { account: "2015", amount: "-4200.00" },
  ];
  const unbalanced = [
    { account: "6550", amount: "310.25" },
    { account: "2015", amount: "-300.25" },
  ];
  books.addJournalBatch({
    description: "Month-end accruals",
    entries: [
      { description: "Rent", lines: rent },
      { description: "Utilities, not finished", lines: unbalanced },
    ],
  });
}

function keyInReceipts(books: CompanyBooks): void {
  books.addReceiptBatch({
    description: "Lockbox",
    receipts: [
      {
        customer: "1100",
        amount: "2000.00",
        appliedTo: [{ documentNumber: "IN0000000000002", amount: "1500.00" }],
        unapplied: "500.00",
      },
      {
        customer: "1200",
        amount: "321.45",
        appliedTo: [{ documentNumber: "IN0000000000017", amount: "321.45" }],
      },
    ],
  });
}

function placeOrder(books: CompanyBooks): void {
  books.addPurchaseOrder({
    vendor: "1400",
    description: "Heating, winter stock",
    lines: [
      { item: "A1-103/0", quantity: "60", unitCost: "12.50" },
      { item: "A1-450/0", quantity: "12", unitCost: "57.50" },
    ],
  });
}

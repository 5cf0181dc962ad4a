import { keyOf, type CompanyBooks } from "../../src/sandbox/sage/company-books.ts";

/** The day of all of it. */
export const today = "2026-11-25";

/** One document for each source. */
export function keyInOneEach(books: CompanyBooks): void {
  books.addInvoiceBatch({
    description: "Monday's mail",
    invoices: [
      {
        vendor: "1500",
        documentNumber: "G-5512",
        amount: "31400.00",
        dueDate: "2026-12-01",
        description: "Compressor, building 2",
        PONumber: "PO000077",
        lines: [
          { account: "1440", amount: "30000.00" },
          { account: "6550", amount: "1400.00" },
        ],
      },
    ],
  });
  books.addPaymentBatch({
    description: "Weekly check run",
    payments: [
      {
        vendor: "1200",
        checkNumber: "00010451",
        amount: "1250.00",
        appliedTo: [
          { documentNumber: "INV-771", amount: "1000.00" },
          { documentNumber: "INV-772", amount: "250.00" },
        ],
      },
    ],
  });
  books.addJournalBatch({
    description: "Month-end accruals",
    entries: [
      {
        description: "Rent",
        lines: [
          { account: "6260", amount: "4200.00" },
          { account: "2015", amount: "-4200.00" },
        ],
      },
    ],
  });
  books.addReceiptBatch({
    description: "Lockbox",
    receipts: [
      {
        customer: "1100",
        checkNumber: "CK-2001",
        amount: "2000.00",
        unapplied: "500.00",
        appliedTo: [{ documentNumber: "IN0000000000002", amount: "1500.00" }],
      },
    ],
  });
  books.addPurchaseOrder({
    number: "PO000123",
    vendor: "1400",
    description: "Heating, winter stock",
    buyer: "MARIE",
    expectedArrival: "2026-12-04",
    lines: [
      { item: "A1-103/0", quantity: "60", unitCost: "12.50", description: "Fluorescent desk lamp" },
      { item: "A1-450/0", quantity: "12", unitCost: "57.50", description: "Heater, 1500 W" },
    ],
  });
}

/** A batch for each source with something unusual in it. */
export function keyInTheUnusual(books: CompanyBooks): void {
  books.addVendor({
    VendorNumber: "3001",
    VendorName: "Brightwater Ltd.",
    StartDate: "2026-11-20T00:00:00Z",
  });
  keyInInvoices(books);
  keyInPayments(books);
  keyInJournals(books);
  keyInReceipts(books);
  const held = books.addPurchaseOrder({
    number: "PO000124",
    vendor: "1350",
    buyer: "TOM",
    date: "2026-11-26",
    expectedArrival: "2026-11-23",
    onHold: true,
    lines: [
      { item: "BK-360", quantity: "100", unitCost: "4.25" },
      { item: "A1-655/0", quantity: "3", unitCost: "310" },
    ],
  });
  books.receive(keyOf("purchase-orders", held), [{ line: 1, quantity: "40" }]);
}

function keyInInvoices(books: CompanyBooks): void {
  books.addInvoiceBatch({
    description: "Late mail",
    enteredBy: "JANE",
    invoices: [
      { vendor: "1200", documentNumber: "C-17", amount: "12.99", dueDate: "2026-11-22" },
      {
        vendor: "1350",
        documentNumber: "E-204",
        amount: "4870.50",
        date: "2026-10-01",
        dueDate: "2026-11-26",
      },
      { vendor: "3001", documentNumber: "B-1", amount: "25000.00", dueDate: "2026-11-25" },
      { vendor: "1400", documentNumber: "COH-9", amount: "866.00", date: "2026-12-01", OnHold: "Yes" },
      { vendor: "1200", documentNumber: "C-17-CR", amount: "250.00", documentType: "CreditNote" },
    ],
  });
}

function keyInPayments(books: CompanyBooks): void {
  books.addPaymentBatch({
    description: "Off-cycle",
    payments: [
      { vendor: "1350", checkNumber: "00010452", amount: "980.10", date: "2026-11-24" },
      { vendor: "3001", checkNumber: "00010453", amount: "7500.00", type: "Prepayment" },
      { vendor: "9999", payee: "Nobody in particular", checkNumber: "00010454", amount: "60.00" },
      { vendor: "1890", checkNumber: "00010455", amount: "1100.00", vendorAmount: "1015.23" },
      {
        vendor: "",
        payee: "City of Seattle",
        checkNumber: "00010456",
        amount: "75.00",
        type: "MiscellaneousPayment",
        lines: [{ account: "6115", amount: "75.00" }],
      },
    ],
  });
}

function pair(account: string, amount: string) {
  return [
    { account, amount },
    { account: "2015", amount: `-${amount}` },
  ];
}

function keyInJournals(books: CompanyBooks): void {
  books.addJournalBatch({
    description: "Corrections",
    entries: [
      { description: "Wages, October", date: "2026-10-31", lines: pair("6000", "18250.00") },
      { description: "Office supplies", lines: pair("6110", "312.40") },
      {
        description: "Utilities, not finished",
        lines: [
          { account: "6550", amount: "310.25" },
          { account: "2025", amount: "-300.25" },
        ],
      },
    ],
  });
}

function keyInReceipts(books: CompanyBooks): void {
  books.addReceiptBatch({
    description: "Counter",
    receipts: [
      {
        customer: "1200",
        checkNumber: "CK-2002",
        amount: "321.45",
        appliedTo: [
          { documentNumber: "IN0000000000017", amount: "300.00" },
          { documentNumber: "IN0000000000018", amount: "21.45" },
        ],
      },
      {
        customer: "1400",
        checkNumber: "CK-2003",
        amount: "990.00",
        type: "UnappliedCash",
        unapplied: "990.00",
      },
      { customer: "7400", checkNumber: "CK-2004", amount: "150000", reference: "Deposit, garden project" },
    ],
  });
}

/** Subledger batches of every status, with more accounts and more entries than a message shows. */
export function keyInABusyDay(books: CompanyBooks): void {
  for (const [index, status] of ["Posted", "Posted", "ProvPosted", "ReadyToPost"].entries()) {
    books.addJournalBatch({
      description: `Postings ${index + 1}`,
      sourceLedger: index % 2 === 0 ? "AP" : "AR",
      status,
      entries: ["1000", "1020", "1300", "1440", "4030", "4220", "6115", "7100", "9999"].map(
        (account, line) => ({
          description: `Posting ${index + 1}.${line + 1}`,
          lines: [
            { account, amount: `${(line + 1) * 100}.50` },
            { account: "2025", amount: `-${(line + 1) * 100}.50` },
          ],
        }),
      ),
    });
  }
  books.addInvoiceBatch({
    description: "Utilities of all sites",
    status: "ReadyToPost",
    invoices: Array.from({ length: 30 }, (_invoice, index) => ({
      vendor: "1500",
      documentNumber: `SITE-${index + 1}`,
      amount: `${index + 1}00.00`,
    })),
  });
}

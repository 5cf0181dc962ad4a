import { describe, expect, test } from "vitest";

import { keyOf, type BooksSource, type CompanyBooks } from "../../src/sandbox/sage/company-books.ts";
import { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";
import { request, startEmpty, today } from "../support/sage-requests.ts";

type Row = Record<string, unknown>;

/** The text of an answer; the path is below the company. */
async function textOf(sage: SageSimulator, path: string): Promise<string> {
  return (await request(sage, path)).text();
}

async function record(sage: SageSimulator, path: string): Promise<Row> {
  return JSON.parse(await textOf(sage, path)) as Row;
}

async function rows(sage: SageSimulator, path: string): Promise<Row[]> {
  return (await record(sage, path))["value"] as Row[];
}

const twoInvoices = {
  lastEdited: "2026-11-20",
  invoices: [
    { vendor: "1200", amount: "12.99" },
    { vendor: "1350", amount: "80", documentType: "CreditNote" as const },
  ],
};

describe("a record of the Sage simulator", () => {
  test("has every digit of its amounts, as number tokens", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "12345678901234567.89" }] });
    books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "-0.50" }] });

    const large = await textOf(sage, "AP/APInvoiceBatches(1)");
    const small = await textOf(sage, "AP/APInvoiceBatches(2)");
    sage.switches.decimalScale = "kept";
    const kept = await textOf(sage, "AP/APInvoiceBatches(2)");

    expect(large).toContain('"BatchTotal":12345678901234567.89,');
    expect(large).toContain('"DistributedAmount":12345678901234567.89,');
    expect(small).toContain('"DistributedTotalIncludingTax":-0.5,');
    expect(kept).toContain('"DistributedTotalIncludingTax":-0.500,');
    expect(kept).toContain('"NumberOfEntries":1,');
  });

  test("has midnight Z for a date, and null for none", async () => {
    await using sage = await startEmpty();
    sage.company("SAMINC").addInvoiceBatch({
      invoices: [{ vendor: "1200", amount: "1", date: "2026-11-03" }],
    });

    expect(await record(sage, "AP/APInvoiceBatches(1)")).toMatchObject({
      BatchDate: "2026-11-24T00:00:00Z",
      Invoices: [
        {
          DocumentDate: "2026-11-03T00:00:00Z",
          DueDate: "2026-12-03T00:00:00Z",
          DiscountDate: null,
          FiscalYear: "2026",
          FiscalPeriod: "11",
        },
      ],
    });
  });

  test("spells keys and flags as each module does", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    books.addJournalBatch({
      entries: [
        {
          lines: [
            { account: "1300", amount: "5" },
            { account: "1020", amount: "-5" },
          ],
        },
      ],
    });
    books.addPurchaseOrder({ vendor: "1400", lines: [{ item: "BK-360", quantity: 2, unitCost: "1.25" }] });

    expect(await record(sage, "GL/GLJournalBatches('000001')")).toMatchObject({
      BatchNumber: "000001",
      Status: "Open",
      Debits: 5,
      Credits: 5,
      JournalHeaders: [
        {
          EntryNumber: "00001",
          OutOfBalanceBy: 0,
          JournalDetails: [
            { TransactionNumber: "0000000020", Amount: 5, AcctDescription: "Inventory" },
            { TransactionNumber: "0000000040", Amount: -5 },
          ],
        },
      ],
    });
    expect(await record(sage, "PO/POPurchaseOrders(1)")).toMatchObject({
      PurchaseOrderType: "Active",
      OnHold: false,
      Completed: false,
      Total: 2.5,
      PurchaseOrderLines: [{ LineNumber: 1000, QuantityOutstanding: 2, CompletionStatus: "No" }],
    });
    expect(await record(sage, "AP/APVendors('1200')")).toMatchObject({
      OnHold: "NotOnHold",
      Status: "Active",
    });
    expect(await record(sage, "AR/ARCustomers('1200')")).toMatchObject({
      OnHold: "No",
      AccountType: "OpenItem",
    });
  });

  test("may have other names on another server, in filters and metadata too", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    books.addPurchaseOrder({ vendor: "1400", lines: [{ item: "BK-360", quantity: 2, unitCost: "1.25" }] });
    books.addPaymentBatch({ payments: [] });
    books.addJournalBatch({ entries: [], status: "ProvPosted" });
    Object.assign(sage.switches, {
      poNames: "variant",
      paymentNames: "variant",
      glStatusNames: "ProvisionalPosted",
      renames: { PurchaseOrder: { Completed: "IsCompleted" } },
      extraFields: true,
    });

    const order = (
      await rows(sage, "PO/POPurchaseOrders?$filter=IsCompleted eq false and OrderTotal gt 2")
    )[0];
    const [journals] = await rows(sage, "GL/GLJournalBatches?$filter=Status eq 'ProvisionalPosted'");

    expect(order).toMatchObject({
      OrderTotal: 2.5,
      IsCompleted: false,
      PurchaseOrderLines: [{ LineTotal: 2.5 }],
    });
    expect(order).toHaveProperty("PartnerExtension");
    expect(order).toHaveProperty("PurchaseOrderLines.0.PartnerExtension");
    expect(order).not.toHaveProperty("Total");
    expect((await rows(sage, "AP/APPaymentAndAdjustmentBatches"))[0]).toHaveProperty("NumberofEntries");
    expect(journals).toMatchObject({ BatchNumber: "000001", Status: "ProvisionalPosted" });
    expect(await textOf(sage, "PO/$metadata")).toContain('<Property Name="LineTotal"');
  });
});

describe("the books of the Sage simulator", () => {
  test("post a batch in place, and touch its last edit only where the server does", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    for (let batch = 0; batch < 3; batch += 1) books.addInvoiceBatch(twoInvoices);

    books.setStatus("ap-invoices", "2", "ReadyToPost");
    books.post("ap-invoices", "3");
    sage.switches.postingTouchesLastEdited = true;
    books.post("ap-invoices", "1");

    const query = "$select=BatchNumber,BatchStatus,PostingSequenceNumber,DateLastEdited";
    expect(await rows(sage, `AP/APInvoiceBatches?${query}`)).toEqual([
      batchRow(1, "Posted", 2, "2026-11-24T00:00:00Z"),
      batchRow(2, "ReadyToPost", 0, "2026-11-20T00:00:00Z"),
      batchRow(3, "Posted", 1, "2026-11-20T00:00:00Z"),
    ]);
  });

  test("put entries that fail to post into a new batch, and say where they went", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    books.addInvoiceBatch(twoInvoices);

    books.postWithErrors("ap-invoices", "1", [2]);

    expect(await record(sage, "AP/APInvoiceBatches(1)")).toMatchObject({
      BatchStatus: "Posted",
      NumberOfErrors: 1,
      NumberOfEntries: 2,
      BatchTotal: 92.99,
      Invoices: [{ ErrorBatch: 0 }, { EntryNumber: 2, ErrorBatch: 2, ErrorEntry: 1 }],
    });
    expect(await record(sage, "AP/APInvoiceBatches(2)")).toMatchObject({
      BatchStatus: "Open",
      PostingSequenceNumber: 0,
      NumberOfErrors: 0,
      NumberOfEntries: 1,
      LastEntryNumber: 1,
      BatchTotal: 80,
      Invoices: [
        {
          BatchNumber: 2,
          EntryNumber: 1,
          ErrorBatch: 0,
          VendorNumber: "1350",
          InvoiceDetails: [{ BatchNumber: 2, EntryNumber: 1, LineNumber: 20 }],
        },
      ],
    });
  });

  test("make error batches in the general ledger and under a selector too", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    const lines = [
      { account: "1300", amount: "5" },
      { account: "1020", amount: "-5" },
    ];
    books.addJournalBatch({ entries: [{ lines }, { lines }] });
    books.addReceiptBatch({ receipts: [] });
    books.addReceiptBatch({ selector: "AD", receipts: [{ customer: "1100", amount: "7" }] });

    books.postWithErrors("gl-journals", "000001", [1]);
    books.postWithErrors("ar-receipts", "AD-1", [1]);

    expect(await record(sage, "GL/GLJournalBatches('000002')")).toMatchObject({
      Status: "Open",
      Debits: 5,
      NextEntryNumber: 2,
      JournalHeaders: [{ BatchNumber: "000002", EntryNumber: "00001" }],
    });
    expect(await record(sage, "AR/ARReceiptAndAdjustmentBatches('AD',2)")).toMatchObject({
      BatchStatus: "Open",
      BatchTotal: 7,
      ReceiptsAdjustments: [{ BatchType: "AD", BatchNumber: 2, BankReceiptAmount: 7 }],
    });
  });

  test("keep the record of a deleted batch", async () => {
    await using sage = await startEmpty();
    sage.company("SAMINC").addInvoiceBatch(twoInvoices);

    sage.company("SAMINC").markDeleted("ap-invoices", "1");

    expect(await record(sage, "AP/APInvoiceBatches(1)")).toMatchObject({
      BatchStatus: "Deleted",
      NumberOfEntries: 2,
    });
  });

  test("never give a number again, and count each selector's for itself", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");

    books.addInvoiceBatch({ invoices: [] });
    books.markDeleted("ap-invoices", "1");
    books.addInvoiceBatch({ invoices: [] });
    books.vanish("ap-invoices", "2");

    expect(numberOf(books.addInvoiceBatch({ invoices: [] }))).toBe(3);
    expect(numberOf(books.addPaymentBatch({ payments: [] }))).toBe(1);
    expect(numberOf(books.addPaymentBatch({ payments: [] }))).toBe(2);
    expect(numberOf(books.addPaymentBatch({ selector: "AD", payments: [] }))).toBe(1);
    expect(numberOf(books.addJournalBatch({ entries: [] }))).toBe("000001");
    expect(await textOf(sage, "AP/APInvoiceBatches(2)")).toContain("RecordNotFound");
    expect((await rows(sage, "AP/APInvoiceBatches")).map(numberOf)).toEqual([1, 3]);
  });

  test("keep a batch's header in step with its entries", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    books.addInvoiceBatch(twoInvoices);

    books.addInvoice("1", { vendor: "1500", amount: "7.01" });
    books.removeEntry("ap-invoices", "1", 3);
    books.addInvoice("1", { vendor: "1500", amount: "1.01" });
    books.removeEntry("ap-invoices", "1", 2);

    const batch = await record(sage, "AP/APInvoiceBatches(1)");
    expect(batch).toMatchObject({
      NumberOfEntries: 2,
      LastEntryNumber: 4,
      BatchTotal: 14,
      DateLastEdited: "2026-11-24T00:00:00Z",
      Invoices: [{ EntryNumber: 1 }, { EntryNumber: 4, VendorName: "Gould Manufacturing Ltd." }],
    });
  });

  test("take new entries of every kind", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    books.addPaymentBatch({ payments: [{ vendor: "1200", amount: "10" }] });
    books.addReceiptBatch({ receipts: [{ customer: "1100", amount: "10" }] });
    books.addJournalBatch({ entries: [{ lines: [{ account: "1300", amount: "10" }] }] });

    books.addPayment("PY-1", { vendor: "1350", amount: "0.5" });
    books.addReceipt("CA-1", { customer: "1105", amount: "0.5" });
    books.addJournalEntry("000001", { lines: [{ account: "1020", amount: "-10" }] });

    expect(await record(sage, "AP/APPaymentAndAdjustmentBatches('PY',1)")).toMatchObject({
      BatchTotal: 10.5,
      PaymentsAdjustments: [{ EntryNumber: 1 }, { EntryNumber: 2, VendorNumber: "1350" }],
    });
    expect(await record(sage, "AR/ARReceiptAndAdjustmentBatches('CA',1)")).toMatchObject({
      BatchTotal: 10.5,
      ReceiptsAdjustments: [{ EntryNumber: 1 }, { EntryNumber: 2, CustomerNumber: "1105" }],
    });
    expect(await record(sage, "GL/GLJournalBatches('000001')")).toMatchObject({
      Debits: 10,
      Credits: 10,
      NumberOfEntries: 2,
      NextEntryNumber: 3,
      JournalHeaders: [{ EntryNumber: "00001" }, { EntryNumber: "00002" }],
    });
  });

  test("move quantities when goods arrive, and complete an order with its last line", async () => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    books.addPurchaseOrder({
      vendor: "1400",
      lines: [
        { item: "A1-103/0", quantity: "60", unitCost: "12.50" },
        { item: "BK-360", quantity: "12", unitCost: "57.50" },
      ],
    });

    books.receive("1", [{ line: 1, quantity: "20.5" }]);
    const partly = await record(sage, "PO/POPurchaseOrders(1)");
    sage.now.today = "2026-11-25";
    books.receive("1", [
      { line: 1, quantity: "39.5" },
      { line: 2, quantity: "12" },
    ]);
    const wholly = await record(sage, "PO/POPurchaseOrders(1)");

    expect(partly).toMatchObject({
      Completed: false,
      LinesComplete: 0,
      NumberOfPostedReceipts: 1,
      ReceiptDate: "2026-11-24T00:00:00Z",
      DateCompleted: null,
      ExtendedReceivedAmount: 256.25,
      PurchaseOrderLines: [
        { QuantityReceived: 20.5, QuantityOutstanding: 39.5, Completed: false },
        { QuantityReceived: 0, QuantityOutstanding: 12, Completed: false },
      ],
    });
    expect(wholly).toMatchObject({
      Completed: true,
      LinesComplete: 2,
      NumberOfPostedReceipts: 2,
      DateCompleted: "2026-11-25T00:00:00Z",
      ExtendedReceivedAmount: 1440,
      PurchaseOrderLines: [
        { QuantityReceived: 60, QuantityOutstanding: 0, CompletionStatus: "Yes" },
        { QuantityReceived: 12, QuantityOutstanding: 0, CompletionStatus: "Yes" },
      ],
    });
    expect(await rows(sage, "PO/POGetReceipts")).toMatchObject([
      { PurchaseOrderSequenceKey: 1, Total: 256.25, ReceiptLines: [{ ItemNumber: "A1-103/0" }] },
      { ReceiptDate: "2026-11-25T00:00:00Z", Vendor: "1400", Total: 1183.75, ReceiptLines: [{}, {}] },
    ]);
    expect(wholly["LastReceiptNumber"]).not.toBe(partly["LastReceiptNumber"]);
  });

  test("may change while a request is on its way", async () => {
    await using sage = await startEmpty();
    sage.onRequest = () => void sage.company("SAMINC").addInvoiceBatch({ invoices: [] });

    expect(await rows(sage, "AP/APInvoiceBatches")).toHaveLength(1);
    expect(await rows(sage, "AP/APInvoiceBatches")).toHaveLength(2);
  });
});

describe("the sample history of the Sage simulator", () => {
  const sources: readonly BooksSource[] = [
    "ap-invoices",
    "ap-payments",
    "gl-journals",
    "ar-receipts",
    "purchase-orders",
  ];

  test("is a year of hundreds of batches in both companies, none of it later than yesterday", async () => {
    await using sage = await SageSimulator.start({ today });

    for (const books of [sage.company("SAMINC"), sage.company("SAMLTD")]) {
      const counts = sources.map((source) => books.rows(source).length);
      const stamps = datesIn(sources.map((source) => books.rows(source)));
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(80);
      expect(counts.reduce((all, count) => all + count)).toBeGreaterThan(480);
      expect(stamps[0]?.slice(0, 4)).toBe("2025");
      expect(stamps.findLast((day) => day < today)).toBe("2026-11-23");
      for (const row of sources.flatMap((source) => books.rows(source))) {
        for (const field of ["BatchDate", "DateLastEdited", "DateCreated", "ReceiptDate", "DateCompleted"]) {
          expect(dayIn(row, field) < today).toBe(true);
        }
      }
    }
  });

  test.each([
    ["ap-invoices", "BatchStatus", ["Deleted", "Open", "PostInProgress", "Posted", "ReadyToPost"]],
    [
      "ap-payments",
      "BatchStatus",
      ["CheckCreationInProgress", "Deleted", "Open", "PostInProgress", "Posted", "ReadyToPost"],
    ],
    [
      "gl-journals",
      "Status",
      ["Deleted", "Open", "PostInProgress", "Posted", "ProvPostInProgress", "ProvPosted", "ReadyToPost"],
    ],
    ["ar-receipts", "BatchStatus", ["Deleted", "Open", "PostInProgress", "Posted", "ReadyToPost"]],
  ] as const)("has %s in every status", async (source, field, statuses) => {
    await using sage = await SageSimulator.start({ today });

    const found = sage
      .company("SAMINC")
      .rows(source)
      .map((row) => row[field]);

    expect(new Set(found)).toEqual(new Set(statuses));
  });

  test("has orders that are open, partly received and complete", async () => {
    await using sage = await SageSimulator.start({ today });

    const orders = sage.company("SAMINC").rows("purchase-orders");
    const received = orders.filter((order) => order["NumberOfPostedReceipts"] !== 0);

    expect(orders.length - received.length).toBeGreaterThan(0);
    expect(received.some((order) => order["Completed"] === false)).toBe(true);
    expect(received.some((order) => order["Completed"] === true)).toBe(true);
  });

  test("is the same for a day on every machine, and not the same in both companies", async () => {
    await using one = await SageSimulator.start({ today });
    await using other = await SageSimulator.start({ today });
    await using later = await SageSimulator.start({ today: "2026-12-24" });

    expect(contentOf(other.company("SAMINC"))).toBe(contentOf(one.company("SAMINC")));
    expect(contentOf(one.company("SAMLTD"))).not.toBe(contentOf(one.company("SAMINC")));
    expect(contentOf(later.company("SAMINC"))).not.toBe(contentOf(one.company("SAMINC")));
    expect(one.company("SAMINC").homeCurrency).toBe("USD");
    expect(one.company("SAMLTD").homeCurrency).toBe("CAD");
  });

  test("has each key once, and is served as it is", async () => {
    await using sage = await SageSimulator.start({ today });
    const books = sage.company("SAMINC");

    for (const source of sources) {
      const keys = books.rows(source).map((row) => keyOf(source, row));
      expect(new Set(keys).size).toBe(keys.length);
    }
    const served = await record(sage, "AP/APInvoiceBatches?$count=true&$top=1");
    expect(served["@odata.count"]).toBe(books.rows("ap-invoices").length);
  });

  function contentOf(books: CompanyBooks): string {
    return JSON.stringify(sources.map((source) => books.rows(source)));
  }
});

function datesIn(value: unknown): string[] {
  const days = JSON.stringify(value).match(/\d{4}-\d{2}-\d{2}(?=T00:00:00Z)/g) ?? [];
  return days.filter((day) => day > "1900").toSorted();
}

function dayIn(row: Row, field: string): string {
  const stamp = row[field];
  return typeof stamp === "string" ? stamp.slice(0, 10) : "";
}

function numberOf(row: Row): unknown {
  return row["BatchNumber"];
}

function batchRow(number: number, status: string, sequence: number, lastEdited: string): Row {
  return {
    BatchNumber: number,
    BatchStatus: status,
    PostingSequenceNumber: sequence,
    DateLastEdited: lastEdited,
  };
}

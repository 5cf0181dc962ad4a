import { stamp } from "./calendar.ts";
import { decimal, multiply, subtract, sum } from "./decimal.ts";
import {
  invoiceEntry,
  journalEntry,
  orderLineRow,
  paymentEntry,
  receiptEntry,
  sidesOf,
  type EntryContext,
  type InvoiceSpec,
  type JournalSpec,
  type OrderLineSpec,
  type PaymentSpec,
  type ReceiptSpec,
} from "./entries.ts";
import { assign, newRow } from "./model.ts";
import { account, journalBatch } from "./models-ledger.ts";
import { customer, vendor } from "./models-parties.ts";
import { invoiceBatch, paymentBatch } from "./models-payables.ts";
import { orderReceipt, purchaseOrder } from "./models-purchasing.ts";
import { receiptBatch } from "./models-receivables.ts";
import { numberIn, overridesOf, rowsOf, textIn, type Amount, type Overrides, type SageRow } from "./rows.ts";
import { sampleAccounts, sampleCustomers, sampleVendors } from "./sample-master.ts";

export type BooksSource = "ap-invoices" | "ap-payments" | "gl-journals" | "ar-receipts" | "purchase-orders";

interface BatchSpec extends Overrides {
  readonly description?: string;
  readonly date?: string;
  readonly status?: string;
  readonly enteredBy?: string;
  readonly lastEdited?: string;
}

export interface InvoiceBatchSpec extends BatchSpec {
  readonly invoices: readonly InvoiceSpec[];
}

export interface PaymentBatchSpec extends BatchSpec {
  readonly selector?: "PY" | "AD";
  readonly bank?: string;
  readonly currency?: string;
  readonly payments: readonly PaymentSpec[];
}

export interface JournalBatchSpec extends BatchSpec {
  readonly sourceLedger?: string;
  readonly entries: readonly JournalSpec[];
}

export interface ReceiptBatchSpec extends BatchSpec {
  readonly selector?: "CA" | "AD";
  readonly bank?: string;
  readonly currency?: string;
  readonly receipts: readonly ReceiptSpec[];
}

export interface PurchaseOrderSpec extends Overrides {
  readonly vendor: string;
  readonly lines: readonly OrderLineSpec[];
  readonly number?: string;
  readonly description?: string;
  readonly buyer?: string;
  readonly date?: string;
  readonly currency?: string;
  readonly expectedArrival?: string;
  readonly onHold?: boolean;
}

/** Where a batch keeps its entries, its status and the sequence that posting gives it. */
const places = {
  "ap-invoices": {
    model: invoiceBatch,
    entries: "Invoices",
    status: "BatchStatus",
    sequence: "PostingSequenceNumber",
  },
  "ap-payments": {
    model: paymentBatch,
    entries: "PaymentsAdjustments",
    status: "BatchStatus",
    sequence: "PostingSequenceNumber",
  },
  "ar-receipts": {
    model: receiptBatch,
    entries: "ReceiptsAdjustments",
    status: "BatchStatus",
    sequence: "PostingSequenceNumber",
  },
  "gl-journals": {
    model: journalBatch,
    entries: "JournalHeaders",
    status: "Status",
    sequence: "PostingSequence",
  },
  "purchase-orders": { model: purchaseOrder, entries: "PurchaseOrderLines", status: "", sequence: "" },
} as const;

/** The books of one company, and the ways in which people change them. */
export class CompanyBooks {
  readonly id: string;
  readonly homeCurrency: string;
  readonly vendors: SageRow[];
  readonly customers: SageRow[];
  readonly accounts: SageRow[];
  /** What arrived for purchase orders. */
  readonly orderReceipts: SageRow[] = [];
  /** Whether posting sets `DateLastEdited`, which nobody has documented. */
  postingTouchesLastEdited = false;
  readonly #rows: Readonly<Record<BooksSource, SageRow[]>> = {
    "ap-invoices": [],
    "ap-payments": [],
    "gl-journals": [],
    "ar-receipts": [],
    "purchase-orders": [],
  };
  /** Highest number given so far; numbers are never used again. */
  readonly #numbers = new Map<string, number>();
  readonly #today: () => string;
  #documents = 1000;

  constructor(id: string, today: () => string) {
    this.id = id;
    this.homeCurrency = id === "SAMLTD" ? "CAD" : "USD";
    this.#today = today;
    this.vendors = sampleVendors.map((party) =>
      newRow(vendor, {
        ...partyFields(party),
        VendorNumber: party.number,
        VendorName: party.name,
        OnHold: "NotOnHold",
        Terms: "DUETBL",
      }),
    );
    this.customers = sampleCustomers.map((party) =>
      newRow(customer, {
        ...partyFields(party),
        CustomerNumber: party.number,
        CustomerName: party.name,
        Terms: "N30",
      }),
    );
    this.accounts = sampleAccounts.map(({ number, description }) =>
      newRow(account, {
        UnformattedAccount: number,
        AccountNumber: number,
        Description: description,
        DateCreated: stamp("2010-01-01"),
      }),
    );
  }

  /** Everything there is of a source: the truth that a test compares with. */
  rows(source: BooksSource): readonly SageRow[] {
    return this.#rows[source];
  }

  find(source: BooksSource, key: string): SageRow | undefined {
    return this.#rows[source].find((row) => keyOf(source, row) === key);
  }

  addInvoiceBatch(spec: InvoiceBatchSpec): SageRow {
    const number = this.#nextNumber("ap-invoices");
    const invoices = spec.invoices.map((entry, index) =>
      invoiceEntry(entry, this.#context(number, index + 1, spec.enteredBy)),
    );
    return this.#add("ap-invoices", {
      ...this.#batchFields(spec, invoices.length),
      BatchNumber: number,
      BatchTotal: sum(...spec.invoices.map(({ amount }) => amount)),
      BatchStatus: spec.status ?? "Open",
      Invoices: invoices,
      ...overridesOf(spec),
    });
  }

  addPaymentBatch(spec: PaymentBatchSpec): SageRow {
    const selector = spec.selector ?? "PY";
    const number = this.#nextNumber("ap-payments", selector);
    const bankCurrency = spec.currency ?? this.homeCurrency;
    const payments = spec.payments.map((entry, index) =>
      paymentEntry(entry, { ...this.#context(number, index + 1, spec.enteredBy), selector, bankCurrency }),
    );
    return this.#add("ap-payments", {
      ...this.#batchFields(spec, payments.length),
      BatchSelector: selector,
      BatchNumber: number,
      BatchTotal: sum(...spec.payments.map(({ amount }) => amount)),
      BatchStatus: spec.status ?? "Open",
      BankCode: spec.bank ?? "SEATAC",
      BankCurrencyCode: bankCurrency,
      PaymentsAdjustments: payments,
      ...overridesOf(spec),
    });
  }

  addJournalBatch(spec: JournalBatchSpec): SageRow {
    const number = String(this.#nextNumber("gl-journals")).padStart(6, "0");
    const sourceLedger = spec.sourceLedger ?? "GL";
    const entries = spec.entries.map((entry, index) =>
      journalEntry(entry, { ...this.#context(number, index + 1, spec.enteredBy), sourceLedger }),
    );
    const { debits, credits } = sidesOf(spec.entries.flatMap(({ lines }) => lines));
    return this.#add("gl-journals", {
      BatchNumber: number,
      Description: spec.description ?? "",
      SourceLedger: sourceLedger,
      DateCreated: stamp(spec.date ?? this.#today()),
      DateLastEdited: stamp(spec.lastEdited ?? this.#today()),
      JournalBatchType: sourceLedger === "GL" ? "Entered" : "Subledger",
      Status: spec.status ?? "Open",
      Debits: debits,
      Credits: credits,
      NumberOfEntries: entries.length,
      NextEntryNumber: entries.length + 1,
      JournalHeaders: entries,
      ...overridesOf(spec),
    });
  }

  addReceiptBatch(spec: ReceiptBatchSpec): SageRow {
    const selector = spec.selector ?? "CA";
    const number = this.#nextNumber("ar-receipts", selector);
    const bankCurrency = spec.currency ?? this.homeCurrency;
    const receipts = spec.receipts.map((entry, index) =>
      receiptEntry(entry, { ...this.#context(number, index + 1, spec.enteredBy), selector, bankCurrency }),
    );
    return this.#add("ar-receipts", {
      ...this.#batchFields(spec, receipts.length),
      BatchRecordType: selector,
      BatchNumber: number,
      BatchTotal: sum(...spec.receipts.map(({ amount }) => amount)),
      BatchStatus: spec.status ?? "Open",
      BankCode: spec.bank ?? "SEATAC",
      DefaultBankCurrency: bankCurrency,
      ReceiptsAdjustments: receipts,
      ...overridesOf(spec),
    });
  }

  addPurchaseOrder(spec: PurchaseOrderSpec): SageRow {
    const key = this.#nextNumber("purchase-orders");
    const party = this.#vendor(spec.vendor);
    const lines = spec.lines.map((line, index) => orderLineRow(line, { key, line: index + 1 }));
    const total = sum(...lines.map((line) => textIn(line, "ExtendedCost")));
    const date = stamp(spec.date ?? this.#today());
    return this.#add("purchase-orders", {
      PurchaseOrderSequenceKey: key,
      PurchaseOrderNumber: spec.number ?? `PO${String(key).padStart(6, "0")}`,
      PurchaseOrderDate: date,
      OrderDate: date,
      Vendor: spec.vendor,
      VendorExists: party !== undefined,
      Name: party === undefined ? "" : textIn(party, "VendorName"),
      Description: spec.description ?? "",
      OnHold: spec.onHold ?? false,
      Lines: lines.length,
      ExpectedArrivalDate: spec.expectedArrival === undefined ? null : stamp(spec.expectedArrival),
      Currency: spec.currency ?? (party === undefined ? this.homeCurrency : textIn(party, "CurrencyCode")),
      QuantityOrdered: sum(...spec.lines.map(({ quantity }) => quantity)),
      ExtendedCost: total,
      Subtotal: total,
      NetOfTax: total,
      Total: total,
      EnteredBy: spec.buyer ?? "ADMIN",
      PurchaseOrderLines: lines,
      ...overridesOf(spec),
    });
  }

  /** Changes any field of a record, and the day of its last edit where Sage keeps one. */
  edit(source: BooksSource, key: string, patch: SageRow): SageRow {
    const row = this.#existing(source, key);
    if (source !== "purchase-orders") row["DateLastEdited"] = stamp(this.#today());
    return assign(row, places[source].model, patch);
  }

  setStatus(source: BooksSource, key: string, status: string): SageRow {
    return assign(this.#existing(source, key), places[source].model, { [places[source].status]: status });
  }

  post(source: BooksSource, key: string): SageRow {
    const row = this.setStatus(source, key, "Posted");
    if (this.postingTouchesLastEdited) row["DateLastEdited"] = stamp(this.#today());
    row[places[source].sequence] = this.#nextNumber(`${source} posting`);
    return row;
  }

  /** Posts a batch of which some entries fail: they are copied to a new batch, and say so. */
  postWithErrors(
    source: Exclude<BooksSource, "purchase-orders">,
    key: string,
    failing: readonly number[],
  ): SageRow {
    const row = this.post(source, key);
    const { entries, status } = places[source];
    const failed = rowsOf(row, entries).filter((entry) => failing.includes(numberIn(entry, "EntryNumber")));
    const selector = key.includes("-") ? (key.split("-")[0] ?? "") : "";
    const number = this.#nextNumber(source, selector);
    const batch = source === "gl-journals" ? String(number).padStart(6, "0") : number;
    const copies = failed.map((entry, index) => ({
      ...structuredClone(entry),
      BatchNumber: batch,
      EntryNumber: source === "gl-journals" ? String(index + 1).padStart(5, "0") : index + 1,
    }));
    failed.forEach((entry, index) => Object.assign(entry, { ErrorBatch: number, ErrorEntry: index + 1 }));
    row["NumberOfErrors"] = failed.length;
    return this.#add(source, {
      ...structuredClone(row),
      BatchNumber: batch,
      Description: `Errors of ${key}`,
      [status]: "Open",
      [places[source].sequence]: 0,
      NumberOfErrors: 0,
      NumberOfEntries: copies.length,
      [entries]: copies,
    });
  }

  markDeleted(source: BooksSource, key: string): SageRow {
    return this.setStatus(source, key, "Deleted");
  }

  /** Clearing history takes the record away. */
  vanish(source: BooksSource, key: string): void {
    const rows = this.#rows[source];
    const index = rows.findIndex((row) => keyOf(source, row) === key);
    if (index >= 0) rows.splice(index, 1);
  }

  /** Keys a further invoice into a batch that is there; the others likewise. */
  addInvoice(key: string, spec: InvoiceSpec): SageRow {
    return this.#addEntry("ap-invoices", key, (context) => invoiceEntry(spec, context));
  }

  addPayment(key: string, spec: PaymentSpec): SageRow {
    return this.#addEntry("ap-payments", key, (context, row) =>
      paymentEntry(spec, {
        ...context,
        selector: textIn(row, "BatchSelector"),
        bankCurrency: textIn(row, "BankCurrencyCode"),
      }),
    );
  }

  addReceipt(key: string, spec: ReceiptSpec): SageRow {
    return this.#addEntry("ar-receipts", key, (context, row) =>
      receiptEntry(spec, {
        ...context,
        selector: textIn(row, "BatchRecordType"),
        bankCurrency: textIn(row, "DefaultBankCurrency"),
      }),
    );
  }

  addJournalEntry(key: string, spec: JournalSpec): SageRow {
    return this.#addEntry("gl-journals", key, (context, row) =>
      journalEntry(spec, { ...context, sourceLedger: textIn(row, "SourceLedger") }),
    );
  }

  removeEntry(source: Exclude<BooksSource, "purchase-orders">, key: string, number: number): SageRow {
    const entries = rowsOf(this.#existing(source, key), places[source].entries);
    const left = entries.filter((entry) => numberIn(entry, "EntryNumber") !== number);
    return this.edit(source, key, { [places[source].entries]: left, NumberOfEntries: left.length });
  }

  /** Goods arrive: quantities move, the receipt is counted, and the order completes when nothing is outstanding. */
  receive(key: string, received: readonly { readonly line: number; readonly quantity: Amount }[]): SageRow {
    const order = this.#existing("purchase-orders", key);
    const lines = rowsOf(order, "PurchaseOrderLines");
    for (const { line, quantity } of received) {
      const row = lines[line - 1];
      if (row === undefined) throw new Error(`order ${key} has no line ${line}`);
      row["QuantityReceived"] = sum(textIn(row, "QuantityReceived"), quantity);
      row["QuantityOutstanding"] = subtract(textIn(row, "QuantityOutstanding"), quantity);
      row["ExtendedReceivedAmount"] = multiply(textIn(row, "QuantityReceived"), textIn(row, "UnitCost"));
      row["Completed"] = numberIn(row, "QuantityOutstanding") <= 0;
      row["CompletionStatus"] = row["Completed"] ? "Yes" : "No";
    }
    const complete = lines.filter((row) => row["Completed"] === true).length;
    order["LinesComplete"] = complete;
    order["NumberOfPostedReceipts"] = numberIn(order, "NumberOfPostedReceipts") + 1;
    order["LastReceiptNumber"] = this.#document("RC");
    order["ReceiptDate"] = stamp(this.#today());
    order["ExtendedReceivedAmount"] = sum(...lines.map((row) => textIn(row, "ExtendedReceivedAmount")));
    const isComplete = complete === lines.length;
    order["Completed"] = isComplete;
    if (isComplete) order["DateCompleted"] = stamp(this.#today());
    this.orderReceipts.push(
      newRow(orderReceipt, {
        ReceiptSequenceKey: this.orderReceipts.length + 1,
        ReceiptDate: stamp(this.#today()),
        ReceiptNumber: textIn(order, "LastReceiptNumber"),
        Vendor: textIn(order, "Vendor"),
        VendorName: textIn(order, "Name"),
        PurchaseOrderNumber: textIn(order, "PurchaseOrderNumber"),
        PurchaseOrderSequenceKey: numberIn(order, "PurchaseOrderSequenceKey"),
        Currency: textIn(order, "Currency"),
      }),
    );
    return order;
  }

  addVendor(values: SageRow): SageRow {
    const row = newRow(vendor, {
      DateLastMaintained: stamp(this.#today()),
      CurrencyCode: this.homeCurrency,
      OnHold: "NotOnHold",
      ...values,
    });
    this.vendors.push(row);
    return row;
  }

  addCustomer(values: SageRow): SageRow {
    const row = newRow(customer, {
      DateLastMaintained: stamp(this.#today()),
      CurrencyCode: this.homeCurrency,
      ...values,
    });
    this.customers.push(row);
    return row;
  }

  addAccount(values: SageRow): SageRow {
    const row = newRow(account, { DateCreated: stamp(this.#today()), ...values });
    this.accounts.push(row);
    return row;
  }

  #addEntry(
    source: Exclude<BooksSource, "purchase-orders">,
    key: string,
    make: (context: EntryContext, row: SageRow) => SageRow,
  ): SageRow {
    const row = this.#existing(source, key);
    const batch = source === "gl-journals" ? textIn(row, "BatchNumber") : numberIn(row, "BatchNumber");
    const entries = rowsOf(row, places[source].entries);
    const last = Math.max(0, ...entries.map((one) => numberIn(one, "EntryNumber")));
    const added = make(this.#context(batch, last + 1, undefined), row);
    return this.edit(source, key, {
      [places[source].entries]: [...entries, added],
      NumberOfEntries: entries.length + 1,
    });
  }

  #batchFields(spec: BatchSpec, entries: number): SageRow {
    return {
      BatchDate: stamp(spec.date ?? this.#today()),
      Description: spec.description ?? "",
      NumberOfEntries: entries,
      LastEntryNumber: entries,
      DateLastEdited: stamp(spec.lastEdited ?? this.#today()),
    };
  }

  #context(batch: number | string, entry: number, enteredBy: string | undefined): EntryContext {
    return {
      batch,
      entry,
      today: this.#today(),
      homeCurrency: this.homeCurrency,
      enteredBy: enteredBy ?? "ADMIN",
      vendor: (number) => this.#vendor(number),
      customer: (number) => this.customers.find((row) => row["CustomerNumber"] === number),
      accountName: (number) => {
        const found = this.accounts.find((row) => row["UnformattedAccount"] === number);
        return found === undefined ? "" : textIn(found, "Description");
      },
      document: (prefix) => this.#document(prefix),
    };
  }

  #add(source: BooksSource, values: SageRow): SageRow {
    const row = newRow(places[source].model, values);
    this.#rows[source].push(row);
    return row;
  }

  #existing(source: BooksSource, key: string): SageRow {
    const row = this.find(source, key);
    if (row === undefined) throw new Error(`${this.id} has no record ${key} of ${source}`);
    return row;
  }

  #vendor(number: string): SageRow | undefined {
    return this.vendors.find((row) => row["VendorNumber"] === number);
  }

  #nextNumber(sequence: string, selector = ""): number {
    const next = (this.#numbers.get(`${sequence} ${selector}`) ?? 0) + 1;
    this.#numbers.set(`${sequence} ${selector}`, next);
    return next;
  }

  #document(prefix: string): string {
    this.#documents += 1;
    return `${prefix}${decimal(this.#documents)}`;
  }
}

/** The key of a record as public ids spell it: `28`, `PY-83`, `000490`. */
export function keyOf(source: BooksSource, row: SageRow): string {
  if (source === "ap-payments") return `${textIn(row, "BatchSelector")}-${textIn(row, "BatchNumber")}`;
  if (source === "ar-receipts") return `${textIn(row, "BatchRecordType")}-${textIn(row, "BatchNumber")}`;
  return textIn(row, source === "purchase-orders" ? "PurchaseOrderSequenceKey" : "BatchNumber");
}

function partyFields({
  name,
  currency,
  group,
  city,
}: {
  name: string;
  currency: string;
  group: string;
  city: string;
}): SageRow {
  return {
    ShortName: name.slice(0, 10).toUpperCase(),
    GroupCode: group,
    City: city,
    CurrencyCode: currency,
    DateLastMaintained: stamp("2010-08-18"),
    StartDate: stamp("2010-01-01"),
  };
}

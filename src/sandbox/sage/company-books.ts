import { renumbered, totalsOf, type BatchSource } from "./batch-totals.ts";
import { stamp } from "./calendar.ts";
import { decimal, sum } from "./decimal.ts";
import {
  arriveAt,
  invoiceEntry,
  journalEntry,
  orderLineRow,
  orderReceiptRow,
  paymentEntry,
  receiptEntry,
  sidesOf,
  type ArrivalSpec,
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
import { purchaseOrder } from "./models-purchasing.ts";
import { receiptBatch } from "./models-receivables.ts";
import { numberIn, overridesOf, rowsOf, textIn, type Overrides, type SageRow } from "./rows.ts";
import { sampleAccounts, sampleCustomers, sampleVendors } from "./sample-master.ts";

export type BooksSource = BatchSource | "purchase-orders";

/** What the books take from the server they are kept on. */
export interface Surroundings {
  today(): string;
  /** Whether posting sets `DateLastEdited`, which nobody has documented. */
  postingTouchesLastEdited(): boolean;
}

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

export function statusField(source: BatchSource): string {
  return places[source].status;
}

/** The books of one company, and the ways in which people change them. */
export class CompanyBooks {
  readonly id: string;
  readonly homeCurrency: string;
  readonly vendors: SageRow[];
  readonly customers: SageRow[];
  readonly accounts: SageRow[];
  /** What arrived for purchase orders. */
  readonly orderReceipts: SageRow[] = [];
  readonly #rows: Readonly<Record<BooksSource, SageRow[]>> = {
    "ap-invoices": [],
    "ap-payments": [],
    "gl-journals": [],
    "ar-receipts": [],
    "purchase-orders": [],
  };
  /** Highest number given so far; numbers are never used again. */
  readonly #numbers = new Map<string, number>();
  readonly #surroundings: Surroundings;
  #documents = 1000;

  constructor(id: string, surroundings: Surroundings) {
    this.id = id;
    this.homeCurrency = id === "SAMLTD" ? "CAD" : "USD";
    this.#surroundings = surroundings;
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
    // Most often it is a new one.
    return this.#rows[source].findLast((row) => keyOf(source, row) === key);
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

  setStatus(source: BatchSource, key: string, status: string): SageRow {
    return assign(this.#existing(source, key), places[source].model, { [places[source].status]: status });
  }

  post(source: BatchSource, key: string): SageRow {
    const row = this.setStatus(source, key, "Posted");
    if (this.#surroundings.postingTouchesLastEdited()) row["DateLastEdited"] = stamp(this.#today());
    row[places[source].sequence] = this.#nextNumber(`${source} posting`);
    return row;
  }

  /** Posts a batch of which some entries fail: they are copied to a new batch, and say so. */
  postWithErrors(source: BatchSource, key: string, failing: readonly number[]): SageRow {
    const row = this.post(source, key);
    const { entries, status } = places[source];
    const failed = rowsOf(row, entries).filter((entry) => failing.includes(numberIn(entry, "EntryNumber")));
    const selector = key.includes("-") ? (key.split("-")[0] ?? "") : "";
    const number = this.#nextNumber(source, selector);
    const batch = source === "gl-journals" ? String(number).padStart(6, "0") : number;
    const copies = renumbered(failed, batch);
    failed.forEach((entry, index) => Object.assign(entry, { ErrorBatch: number, ErrorEntry: index + 1 }));
    row["NumberOfErrors"] = failed.length;
    return this.#add(source, {
      ...structuredClone(row),
      BatchNumber: batch,
      Description: `Errors of ${key}`,
      [status]: "Open",
      [places[source].sequence]: 0,
      NumberOfErrors: 0,
      ...totalsOf(source, copies),
      [entries]: copies,
    });
  }

  markDeleted(source: BatchSource, key: string): SageRow {
    return this.setStatus(source, key, "Deleted");
  }

  /** Clearing history takes the record away. */
  vanish(source: BooksSource, key: string): void {
    const rows = this.#rows[source];
    const index = rows.findIndex((row) => keyOf(source, row) === key);
    if (index >= 0) rows.splice(index, 1);
  }

  /** What had vanished is there again. */
  restore(source: BooksSource, row: SageRow): void {
    this.#rows[source].push(row);
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

  removeEntry(source: BatchSource, key: string, number: number): SageRow {
    const entries = rowsOf(this.#existing(source, key), places[source].entries);
    return this.#replaceEntries(
      source,
      key,
      entries.filter((entry) => numberIn(entry, "EntryNumber") !== number),
    );
  }

  /** Goods arrive: quantities move, the receipt is counted, and the order completes when nothing is outstanding. */
  receive(key: string, received: readonly ArrivalSpec[], date: string = this.#today()): SageRow {
    const order = this.#existing("purchase-orders", key);
    const lines = rowsOf(order, "PurchaseOrderLines");
    const arrived = received.map(({ line, quantity }) => {
      const row = lines[line - 1];
      if (row === undefined) throw new Error(`order ${key} has no line ${line}`);
      return { row: arriveAt(row, quantity, date), quantity };
    });
    const complete = lines.filter((row) => row["Completed"] === true).length;
    const isComplete = complete === lines.length;
    assign(order, purchaseOrder, {
      LinesComplete: complete,
      NumberOfPostedReceipts: numberIn(order, "NumberOfPostedReceipts") + 1,
      LastReceiptNumber: this.#document("RC"),
      ReceiptDate: stamp(date),
      ExtendedReceivedAmount: sum(...lines.map((row) => textIn(row, "ExtendedReceivedAmount"))),
      Completed: isComplete,
      ...(isComplete ? { DateCompleted: stamp(date) } : {}),
    });
    const sequenceKey = this.#nextNumber("order receipts");
    this.orderReceipts.push(orderReceiptRow(order, { sequenceKey, arrived }));
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
    source: BatchSource,
    key: string,
    make: (context: EntryContext, row: SageRow) => SageRow,
  ): SageRow {
    const row = this.#existing(source, key);
    const batch = source === "gl-journals" ? textIn(row, "BatchNumber") : numberIn(row, "BatchNumber");
    const entries = rowsOf(row, places[source].entries);
    const added = make(this.#context(batch, lastEntryOf(row) + 1, undefined), row);
    return this.#replaceEntries(source, key, [...entries, added]);
  }

  #replaceEntries(source: BatchSource, key: string, entries: SageRow[]): SageRow {
    const last = lastEntryOf(this.#existing(source, key));
    return this.edit(source, key, { [places[source].entries]: entries, ...totalsOf(source, entries, last) });
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

  #today(): string {
    return this.#surroundings.today();
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

/** The general ledger counts the next one instead. */
function lastEntryOf(row: SageRow): number {
  return row["LastEntryNumber"] === undefined
    ? numberIn(row, "NextEntryNumber") - 1
    : numberIn(row, "LastEntryNumber");
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

import { keyOf, type BooksSource, type CompanyBooks } from "../../src/sandbox/sage/company-books.ts";
import { numberIn, rowsOf, textIn, type SageRow } from "../../src/sandbox/sage/rows.ts";
import type { Chance } from "./chance.ts";

/** A document as the books have it now. */
export interface Truth {
  readonly source: BooksSource;
  /** Key of its batch or order. */
  readonly record: string;
  readonly status: string;
  readonly amount: string;
  /** Day on which an invoice is due; empty for the others. */
  readonly due: string;
}

const entriesOf = {
  "ap-invoices": "Invoices",
  "ap-payments": "PaymentsAdjustments",
  "gl-journals": "JournalHeaders",
  "ar-receipts": "ReceiptsAdjustments",
  "purchase-orders": "PurchaseOrderLines",
} as const;

type BatchSource = Exclude<BooksSource, "purchase-orders">;
const batchSources = ["ap-invoices", "ap-payments", "gl-journals", "ar-receipts"] as const;

interface Picked {
  readonly row: SageRow;
  readonly key: string;
  /** One of its entries; absent while it has none. */
  readonly entry: SageRow | undefined;
  readonly isLast: boolean;
}

/** People who work in the books at random: everything that Sage lets them do, each with a document number of its own. */
export class Clerks {
  events = 0;
  readonly #books: CompanyBooks;
  readonly #chance: Chance;
  #count = 0;

  constructor(books: CompanyBooks, chance: Chance) {
    this.#books = books;
    this.#chance = chance;
  }

  /** One event. */
  work(): void {
    this.events += 1;
    if (this.#chance.happens(0.15)) return this.#workOnOrders();
    const source = this.#chance.oneOf(batchSources);
    const open = this.#books.rows(source).filter((row) => statusOf(source, row) === "Open");
    if (open.length < 3 || this.#chance.happens(0.3)) return this.#keyInBatch(source);
    const row = this.#chance.oneOf(open);
    const change = this.#chance.oneOf([
      "entry",
      "amount",
      "amount",
      "due",
      "remove",
      "ready",
      "post",
      "fail",
      "delete",
    ] as const);
    this.#change(source, row, change);
  }

  #change(source: BatchSource, row: SageRow, change: keyof typeof this.changes): void {
    const entries = rowsOf(row, entriesOf[source]);
    const entry = entries.length === 0 ? undefined : this.#chance.oneOf(entries);
    this.changes[change](source, { row, key: keyOf(source, row), entry, isLast: entries.length < 2 });
  }

  readonly changes = {
    entry: (source: BatchSource, { key }: Picked) => this.#keyInEntry(source, key),
    amount: (source: BatchSource, { row, entry }: Picked) => {
      if (entry !== undefined) this.#editAmount(source, row, entry);
    },
    due: (source: BatchSource, { row, entry }: Picked) => {
      if (source !== "ap-invoices" || entry === undefined) return;
      const day = String(this.#chance.whole(1, 28)).padStart(2, "0");
      Object.assign(entry, { DueDate: `2027-0${this.#chance.whole(1, 9)}-${day}T00:00:00Z` });
      this.#books.edit(source, keyOf(source, row), {});
    },
    remove: (source: BatchSource, { key, entry, isLast }: Picked) => {
      if (entry !== undefined && !isLast)
        this.#books.removeEntry(source, key, numberIn(entry, "EntryNumber"));
    },
    ready: (source: BatchSource, { key }: Picked) => {
      this.#books.setStatus(source, key, "ReadyToPost");
      this.#postWhatIsReady(source);
    },
    post: (source: BatchSource, { key, entry }: Picked) => {
      if (entry !== undefined) this.#books.post(source, key);
    },
    fail: (source: BatchSource, { key, entry }: Picked) => {
      if (entry !== undefined) this.#books.postWithErrors(source, key, [numberIn(entry, "EntryNumber")]);
    },
    delete: (source: BatchSource, { key }: Picked) => {
      if (this.#chance.happens(0.3)) this.#books.markDeleted(source, key);
    },
  };

  /** What stands ready is posted some day. */
  #postWhatIsReady(source: BatchSource): void {
    const ready = this.#books.rows(source).filter((row) => statusOf(source, row) === "ReadyToPost");
    if (ready.length > 2) this.#books.post(source, keyOf(source, this.#chance.oneOf(ready)));
  }

  #editAmount(source: BatchSource, row: SageRow, entry: SageRow): void {
    const amount = `${this.#chance.whole(1, 9999)}.25`;
    if (source === "ap-invoices") Object.assign(entry, { DistributedTotalIncludingTax: amount });
    if (source === "ap-payments") Object.assign(entry, { CheckAmountInBankCurrency: amount });
    if (source === "ar-receipts") Object.assign(entry, { CustomerReceiptAmount: amount });
    if (source === "gl-journals") Object.assign(entry, { Debits: amount, Credits: amount });
    this.#books.edit(source, keyOf(source, row), {});
  }

  #keyInBatch(source: BatchSource): void {
    const count = this.#chance.oneOf([0, 1, 1, 2, 4]);
    // Back-dated by a year, dated ahead, or today.
    const date = this.#chance.oneOf(["2025-02-28", "2031-07-01", "", ""]);
    const dated = date === "" ? {} : { date };
    const numbers = Array.from({ length: count }, () => this.#number());
    const amount = "12.5";
    switch (source) {
      case "ap-invoices":
        this.#books.addInvoiceBatch({
          ...dated,
          invoices: numbers.map((documentNumber) => ({ vendor: "1200", amount, documentNumber })),
        });
        return;
      case "ap-payments":
        this.#books.addPaymentBatch({
          ...dated,
          selector: this.#chance.oneOf(["PY", "PY", "AD"]),
          payments: numbers.map((checkNumber) => ({ vendor: "1200", amount, checkNumber })),
        });
        return;
      case "gl-journals":
        this.#books.addJournalBatch({ entries: numbers.map(journal) });
        return;
      case "ar-receipts":
        this.#books.addReceiptBatch({
          ...dated,
          selector: this.#chance.oneOf(["CA", "CA", "AD"]),
          receipts: numbers.map((checkNumber) => ({ customer: "1100", amount, checkNumber })),
        });
    }
  }

  #keyInEntry(source: BatchSource, key: string): void {
    const number = this.#number();
    const amount = "7.75";
    if (source === "ap-invoices")
      this.#books.addInvoice(key, { vendor: "1350", documentNumber: number, amount });
    if (source === "ap-payments")
      this.#books.addPayment(key, { vendor: "1350", checkNumber: number, amount });
    if (source === "ar-receipts")
      this.#books.addReceipt(key, { customer: "1100", checkNumber: number, amount });
    if (source === "gl-journals") this.#books.addJournalEntry(key, journal(number));
  }

  #workOnOrders(): void {
    const orders = this.#books.rows("purchase-orders");
    const open = orders.filter((row) => row["Completed"] === false);
    const complete = orders.filter((row) => row["Completed"] === true);
    if (complete.length > 0 && this.#chance.happens(0.1)) return this.#takeBack(this.#chance.oneOf(complete));
    if (open.length < 2 || this.#chance.happens(0.4)) {
      this.#books.addPurchaseOrder({
        vendor: "1400",
        number: this.#number(),
        lines: [{ item: "A1-103/0", quantity: "8", unitCost: "12.5" }],
      });
      return;
    }
    const row = this.#chance.oneOf(open);
    const key = keyOf("purchase-orders", row);
    if (this.#chance.happens(0.3))
      this.#books.edit("purchase-orders", key, { OnHold: row["OnHold"] !== true });
    else this.#books.receive(key, [{ line: 1, quantity: this.#chance.oneOf(["2", "4"]) }]);
  }

  /** Goods go back, perhaps long after they came: the order is open again. */
  #takeBack(row: SageRow): void {
    this.#books.receive(keyOf("purchase-orders", row), [{ line: 1, quantity: "-4" }]);
  }

  #number(): string {
    this.#count += 1;
    return `DOC${this.#count}.`;
  }

  /** Every document that is in the books now; a failed entry is in its error batch. */
  truth(): Map<string, Truth> {
    const found = new Map<string, Truth>();
    for (const source of batchSources) {
      for (const row of this.#books.rows(source)) addEntries(found, source, row);
    }
    for (const row of this.#books.rows("purchase-orders")) {
      const record = keyOf("purchase-orders", row);
      found.set(textIn(row, "PurchaseOrderNumber"), {
        source: "purchase-orders",
        record,
        status: orderStatus(row),
        amount: "",
        due: "",
      });
    }
    return found;
  }
}

function addEntries(found: Map<string, Truth>, source: BatchSource, row: SageRow): void {
  const [record, status] = [keyOf(source, row), statusOf(source, row)];
  for (const entry of rowsOf(row, entriesOf[source])) {
    if (numberIn(entry, "ErrorBatch") !== 0) continue;
    const due = source === "ap-invoices" ? textIn(entry, "DueDate").slice(0, 10) : "";
    found.set(tokenOf(source, entry), { source, record, status, amount: amountOf(source, entry), due });
  }
}

function journal(description: string) {
  return {
    description,
    lines: [
      { account: "6260", amount: "12.5" },
      { account: "2015", amount: "-12.5" },
    ],
  };
}

function statusOf(source: BatchSource, row: SageRow): string {
  return textIn(row, source === "gl-journals" ? "Status" : "BatchStatus");
}

function orderStatus(row: SageRow): string {
  if (row["Completed"] === true) return "Completed";
  if (row["OnHold"] === true) return "OnHold";
  return numberIn(row, "NumberOfPostedReceipts") === 0 ? "Open" : "PartlyReceived";
}

function tokenOf(source: BatchSource, entry: SageRow): string {
  const field = {
    "ap-invoices": "DocumentNumber",
    "ap-payments": "CheckNumber",
    "gl-journals": "Description",
    "ar-receipts": "CheckReceiptNumber",
  } as const;
  return textIn(entry, field[source]);
}

function amountOf(source: BatchSource, entry: SageRow): string {
  const field = {
    "ap-invoices": "DistributedTotalIncludingTax",
    "ap-payments": "CheckAmountInBankCurrency",
    "gl-journals": "Debits",
    "ar-receipts": "CustomerReceiptAmount",
  } as const;
  return textIn(entry, field[source]);
}

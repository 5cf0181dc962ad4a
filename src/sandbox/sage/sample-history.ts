import { createHash } from "node:crypto";

import { addDays } from "./calendar.ts";
import type { BatchSource } from "./batch-totals.ts";
import { keyOf, statusField, type CompanyBooks } from "./company-books.ts";
import { textIn, type SageRow } from "./rows.ts";
import { sampleItems } from "./sample-master.ts";

/** How much of each kind a sample company has; the oldest of it is a year old. */
const amounts = {
  invoiceBatches: 140,
  paymentBatches: 70,
  paymentAdjustments: 10,
  journalBatches: 120,
  receiptBatches: 70,
  receiptAdjustments: 10,
  orders: 80,
} as const;

const daysOfHistory = 365;

/** Of so many records of one kind, the newest are not yet posted. */
const stillOpen = 6;

const daysToArrive = 9;

const statusesInPassing = [
  ["ap-invoices", "PostInProgress"],
  ["ap-payments", "PostInProgress"],
  ["ap-payments", "CheckCreationInProgress"],
  ["gl-journals", "PostInProgress"],
  ["gl-journals", "ProvPostInProgress"],
  ["ar-receipts", "PostInProgress"],
] as const;

/** Fills books with a year of work, the same for a company on every machine. */
export function addSampleHistory(books: CompanyBooks, today: string): void {
  const chance = new Chance(books.id);
  const clerk = new Clerk(books, today, chance);
  clerk.keyInvoices();
  clerk.keyPayments();
  clerk.keyJournals();
  clerk.keyReceipts();
  clerk.placeOrders();
  clerk.startPosting();
}

/** Plays the year's work into the books. */
class Clerk {
  readonly #books: CompanyBooks;
  readonly #today: string;
  readonly #chance: Chance;
  readonly #vendors: readonly string[];
  readonly #customers: readonly string[];

  constructor(books: CompanyBooks, today: string, chance: Chance) {
    this.#books = books;
    this.#today = today;
    this.#chance = chance;
    this.#vendors = books.vendors.map((row) => textIn(row, "VendorNumber"));
    this.#customers = books.customers.map((row) => textIn(row, "CustomerNumber"));
  }

  keyInvoices(): void {
    this.#each(amounts.invoiceBatches, (index, when) => {
      const invoices = this.#some(1, 6, () => ({
        vendor: this.#chance.oneOf(this.#vendors),
        amount: this.#chance.amount(20, 12_000),
        account: this.#chance.oneOf(["1300", "6110", "6260", "6550"]),
        documentType: this.#chance.happens(0.08) ? ("CreditNote" as const) : ("Invoice" as const),
      }));
      const row = this.#books.addInvoiceBatch({ ...when, description: `Invoices of ${when.date}`, invoices });
      this.#settle("ap-invoices", row, index < amounts.invoiceBatches - stillOpen);
    });
  }

  keyPayments(): void {
    this.#each(amounts.paymentBatches, (index, when) => {
      const currency = this.#chance.happens(0.15) ? "GBP" : this.#books.homeCurrency;
      const payments = this.#some(1, 8, () => this.#payment());
      const spec = { ...when, description: "Check run", bank: "SEATAC", currency, payments };
      const row = this.#books.addPaymentBatch(spec);
      this.#settle("ap-payments", row, index < amounts.paymentBatches - stillOpen);
    });
    this.#each(amounts.paymentAdjustments, (index, when) => {
      const payments = [{ ...this.#payment(), type: "Adjustment" as const }];
      const row = this.#books.addPaymentBatch({ ...when, selector: "AD", payments });
      this.#settle("ap-payments", row, index < amounts.paymentAdjustments - 1);
    });
  }

  #payment() {
    const documentNumber = `APINV${this.#chance.whole(1001, 1400)}`;
    const amount = this.#chance.amount(50, 9000);
    return { vendor: this.#chance.oneOf(this.#vendors), amount, appliedTo: [{ documentNumber, amount }] };
  }

  keyJournals(): void {
    this.#each(amounts.journalBatches, (index, when) => {
      const isSubledger = this.#chance.happens(0.3);
      const sourceLedger = isSubledger ? this.#chance.oneOf(["AP", "AR"]) : "GL";
      const entries = this.#some(1, 4, () => {
        const amount = this.#chance.amount(100, 30_000);
        const debit = this.#chance.oneOf(["6000", "6110", "6260", "6550"]);
        return {
          description: "Accrual",
          lines: [
            { account: debit, amount },
            { account: this.#chance.oneOf(["2015", "2025"]), amount: `-${amount}` },
          ],
        };
      });
      const row = this.#books.addJournalBatch({ ...when, description: "Accruals", sourceLedger, entries });
      const isSettled = index < amounts.journalBatches - stillOpen;
      if (isSettled && this.#chance.happens(0.05)) {
        this.#books.setStatus("gl-journals", keyOf("gl-journals", row), "ProvPosted");
      } else this.#settle("gl-journals", row, isSettled);
    });
  }

  keyReceipts(): void {
    this.#each(amounts.receiptBatches, (index, when) => {
      const receipts = this.#some(1, 7, () => this.#receipt());
      const row = this.#books.addReceiptBatch({ ...when, description: "Lockbox", receipts });
      this.#settle("ar-receipts", row, index < amounts.receiptBatches - stillOpen);
    });
    this.#each(amounts.receiptAdjustments, (index, when) => {
      const receipts = [{ ...this.#receipt(), type: "Adjustment" }];
      const row = this.#books.addReceiptBatch({ ...when, selector: "AD", receipts });
      this.#settle("ar-receipts", row, index < amounts.receiptAdjustments - 1);
    });
  }

  #receipt() {
    const documentNumber = `IN${String(this.#chance.whole(1, 500)).padStart(13, "0")}`;
    const amount = this.#chance.amount(50, 8000);
    return { customer: this.#chance.oneOf(this.#customers), amount, appliedTo: [{ documentNumber, amount }] };
  }

  placeOrders(): void {
    this.#each(amounts.orders, (index, { date }) => {
      const lines = this.#some(1, 5, () => ({
        item: this.#chance.oneOf(sampleItems),
        quantity: String(this.#chance.whole(1, 80)),
        unitCost: this.#chance.amount(3, 400),
      }));
      const order = { date, vendor: this.#chance.oneOf(this.#vendors), lines };
      const row = this.#books.addPurchaseOrder({ ...order, onHold: this.#chance.happens(0.04) });
      const key = keyOf("purchase-orders", row);
      if (index >= amounts.orders - stillOpen) return;
      const arrived = this.#chance.happens(0.1) ? lines.slice(0, 1) : lines;
      const quantities = arrived.map(({ quantity }, at) => ({ line: at + 1, quantity }));
      this.#books.receive(key, quantities, addDays(date, daysToArrive));
    });
  }

  /** Some work is always caught in the middle. */
  startPosting(): void {
    for (const [source, status] of statusesInPassing) {
      const row = this.#books.rows(source).find((one) => one[statusField(source)] === "Open");
      if (row !== undefined) this.#books.setStatus(source, keyOf(source, row), status);
    }
  }

  /** Most batches are posted; a few were deleted, and a few failed to post in part. */
  #settle(source: BatchSource, row: SageRow, isOld: boolean): void {
    const key = keyOf(source, row);
    if (!isOld) {
      if (this.#chance.happens(0.3)) this.#books.setStatus(source, key, "ReadyToPost");
    } else if (this.#chance.happens(0.04)) this.#books.markDeleted(source, key);
    else if (this.#chance.happens(0.03)) this.#books.postWithErrors(source, key, [1]);
    else this.#books.post(source, key);
  }

  #each(
    count: number,
    work: (index: number, when: { readonly date: string; readonly lastEdited: string }) => void,
  ): void {
    for (let index = 0; index < count; index += 1) {
      const age = Math.round(daysOfHistory * (1 - (index + 1) / count)) + 1;
      const date = addDays(this.#today, -age);
      work(index, { date, lastEdited: date });
    }
  }

  #some<Item>(least: number, most: number, make: () => Item): Item[] {
    return Array.from({ length: this.#chance.whole(least, most) }, make);
  }
}

/** Repeatable chance: a linear congruential generator, with the constants of Numerical Recipes. */
class Chance {
  #state: number;

  constructor(seed: string) {
    this.#state = createHash("sha256").update(seed).digest().readUInt32BE();
  }

  happens(probability: number): boolean {
    return this.#next() < probability;
  }

  whole(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  /** Two decimals, as text. */
  amount(least: number, most: number): string {
    return `${this.whole(least, most)}.${String(this.whole(0, 99)).padStart(2, "0")}`;
  }

  oneOf<Item>(items: readonly Item[]): Item {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new TypeError("nothing to choose from");
    return item;
  }

  #next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }
}

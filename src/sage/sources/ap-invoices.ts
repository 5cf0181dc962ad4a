import { z } from "../../runtime/zod.ts";
import { negate, type Money } from "../../transactions/money.ts";
import { flagsOf, transactionId, type SageRecord, type Transaction } from "../../transactions/transaction.ts";
import {
  amount,
  day,
  errorBatchOf,
  errorFields,
  flag,
  hasErrorBatch,
  list,
  member,
  number,
  text,
} from "../field.ts";
import { and, compare, integer, text as literal } from "../odata-filter.ts";
import { isOneOf, parseRow, type Source } from "../source.ts";
import { accountCell, accountParts, batchStatus, documentCell, partyCell } from "../wording.ts";

const detail = z.object({ GLAccount: text, AccountDescription: text, DistributedAmount: amount });

const invoice = z.object({
  EntryNumber: number,
  VendorNumber: text,
  VendorName: text,
  VendorGroupCode: text,
  DocumentNumber: text,
  DocumentType: member,
  InvoiceDescription: text,
  PONumber: text,
  DocumentDate: day,
  DueDate: day,
  CurrencyCode: text,
  DistributedTotalIncludingTax: amount,
  DocumentTotalIncludingTax: amount,
  ...errorFields,
  OnHold: flag,
  EnteredBy: text,
  InvoiceDetails: list(detail),
});

const header = z.object({
  BatchNumber: number,
  BatchDate: day,
  Description: text,
  BatchStatus: member,
  NumberOfEntries: number.nullish(),
  DateLastEdited: day,
});

const batch = header.extend({ Invoices: list(invoice) });

const finalNames = ["posted", "deleted"];

export const apInvoices = {
  name: "ap-invoices",
  title: "A/P invoices",
  recordTitle: "A/P invoice batch",
  noun: { one: "invoice", many: "invoices" },
  resource: "AP/APInvoiceBatches",
  selectors: [{ value: "" }],
  has: {
    counterparty: "vendor",
    accounts: true,
    flags: ["has-errors", "back-dated", "future-dated", "credit-note", "on-hold", "new-vendor"],
    statuses: ["Open", "ReadyToPost", "PostInProgress", "CheckCreationInProgress", "Posted", "Deleted"],
  },
  alwaysHasAccounts: true,
  number: { property: "BatchNumber", literal: integer },
  headerFields: [
    "BatchNumber",
    "BatchDate",
    "Description",
    "NumberOfEntries",
    "BatchTotal",
    "BatchStatus",
    "PostingSequenceNumber",
    "NumberOfErrors",
    "DateLastEdited",
  ],
  open: and(
    compare("BatchStatus", "ne", literal("Posted")),
    compare("BatchStatus", "ne", literal("Deleted")),
  ),
  dates: { edited: "DateLastEdited", dated: "BatchDate" },
  aliases: { NumberOfEntries: ["NumberofEntries"], DateLastEdited: ["LastEditedDate"] },
  keyOf: (record) => record,
  recordOf: (_selector, digits) => digits,
  readHeader: (row) => {
    const read = parseRow(header, row, "a row of A/P invoice batches");
    const { BatchNumber, BatchStatus, NumberOfEntries } = read;
    return {
      number: BatchNumber,
      record: BatchNumber,
      status: BatchStatus,
      isFinal: isOneOf(BatchStatus, finalNames),
      entryCount: NumberOfEntries == null ? null : Number(NumberOfEntries),
      edited: read.DateLastEdited,
      dated: read.BatchDate,
    };
  },
  toRecord: (row, company) => {
    const read = parseRow(batch, row, `A/P invoice batch ${String(row["BatchNumber"])}`);
    const record = { company, source: "ap-invoices", record: read.BatchNumber };
    return {
      ...record,
      number: read.BatchNumber,
      description: read.Description,
      date: read.BatchDate,
      lastEdited: read.DateLastEdited,
      status: batchStatus(read.BatchStatus, finalNames),
      facts: [],
      transactions: read.Invoices.map((entry) => toTransaction(entry, record)),
    };
  },
  columns: [
    { title: "Vendor", align: "left" },
    { title: "Document", align: "left" },
    { title: "Date", align: "left" },
    { title: "Due", align: "left", kind: "due" },
    { title: "Amount", align: "right" },
    { title: "Account", align: "left" },
  ],
  rows: (transaction) => [
    [
      partyCell(transaction),
      documentCell(transaction, "invoice"),
      transaction.date,
      transaction.dueDate,
      transaction.amount,
      accountCell(transaction),
    ],
  ],
  parts: accountParts,
  titles: { reference: "PO number" },
} as const satisfies Source;

function toTransaction(
  entry: z.output<typeof invoice>,
  record: Pick<SageRecord, "company" | "source" | "record">,
): Transaction {
  const isCredit = isOneOf(entry.DocumentType, ["creditnote"]);
  const currency = entry.CurrencyCode;
  const signed = (money: Money) => (isCredit ? negate(money) : money);
  // BatchTotal adds up the distributed totals; the other one is the vendor's control total, which may be empty.
  const distributed = entry.DistributedTotalIncludingTax;
  const total = { amount: distributed === "0" ? entry.DocumentTotalIncludingTax : distributed, currency };
  return {
    id: transactionId(record, entry.EntryNumber),
    entry: entry.EntryNumber,
    documentNumber: entry.DocumentNumber,
    documentKind: kindOf(entry.DocumentType),
    counterparty: {
      kind: "vendor",
      code: entry.VendorNumber,
      name: entry.VendorName,
      ...(entry.VendorGroupCode === "" ? {} : { group: entry.VendorGroupCode }),
    },
    description: entry.InvoiceDescription,
    reference: entry.PONumber,
    date: entry.DocumentDate,
    dueDate: entry.DueDate,
    amount: signed(total),
    accounts: entry.InvoiceDetails.map((line) => ({
      account: line.GLAccount,
      description: line.AccountDescription,
      amount: signed({ amount: line.DistributedAmount, currency }),
    })),
    appliedTo: [],
    orderLines: [],
    enteredBy: entry.EnteredBy,
    flags: flagsOf({ "credit-note": isCredit, "on-hold": entry.OnHold, "has-errors": hasErrorBatch(entry) }),
    ...errorBatchOf(entry),
  };
}

function kindOf(documentType: string): string {
  if (isOneOf(documentType, ["creditnote"])) return "credit note";
  if (isOneOf(documentType, ["debitnote"])) return "debit note";
  return isOneOf(documentType, ["invoice", ""]) ? "invoice" : documentType;
}

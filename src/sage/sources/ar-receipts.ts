import { z } from "../../runtime/zod.ts";
import { formatMoney, negate, totalsOf, type Money } from "../../transactions/money.ts";
import { flagsOf, transactionId, type SageRecord, type Transaction } from "../../transactions/transaction.ts";
import {
  amount,
  day,
  errorBatchOf,
  errorFields,
  hasErrorBatch,
  list,
  member,
  number,
  text,
} from "../field.ts";
import { and, compare, integer, text as literal } from "../odata-filter.ts";
import { compositeKey, isOneOf, parseRow, type Source } from "../source.ts";
import { appliedCell, appliedParts, batchStatus, documentCell, partyCell } from "../wording.ts";

const applied = z.object({
  DocumentNumber: text,
  CustomerReceiptAmount: amount,
  CustomerAdjustmentTotal: amount,
});

const receipt = z.object({
  EntryNumber: number,
  CheckReceiptNumber: text,
  DocumentNumber: text,
  CustomerNumber: text,
  Payer: text,
  ReceiptDateAdjustmentDate: day,
  EntryDescription: text,
  EntryReference: text,
  BankReceiptAmount: amount,
  CustomerReceiptAmount: amount,
  CustomerAdjustmentAmount: amount,
  CustomerUnappliedAmount: amount,
  BankCurrencyCode: text,
  CustomerCurrencyCode: text,
  ReceiptTransactionType: member,
  MatchingDocumentNumber: text,
  EnteredBy: text,
  ...errorFields,
  AppliedReceiptsAdjustments: list(applied),
});

const header = z.object({
  BatchRecordType: text,
  BatchNumber: number,
  BatchDate: day,
  BatchStatus: member,
  Description: text,
  BankCode: text,
  DefaultBankCurrency: text,
  NumberOfEntries: number.nullish(),
  DateLastEdited: day,
});

const batch = header.extend({ ReceiptsAdjustments: list(receipt) });

const finalNames = ["posted", "deleted"];

export const arReceipts = {
  name: "ar-receipts",
  title: "A/R receipts",
  recordTitle: "A/R receipt batch",
  noun: { one: "receipt", many: "receipts" },
  resource: "AR/ARReceiptAndAdjustmentBatches",
  selectors: ["CA", "AD"].map((value) => ({
    value,
    filter: compare("BatchRecordType", "eq", literal(value)),
  })),
  has: {
    counterparty: "customer",
    accounts: false,
    flags: ["has-errors", "back-dated", "future-dated", "unapplied"],
    statuses: ["Open", "ReadyToPost", "PostInProgress", "Posted", "Deleted"],
  },
  number: { property: "BatchNumber", literal: integer },
  headerFields: [
    "BatchRecordType",
    "BatchNumber",
    "BatchDate",
    "BatchStatus",
    "Description",
    "NumberOfEntries",
    "BatchTotal",
    "PostingSequenceNumber",
    "NumberOfErrors",
    "DateLastEdited",
  ],
  open: and(
    compare("BatchStatus", "ne", literal("Posted")),
    compare("BatchStatus", "ne", literal("Deleted")),
  ),
  dates: { edited: "DateLastEdited", dated: "BatchDate" },
  aliases: { NumberOfEntries: ["NumberofEntries"], DateLastEdited: ["LastEditedDate", "LastEdited"] },
  keyOf: (record) => compositeKey("BatchRecordType", record),
  recordOf: (selector, digits) => `${selector}-${digits}`,
  readHeader: (row) => {
    const read = parseRow(header, row, "a row of A/R receipt batches");
    return {
      number: read.BatchNumber,
      record: `${read.BatchRecordType}-${read.BatchNumber}`,
      status: read.BatchStatus,
      isFinal: isOneOf(read.BatchStatus, finalNames),
      entryCount: read.NumberOfEntries == null ? null : Number(read.NumberOfEntries),
      edited: read.DateLastEdited,
      dated: read.BatchDate,
    };
  },
  toRecord: (row, company) => {
    const name = `A/R receipt batch ${String(row["BatchRecordType"])}-${String(row["BatchNumber"])}`;
    const read = parseRow(batch, row, name);
    const record = { company, source: "ar-receipts", record: `${read.BatchRecordType}-${read.BatchNumber}` };
    return {
      ...record,
      number: record.record,
      description: read.Description,
      date: read.BatchDate,
      lastEdited: read.DateLastEdited,
      status: batchStatus(read.BatchStatus, finalNames),
      facts: [{ label: "Bank", value: [read.BankCode, read.DefaultBankCurrency].join(" ").trim() }],
      transactions: read.ReceiptsAdjustments.map((entry) =>
        toTransaction(
          { ...entry, BankCurrencyCode: entry.BankCurrencyCode || read.DefaultBankCurrency },
          record,
        ),
      ),
    };
  },
  columns: [
    { title: "Customer", align: "left" },
    { title: "Receipt", align: "left" },
    { title: "Date", align: "left" },
    { title: "References", align: "left" },
    { title: "Amount", align: "right" },
    { title: "Applied", align: "right" },
    { title: "Unapplied", align: "right" },
  ],
  rows: (transaction) => [
    [
      partyCell(transaction),
      documentCell(transaction, "receipt"),
      transaction.date,
      appliesTo(transaction),
      transaction.amount,
      appliedAmount(transaction),
      transaction.unapplied ?? null,
    ],
  ],
  parts: appliedParts,
  summaryBy: "Bank",
  titles: { date: "Receipt date" },
  highlights: (transactions) => {
    const open = transactions.flatMap(({ unapplied }) => (unapplied === undefined ? [] : [unapplied]));
    return open.length === 0 ? [] : [`${totalsOf(open).map(formatMoney).join(" and ")} unapplied`];
  },
} as const satisfies Source;

function toTransaction(
  entry: z.output<typeof receipt>,
  record: Pick<SageRecord, "company" | "source" | "record">,
): Transaction {
  const customerCurrency = entry.CustomerCurrencyCode;
  const currency = customerCurrency === "" ? entry.BankCurrencyCode : customerCurrency;
  const isUnapplied = entry.CustomerUnappliedAmount !== "0";
  return {
    id: transactionId(record, entry.EntryNumber),
    entry: entry.EntryNumber,
    documentNumber: entry.CheckReceiptNumber === "" ? entry.DocumentNumber : entry.CheckReceiptNumber,
    documentKind: kindOf(entry.ReceiptTransactionType),
    counterparty: { kind: "customer", code: entry.CustomerNumber, name: entry.Payer },
    description: entry.EntryDescription,
    reference: entry.EntryReference,
    date: entry.ReceiptDateAdjustmentDate,
    dueDate: null,
    amount: amountOf(entry, currency),
    ...(isUnapplied ? { unapplied: { amount: entry.CustomerUnappliedAmount, currency } } : {}),
    accounts: [],
    appliedTo: entry.AppliedReceiptsAdjustments.map((line) => ({
      documentNumber: line.DocumentNumber,
      amount: { amount: firstOf(line.CustomerReceiptAmount, line.CustomerAdjustmentTotal), currency },
    })),
    orderLines: [],
    enteredBy: entry.EnteredBy,
    flags: flagsOf({ unapplied: isUnapplied, "has-errors": hasErrorBatch(entry) }),
    ...errorBatchOf(entry),
  };
}

/** In the customer's currency where Sage says it. An adjustment receives nothing: its amount has a field of its own. */
function amountOf(entry: z.output<typeof receipt>, currency: string): Money {
  const { CustomerReceiptAmount, BankReceiptAmount, BankCurrencyCode, CustomerAdjustmentAmount } = entry;
  if (CustomerReceiptAmount === "0" && BankReceiptAmount !== "0")
    return { amount: BankReceiptAmount, currency: BankCurrencyCode };
  return { amount: firstOf(CustomerReceiptAmount, CustomerAdjustmentAmount), currency };
}

function firstOf(received: string, adjusted: string): string {
  return received === "0" ? adjusted : received;
}

/** What of a receipt pays something; a receipt without customer or document has nothing to apply. */
function appliedAmount({ amount: whole, unapplied }: Transaction): Money | null {
  if (unapplied === undefined) return whole;
  if (unapplied.currency !== whole.currency) return null;
  const [used] = totalsOf([whole, negate(unapplied)]);
  return used === undefined || used.amount === "0" ? null : used;
}

/** The invoices a receipt pays, or what the clerk wrote as its reference. */
function appliesTo(transaction: Transaction): string | null {
  const shown = [appliedCell(transaction), transaction.reference, transaction.description].find(
    (words) => words !== "",
  );
  return shown ?? null;
}

function kindOf(transactionType: string): string {
  if (isOneOf(transactionType, ["prepayment"])) return "prepayment";
  if (isOneOf(transactionType, ["unappliedcash"])) return "receipt of unapplied cash";
  if (isOneOf(transactionType, ["miscreceipt", "miscellaneousreceipt"])) return "miscellaneous receipt";
  if (isOneOf(transactionType, ["applydocument"])) return "applied document";
  if (isOneOf(transactionType, ["writeoff"])) return "write-off";
  if (isOneOf(transactionType, ["adjustment"])) return "adjustment";
  return "receipt";
}

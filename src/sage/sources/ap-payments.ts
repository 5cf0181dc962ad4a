import { z } from "../../runtime/zod.ts";
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
import { accountCell, accountParts, appliedParts, batchStatus, documentCell, partyCell } from "../wording.ts";

const applied = z.object({ DocumentNumber: text, PaymentAmount: amount });
const miscellaneous = z.object({
  GLAccount: text,
  AccountNumber: text,
  AccountDescription: text,
  DistributionAmount: amount,
});

const payment = z.object({
  EntryNumber: number,
  CheckNumber: text,
  VendorNumber: text,
  VendorPayeeName: text,
  PaymentDateAdjustmentDate: day,
  EntryDescription: text,
  EntryReference: text,
  CheckAmountInBankCurrency: amount,
  CheckAmountInVendorCurrency: amount,
  VendorCurrencyCode: text,
  BankCurrencyCode: text,
  PaymentTransactionType: member,
  MatchingDocumentNumber: text,
  EnteredBy: text,
  ...errorFields,
  AppliedPayments: list(applied),
  MiscellaneousPayments: list(miscellaneous),
});

const header = z.object({
  BatchSelector: text,
  BatchNumber: number,
  BatchDate: day,
  BatchStatus: member,
  Description: text,
  BankCode: text,
  BankCurrencyCode: text,
  NumberOfEntries: number.nullish(),
  DateLastEdited: day,
});

const batch = header.extend({ PaymentsAdjustments: list(payment) });

const finalNames = ["posted", "deleted"];

export const apPayments = {
  name: "ap-payments",
  title: "A/P payments",
  recordTitle: "A/P payment batch",
  noun: { one: "payment", many: "payments" },
  resource: "AP/APPaymentAndAdjustmentBatches",
  selectors: ["PY", "AD"].map((value) => ({ value, filter: compare("BatchSelector", "eq", literal(value)) })),
  has: {
    counterparty: "vendor",
    accounts: true,
    flags: ["has-errors", "back-dated", "future-dated", "new-vendor"],
    statuses: ["Open", "ReadyToPost", "PostInProgress", "CheckCreationInProgress", "Posted", "Deleted"],
  },
  number: { property: "BatchNumber", literal: integer },
  headerFields: [
    "BatchSelector",
    "BatchNumber",
    "BatchDate",
    "BatchStatus",
    "Description",
    "BankCode",
    "BankCurrencyCode",
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
  keyOf: (record) => compositeKey("BatchSelector", record),
  recordOf: (selector, digits) => `${selector}-${digits}`,
  readHeader: (row) => {
    const read = parseRow(header, row, "a row of A/P payment batches");
    return {
      number: read.BatchNumber,
      record: `${read.BatchSelector}-${read.BatchNumber}`,
      status: read.BatchStatus,
      isFinal: isOneOf(read.BatchStatus, finalNames),
      entryCount: read.NumberOfEntries == null ? null : Number(read.NumberOfEntries),
      edited: read.DateLastEdited,
      dated: read.BatchDate,
    };
  },
  toRecord: (row, company) => {
    const read = parseRow(
      batch,
      row,
      `A/P payment batch ${String(row["BatchSelector"])}-${String(row["BatchNumber"])}`,
    );
    const record = { company, source: "ap-payments", record: `${read.BatchSelector}-${read.BatchNumber}` };
    return {
      ...record,
      number: record.record,
      description: read.Description,
      date: read.BatchDate,
      lastEdited: read.DateLastEdited,
      status: batchStatus(read.BatchStatus, finalNames),
      facts: [{ label: "Bank", value: [read.BankCode, read.BankCurrencyCode].join(" ").trim() }],
      transactions: read.PaymentsAdjustments.map((entry) => toTransaction(entry, record, read)),
    };
  },
  columns: [
    { title: "Payee", align: "left" },
    { title: "Check", align: "left" },
    { title: "Date", align: "left" },
    { title: "Amount", align: "right" },
    { title: "Vendor amount", align: "right" },
    { title: "Pays", align: "left" },
  ],
  rows: (transaction) => [
    [
      partyCell(transaction),
      documentCell(transaction, "payment"),
      transaction.date,
      transaction.amount,
      transaction.counterpartyAmount ?? null,
      paysCell(transaction),
    ],
  ],
  parts: {
    columns: [{ title: "Pays", align: "left" }, ...appliedParts.columns.slice(1)],
    rows: (transaction) => [...appliedParts.rows(transaction), ...accountParts.rows(transaction)],
  },
  summaryBy: "Bank",
  titles: { date: "Payment date" },
  highlights: (transactions, records) => {
    const isCash = transactions.some(({ documentKind }) => !cashless.has(documentKind));
    const banks = new Set(
      records.flatMap(({ facts }) => facts.map(({ value }) => value.split(" ")[0] ?? "")),
    );
    const [bank = ""] = banks;
    return isCash && banks.size === 1 && bank !== "" ? [`from ${bank}`] : [];
  },
} as const satisfies Source;

/** Kinds in which no money leaves a bank. */
const cashless: ReadonlySet<string> = new Set(["adjustment", "applied document"]);

function toTransaction(
  entry: z.output<typeof payment>,
  record: Pick<SageRecord, "company" | "source" | "record">,
  bank: { readonly BankCurrencyCode: string },
): Transaction {
  const currency = bank.BankCurrencyCode === "" ? entry.BankCurrencyCode : bank.BankCurrencyCode;
  const vendorCurrency = entry.VendorCurrencyCode === "" ? currency : entry.VendorCurrencyCode;
  const differs =
    entry.CheckAmountInVendorCurrency !== "0" &&
    (vendorCurrency !== currency || entry.CheckAmountInVendorCurrency !== entry.CheckAmountInBankCurrency);
  return {
    id: transactionId(record, entry.EntryNumber),
    entry: entry.EntryNumber,
    documentNumber: entry.CheckNumber,
    documentKind: kindOf(entry.PaymentTransactionType),
    counterparty: { kind: "vendor", code: entry.VendorNumber, name: entry.VendorPayeeName },
    description: entry.EntryDescription,
    reference: entry.EntryReference,
    date: entry.PaymentDateAdjustmentDate,
    dueDate: null,
    amount: { amount: entry.CheckAmountInBankCurrency, currency },
    ...(differs
      ? {
          counterpartyAmount: {
            amount: entry.CheckAmountInVendorCurrency,
            currency: entry.VendorCurrencyCode,
          },
        }
      : {}),
    accounts: entry.MiscellaneousPayments.map((line) => ({
      account: line.GLAccount === "" ? line.AccountNumber : line.GLAccount,
      description: line.AccountDescription,
      amount: { amount: line.DistributionAmount, currency },
    })),
    appliedTo: entry.AppliedPayments.map((line) => ({
      documentNumber: line.DocumentNumber,
      amount: { amount: line.PaymentAmount, currency: vendorCurrency },
    })),
    orderLines: [],
    enteredBy: entry.EnteredBy,
    flags: flagsOf({ "has-errors": hasErrorBatch(entry) }),
    ...errorBatchOf(entry),
  };
}

/** What the payment pays: the documents, or the accounts of a miscellaneous payment, or its own words. */
function paysCell(transaction: Transaction): string | null {
  const documents = transaction.appliedTo.map(({ documentNumber }) => documentNumber).join(", ");
  const shown = [documents, accountCell(transaction), transaction.description].find((words) => words !== "");
  return shown ?? null;
}

function kindOf(transactionType: string): string {
  if (isOneOf(transactionType, ["prepayment"])) return "prepayment";
  if (isOneOf(transactionType, ["miscpayment", "miscellaneouspayment"])) return "miscellaneous payment";
  if (isOneOf(transactionType, ["adjustment"])) return "adjustment";
  if (isOneOf(transactionType, ["applydocument"])) return "applied document";
  return "payment";
}

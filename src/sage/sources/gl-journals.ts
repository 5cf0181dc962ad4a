import { Big } from "big.js";
import { z } from "zod";

import {
  flagsOf,
  transactionId,
  type AccountLine,
  type SageRecord,
  type Transaction,
} from "../../transactions/transaction.ts";
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
import { and, compare, text as literal } from "../odata-filter.ts";
import { isOneOf, parseRow, type Source } from "../source.ts";
import { batchStatus } from "../wording.ts";

const detail = z.object({
  AccountNumber: text,
  AcctFormatted: text,
  AcctDescription: text,
  /** In the company's currency; debit positive, credit negative. */
  Amount: amount,
  HomeCurrency: text,
});

const entryHeader = z.object({
  EntryNumber: number,
  SourceLedger: text,
  SourceType: text,
  FiscalYear: text,
  FiscalPeriod: text,
  Description: text,
  Debits: amount,
  Credits: amount,
  OutOfBalanceBy: amount,
  PostingDate: day,
  DocumentDate: day,
  EnteredBy: text,
  ...errorFields,
  JournalDetails: list(detail),
});

const header = z.object({
  BatchNumber: text.pipe(z.string().regex(/^\d{1,18}$/, "not a batch number")),
  Description: text,
  SourceLedger: text,
  DateCreated: day,
  DateLastEdited: day,
  JournalBatchType: member,
  Status: member,
  Debits: amount,
  Credits: amount,
  NumberOfEntries: number.nullish(),
});

const batch = header.extend({ JournalHeaders: list(entryHeader) });

const finalNames = ["posted", "deleted"];

export const glJournals = {
  name: "gl-journals",
  title: "G/L journals",
  recordTitle: "G/L journal batch",
  noun: { one: "journal entry", many: "journal entries" },
  resource: "GL/GLJournalBatches",
  selectors: [{ value: "" }],
  has: {
    counterparty: null,
    accounts: true,
    flags: ["out-of-balance", "has-errors", "back-dated", "future-dated"],
    statuses: [
      "Open",
      "ReadyToPost",
      "PostInProgress",
      "ProvPosted",
      "ProvisionalPosted",
      "ProvPostInProgress",
      "ProvisionalPostInProgress",
      "Posted",
      "Deleted",
    ],
  },
  number: { property: "BatchNumber", literal: (digits) => literal(digits.padStart(6, "0")) },
  headerFields: [
    "BatchNumber",
    "Description",
    "SourceLedger",
    "DateCreated",
    "DateLastEdited",
    "JournalBatchType",
    "Status",
    "PostingSequence",
    "Debits",
    "Credits",
    "NumberOfEntries",
    "NumberOfErrors",
    "ReadyToPost",
  ],
  open: and(compare("Status", "ne", literal("Posted")), compare("Status", "ne", literal("Deleted"))),
  dates: { edited: "DateLastEdited", dated: "DateCreated" },
  aliases: {},
  keyOf: literal,
  recordOf: (_selector, digits) => digits.padStart(6, "0"),
  readHeader: (row) => {
    const read = parseRow(header, row, "a row of G/L journal batches");
    return {
      number: read.BatchNumber.replace(/^0+(?=\d)/, ""),
      record: read.BatchNumber,
      status: read.Status,
      isFinal: isOneOf(read.Status, finalNames),
      entryCount: read.NumberOfEntries == null ? null : Number(read.NumberOfEntries),
      edited: read.DateLastEdited,
      dated: read.DateCreated,
    };
  },
  toRecord: (row, company) => {
    const read = parseRow(batch, row, `G/L journal batch ${String(row["BatchNumber"])}`);
    const record = { company, source: "gl-journals", record: read.BatchNumber };
    return {
      ...record,
      number: read.BatchNumber,
      description: read.Description,
      date: read.DateCreated,
      lastEdited: read.DateLastEdited,
      status: batchStatus(read.Status, finalNames),
      facts: [
        { label: "Source ledger", value: read.SourceLedger },
        { label: "Debits", value: read.Debits },
        { label: "Credits", value: read.Credits },
      ],
      transactions: read.JournalHeaders.map((entry) => toTransaction(entry, record)),
    };
  },
  columns: [
    { title: "Entry", align: "left" },
    { title: "Account", align: "left" },
    { title: "Debit", align: "right" },
    { title: "Credit", align: "right" },
  ],
  rows: (transaction) =>
    transaction.accounts.map(({ account, description, amount: moved }) => {
      const isCredit = new Big(moved.amount).lt(0);
      const shown = { ...moved, amount: new Big(moved.amount).abs().toFixed() };
      return [
        `${transaction.documentNumber} ${transaction.description}`.trim(),
        `${account} ${description}`.trim(),
        isCredit ? null : shown,
        isCredit ? shown : null,
      ];
    }),
} as const satisfies Source;

function toTransaction(
  entry: z.output<typeof entryHeader>,
  record: Pick<SageRecord, "company" | "source" | "record">,
): Transaction {
  const currency = entry.JournalDetails.find(({ HomeCurrency }) => HomeCurrency !== "")?.HomeCurrency ?? "";
  return {
    id: transactionId(record, entry.EntryNumber),
    entry: entry.EntryNumber,
    documentNumber: `${record.record}-${entry.EntryNumber}`,
    documentKind: "journal entry",
    counterparty: null,
    description: entry.Description,
    reference: [entry.SourceLedger, entry.SourceType].filter((part) => part !== "").join("-"),
    date: entry.DocumentDate ?? entry.PostingDate,
    dueDate: null,
    amount: { amount: entry.Debits, currency },
    accounts: movements(entry.JournalDetails, currency),
    appliedTo: [],
    orderLines: [],
    enteredBy: entry.EnteredBy,
    flags: flagsOf({
      "out-of-balance": entry.OutOfBalanceBy !== "0" || entry.Debits !== entry.Credits,
      "has-errors": hasErrorBatch(entry),
    }),
    ...errorBatchOf(entry),
  };
}

/** Debits and credits of each account of an entry, in the order in which the accounts first appear. */
function movements(details: readonly z.output<typeof detail>[], currency: string): AccountLine[] {
  const sums = new Map<string, { line: z.output<typeof detail>; total: Big }>();
  for (const line of details) {
    const side = new Big(line.Amount).lt(0) ? "credit" : "debit";
    const key = `${side} ${line.AccountNumber}`;
    sums.set(key, { line, total: (sums.get(key)?.total ?? new Big(0)).plus(line.Amount) });
  }
  return [...sums.values()].map(({ line, total }) => ({
    account: line.AcctFormatted === "" ? line.AccountNumber : line.AcctFormatted,
    description: line.AcctDescription,
    amount: { amount: total.toFixed(), currency },
  }));
}

import { Big } from "big.js";

import { z } from "../../runtime/zod.ts";
import type { IsoDate } from "../../transactions/date.ts";
import { formatMoney } from "../../transactions/money.ts";
import type { Cell } from "../../transactions/notice.ts";
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
  alwaysHasAccounts: true,
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
    const currency = read.JournalHeaders.map(currencyOf).find((found) => found !== "") ?? "";
    return {
      ...record,
      number: read.BatchNumber,
      description: read.Description,
      date: read.DateCreated,
      lastEdited: read.DateLastEdited,
      status: batchStatus(read.Status, finalNames),
      facts: [
        { label: "Source ledger", value: read.SourceLedger },
        { label: "Debits", value: formatMoney({ amount: read.Debits, currency }) },
        { label: "Credits", value: formatMoney({ amount: read.Credits, currency }) },
      ],
      transactions: read.JournalHeaders.map((entry) => toTransaction(entry, record, read.DateCreated)),
    };
  },
  columns: [
    { title: "Entry", align: "left" },
    { title: "Account", align: "left" },
    { title: "Debit", align: "right" },
    { title: "Credit", align: "right" },
  ],
  rows: (transaction) => accountRows(transaction).map((cells) => [nameOf(transaction), ...cells]),
  brief: {
    columns: [
      { title: "Entry", align: "left" },
      { title: "Debit", align: "right" },
      { title: "Credit", align: "right" },
      { title: "Accounts", align: "left" },
    ],
    rows: (transaction) => [
      [
        nameOf(transaction),
        transaction.amount,
        transaction.credits ?? null,
        transaction.accounts.map(({ account }) => account).join(", "),
      ],
    ],
  },
  parts: {
    columns: [
      { title: "Account", align: "left" },
      { title: "Debit", align: "right" },
      { title: "Credit", align: "right" },
    ],
    rows: accountRows,
  },
  summaryBy: "Source ledger",
  titles: { reference: "Source" },
} as const satisfies Source;

/** An entry has no number of its own that people know: its description goes with it. */
function nameOf({ documentNumber, description }: Transaction): string {
  return `${documentNumber} ${description}`.trim();
}

/** Each account with what is debited and what is credited to it. */
function accountRows({ accounts }: Transaction): Cell[][] {
  return accounts.map(({ account, description, amount: moved }) => {
    const isCredit = new Big(moved.amount).lt(0);
    const shown = { ...moved, amount: new Big(moved.amount).abs().toFixed() };
    return [`${account} ${description}`.trim(), isCredit ? null : shown, isCredit ? shown : null];
  });
}

function currencyOf({ JournalDetails }: z.output<typeof entryHeader>): string {
  return JournalDetails.find(({ HomeCurrency }) => HomeCurrency !== "")?.HomeCurrency ?? "";
}

/**
 * Fiscal year and period of an entry posted to a month before the one in which its batch was made. Which months a
 * company's periods are is not in this resource; the calendar is, and Sage takes the period from the posting date.
 */
function priorPeriodOf(entry: z.output<typeof entryHeader>, created: IsoDate | null): string | null {
  const posted = entry.PostingDate ?? entry.DocumentDate;
  if (posted === null || created === null || posted.slice(0, 7) >= created.slice(0, 7)) return null;
  return entry.FiscalYear === "" ? posted.slice(0, 7) : `${entry.FiscalYear}-${entry.FiscalPeriod}`;
}

function toTransaction(
  entry: z.output<typeof entryHeader>,
  record: Pick<SageRecord, "company" | "source" | "record">,
  created: IsoDate | null,
): Transaction {
  const currency = currencyOf(entry);
  const priorPeriod = priorPeriodOf(entry, created);
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
    credits: { amount: entry.Credits, currency },
    ...(priorPeriod === null ? {} : { priorPeriod }),
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

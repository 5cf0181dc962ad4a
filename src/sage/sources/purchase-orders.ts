import { Big } from "big.js";

import { z } from "../../runtime/zod.ts";
import { flagsOf, transactionId, type Transaction } from "../../transactions/transaction.ts";
import { amount, amountIfGiven, day, flag, list, number, text } from "../field.ts";
import { compare, integer } from "../odata-filter.ts";
import { parseRow, type Source } from "../source.ts";
import { partyCell } from "../wording.ts";

const line = z.object({
  ItemNumber: text,
  ItemDescription: text,
  QuantityOrdered: amount,
  QuantityReceived: amount,
  QuantityOutstanding: amountIfGiven,
  UnitCost: amount,
  ExtendedCost: amount,
});

const header = z.object({
  PurchaseOrderSequenceKey: number,
  PurchaseOrderNumber: text,
  PurchaseOrderDate: day,
  Vendor: text,
  Name: text,
  Description: text,
  Reference: text,
  OnHold: flag,
  Completed: flag,
  Lines: number.nullish(),
  NumberOfPostedReceipts: amount,
  ExpectedArrivalDate: day,
  Currency: text,
  Total: amount,
  ExtendedCost: amount,
  EnteredBy: text,
});

const order = header.extend({ PurchaseOrderLines: list(line) });

export const purchaseOrders = {
  name: "purchase-orders",
  title: "purchase orders",
  recordTitle: "Purchase order",
  noun: { one: "purchase order", many: "purchase orders" },
  resource: "PO/POPurchaseOrders",
  selectors: [{ value: "" }],
  has: {
    counterparty: "vendor",
    accounts: false,
    flags: ["future-dated", "on-hold", "new-vendor"],
    statuses: ["Open", "PartlyReceived", "Received", "Completed", "OnHold", "Deleted"],
  },
  number: { property: "PurchaseOrderSequenceKey", literal: integer },
  headerFields: [
    "PurchaseOrderSequenceKey",
    "PurchaseOrderNumber",
    "PurchaseOrderDate",
    "Vendor",
    "Description",
    "Reference",
    "OnHold",
    "Completed",
    "Lines",
    "NumberOfPostedReceipts",
    "LastReceiptNumber",
    "Total",
  ],
  open: compare("Completed", "eq", "false"),
  dates: { edited: null, dated: "PurchaseOrderDate" },
  aliases: {
    Total: ["OrderTotal", "DocumentTotal"],
    Lines: ["NumberOfLines", "NumberofLines"],
    Currency: ["CurrencyCode", "VendorCurrency"],
    Name: ["VendorName"],
    Vendor: ["VendorNumber"],
    OnHold: ["OnHoldStatus"],
    Completed: ["IsCompleted", "IsComplete"],
    NumberOfPostedReceipts: ["PostedReceipts", "NumberofPostedReceipts"],
    LastReceiptNumber: ["LastReceipt"],
    ExpectedArrivalDate: ["ExpectedArrival", "ArrivalDate"],
    QuantityReceived: ["ReceivedQuantity"],
    QuantityOutstanding: ["OutstandingQuantity"],
    QuantityOrdered: ["OrderedQuantity"],
    ExtendedCost: ["LineTotal", "ExtendedAmount"],
  },
  keyOf: (record) => record,
  recordOf: (_selector, digits) => digits,
  readHeader: (row) => {
    const read = parseRow(header, row, "a row of purchase orders");
    return {
      number: read.PurchaseOrderSequenceKey,
      record: read.PurchaseOrderSequenceKey,
      status: statusOf(read, []),
      isFinal: read.Completed,
      entryCount: read.Lines == null ? null : Number(read.Lines),
      edited: null,
      dated: read.PurchaseOrderDate,
    };
  },
  toRecord: (row, company) => {
    const read = parseRow(order, row, `purchase order ${String(row["PurchaseOrderSequenceKey"])}`);
    const lines = read.PurchaseOrderLines;
    const record = { company, source: "purchase-orders", record: read.PurchaseOrderSequenceKey };
    const total = { amount: totalOf(read), currency: read.Currency };
    const dates = { date: read.PurchaseOrderDate, lastEdited: null };
    return {
      ...record,
      number: read.PurchaseOrderNumber,
      description: read.Description,
      ...dates,
      status: { name: statusOf(read, lines), isFinal: read.Completed },
      facts: [],
      transactions: [
        {
          id: transactionId(record, "0"),
          entry: "0",
          documentNumber: read.PurchaseOrderNumber,
          documentKind: "purchase order",
          counterparty: { kind: "vendor", code: read.Vendor, name: read.Name },
          description: read.Description,
          reference: read.Reference,
          date: read.PurchaseOrderDate,
          dueDate: read.ExpectedArrivalDate,
          amount: total,
          accounts: [],
          appliedTo: [],
          orderLines: lines.map((one) => ({
            item: one.ItemNumber === "" ? one.ItemDescription : one.ItemNumber,
            ordered: one.QuantityOrdered,
            received: one.QuantityReceived,
            description: one.ItemNumber === "" ? "" : one.ItemDescription,
            cost: { amount: costOf(one), currency: read.Currency },
          })),
          enteredBy: read.EnteredBy,
          flags: flagsOf({ "on-hold": read.OnHold }),
        },
      ],
    };
  },
  columns: [
    { title: "Order", align: "left" },
    { title: "Vendor", align: "left" },
    { title: "Date", align: "left" },
    { title: "Lines", align: "right" },
    { title: "Total", align: "right" },
  ],
  rows: (transaction) => [
    [
      transaction.documentNumber,
      partyCell(transaction),
      transaction.date,
      linesOf(transaction),
      transaction.amount,
    ],
  ],
  parts: {
    columns: [
      { title: "Item", align: "left" },
      { title: "Ordered", align: "right" },
      { title: "Received", align: "right" },
      { title: "Cost", align: "right" },
    ],
    rows: ({ orderLines }) =>
      orderLines.map(({ item, description = "", ordered, received, cost }) => [
        `${item} ${description}`.trim(),
        ordered,
        received === "0" ? null : received,
        cost ?? null,
      ]),
  },
  titles: { dueDate: "Expected arrival", enteredBy: "Buyer" },
  highlights: (transactions) => {
    const [only] = transactions;
    return transactions.length === 1 && only !== undefined ? [linesOf(only)] : [];
  },
} as const satisfies Source;

/** Sage has no status for an order; it follows from its flags and from what has arrived. */
function statusOf(read: z.output<typeof header>, lines: readonly z.output<typeof line>[]): string {
  if (read.Completed) return "Completed";
  if (read.OnHold) return "OnHold";
  const hasArrived = lines.some((one) => one.QuantityReceived !== "0") || read.NumberOfPostedReceipts !== "0";
  if (!hasArrived) return "Open";
  const isOutstanding = lines.length === 0 || lines.some((one) => outstandingOf(one).gt(0));
  return isOutstanding ? "PartlyReceived" : "Received";
}

function outstandingOf({
  QuantityOutstanding,
  QuantityOrdered,
  QuantityReceived,
}: z.output<typeof line>): Big {
  return QuantityOutstanding === null
    ? new Big(QuantityOrdered).minus(QuantityReceived)
    : new Big(QuantityOutstanding);
}

/** The order's own total; where the server does not give one, what its lines add up to. */
function totalOf(read: z.output<typeof order>): string {
  const stated = [read.Total, read.ExtendedCost].find((total) => total !== "0");
  if (stated !== undefined) return stated;
  return read.PurchaseOrderLines.reduce((sum, one) => sum.plus(costOf(one)), new Big(0)).toFixed();
}

function costOf({ ExtendedCost, QuantityOrdered, UnitCost }: z.output<typeof line>): string {
  return ExtendedCost === "0" ? new Big(QuantityOrdered).times(UnitCost).toFixed() : ExtendedCost;
}

function linesOf({ orderLines }: Transaction): string {
  return orderLines.length === 1 ? "1 line" : `${orderLines.length} lines`;
}

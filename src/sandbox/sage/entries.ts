import { addDays, stamp } from "./calendar.ts";
import { multiply, subtract, sum } from "./decimal.ts";
import { newRow } from "./model.ts";
import { journalDetail, journalHeader } from "./models-ledger.ts";
import { appliedPayment, invoice, invoiceDetail, miscellaneousPayment, payment } from "./models-payables.ts";
import { orderLine, orderReceipt, receiptLine } from "./models-purchasing.ts";
import { appliedReceipt, receipt } from "./models-receivables.ts";
import { numberIn, overridesOf, textIn, type Amount, type Overrides, type SageRow } from "./rows.ts";

/** What an entry takes from its surroundings. */
export interface EntryContext {
  /** The batch's number, a string in the general ledger. */
  readonly batch: number | string;
  readonly entry: number;
  readonly today: string;
  readonly homeCurrency: string;
  readonly enteredBy: string;
  readonly vendor: (number: string) => SageRow | undefined;
  readonly customer: (number: string) => SageRow | undefined;
  readonly accountName: (number: string) => string;
  /** A document number that was not used before. */
  readonly document: (prefix: string) => string;
}

export interface LineSpec {
  readonly account: string;
  readonly amount: Amount;
  readonly description?: string;
}

export interface InvoiceSpec extends Overrides {
  readonly vendor: string;
  readonly amount: Amount;
  readonly documentNumber?: string;
  readonly documentType?: "Invoice" | "CreditNote" | "DebitNote";
  readonly currency?: string;
  readonly date?: string;
  readonly dueDate?: string;
  readonly description?: string;
  readonly account?: string;
  readonly lines?: readonly LineSpec[];
}

export function invoiceEntry(spec: InvoiceSpec, context: EntryContext): SageRow {
  const { batch, entry, today } = context;
  const vendor = context.vendor(spec.vendor);
  const date = spec.date ?? today;
  const lines = spec.lines ?? [{ account: spec.account ?? "1300", amount: spec.amount }];
  return newRow(invoice, {
    BatchNumber: batch,
    EntryNumber: entry,
    VendorNumber: spec.vendor,
    DocumentNumber: spec.documentNumber ?? context.document("APINV"),
    DocumentType: spec.documentType ?? "Invoice",
    InvoiceDescription: spec.description ?? "",
    AccountSet: "USA",
    DocumentDate: stamp(date),
    AsOfDate: stamp(date),
    FiscalYear: date.slice(0, 4),
    FiscalPeriod: date.slice(5, 7),
    CurrencyCode: spec.currency ?? currencyOf(vendor, context),
    Terms: "DUETBL",
    TermsDescription: "Due by Invoice Date",
    DueDate: stamp(spec.dueDate ?? addDays(date, 30)),
    DistributedTotalBeforeTaxes: spec.amount,
    DistributedTotalIncludingTax: spec.amount,
    DocumentTotalIncludingTax: spec.amount,
    AmountDue: spec.amount,
    SourceAmountDue: spec.amount,
    ...vendorFields(vendor),
    NumberOfDetails: lines.length,
    EnteredBy: context.enteredBy,
    PostingDate: stamp(date),
    AcctSetDescription: "Accounts payable, Other",
    InvoiceDetails: lines.map((line, index) =>
      newRow(invoiceDetail, {
        BatchNumber: batch,
        EntryNumber: entry,
        LineNumber: (index + 1) * 20,
        DistributionCode: "INV",
        DistributionDescription: line.description ?? "Purchase of inventory",
        GLAccount: line.account,
        DistributedAmount: line.amount,
        DistributedAmountBeforeTaxes: line.amount,
        GLDistributedAmount: line.amount,
        AccountDescription: context.accountName(line.account),
      }),
    ),
    ...overridesOf(spec),
  });
}

function vendorFields(vendor: SageRow | undefined): SageRow {
  if (vendor === undefined) return { VendorExists: 0 };
  return {
    VendorGroupCode: textIn(vendor, "GroupCode"),
    VendorExists: 1,
    VendorName: textIn(vendor, "VendorName"),
    City: textIn(vendor, "City"),
  };
}

export interface PaymentSpec extends Overrides {
  readonly vendor: string;
  readonly amount: Amount;
  readonly payee?: string;
  readonly checkNumber?: string;
  readonly date?: string;
  readonly type?: "Payment" | "Prepayment" | "ApplyDocument" | "MiscellaneousPayment" | "Adjustment";
  readonly description?: string;
  readonly vendorAmount?: Amount;
  readonly appliedTo?: readonly { readonly documentNumber: string; readonly amount: Amount }[];
  readonly lines?: readonly LineSpec[];
}

export function paymentEntry(
  spec: PaymentSpec,
  context: EntryContext & { selector: string; bankCurrency: string },
): SageRow {
  const { batch, entry, today, selector } = context;
  const vendor = context.vendor(spec.vendor);
  const date = spec.date ?? today;
  const place = { BatchType: selector, BatchNumber: batch, EntryNumber: entry };
  return newRow(payment, {
    ...place,
    CheckNumber: spec.checkNumber ?? context.document("").padStart(8, "0"),
    VendorNumber: spec.vendor,
    PaymentDateAdjustmentDate: stamp(date),
    EntryDescription: spec.description ?? "",
    VendorPayeeName: spec.payee ?? (vendor === undefined ? "" : textIn(vendor, "VendorName")),
    CheckAmountInBankCurrency: spec.amount,
    CheckAmountInVendorCurrency: spec.vendorAmount ?? spec.amount,
    VendorCurrencyCode: currencyOf(vendor, context),
    BankCurrencyCode: context.bankCurrency,
    PaymentTransactionType: spec.type ?? "Payment",
    FiscalYear: date.slice(0, 4),
    FiscalPeriod: date.slice(5, 7),
    EnteredBy: context.enteredBy,
    PostingDate: stamp(date),
    AppliedPayments: (spec.appliedTo ?? []).map(({ documentNumber, amount }, index) =>
      newRow(appliedPayment, {
        ...place,
        LineNumber: (index + 1) * 20,
        VendorNumber: spec.vendor,
        DocumentNumber: documentNumber,
        PaymentAmount: amount,
      }),
    ),
    MiscellaneousPayments: (spec.lines ?? []).map((line, index) =>
      newRow(miscellaneousPayment, {
        ...place,
        LineNumber: (index + 1) * 20,
        GLAccount: line.account,
        AccountDescription: context.accountName(line.account),
        DistributionAmount: line.amount,
      }),
    ),
    ...overridesOf(spec),
  });
}

export interface JournalSpec extends Overrides {
  /** Debits positive, credits negative. */
  readonly lines: readonly LineSpec[];
  readonly description?: string;
  readonly sourceType?: string;
  readonly date?: string;
}

export function journalEntry(spec: JournalSpec, context: EntryContext & { sourceLedger: string }): SageRow {
  const { batch, today, sourceLedger } = context;
  const date = spec.date ?? today;
  const entry = String(context.entry).padStart(5, "0");
  const { debits, credits } = sidesOf(spec.lines);
  const source = { SourceLedger: sourceLedger, SourceType: spec.sourceType ?? "JE" };
  return newRow(journalHeader, {
    BatchNumber: batch,
    EntryNumber: entry,
    ...source,
    FiscalYear: date.slice(0, 4),
    FiscalPeriod: date.slice(5, 7),
    Description: spec.description ?? "",
    Debits: debits,
    Credits: credits,
    PostingDate: stamp(date),
    OutOfBalanceBy: subtract(debits, credits),
    NumberOfDetails: spec.lines.length,
    EnteredBy: context.enteredBy,
    DocumentDate: stamp(date),
    JournalDetails: spec.lines.map((line, index) =>
      newRow(journalDetail, {
        BatchNumber: batch,
        EntryNumber: entry,
        TransactionNumber: String((index + 1) * 20).padStart(10, "0"),
        AccountNumber: line.account,
        Amount: line.amount,
        SourceCurrencyAmount: line.amount,
        HomeCurrency: context.homeCurrency,
        SourceCurrency: context.homeCurrency,
        Description: line.description ?? "",
        JournalDate: stamp(date),
        ...source,
        AcctFormatted: line.account,
        AcctDescription: context.accountName(line.account),
      }),
    ),
    ...overridesOf(spec),
  });
}

/** What the lines of an entry debit and credit, both without sign. */
export function sidesOf(lines: readonly LineSpec[]): { debits: string; credits: string } {
  const amounts = lines.map(({ amount }) => String(amount));
  return {
    debits: sum(...amounts.filter((amount) => !amount.startsWith("-"))),
    credits: sum(...amounts.filter((amount) => amount.startsWith("-")).map((amount) => amount.slice(1))),
  };
}

export interface ReceiptSpec extends Overrides {
  readonly customer: string;
  readonly amount: Amount;
  readonly checkNumber?: string;
  readonly reference?: string;
  readonly date?: string;
  readonly type?: string;
  readonly unapplied?: Amount;
  readonly appliedTo?: readonly { readonly documentNumber: string; readonly amount: Amount }[];
}

export function receiptEntry(
  spec: ReceiptSpec,
  context: EntryContext & { selector: string; bankCurrency: string },
): SageRow {
  const { batch, entry, today, selector } = context;
  const customer = context.customer(spec.customer);
  const date = spec.date ?? today;
  const place = { BatchType: selector, BatchNumber: batch, EntryNumber: entry };
  return newRow(receipt, {
    ...place,
    CheckReceiptNumber: spec.checkNumber ?? context.document("CK"),
    CustomerNumber: spec.customer,
    ReceiptDateAdjustmentDate: stamp(date),
    EntryReference: spec.reference ?? "",
    BankReceiptAmount: spec.amount,
    CustomerReceiptAmount: spec.amount,
    TotalCustomerAmountApplied: subtract(spec.amount, spec.unapplied ?? 0),
    CustomerUnappliedAmount: spec.unapplied ?? 0,
    CustomerCurrencyCode: currencyOf(customer, context),
    BankCurrencyCode: context.bankCurrency,
    ReceiptTransactionType: spec.type ?? "Receipt",
    DocumentNumber: context.document("PY"),
    Payer: customer === undefined ? "" : textIn(customer, "CustomerName"),
    FiscalYear: date.slice(0, 4),
    FiscalPeriod: date.slice(5, 7),
    EnteredBy: context.enteredBy,
    PostingDate: stamp(date),
    AppliedReceiptsAdjustments: (spec.appliedTo ?? []).map(({ documentNumber, amount }, index) =>
      newRow(appliedReceipt, {
        ...place,
        LineNumber: (index + 1) * 20,
        CustomerNumber: spec.customer,
        DocumentNumber: documentNumber,
        CustomerReceiptAmount: amount,
      }),
    ),
    ...overridesOf(spec),
  });
}

export interface OrderLineSpec {
  readonly item: string;
  readonly quantity: Amount;
  readonly unitCost: Amount;
  readonly location?: string;
  readonly description?: string;
}

export function orderLineRow(spec: OrderLineSpec, at: { key: number; line: number }): SageRow {
  return newRow(orderLine, {
    PurchaseOrderSequenceKey: at.key,
    LineNumber: at.line * 1000,
    PurchaseOrderLineSequence: at.line,
    ItemNumber: spec.item,
    Location: spec.location ?? "1",
    ItemDescription: spec.description ?? `Item ${spec.item}`,
    QuantityOrdered: spec.quantity,
    QuantityOutstanding: spec.quantity,
    UnitCost: spec.unitCost,
    ExtendedCost: multiply(spec.quantity, spec.unitCost),
  });
}

/** What arrives of one line of an order, the first being 1. */
export interface ArrivalSpec {
  readonly line: number;
  readonly quantity: Amount;
}

/** Moves a line's quantities. */
export function arriveAt(line: SageRow, quantity: Amount, date: string): SageRow {
  const received = sum(textIn(line, "QuantityReceived"), quantity);
  const outstanding = subtract(textIn(line, "QuantityOutstanding"), quantity);
  const isComplete = Number(outstanding) <= 0;
  return Object.assign(line, {
    QuantityReceived: received,
    QuantityOutstanding: outstanding,
    ExtendedReceivedAmount: multiply(received, textIn(line, "UnitCost")),
    Completed: isComplete,
    CompletionStatus: isComplete ? "Yes" : "No",
    DateCompleted: isComplete ? stamp(date) : null,
  });
}

/** The receipt as a record of its own, made from the order it just changed. */
export function orderReceiptRow(
  order: SageRow,
  {
    sequenceKey,
    arrived,
  }: { sequenceKey: number; arrived: readonly { readonly row: SageRow; readonly quantity: Amount }[] },
): SageRow {
  const lines = arrived.map(({ row, quantity }, index) =>
    newRow(receiptLine, {
      ReceiptSequenceKey: sequenceKey,
      LineNumber: (index + 1) * 1000,
      ItemNumber: textIn(row, "ItemNumber"),
      ItemDescription: textIn(row, "ItemDescription"),
      Location: textIn(row, "Location"),
      QuantityReceived: quantity,
      UnitCost: textIn(row, "UnitCost"),
      ExtendedCost: multiply(quantity, textIn(row, "UnitCost")),
    }),
  );
  return newRow(orderReceipt, {
    ReceiptSequenceKey: sequenceKey,
    ReceiptDate: textIn(order, "ReceiptDate"),
    ReceiptNumber: textIn(order, "LastReceiptNumber"),
    Vendor: textIn(order, "Vendor"),
    VendorName: textIn(order, "Name"),
    PurchaseOrderNumber: textIn(order, "PurchaseOrderNumber"),
    PurchaseOrderSequenceKey: numberIn(order, "PurchaseOrderSequenceKey"),
    Currency: textIn(order, "Currency"),
    Total: sum(...lines.map((line) => textIn(line, "ExtendedCost"))),
    ReceiptLines: lines,
  });
}

function currencyOf(party: SageRow | undefined, { homeCurrency }: EntryContext): string {
  return party === undefined ? homeCurrency : textIn(party, "CurrencyCode");
}

import { defineModel } from "./model.ts";

const optionalField = `
  BatchNumber:number EntryNumber:number OptionalField Value InvoiceOptionalFieldType:enum=Text Length:number
  Decimals:number AllowBlank:flag=true Validate:flag=true ValueSet:enum=No|Yes TypedValueFieldIndex:number TextValue
  AmountValue:amount NumberValue:amount IntegerValue:number YesNoValue:flag DateValue:date TimeValue:time
  OptionalFieldDescription ValueDescription`;

const batchStatus = "BatchStatus:enum=Open|Posted|Deleted|PostInProgress|ReadyToPost|CheckCreationInProgress";

export const invoiceDetail = defineModel(
  "InvoiceDetail",
  `BatchNumber:number EntryNumber:number LineNumber:number Destination RouteNumber:number DistributionCode
  DistributionDescription TaxTotal:amount ManualTaxEntry:enum=No|Yes BaseTax1-5:amount TaxClass1-5:number
  TaxRate1-5:amount TaxAmount1-5:amount GLAccount DistributedAmount:amount Comment
  DistributedAmountBeforeTaxes:amount TaxAmountIncludedInPrice:amount GLDistributedAmount:amount
  TaxAllocatedTotal:amount Contract Project Category CostClass:enum=None BillingType:enum=None ItemNumber
  UnitOfMeasure Quantity:amount Cost:amount Discountable:enum=Yes|No OriginalLineIdentifier:number
  RetainageAmount:amount NumberOfOptionalFields:number ProcessCommandCode:enum=None DestinationExists:number
  DistributionCodeExists:number=1 AccountExists:number=1 AccountDescription AccountStatus:number=1
  FunctionalDistributedAmount:amount FunctionalDistributionNetOfTaxes:amount InvoiceDetailOptionalFields:list`,
  { InvoiceDetailOptionalFields: defineModel("InvoiceDetailOptionalField", optionalField) },
);

const paymentSchedule = defineModel(
  "InvoicePaymentSchedule",
  `BatchNumber:number EntryNumber:number PaymentNumber:number DueDate:date AmountDue:amount DiscountDate:date
  DiscountAmount:amount FunctionalAmountDue:amount FunctionalDiscountAmount:amount`,
);

export const invoice = defineModel(
  "Invoice",
  `BatchNumber:number EntryNumber:number Originator VendorNumber DocumentNumber RemitToLocation
  DocumentType:enum=Invoice|DebitNote|CreditNote|Interest|RetainageInvoice|RetainageDebitNote|RetainageCreditNote
  TransactionType:enum=InvoiceSummaryEntered OrderNumber PONumber InvoiceDescription ApplytoDocument AccountSet
  DocumentDate:date AsOfDate:date FiscalYear FiscalPeriod CurrencyCode RateType=SP RateOverridden:enum=No|Yes
  ExchangeRate:amount=1 ApplytoExchangeRate:amount Terms TermsOverridden:enum=No|Yes DueDate:date DiscountDate:date
  DiscountPercentage:amount DiscountAmountAvailable:amount Taxable:enum=Yes|No TaxAmountControl:enum=Calculate
  TaxGroup TaxAuthority1-5 TaxClass1-5:number TaxBase1-5:amount TaxAmount1-5:amount Num1099CPRSAmount:amount
  TotalDistributedTax:amount DocumentTotalBeforeTaxes:amount NumberOfScheduledPayments:number=1
  DistributedTotalBeforeTaxes:amount DistributedTotalIncludingTax:amount PrepaymentNumber LocationName
  AddressLine1-4 City StateProvince ZipPostalCode Country ContactName PhoneNumber FaxNumber RateDate:date
  VendorGroupCode TermsDescription DistributionSet Num1099CPRSCode AmountDue:amount TaxTotal:amount
  DocumentTotalIncludingTax:amount UndistributedAmount:amount CurrencyCodeOperator:enum=Multiply
  DrillDownApplicationSource DrillDownType:number DrillDownLinkNumber:number ProcessCommandCode:enum=None
  JobRelated:enum=No|Yes ErrorBatch:number ErrorEntry:number Email ContactsPhone ContactsFax ContactsEmail
  PrepaymentAmount:amount RecurringPayableCode DateGenerated:date RetainageInvoice:enum=No|Yes OriginalDocumentNumber
  RetainageAmount:amount NumberOfOptionalFields:number NumberOfDetails:number SourceApplication=AP OnHold:enum=No|Yes
  VendorExists:number=1 VendorName TaxGroupDescription APVersionCreatedIn=72A TaxReportingCurrencyCode
  FunctionalDistributionWithTaxTotal:amount SourceAmountDue:amount FunctionalAmountDue:amount EnteredBy
  PostingDate:date AcctSetDescription InvoiceDetails:list InvoicePaymentSchedules:list InvoiceOptionalFields:list`,
  {
    InvoiceDetails: invoiceDetail,
    InvoicePaymentSchedules: paymentSchedule,
    InvoiceOptionalFields: defineModel("InvoiceOptionalField", optionalField),
  },
);

export const invoiceBatch = defineModel(
  "InvoiceBatch",
  `BatchNumber:number BatchDate:date Description NumberOfEntries:number BatchTotal:amount
  BatchType:enum=Entered|Imported|Generated|Recurring|External|Retainage ${batchStatus}
  InvoiceType:enum=Summary LastEntryNumber:number PostingSequenceNumber:number NumberOfErrors:number
  DateLastEdited:date BatchPrintedFlag:enum=No|Yes SourceApplication=AP ICTRelated:enum=No|Yes
  ProcessCommandCode:enum=UnlockBatchResource Invoices:list`,
  { Invoices: invoice },
);

export const appliedPayment = defineModel(
  "AppliedPayment",
  `BatchType BatchNumber:number EntryNumber:number LineNumber:number VendorNumber DocumentNumber
  PaymentNumber:number=1 PaymentType:enum=Payment PaymentAmount:amount DiscountTaken:amount TransactionType:enum=Invoice
  DocumentDate:date AdjustmentGLDistributions:list`,
  {
    AdjustmentGLDistributions: defineModel(
      "AdjustmentGLDistribution",
      `BatchType BatchNumber:number EntryNumber:number LineNumber:number SequenceNumber:number
      TransactionType:number=81 DistributionAmount:amount DistributionCode DistributionGLAccount
      DocumentLineNumber:number`,
    ),
  },
);

export const miscellaneousPayment = defineModel(
  "MiscellaneousPayment",
  `BatchType BatchNumber:number EntryNumber:number LineNumber:number DistributionCode GLAccount AccountDescription
  GLReference GLDescription TaxTotal:amount DistributionAmount:amount DistributionAmountNetOfTaxes:amount
  FunctionalDistributionAmount:amount`,
);

export const payment = defineModel(
  "PaymentAdjustment",
  `BatchType BatchNumber:number EntryNumber:number CheckNumber VendorNumber PaymentDateAdjustmentDate:date
  EntryDescription EntryReference VendorPayeeName CheckAmountInBankCurrency:amount
  CheckAmountInVendorCurrency:amount VendorExchangeRate:amount=1 TotalPrepayVendorCurrency:amount PaymentCode=CHECK
  VendorCurrencyCode BankCurrencyCode BankRateType=SP BankExchangeRate:amount=1
  PaymentTransactionType:enum=Payment|Prepayment|ApplyDocument|MiscellaneousPayment|Adjustment
  CheckPrintRequired:enum=No|Yes CheckPrinted:enum=No|Yes MatchingDocumentNumber FiscalYear FiscalPeriod
  RemitToLocation AddressLine1-4 City StateProvince ZipPostalCode Country VendorUnappliedAmount:amount
  FunctionalPaymentAmount:amount DocumentNumber JobRelated:enum=No|Yes ErrorBatch:number ErrorEntry:number
  NumberOfOptionalFields:number SourceApplication=AP AccountSet EnteredBy PostingDate:date AppliedPayments:list
  MiscellaneousPayments:list`,
  { AppliedPayments: appliedPayment, MiscellaneousPayments: miscellaneousPayment },
);

export const paymentBatch = defineModel(
  "PaymentAdjustmentBatch",
  `BatchSelector BatchNumber:number BatchDate:date Description NumberOfEntries:number BatchTotal:amount
  BatchType:enum=Entered|Imported|Generated|System|External ${batchStatus} BankCode BankCurrencyCode BankRateDate:date
  LastEntryNumber:number BankRateType=SP BankExchangeRate:amount=1 FunctionalBatchTotal:amount
  PostingSequenceNumber:number NumberOfErrors:number DateLastEdited:date BatchEdited:enum=No|Yes
  BatchPrintedFlag:enum=No|Yes BankRateOperator:enum=Multiply BankRateOverridden:enum=No|Yes SourceApplication=AP
  ProcessCommandCode:enum=UnlockBatchResource PaymentsAdjustments:list`,
  { PaymentsAdjustments: payment },
);

import { defineModel } from "./model.ts";

export const appliedReceipt = defineModel(
  "AppliedReceiptsAdjustment",
  `BatchType BatchNumber:number EntryNumber:number LineNumber:number CustomerNumber DocumentNumber
  PaymentNumber:number=1 TransactionType:enum=Invoice PaymentResolution CustomerReceiptAmount:amount
  CustomerDiscountAmountTaken:amount CustomerAdjustmentTotal:amount AdjustmentNumber:number Description Reference
  DocumentAmountDue:amount DocumentNetBalance:amount PendingReceiptAmount:amount DocumentType:number=1
  JobRelated:enum=No|Yes ReceiptTransactionType:enum=Receipt OriginalExchangeRate:amount=1 DocumentDate:date
  FunctionalReceiptAmount:amount CustomerCurrencyCode AdjustmentGLDistributions:list`,
  {
    AdjustmentGLDistributions: defineModel(
      "AdjustmentGLDistribution",
      `BatchType BatchNumber:number EntryNumber:number LineNumber:number SequenceNumber:number
      TransactionType:number=81 DistributionAmount:amount DistributionCode DistributionGLAccount DiscountAmount:amount
      AppliedAmount:amount Description Reference DocumentLineNumber:number`,
    ),
  },
);

const miscellaneousReceipt = defineModel(
  "MiscellaneousReceipt",
  `BatchType BatchNumber:number EntryNumber:number LineNumber:number DistributionCode AccountNumber GLReference
  GLDescription TaxClass1-5:number TaxAmount1-5:amount TaxTotal:amount DistributionAmount:amount
  DistributionAmountNetOfTaxes:amount FunctionalDistributionAmount:amount COGSAmount:amount BillingDate:date`,
);

const advanceCredit = defineModel("AdvanceCredit", "BatchType BatchNumber:number EntryNumber:number");

export const receipt = defineModel(
  "ReceiptsAdjustment",
  `BatchType BatchNumber:number EntryNumber:number CheckReceiptNumber CustomerNumber ReceiptDateAdjustmentDate:date
  EntryDescription EntryReference BankReceiptAmount:amount CustomerReceiptAmount:amount CustomerExchangeRate:amount=1
  CustomerRateOverridden:enum=No|Yes NumberOfDocumentsAppliedto:number TotalCustomerAmountApplied:amount
  TotalCustomerDiscountAmount:amount PaymentCode=CHECK CustomerCurrencyCode BankRateType=SP BankExchangeRate:amount=1
  BankRateOverridden:enum=No|Yes
  ReceiptTransactionType:enum=Receipt|Prepayment|UnappliedCash|ApplyDocument|MiscReceipt|WriteOff|Adjustment
  DocumentType:enum=Receipt MatchingDocumentNumber LastLineNumber:number FiscalYear FiscalPeriod Payer
  CustomerRateDate:date CustomerRateType=SP CustomerAdjustmentAmount:amount BankRateDate:date PaymentType:enum=Check
  CustomerUnappliedAmount:amount BankUnappliedAmount:amount FunctionalReceiptAmount:amount DocumentNumber
  FunctionalAdjustmentAmount:amount BankRateOperator:enum=Multiply CustomerRateOperator:enum=Multiply
  JobRelated:enum=No|Yes ErrorBatch:number ErrorEntry:number NumberOfOptionalFields:number
  ProcessCommandCode:enum=None SourceApplication=AR BankCode BankCurrencyCode DrillDownApplicationSource
  DrillDownType:number DrillDownLinkNumber:number ReceiptPrinted:enum=No|Yes CalculateTax:enum=No|Yes TaxGroup
  TaxAuthority1-5 TaxClass1-5:number TaxBase1-5:amount TaxAmount1-5:amount TaxTotal:amount
  DistributionAmountNetOfTaxes:amount DepositSerialNumber:number DepositLineNumber:number
  FunctionalTotalCustomerAmountApplied:amount FuncCustomerUnappliedAmount:amount ARVersionCreatedIn=72A EnteredBy
  PostingDate:date AccountSet PreviousCreditCardTransactionNumber ProcessingCode TransactionID PaymentDescription
  PaymentTypeID MiscellaneousReceipts:list AppliedReceiptsAdjustments:list AdvanceCredits:list`,
  {
    MiscellaneousReceipts: miscellaneousReceipt,
    AppliedReceiptsAdjustments: appliedReceipt,
    AdvanceCredits: advanceCredit,
  },
);

export const receiptBatch = defineModel(
  "ReceiptAndAdjustmentBatch",
  `BatchRecordType BatchNumber:number BatchDate:date Description NumberOfEntries:number BatchTotal:amount
  BatchType:enum=Entered|Imported|Generated|External BatchStatus:enum=Open|Posted|Deleted|PostInProgress|ReadyToPost
  BankCode DepositSlipPrinted:enum=No|Yes DefaultBankCurrency BankRateDate:date LastEntryNumber:number BankRateType=SP
  BankExchangeRate:amount=1 DepositNumber:number DepositSerialNumber:number FunctionalAdjustmentAmount:amount
  FunctionalAppliedDocumentAmount:amount FunctionalBatchTotal:amount PostingSequenceNumber:number
  NumberOfErrors:number DateLastEdited:date BatchTypeClass:enum=Receipts BatchPrintedFlag:enum=No|Yes
  BankRateOperator:enum=Multiply BankRateOverridden:enum=No|Yes SourceApplication=AR
  ProcessCommand:enum=UnlockBatchResource DepositDate:date DepositComment NumberOfReapplies:number
  ReceiptsAdjustments:list`,
  { ReceiptsAdjustments: receipt },
);

import { defineModel } from "./model.ts";

export const journalDetail = defineModel(
  "JournalDetail",
  `BatchNumber EntryNumber TransactionNumber Destination RouteNumber:number AccountNumber CompanyID Amount:amount
  Quantity:amount SourceCurrencyDecimals=2 SourceCurrencyAmount:amount HomeCurrency CurrencyRateTable=SP SourceCurrency
  CurrencyRateDate:date CurrencyRate:amount=1 CurrencyRateSpread:amount CurrencyRateDateMatching
  CurrencyRateOperator:enum=Multiply Description Reference JournalDate:date SourceLedger=GL SourceType=JE Comment
  NumberOfOptionalFields:number Processswitches DestExists:number DestDescription DestStatus:number
  DestHomeCurrency RouteExists:number SourceCodeExists:number=1 SourceCodeDescription AcctExists:number=1
  AcctFormatted AcctDescription AcctStatus:number=1 AcctMulticurrencySwitch:number AcctControlSwitch:number
  AcctQtySwitch:number AcctUnitOfMeasure TaxAuthority TaxAccountType:number JournalDetailOptionalFields:list`,
  { JournalDetailOptionalFields: defineModel("JournalDetailOptionalField", "OptionalField Value") },
);

export const journalHeader = defineModel(
  "JournalHeader",
  `BatchNumber EntryNumber Originator SourceLedger=GL SourceType=JE FiscalYear FiscalPeriod AutoReversal:enum=No|Yes
  Description Debits:amount Credits:amount Quantity:amount PostingDate:date DrillDownType:number
  DrillDownLinkNumber:number DrillDownApplicationSource OutOfBalanceBy:amount SpecificReversalYear
  SpecificReversalPeriod ErrorBatch:number ErrorEntry:number NumberOfDetails:number Processswitches EnteredBy
  DocumentDate:date OrigExists:number OrigDescription OrigStatus:number OrigHomeCurrency SourceCodeExists:number=1
  SourceCodeDescription TaxGroup EntryType:enum=Normal DoNotCalculationTax:enum=No|Yes CustomerVendorNumber
  DocumentType:enum=None DocumentNumber TaxAuthority1-5 TaxVendorClass1-5:number TaxItemClass1-5:number
  TaxBaseAmount1-5:amount TaxAmount1-5:amount TaxReportingCurrencyCode RateTypeDescription CustomerVendorName
  JournalDetails:list`,
  { JournalDetails: journalDetail },
);

export const journalBatch = defineModel(
  "JournalBatch",
  `BatchNumber ActiveSwitch:enum=Active|Inactive Description SourceLedger=GL DateCreated:date DateLastEdited:date
  JournalBatchType:enum=Entered|Subledger|Imported|Generated|Recurring
  Status:enum=Open|Deleted|Posted|ProvPosted|PostInProgress|ReadyToPost|ProvPostInProgress PostingSequence:number
  Debits:amount Credits:amount QuantityTotal:amount NumberOfEntries:number NextEntryNumber:number=1
  NumberOfErrors:number OriginalStatus:enum=Open Printed:enum=No|Yes ICTRelated:enum=No|Yes
  RevaluationRecognizedBatch:enum=No|Yes EligibleForEditSwitch:enum=Yes|No EligibleForDeleteSwitch:enum=Yes|No
  EligibleForPostingSwitch:enum=Yes|No EligibleForPrintingSwitch:enum=Yes|No
  EligibleForProvisionalPostSwitch:enum=Yes|No ReadyToPost:enum=No|Yes LockBatchSwitch:enum=No|Yes
  JournalHeaders:list`,
  { JournalHeaders: journalHeader },
);

export const account = defineModel(
  "Account",
  `UnformattedAccount DateCreated:date Description
  AccountType:enum=BalanceSheet|IncomeStatement|RetainedEarnings NormalBalanceDRCR:enum=Debit|Credit
  Status:enum=Active|Inactive PostToAccount:enum=Detail|Consolidated|Prohibited QuantitiesAllowed:enum=No|Yes
  UnitOfMeasure AllocationsAllowed:enum=No|Yes AllocOffsetAccount AllocSourceType Multicurrency:enum=No|Yes
  SpecificCurrency:enum=No|Yes ControlAccount:enum=No|Yes AllocationPercentTotal:amount StructureCode=ACC
  YearLastClosed:number AccountNumber AccountSegmentCode1-10 SegmentCode PostToSegmentID DefaultCurrencyCode
  NumberOfOptionalFields:number TransactionOptionalFields:number ProcessSwitch:enum=None AccountGroupCode=22
  AccountGroupSortCode RollupSwitch:enum=No|Yes RollupMemberNonRollup:enum=No|Yes AccountAllocationInstructions:list
  AccountValidCurrencies:list ControlAccountSubledgers:list RollupGroups:list`,
  {
    AccountAllocationInstructions: defineModel("AccountAllocationInstruction", "UnformattedAccount"),
    AccountValidCurrencies: defineModel("AccountValidCurrency", "UnformattedAccount CurrencyCode"),
    ControlAccountSubledgers: defineModel("ControlAccountSubledger", "UnformattedAccount"),
    RollupGroups: defineModel("RollupGroup", "UnformattedAccount"),
  },
);

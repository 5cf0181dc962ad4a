import { defineModel } from "./model.ts";

const optionalField = `
  OptionalField Value Length:number Decimals:number AllowBlank:flag=true Validate:flag=true ValueSet:enum=No|Yes
  TypedValueFieldIndex:number TextValue AmountValue:amount NumberValue:amount IntegerValue:number YesNoValue:flag
  DateValue:date TimeValue:time OptionalFieldDescription ValueDescription`;

export const vendor = defineModel(
  "Vendor",
  `VendorNumber ShortName GroupCode=INV Status:enum=Active|Inactive InactiveDate:date DateLastMaintained:date
  OnHold:enum=NotOnHold|OnHold StartDate:date ParticipantID VendorName AddressLine1-4 City StateProvince ZipPostalCode
  Country ContactName PhoneNumber FaxNumber PrimaryRemitToLocation AccountSet CurrencyCode RateType=SP BankCode
  PrintSeparateChecks:enum=No|Yes DistributionSet DistributionCode=INV GLAccount Terms=N30
  DuplicateAmountCode:enum=None DuplicateDateCode:enum=None TaxGroup TaxClassCode1-5:number TaxReportingType:enum=None
  Num1099CPRSTaxNumber TaxType:enum=Unknown Num1099CPRSCode CreditLimit:amount BalanceDueInVendorCurrency:amount
  BalanceDueInFunctionalCurrency:amount TotalPrepaidInvoiceVendorCurr:amount TotalPrepaidInvoiceFunctionalCurr:amount
  DateOfLastRevaluation:date LastRevaluationBalance:amount NumberOfOpenInvoices:number NumberOfPrepaidInvoices:number
  NumberOfPaidInvoices:number NumberOfDaysToPay:number DateOfLargestInvoice:date DateOfHighestBalance:date
  DateOfLargestInvoiceLastYear:date DateOfHighestBalanceLastYear:date DateOfLastActivity:date DateOfLastInvoice:date
  DateOfLastCreditNote:date DateOfLastDebitNote:date DateOfLastPayment:date DateOfLastDiscount:date
  DateOfLastAdjustment:date NumberOfLargestInvoice NumberOfLargestInvoiceLastY LargestInvoiceVendorCurrency:amount
  HighestBalanceVendorCurrency:amount LargestInvoiceLastYearVendorCurrency:amount
  HighBalanceLastYearVendorCurrency:amount LastInvoiceAmtVendorCurrency:amount
  LastCreditNoteAmountVendorCurrency:amount LastDebitNoteAmountVendorCurrency:amount LastPaymentVendorCurrency:amount
  LastDiscountAmountVendorCurrency:amount LastAdjustmentAmountVendorCurrency:amount
  LargestInvoiceFunctionalCurrency:amount HighestBalanceFunctionalCurrency:amount
  LargestInvoiceLastYearFunctionalCurrency:amount HighBalanceLastYearFunctionalCurrency:amount
  LastInvoiceAmountFunctionalCurrency:amount LastCreditNoteAmountFunctionalCurrency:amount
  LastDebitNoteAmountFunctionalCurrency:amount LastPaymentFunctionalCurrency:amount
  LastDiscountAmountFunctionalCurrency:amount LastAdjustmentAmountFunctionalCurrency:amount PaymentCode
  TaxRegistrationCode1-5 DistributionType:enum=DistributionCode CheckLanguage=ENG AverageDaysToPay:amount
  TotalInvoicesPaidFunctionalCurr:amount TotalInvoicesPaidVendorCurr:amount TotalNumberOfPayments:number
  TaxIncluded1-5:enum=No|Yes ContactsEmail Email WebSite ContactsPhone ContactsFax DeliveryMethod:enum=Mail
  PercentRetained:amount DaysRetained:number RetainageTermsCode AmountRetainedVendorCurrency:amount
  AmountRetainedFunctionalCurrency:amount NumberOfOptionalFields:number ProcessCommandCode:enum=None
  NextClientUniqueID:number LegalName Zero1099AmountWarning:enum=No|Yes SuppressIntegration:flag APVersion Database
  Mode:enum=None BusinessRegistrationNumber FirstName LastName FATCA:flag Num2ndTINNotice:flag TaxWithholdingState
  VendorOptionalFieldValues:list VendorContactSelection:list`,
  {
    VendorOptionalFieldValues: defineModel("VendorOptionalFieldValue", `VendorNumber ${optionalField}`),
    VendorContactSelection: defineModel("VendorContactSelection", "VendorNumber ContactCode"),
  },
);

export const customer = defineModel(
  "Customer",
  `CustomerNumber ShortName GroupCode=WHL NationalAccount Status:enum=Active|Inactive InactiveDate:date
  DateLastMaintained:date OnHold:enum=No|Yes StartDate:date CreditBureauNumber CreditBureauRating CreditBureauDate:date
  CustomerName AddressLine1-4 City StateProvince ZipPostalCode Country ContactName PhoneNumber FaxNumber TerritoryCode
  AccountSet AutocashProfile BillingCycle=BILLMT InterestProfile=INTWHS CurrencyCode PrintStatements:enum=Yes|No
  AccountType:enum=OpenItem|BalanceForward Terms=N30 RateType=SP TaxGroup TaxRegistrationNumber1-5
  TaxClassCode1-5:number CreditLimitCustomerCurrency:amount BalanceDueInCustomerCurrency:amount
  BalanceDueInFunctionalCurrency:amount DateOfLastStatement:date LastStatementTotalCustomerCurrency:amount
  DateOfLastRevaluation:date LastRevaluationBalance:amount NumberOfOpenDocuments:number NumberOfPaidInvoices:number
  NumberOfDaysToPay:number DateOfLargestInvoice:date DateOfHighestBalance:date DateOfLastActivity:date
  DateOfLastInvoice:date DateOfLastCreditNote:date DateOfLastDebitNote:date DateOfLastReceipt:date
  DateOfLastDiscount:date DateOfLastAdjustment:date LargestInvoiceNumber LargestInvoiceCustomerCurrency:amount
  HighestBalanceCustomerCurrency:amount LastInvoiceAmountCustomerCurrency:amount LastReceiptCustomerCurrency:amount
  LastReceiptFunctionalCurrency:amount Salesperson1-5 SalesSplitPercentage1-5:amount AverageDaysToPay:amount
  CustomerPriceList=WHS CustomerDiscountType:enum=Base AmountPastDue:amount ContactsEmail Email WebSite
  BillingMethod:number PaymentCode FreeOnBoard ShipViaCode=CTL ShipViaDescription DeliveryMethod:enum=Mail
  PrimaryShipToLocation ContactsPhone ContactsFax AllowPartialShipments:enum=Yes|No AllowWebStoreShopping:enum=No|Yes
  PercentRetained:amount DaysRetained:number RetainageTermsCode NumberOfOptionalFields:number
  ProcessCommandCode:enum=None NumberOfOpenPrepayments:number AmountPrepaidCustomerCurrency:amount DateOfLastRefund:date
  CheckLanguage=ENG NextClientUniqueID:number InventoryLocation=1 CheckCreditLimit:enum=No|Yes
  CheckOverdueAmounts:enum=No|Yes DaysOverdue:number AmountOverdue:amount AllowBackorderQuantities:enum=Yes|No
  CheckForDuplicatePOs:enum=None SuppressIntegration:flag ARVersion Database Mode:enum=None
  BusinessRegistrationNumber CustomerOptionalFieldValues:list`,
  {
    CustomerOptionalFieldValues: defineModel(
      "CustomerOptionalFieldValue",
      `CustomerNumber ${optionalField} CustomerOptionalFieldValueType:enum=Text`,
    ),
  },
);

import { defineModel } from "./model.ts";

export const orderLine = defineModel(
  "PurchaseOrderLine",
  `PurchaseOrderSequenceKey:number LineNumber:number PurchaseOrderLineSequence:number
  CompletionStatus:enum=No|Yes DateCompleted:date ItemNumber Location ItemDescription ExpectedArrivalDate:date
  VendorItemNumber UnitOfMeasure=Ea. QuantityOrdered:amount QuantityReceived:amount QuantityCanceled:amount
  ReceivedExtra:amount QuantityOutstanding:amount UnitCost:amount ExtendedCost:amount ExtendedReceivedAmount:amount
  AmountReceivedToDate:amount ExpenseAccount DropShip:flag DiscountPercentage:amount DiscountAmount:amount
  TotalTax:amount Completed:flag`,
);

export const purchaseOrder = defineModel(
  "PurchaseOrder",
  `PurchaseOrderSequenceKey:number NextLineSequence:number Lines:number LinesComplete:number Requisitions:number
  Printed:flag LabelsPrinted:flag Completed:flag DateCompleted:date LastPostingDate:date PurchaseOrderDate:date
  PurchaseOrderNumber Vendor VendorExists:flag=true Name Address1-4 City StateProvince ZipPostalCode Country PhoneNumber
  FaxNumber Contact PurchaseOrderType:enum=Active|Standing|Future|Blanket OnHold:flag OrderDate:date
  ExpectedArrivalDate:date FOBPoint ShipVia=CTL BillToLocation ShipToLocation TemplateCode=ACTIVE TermsCode Description
  Reference Comment AmountOriginallyAuthorized:amount AmountRemaining:amount LastReceiptNumber ReceiptDate:date
  NumberOfPostedReceipts:number Currency ExchangeRate:amount=1 RateType=SP RateDate:date ExtendedCost:amount
  Total:amount ExtendedReceivedAmount:amount ExtendedCanceledAmount:amount AmountReceivedToDate:amount
  QuantityOrdered:amount TaxGroup Subtotal:amount TotalTax:amount NetOfTax:amount DiscountPercentage:amount
  DiscountAmount:amount DocumentSource:enum=Entered|Internet EnteredBy JobRelated:flag IsRecordActive:flag=true
  DocumentLocked:flag PurchaseOrderLines:list`,
  { PurchaseOrderLines: orderLine },
);

export const receiptLine = defineModel(
  "ReceiptLine",
  `ReceiptSequenceKey:number LineNumber:number ItemNumber ItemDescription Location UnitOfMeasure=Ea.
  QuantityReceived:amount UnitCost:amount ExtendedCost:amount`,
);

export const orderReceipt = defineModel(
  "GetReceipt",
  `ReceiptSequenceKey:number ReceiptDate:date ReceiptNumber Vendor VendorName PurchaseOrderNumber
  PurchaseOrderSequenceKey:number Description Currency Total:amount ReceiptLines:list`,
  { ReceiptLines: receiptLine },
);

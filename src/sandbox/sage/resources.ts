import type { Model } from "./model.ts";
import { account, journalBatch } from "./models-ledger.ts";
import { customer, vendor } from "./models-parties.ts";
import { invoiceBatch, paymentBatch } from "./models-payables.ts";
import { orderReceipt, purchaseOrder } from "./models-purchasing.ts";
import { receiptBatch } from "./models-receivables.ts";

export type ResourceName =
  | ("APInvoiceBatches" | "APPaymentAndAdjustmentBatches" | "APVendors")
  | ("ARReceiptAndAdjustmentBatches" | "ARCustomers")
  | ("GLJournalBatches" | "GLAccounts")
  | ("POPurchaseOrders" | "POGetReceipts");

export interface Resource {
  readonly name: ResourceName;
  readonly module: string;
  readonly model: Model;
  /** In the order in which positional keys are given and rows are sorted. */
  readonly keys: readonly string[];
}

const resources: readonly Resource[] = [
  { name: "APInvoiceBatches", module: "AP", model: invoiceBatch, keys: ["BatchNumber"] },
  {
    name: "APPaymentAndAdjustmentBatches",
    module: "AP",
    model: paymentBatch,
    keys: ["BatchSelector", "BatchNumber"],
  },
  { name: "APVendors", module: "AP", model: vendor, keys: ["VendorNumber"] },
  {
    name: "ARReceiptAndAdjustmentBatches",
    module: "AR",
    model: receiptBatch,
    keys: ["BatchRecordType", "BatchNumber"],
  },
  { name: "ARCustomers", module: "AR", model: customer, keys: ["CustomerNumber"] },
  { name: "GLJournalBatches", module: "GL", model: journalBatch, keys: ["BatchNumber"] },
  { name: "GLAccounts", module: "GL", model: account, keys: ["UnformattedAccount"] },
  { name: "POPurchaseOrders", module: "PO", model: purchaseOrder, keys: ["PurchaseOrderSequenceKey"] },
  { name: "POGetReceipts", module: "PO", model: orderReceipt, keys: ["ReceiptSequenceKey"] },
];

/** Names are case-sensitive, as OData's are. */
export function findResource(module: string, name: string): Resource | undefined {
  return resources.find((resource) => resource.module === module && resource.name === name);
}

export function namespaceOf(module: string): string {
  return `Sage.CA.SBS.ERP.Sage300.${module}.WebApi.Models`;
}

/** As the server's own messages name it. */
export function typeNameOf({ module, model }: Resource): string {
  return `${namespaceOf(module)}.${model.name}`;
}

export function resourcesOf(module: string): readonly Resource[] {
  return resources.filter((resource) => resource.module === module);
}

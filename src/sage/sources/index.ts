import type { Source } from "../source.ts";
import { apInvoices } from "./ap-invoices.ts";
import { apPayments } from "./ap-payments.ts";
import { arReceipts } from "./ar-receipts.ts";
import { glJournals } from "./gl-journals.ts";
import { purchaseOrders } from "./purchase-orders.ts";

/** Every source, in the order in which a run reads them. A sixth is one file and one line here. */
const all = [
  apInvoices,
  apPayments,
  glJournals,
  arReceipts,
  purchaseOrders,
] as const satisfies readonly Source[];

export type SourceName = (typeof all)[number]["name"];

export const sources: readonly Source[] = all;
export const sourceNames: readonly SourceName[] = all.map(({ name }) => name);

export const sourceNames = [
  "ap-invoices",
  "ap-payments",
  "gl-journals",
  "ar-receipts",
  "purchase-orders",
] as const;
export type SourceName = (typeof sourceNames)[number];

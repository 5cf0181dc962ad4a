import type { MasterKind } from "./master-data.ts";

/** Where each kind of master data is read, and its property of the key. */
export const masterResources: Readonly<
  Record<MasterKind, { readonly resource: string; readonly key: string }>
> = {
  vendors: { resource: "AP/APVendors", key: "VendorNumber" },
  customers: { resource: "AR/ARCustomers", key: "CustomerNumber" },
  accounts: { resource: "GL/GLAccounts", key: "UnformattedAccount" },
};

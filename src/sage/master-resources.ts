import { z } from "../runtime/zod.ts";
import type { IsoDate } from "../transactions/date.ts";
import { day, flag, member, text } from "./field.ts";
import { isOneOf } from "./source.ts";

/** What is kept of a vendor, a customer or an account; strings are empty where Sage has none. */
export interface MasterEntry {
  readonly name: string;
  readonly group: string;
  readonly currency: string;
  readonly terms: string;
  readonly onHold: boolean;
  readonly isInactive: boolean;
  /** The day on which a vendor was set up. */
  readonly startDate?: IsoDate;
  /** Day of its last reading, counted from 1970. */
  readonly readOn: number;
}

export const masterKinds = ["vendors", "customers", "accounts"] as const;
export type MasterKind = (typeof masterKinds)[number];

/** What Sage says of one; when it was read is not among it. */
export type MasterRow = Omit<MasterEntry, "readOn">;

interface MasterResource {
  readonly resource: string;
  /** Its property of the key, and all that are asked for. */
  readonly key: string;
  readonly fields: readonly string[];
  /** Property with the day of the last change, of which Sage keeps none for accounts. */
  readonly stamp: string | null;
  readonly schema: z.ZodType<MasterRow>;
}

const inactive = member.transform((status) => isOneOf(status, ["inactive"]));

const party = { GroupCode: text, CurrencyCode: text, Terms: text, OnHold: flag, Status: inactive };

function partyEntry(name: string, row: z.output<z.ZodObject<typeof party>>): MasterRow {
  const { GroupCode: group, CurrencyCode: currency, Terms: terms, OnHold: onHold, Status: isInactive } = row;
  return { name, group, currency, terms, onHold, isInactive };
}

const partyFields = ["GroupCode", "CurrencyCode", "Terms", "OnHold", "Status"];

export const masterResources: Readonly<Record<MasterKind, MasterResource>> = {
  vendors: {
    resource: "AP/APVendors",
    key: "VendorNumber",
    fields: ["VendorNumber", "VendorName", "StartDate", ...partyFields],
    stamp: "DateLastMaintained",
    schema: z.object({ VendorName: text, StartDate: day, ...party }).transform((row): MasterRow => ({
      ...partyEntry(row.VendorName, row),
      ...(row.StartDate === null ? {} : { startDate: row.StartDate }),
    })),
  },
  customers: {
    resource: "AR/ARCustomers",
    key: "CustomerNumber",
    fields: ["CustomerNumber", "CustomerName", ...partyFields],
    stamp: "DateLastMaintained",
    schema: z
      .object({ CustomerName: text, ...party })
      .transform((row): MasterRow => partyEntry(row.CustomerName, row)),
  },
  accounts: {
    resource: "GL/GLAccounts",
    key: "UnformattedAccount",
    fields: ["UnformattedAccount", "Description", "AccountGroupCode", "Status"],
    stamp: null,
    schema: z
      .object({ Description: text, AccountGroupCode: text, Status: inactive })
      .transform((row): MasterRow => ({
        name: row.Description,
        group: row.AccountGroupCode,
        currency: "",
        terms: "",
        onHold: false,
        isInactive: row.Status,
      })),
  },
};

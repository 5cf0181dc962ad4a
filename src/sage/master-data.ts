import { z } from "zod";

import { AppError } from "../errors.ts";
import type { IsoDate } from "../transactions/date.ts";
import { flagsWith, isRecent } from "../transactions/dated.ts";
import type {
  AccountLine,
  Counterparty,
  Flag,
  SageRecord,
  Transaction,
} from "../transactions/transaction.ts";
import { day, flag, text } from "./field.ts";
import { isMissing } from "./odata-failure.ts";
import type { ODataClient } from "./odata-client.ts";
import { text as literal } from "./odata-filter.ts";
import { newDialect, type Dialect } from "./read-window.ts";
import { parseRow } from "./source.ts";

/** What is kept of a vendor, a customer or an account; strings are empty where Sage has none. */
export interface MasterEntry {
  readonly name: string;
  readonly group: string;
  readonly currency: string;
  readonly onHold: boolean;
  /** The day on which a vendor was set up. */
  readonly startDate?: IsoDate;
}

export type MasterKind = "vendors" | "customers" | "accounts";

/** The master data of one company that has been read so far, by code. */
export type KnownMasterData = Readonly<Record<MasterKind, Readonly<Record<string, MasterEntry>>>> & {
  /** What the server was found to refuse, by source. */
  readonly dialects: Readonly<Record<string, Dialect>>;
};

const resources = {
  vendors: {
    resource: "AP/APVendors",
    schema: z
      .object({ VendorName: text, GroupCode: text, CurrencyCode: text, OnHold: flag, StartDate: day })
      .transform((row) => ({
        ...entry(row.VendorName, row.GroupCode, { currency: row.CurrencyCode, onHold: row.OnHold }),
        ...(row.StartDate === null ? {} : { startDate: row.StartDate }),
      })),
  },
  customers: {
    resource: "AR/ARCustomers",
    schema: z
      .object({ CustomerName: text, GroupCode: text, CurrencyCode: text, OnHold: flag })
      .transform((row) =>
        entry(row.CustomerName, row.GroupCode, { currency: row.CurrencyCode, onHold: row.OnHold }),
      ),
  },
  accounts: {
    resource: "GL/GLAccounts",
    schema: z
      .object({ Description: text, AccountGroupCode: text })
      .transform((row) => entry(row.Description, row.AccountGroupCode, { currency: "", onHold: false })),
  },
} as const;

function entry(name: string, group: string, rest: { currency: string; onHold: boolean }): MasterEntry {
  return { name, group, ...rest };
}

/**
 * Names and groups of vendors, customers and accounts: from what is known, else from Sage, each code once a run.
 * A name is a convenience: where Sage refuses it (no right in that module), the code is shown alone.
 */
export class MasterData {
  readonly #client: ODataClient;
  readonly #known: Record<MasterKind, Map<string, MasterEntry>>;
  readonly #dialects: Map<string, Dialect>;
  readonly #absent = new Set<string>();
  /** Of these Sage has said that there are none. */
  readonly #missing = new Set<string>();
  /** Codes of the vendors that were known before this run. */
  readonly #vendorsBefore: ReadonlySet<string>;
  readonly #refused = new Set<MasterKind>();

  constructor(client: ODataClient, known: KnownMasterData | null) {
    this.#client = client;
    this.#vendorsBefore = new Set(Object.keys(known?.vendors ?? {}));
    this.#dialects = new Map(Object.entries(known?.dialects ?? {}));
    this.#known = {
      vendors: new Map(Object.entries(known?.vendors ?? {})),
      customers: new Map(Object.entries(known?.customers ?? {})),
      accounts: new Map(Object.entries(known?.accounts ?? {})),
    };
  }

  /** Everything known by now, to be kept for the next run. */
  known(): KnownMasterData {
    return {
      vendors: Object.fromEntries(this.#known.vendors),
      customers: Object.fromEntries(this.#known.customers),
      accounts: Object.fromEntries(this.#known.accounts),
      dialects: Object.fromEntries(this.#dialects),
    };
  }

  /** What this company's server understands of a source; whoever finds out more writes it in. */
  dialectOf(source: string): Dialect {
    const dialect = this.#dialects.get(source) ?? { ...newDialect };
    this.#dialects.set(source, dialect);
    return dialect;
  }

  /** The record with the names that Sage does not send along with its transactions, and with what is new of vendors. */
  async enrich(record: SageRecord, today: IsoDate): Promise<SageRecord> {
    const transactions: Transaction[] = [];
    for (const transaction of record.transactions)
      transactions.push(await this.#enrichTransaction(transaction, today));
    return { ...record, transactions };
  }

  async #enrichTransaction(transaction: Transaction, today: IsoDate): Promise<Transaction> {
    const accounts: AccountLine[] = [];
    for (const line of transaction.accounts) {
      const description =
        line.description === ""
          ? ((await this.#find("accounts", line.account))?.name ?? "")
          : line.description;
      accounts.push({ ...line, description });
    }
    const counterparty = await this.#enrichCounterparty(transaction.counterparty);
    const flags: Flag[] = this.#isNewVendor(counterparty, today) ? ["new-vendor"] : [];
    return { ...transaction, accounts, counterparty, flags: flagsWith(transaction, flags) };
  }

  /** By the day it was set up; without one, when it was not among those that were known. */
  #isNewVendor(counterparty: Counterparty | null, today: IsoDate): boolean {
    if (counterparty?.kind !== "vendor" || counterparty.code === "") return false;
    if (counterparty.isMissing === true) return true;
    const found = this.#known.vendors.get(counterparty.code);
    if (found === undefined) return false;
    if (found.startDate !== undefined) return isRecent(found.startDate, today);
    return this.#vendorsBefore.size > 0 && !this.#vendorsBefore.has(counterparty.code);
  }

  async #enrichCounterparty(counterparty: Counterparty | null): Promise<Counterparty | null> {
    if (counterparty === null || counterparty.code === "") return counterparty;
    const { kind, code } = counterparty;
    const place = kind === "vendor" ? "vendors" : "customers";
    const found = await this.#find(place, code);
    if (found === null)
      return this.#missing.has(`${place} ${code}`) ? { ...counterparty, isMissing: true } : counterparty;
    // A receipt names its payer, who need not be the customer; a payment its payee, who was paid under that name.
    const isNamed = counterparty.name !== "" && (kind === "vendor" || found.name === "");
    const name = isNamed ? counterparty.name : found.name;
    return { ...counterparty, name, ...(found.group === "" ? {} : { group: found.group }) };
  }

  async #find(kind: MasterKind, code: string): Promise<MasterEntry | null> {
    const known = this.#known[kind].get(code);
    if (known !== undefined) return known;
    if (code === "" || this.#refused.has(kind) || this.#absent.has(`${kind} ${code}`)) return null;
    const found = await this.#read(kind, code);
    if (found === null) this.#absent.add(`${kind} ${code}`);
    else this.#known[kind].set(code, found);
    return found;
  }

  async #read(kind: MasterKind, code: string): Promise<MasterEntry | null> {
    const { resource, schema } = resources[kind];
    try {
      const row = await this.#client.entity(resource, literal(code));
      if (row === null) this.#missing.add(`${kind} ${code}`);
      return row === null ? null : parseRow(schema, row, `${resource}(${code})`);
    } catch (error) {
      if (!(error instanceof AppError) || error.kind === "auth" || error.kind === "temporary") throw error;
      // Other refusals concern this code alone: a web server may not like how it is spelled.
      if (error.kind === "forbidden" || isMissing(error)) this.#refused.add(kind);
      return null;
    }
  }
}

import { z } from "zod";

import { AppError } from "../errors.ts";
import type { AccountLine, Counterparty, SageRecord, Transaction } from "../transactions/transaction.ts";
import { flag, text } from "./field.ts";
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
      .object({ VendorName: text, GroupCode: text, CurrencyCode: text, OnHold: flag })
      .transform((row) =>
        entry(row.VendorName, row.GroupCode, { currency: row.CurrencyCode, onHold: row.OnHold }),
      ),
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
  readonly #refused = new Set<MasterKind>();

  constructor(client: ODataClient, known: KnownMasterData | null) {
    this.#client = client;
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

  /** The record with the names that Sage does not send along with its transactions. */
  async enrich(record: SageRecord): Promise<SageRecord> {
    const transactions: Transaction[] = [];
    for (const transaction of record.transactions)
      transactions.push(await this.#enrichTransaction(transaction));
    return { ...record, transactions };
  }

  async #enrichTransaction(transaction: Transaction): Promise<Transaction> {
    const accounts: AccountLine[] = [];
    for (const line of transaction.accounts) {
      const description =
        line.description === ""
          ? ((await this.#find("accounts", line.account))?.name ?? "")
          : line.description;
      accounts.push({ ...line, description });
    }
    return {
      ...transaction,
      accounts,
      counterparty: await this.#enrichCounterparty(transaction.counterparty),
    };
  }

  async #enrichCounterparty(counterparty: Counterparty | null): Promise<Counterparty | null> {
    if (counterparty === null || counterparty.code === "") return counterparty;
    // A receipt names its payer, who need not be the customer.
    const isComplete = counterparty.kind === "vendor" && counterparty.name !== "";
    if (isComplete) return counterparty;
    const found = await this.#find(
      counterparty.kind === "vendor" ? "vendors" : "customers",
      counterparty.code,
    );
    if (found === null) return counterparty;
    const name = found.name === "" ? counterparty.name : found.name;
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
      return row === null ? null : parseRow(schema, row, `${resource}(${code})`);
    } catch (error) {
      if (!(error instanceof AppError) || error.kind === "auth" || error.kind === "temporary") throw error;
      // Other refusals concern this code alone: a web server may not like how it is spelled.
      if (error.kind === "forbidden" || isMissing(error)) this.#refused.add(kind);
      return null;
    }
  }
}

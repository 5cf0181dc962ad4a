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
import { masterResources, type MasterEntry, type MasterKind } from "./master-resources.ts";
import { isMissing } from "./odata-failure.ts";
import type { ODataClient } from "./odata-client.ts";
import { text as literal } from "./odata-filter.ts";
import { newDialect, type Dialect } from "./read-window.ts";
import { parseRow } from "./source.ts";

type Entries = Readonly<Record<string, MasterEntry>>;

/** When a kind was last read as a whole, and last brought up to date; days in the time zone of the books. */
export interface Synced {
  readonly on: IsoDate;
  readonly wholeOn: IsoDate;
}

/** The master data of one company that has been read so far, by code. */
export type KnownMasterData = Readonly<Record<MasterKind, Entries>> & {
  /** What the server was found to refuse, by source. */
  readonly dialects: Readonly<Record<string, Dialect>>;
  /** By kind; absent for one of which only the codes that were needed have been read. */
  readonly synced: Readonly<Record<string, Synced>>;
};

const nothing: KnownMasterData = { vendors: {}, customers: {}, accounts: {}, dialects: {}, synced: {} };

export interface MasterDataOptions {
  /** Day of this run, counted from 1970. */
  readonly today?: number;
}

/** What was read longer ago is read again when it is needed, some of it in each run. */
const freshDays = 7;
const mostRenewed = 20;

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
  readonly #synced: Record<string, Synced>;
  readonly #today: number;
  #renewed = 0;

  constructor(client: ODataClient, known: KnownMasterData | null, options: MasterDataOptions = {}) {
    this.#client = client;
    this.#today = options.today ?? 0;
    const { vendors, customers, accounts, dialects, synced } = known ?? nothing;
    this.#vendorsBefore = new Set(Object.keys(vendors));
    this.#synced = { ...synced };
    this.#dialects = new Map(Object.entries(dialects));
    this.#known = {
      vendors: new Map(Object.entries(vendors)),
      customers: new Map(Object.entries(customers)),
      accounts: new Map(Object.entries(accounts)),
    };
  }

  /** Everything known by now, to be kept for the next run. */
  known(): KnownMasterData {
    return {
      vendors: Object.fromEntries(this.#known.vendors),
      customers: Object.fromEntries(this.#known.customers),
      accounts: Object.fromEntries(this.#known.accounts),
      dialects: Object.fromEntries(this.#dialects),
      synced: this.#synced,
    };
  }

  /** Puts everything that there is of a kind in the place of what was known. */
  replace(kind: MasterKind, entries: ReadonlyMap<string, MasterEntry>, synced: Synced): void {
    this.#known[kind] = new Map(entries);
    this.#synced[kind] = synced;
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
    const known = this.#known[kind].get(code) ?? this.#accountOf(kind, code);
    if (known !== undefined) return this.#isDue(known, kind) ? this.#renew(kind, code, known) : known;
    if (code === "" || this.#refused.has(kind) || this.#absent.has(`${kind} ${code}`)) return null;
    const found = await this.#read(kind, code);
    if (found === null) this.#absent.add(`${kind} ${code}`);
    else this.#known[kind].set(code, found);
    return found;
  }

  /** Sage lists accounts without the marks between their segments, with which journals name them. */
  #accountOf(kind: MasterKind, code: string): MasterEntry | undefined {
    return kind === "accounts" ? this.#known.accounts.get(code.replaceAll(/[^\p{L}\p{N}]/gu, "")) : undefined;
  }

  #isDue({ readOn }: MasterEntry, kind: MasterKind): boolean {
    return this.#today - readOn > freshDays && this.#renewed < mostRenewed && !this.#refused.has(kind);
  }

  /** What was known will do where Sage does not answer, or has deleted it. */
  async #renew(kind: MasterKind, code: string, known: MasterEntry): Promise<MasterEntry> {
    this.#renewed += 1;
    const found = await this.#read(kind, code).catch((error: unknown) => {
      if (error instanceof AppError && error.kind === "temporary") return null;
      throw error;
    });
    const renewed = found ?? { ...known, readOn: this.#today };
    this.#known[kind].set(code, renewed);
    return renewed;
  }

  async #read(kind: MasterKind, code: string): Promise<MasterEntry | null> {
    const { resource, schema } = masterResources[kind];
    try {
      const row = await this.#client.entity(resource, literal(code));
      if (row === null) {
        this.#missing.add(`${kind} ${code}`);
        return null;
      }
      return { ...parseRow(schema, row, `${resource}(${code})`), readOn: this.#today };
    } catch (error) {
      if (!(error instanceof AppError) || error.kind === "auth" || error.kind === "temporary") throw error;
      // Other refusals concern this code alone: a web server may not like how it is spelled.
      if (error.kind === "forbidden" || isMissing(error)) this.#refused.add(kind);
      return null;
    }
  }
}

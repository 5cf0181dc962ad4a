import type { Config } from "../config/config.ts";
import { loadConfig, type LoadOptions } from "../config/load-config.ts";
import type { Directory } from "../routing/directory.ts";
import type { Destination } from "../routing/route.ts";
import { router } from "../routing/whole-batch.ts";
import type { Source } from "../sage/source.ts";
import { sources } from "../sage/sources/index.ts";
import {
  transactionId,
  type Counterparty,
  type SageRecord,
  type Transaction,
} from "../transactions/transaction.ts";

type RouteTest = Config["routeTests"][number];

export interface RouteTestResult {
  /** Its place in `routeTests`, counted from 1. */
  readonly number: number;
  readonly given: RouteTest["given"];
  readonly expected: { readonly channel: string; readonly mention: readonly string[] | null };
  /** Every destination, each with the rule that decided; empty for a source that is off. */
  readonly got: readonly Destination[];
  readonly isPassed: boolean;
}

/** Tries the route tests of the configuration. Asks neither Sage nor Slack. */
export async function readRouteTests(installation: LoadOptions): Promise<RouteTestResult[]> {
  const { config, spreadsheet } = await loadConfig({ ...installation, directory: "needed" });
  return runRouteTests(config, spreadsheet);
}

export function runRouteTests(config: Config, directory: Directory): RouteTestResult[] {
  return config.routeTests.map(({ given, expect }, index) => {
    const got = destinationsIn({ config, directory }, given);
    const expected = { channel: expect.channel, mention: expect.mention ?? null };
    return {
      number: index + 1,
      given,
      expected,
      got,
      isPassed: got.some((one) => isAsExpected(one, expected)),
    };
  });
}

interface Routed {
  readonly config: Config;
  readonly directory: Directory;
}

/** A copy counts as well: what is expected is that it goes there, not that it goes nowhere else. */
function isAsExpected({ channel, mention }: Destination, expected: RouteTestResult["expected"]): boolean {
  if (channel.toLowerCase() !== expected.channel.toLowerCase()) return false;
  return expected.mention === null || namesIn(mention) === namesIn(expected.mention);
}

function namesIn(mentions: readonly string[]): string {
  return [...new Set(mentions.map((mention) => mention.toLowerCase()))].toSorted().join(" ");
}

/** As the source is told: a summary goes by whole batches. */
function destinationsIn({ config, directory }: Routed, given: RouteTest["given"]): Destination[] {
  const source = sourceOf(config, given);
  const settings = source === undefined ? undefined : config.sources[source.name];
  if (source === undefined || settings?.enabled !== true) return [];
  const record = recordOf(source, given, config);
  const routing = { routes: config.routes, directory, channel: settings.channel };
  const destinations = router(routing, settings.post);
  return record.transactions.flatMap((transaction) => destinations(transaction, record));
}

/** Where none is given, the first that is followed and has such a counterparty. */
function sourceOf({ sources: settings }: Config, given: RouteTest["given"]): Source | undefined {
  if (given.source !== undefined) return sources.find(({ name }) => name === given.source);
  const kind = counterpartyOf(given)?.kind;
  return sources.find(
    ({ name, has }) => settings[name]?.enabled === true && (kind === undefined || has.counterparty === kind),
  );
}

function recordOf(source: Source, given: RouteTest["given"], { sage }: Config): SageRecord {
  const company = (given.company ?? sage.companies[0] ?? "").toUpperCase();
  const record = { company, source: source.name, record: "0" };
  return {
    ...record,
    number: "0",
    description: "",
    date: null,
    lastEdited: null,
    status: { name: given.status ?? "Open", isFinal: false },
    facts: [],
    transactions: [transactionOf(given, transactionId(record, "0"))],
  };
}

function transactionOf(given: RouteTest["given"], id: string): Transaction {
  const amount = { amount: given.amount ?? "0", currency: (given.currency ?? "").toUpperCase() };
  return {
    id,
    entry: "0",
    documentNumber: "",
    documentKind: "",
    counterparty: counterpartyOf(given),
    description: given.text ?? "",
    reference: "",
    date: null,
    dueDate: null,
    amount,
    accounts: [given.account ?? []].flat().map((account) => ({ account, description: "", amount })),
    appliedTo: [],
    orderLines: [],
    enteredBy: "",
    flags: [given.flag ?? []].flat(),
  };
}

function counterpartyOf(given: RouteTest["given"]): Counterparty | null {
  const { vendor, vendorGroup, customer, customerGroup } = given;
  if (vendor !== undefined || vendorGroup !== undefined) return party("vendor", vendor, vendorGroup);
  if (customer !== undefined || customerGroup !== undefined)
    return party("customer", customer, customerGroup);
  return null;
}

function party(kind: Counterparty["kind"], code = "", group?: string): Counterparty {
  return { kind, code, name: "", ...(group === undefined ? {} : { group }) };
}

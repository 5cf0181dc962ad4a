import { Big } from "big.js";

import { statusLetters, type Flag } from "../transactions/transaction.ts";
import { covers } from "./covers.ts";
import type { Route } from "./route.ts";
import { listOf, type When } from "./rule.ts";
import { conditionsOfBatches } from "./whole-batch.ts";

/** A source as far as routes go by it. */
export interface RoutedSource {
  readonly name: string;
  readonly counterparty: "vendor" | "customer" | null;
  readonly accounts: boolean;
  readonly flags: readonly Flag[];
  readonly statuses: readonly string[];
  readonly post: "batch" | "document" | "summary";
}

/** What is followed: only that can ever meet a route. */
export interface Followed {
  readonly companies: readonly string[];
  readonly sources: readonly RoutedSource[];
}

export interface RouteProblem {
  readonly route: string;
  /** Continues a sentence that begins with the route. */
  readonly problem: string;
  readonly hint: string;
}

/**
 * Routes that can never decide anything, and conditions that can never hold: mistakes that no run would ever show.
 * What it says of a route is certain; not every route that never matches is found.
 */
export function routeProblems(routes: readonly Route[], followed: Followed): RouteProblem[] {
  const unsaid = { source: followed.sources.map(({ name }) => name), company: followed.companies };
  return routes.flatMap((route, index) => {
    const impossible = impossibilityOf(route.when, followed);
    if (impossible !== null) return [{ route: route.name, ...impossible }];
    const before = routes
      .slice(0, index)
      .find((earlier) => !earlier.copy && covers(earlier.when, route.when, unsaid));
    const doubts = doubtsAbout(route.when, followed).map((doubt) => ({ route: route.name, ...doubt }));
    return before === undefined ? doubts : [{ route: route.name, ...unreachable(before) }, ...doubts];
  });
}

type Problem = Omit<RouteProblem, "route">;

function unreachable({ name }: Route): Problem {
  return {
    problem: `never decides: route "${name}" stands before it and takes everything that it matches`,
    hint: `Move it before "${name}", or give "${name}" a condition more.`,
  };
}

/** Why a condition never holds; null where it may. */
function impossibilityOf(when: When, followed: Followed): Problem | null {
  const concerned = sourcesOf(when, followed);
  if (concerned.length === 0) {
    return never(
      `${listOf(when.source)?.join(" and ") ?? "every source"} is off`,
      'Name the source in "sources", or remove the route.',
    );
  }
  return (
    companyProblem(when, followed) ??
    amountProblem(when.amount) ??
    partyProblem(when) ??
    traitProblem(when, concerned)
  );
}

/** The sources that are followed and that the route is about. */
function sourcesOf({ source }: When, { sources }: Followed): readonly RoutedSource[] {
  const asked = listOf(source);
  return asked === null ? sources : sources.filter(({ name }) => asked.includes(name));
}

function companyProblem({ company }: When, { companies }: Followed): Problem | null {
  const asked = listOf(company);
  if (asked === null || asked.some((one) => companies.includes(one.toUpperCase()))) return null;
  return never(
    `${asked.join(" and ")} is not followed`,
    `The companies in "sage.companies" are ${companies.join(", ")}.`,
  );
}

function amountProblem(amount: When["amount"]): Problem | null {
  const { atLeast = "0", below } = amount ?? {};
  if (below === undefined || new Big(below).gt(atLeast)) return null;
  return never(`no amount is at least ${atLeast} and below ${below}`, 'Give "below" the larger of the two.');
}

function partyProblem(when: When): Problem | null {
  const asksVendor = when.vendor !== undefined || when.vendorGroup !== undefined;
  const asksCustomer = when.customer !== undefined || when.customerGroup !== undefined;
  if (!asksVendor || !asksCustomer) return null;
  return never("nothing has a vendor and a customer", "Make two routes of it.");
}

/** A trait that none of the sources has which the route is about. */
function traitProblem(when: When, sources: readonly RoutedSource[]): Problem | null {
  const names = sources.map(({ name }) => name).join(" and ");
  for (const [key, has] of traits) {
    const wanted = listOf(when[key]);
    if (wanted === null || sources.some((source) => wanted.some((value) => has(source, value)))) continue;
    const told = key === "flag" || key === "status" ? ` "${wanted.join('" or "')}"` : "";
    return never(`${names} never ${sources.length === 1 ? "has" : "have"} ${words[key]}${told}`, hints[key]);
  }
  return null;
}

type Trait = "vendor" | "vendorGroup" | "customer" | "customerGroup" | "account" | "flag" | "status";

const hasStatus = ({ statuses }: RoutedSource, value: string) =>
  statuses.some((one) => statusLetters(one) === statusLetters(value));
const isVendors = ({ counterparty }: RoutedSource) => counterparty === "vendor";
const isCustomers = ({ counterparty }: RoutedSource) => counterparty === "customer";

const traits: readonly (readonly [Trait, (source: RoutedSource, value: string) => boolean])[] = [
  ["vendor", isVendors],
  ["vendorGroup", isVendors],
  ["customer", isCustomers],
  ["customerGroup", isCustomers],
  ["account", ({ accounts }) => accounts],
  ["flag", ({ flags }, value) => flags.some((flag) => flag === value)],
  ["status", hasStatus],
];

const words: Readonly<Record<Trait, string>> = {
  vendor: "a vendor",
  vendorGroup: "a vendor group",
  customer: "a customer",
  customerGroup: "a customer group",
  account: "an account",
  flag: "a flag",
  status: "a status",
};

const otherSource = "Name another source in the route, or take this condition out.";
const hints: Readonly<Record<Trait, string>> = {
  vendor: otherSource,
  vendorGroup: otherSource,
  customer: otherSource,
  customerGroup: otherSource,
  account: otherSource,
  flag: otherSource,
  status:
    "Statuses are spelled as Sage names them: Open, ReadyToPost, Posted; orders: PartlyReceived, Completed, OnHold.",
};

/** Parts of a condition that never hold, in a route that can match all the same. */
function doubtsAbout(when: When, followed: Followed): Problem[] {
  return [
    ...deadSources(when, followed),
    ...deadCompanies(when, followed),
    ...deadStatuses(when, followed),
    ...summaryDoubts(when, followed),
  ];
}

function deadSources({ source }: When, { sources }: Followed): Problem[] {
  const off = (listOf(source) ?? []).filter((name) => !sources.some((one) => one.name === name));
  return off.map((name) => ({
    problem: `names ${name}, which is off`,
    hint: `Name it in "sources", or take it out.`,
  }));
}

function deadCompanies({ company }: When, { companies }: Followed): Problem[] {
  const unknown = (listOf(company) ?? []).filter((one) => !companies.includes(one.toUpperCase()));
  return unknown.map((one) => ({
    problem: `names the company ${one}, which is not followed`,
    hint: `The companies in "sage.companies" are ${companies.join(", ")}.`,
  }));
}

function deadStatuses(when: When, followed: Followed): Problem[] {
  const concerned = sourcesOf(when, followed);
  return (listOf(when.status) ?? [])
    .filter((status) => !concerned.some((source) => hasStatus(source, status)))
    .map((status) => ({
      problem: `names the status "${status}", which none of its sources has`,
      hint: hints.status,
    }));
}

function summaryDoubts(when: When, { sources }: Followed): Problem[] {
  const asked = listOf(when.source);
  const summaries = sources.filter(
    ({ name, post }) => post === "summary" && (asked === null ? false : asked.includes(name)),
  );
  const keys = Object.entries(when).flatMap(([key, value]) =>
    value === undefined || conditionsOfBatches.has(key) ? [] : [`"${key}"`],
  );
  if (keys.length === 0) return [];
  return summaries.map(({ name }) => ({
    problem: `goes by ${keys.join(" and ")}, but ${name} posts a summary, in which whole batches are routed`,
    hint: `There a route goes by source, company, account and flag; or set "post" of ${name} to "batch".`,
  }));
}

function never(why: string, hint: string): Problem {
  return { problem: `never matches: ${why}`, hint };
}

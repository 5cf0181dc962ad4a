import type { SageRecord, Transaction } from "../transactions/transaction.ts";
import type { Directory, DirectoryAnswer } from "./directory.ts";
import { Facts, matcherOf, type Matcher, type When } from "./rule.ts";

/** A rule of the configuration that picks a channel. */
export interface Route {
  readonly name: string;
  readonly when: When;
  readonly channel: string;
  readonly mention: readonly string[];
  /** Adds a destination and goes on instead of deciding. */
  readonly copy: boolean;
}

/** Where something goes, as the configuration spells it. */
export interface Destination {
  readonly channel: string;
  readonly mention: readonly string[];
  /** `route "large invoices"`, `channel of ap-invoices`, … */
  readonly decidedBy: string;
}

export interface Routing {
  readonly routes: readonly Route[];
  /** Absent where the configuration names none. */
  readonly directory?: Directory | undefined;
  /** Channel of the source, or the general one. */
  readonly channel: string;
}

/**
 * The destinations of one transaction: a copy for each copying route that matches, then one channel: of the first
 * other route that does, else of the directory, else the source's own. The directory's mentions join those of the one
 * channel, whoever decides it; a copy has its own alone. Two reasons for one channel make one destination.
 */
export function destinationsOf(
  transaction: Transaction,
  record: SageRecord,
  routing: Routing,
): Destination[] {
  const facts = new Facts(transaction, record);
  const answer = routing.directory?.about(transaction) ?? { channel: null, mention: [] };
  const found: Destination[] = [];
  for (const { route, isMet } of preparedOf(routing)) {
    if (!isMet(facts)) continue;
    const mention = route.copy ? route.mention : [...route.mention, ...answer.mention];
    found.push({ channel: route.channel, mention, decidedBy: `route "${route.name}"` });
    if (!route.copy) return merged(found);
  }
  found.push(destinationWithoutRoute(answer, record, routing));
  return merged(found);
}

function destinationWithoutRoute(
  { channel: row, mention }: DirectoryAnswer,
  { source }: SageRecord,
  routing: Routing,
): Destination {
  if (row === null) return { channel: routing.channel, mention, decidedBy: `channel of ${source}` };
  const decidedBy = `directory row ${row.row}, ${row.kind} ${row.code}`;
  return { channel: row.channel ?? routing.channel, mention, decidedBy };
}

interface PreparedRoute {
  readonly route: Route;
  readonly isMet: Matcher;
}

const prepared = new WeakMap<Routing, readonly PreparedRoute[]>();

/** Conditions are taken apart once, not for each of many transactions. */
function preparedOf(routing: Routing): readonly PreparedRoute[] {
  const known = prepared.get(routing);
  if (known !== undefined) return known;
  const routes = routing.routes.map((route) => ({ route, isMet: matcherOf(route.when) }));
  prepared.set(routing, routes);
  return routes;
}

function merged(destinations: readonly Destination[]): Destination[] {
  const byChannel = new Map<string, Destination>();
  for (const destination of destinations) {
    const first = byChannel.get(destination.channel);
    const mention = [...new Set([...(first?.mention ?? []), ...destination.mention])];
    byChannel.set(destination.channel, { ...(first ?? destination), mention });
  }
  return [...byChannel.values()];
}

import type { SageRecord, Transaction } from "../transactions/transaction.ts";
import { matches, type When } from "./rule.ts";

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
  /** Channel of the source, or the general one. */
  readonly channel: string;
}

/**
 * The destinations of one transaction: a copy for each copying route that matches, then the channel of the first
 * other route that does, else the source's own. Two reasons for one channel make one destination.
 */
export function destinationsOf(
  transaction: Transaction,
  record: SageRecord,
  routing: Routing,
): Destination[] {
  const found: Destination[] = [];
  for (const route of routing.routes) {
    if (!matches(route.when, transaction, record)) continue;
    found.push({ channel: route.channel, mention: route.mention, decidedBy: `route "${route.name}"` });
    if (!route.copy) return merged(found);
  }
  found.push({ channel: routing.channel, mention: [], decidedBy: `channel of ${record.source}` });
  return merged(found);
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

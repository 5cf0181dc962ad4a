import { allFlags, type SageRecord, type Transaction } from "../transactions/transaction.ts";
import { destinationsOf, type Destination, type Routing } from "./route.ts";
import type { When } from "./rule.ts";

/** What routes can go by where whole batches are told, as a summary does. */
export const conditionsOfBatches: ReadonlySet<string> = new Set<keyof When>([
  "source",
  "company",
  "account",
  "flag",
]);

/** Where a source sends its transactions: entry by entry, or in a summary whole batches. */
export function router(
  routing: Routing,
  post: "batch" | "document" | "summary",
): (transaction: Transaction, record: SageRecord) => readonly Destination[] {
  if (post !== "summary") return (transaction, record) => destinationsOf(transaction, record, routing);
  const ofBatch = wholeBatchRouting(routing);
  return (_transaction, record) => ofBatch(record);
}

/**
 * The destinations of a batch as a whole, by the accounts and flags of all its entries. Routes that ask for what only
 * an entry has do not hold for it.
 */
function wholeBatchRouting(routing: Routing): (record: SageRecord) => readonly Destination[] {
  const routes = routing.routes.filter(({ when }) =>
    Object.entries(when).every(([key, value]) => value === undefined || conditionsOfBatches.has(key)),
  );
  const ofBatches = { ...routing, routes };
  const found = new WeakMap<SageRecord, readonly Destination[]>();
  return (record) => {
    const known = found.get(record);
    if (known !== undefined) return known;
    const [first, ...others] = record.transactions;
    const destinations = first === undefined ? [] : destinationsOf(asOne(first, others), record, ofBatches);
    found.set(record, destinations);
    return destinations;
  };
}

function asOne(first: Transaction, others: readonly Transaction[]): Transaction {
  const all = [first, ...others];
  return {
    ...first,
    counterparty: null,
    accounts: all.flatMap(({ accounts }) => accounts),
    flags: allFlags.filter((flag) => all.some(({ flags }) => flags.includes(flag))),
  };
}

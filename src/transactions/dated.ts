import { addDays, daysBetween, type IsoDate } from "./date.ts";
import { allFlags, type Flag, type SageRecord, type Transaction } from "./transaction.ts";

/** A document is back-dated when it is older than its batch's last edit by more than this. */
const daysBack = 30;

/**
 * The record with the flags that follow from its dates. An order has no day of its last edit: it is never back-dated.
 *
 * @param today by Sage's clock, in the time zone of the books
 */
export function withDatedFlags(record: SageRecord, today: IsoDate): SageRecord {
  return {
    ...record,
    transactions: record.transactions.map((one) => ({
      ...one,
      flags: flagsWith(one, datedFlags(one, record.lastEdited, today)),
    })),
  };
}

/** The flags of a transaction and these, in the order in which they are always told. */
export function flagsWith({ flags }: Transaction, more: readonly Flag[]): Flag[] {
  return allFlags.filter((flag) => flags.includes(flag) || more.includes(flag));
}

function datedFlags({ date }: Transaction, lastEdited: IsoDate | null, today: IsoDate): Flag[] {
  if (date === null) return [];
  if (date > today) return ["future-dated"];
  return lastEdited !== null && daysBetween(date, lastEdited) > daysBack ? ["back-dated"] : [];
}

/** Whether a vendor set up on that day is still a new one. */
export function isRecent(startDate: IsoDate, today: IsoDate): boolean {
  return startDate >= addDays(today, -daysBack);
}

/** `in 6 days`, `tomorrow`, `today`, `overdue 3 days`. */
export function dueHint(dueDate: IsoDate, today: IsoDate): string {
  const days = daysBetween(today, dueDate);
  if (days === 0) return "today";
  if (days === 1) return "tomorrow";
  return days > 0 ? `in ${days} days` : `overdue ${days === -1 ? "1 day" : `${-days} days`}`;
}

import type { Announcement, Change, MoreRows, Update } from "../transactions/notice.ts";
import { formatMoney, totalsOf, type Money } from "../transactions/money.ts";
import { readable, shorten } from "./mrkdwn.ts";

/** `USD 48,210.40 and CAD 100.00`; empty when there is no amount. */
export function sumOf(totals: readonly Money[]): string {
  return totals.map(formatMoney).join(" and ");
}

/** `5 invoices`, `1 invoice`. */
function counted(count: number, noun: Announcement["noun"]): string {
  return `${count} ${count === 1 ? noun.one : noun.many}`;
}

/** `ReadyToPost` -> `Ready to post`. */
export function statusWords(status: string): string {
  const words = shorten(readable(status), 120).replaceAll(
    /([a-z])([A-Z])/g,
    (_match, end: string, start: string) => `${end} ${start.toLowerCase()}`,
  );
  return words;
}

/** `3 of 7 in the batch`; empty when nothing of the record is left out. */
export function partOf({ count, countInRecord, title }: Announcement): string {
  if (count >= countInRecord) return "";
  return `${count} of ${countInRecord} in ${/\bbatch\b/.test(title) ? "the batch" : "all"}`;
}

/**
 * What happened, in one line without any text that somebody typed: `5 invoices, USD 48,210.40`,
 * `3 batches, 14 invoices, USD 1,000.00`, `2 batches: 3 invoices, 1 payment, USD 10.00 and CAD 5.00`.
 */
export function headline(announcements: readonly Announcement[], most = Infinity): string {
  const counts = countsOf(announcements);
  const records = recordsIn(announcements);
  const what =
    records === "" ? counts.join(", ") : `${records}${counts.length > 1 ? ": " : ", "}${counts.join(", ")}`;
  const totals = totalsOf(announcements.flatMap((one) => one.totals));
  const whole = [what, sumOf(totals)].filter((part) => part !== "").join(", ");
  return whole.length <= most ? whole : `${what}, in ${totals.length} currencies`;
}

function countsOf(announcements: readonly Announcement[]): string[] {
  const byNoun = new Map<string, { noun: Announcement["noun"]; count: number }>();
  for (const { noun, count } of announcements) {
    byNoun.set(noun.one, { noun, count: (byNoun.get(noun.one)?.count ?? 0) + count });
  }
  return [...byNoun.values()].map(({ noun, count }) => counted(count, noun));
}

/** How many records several announcements are about, where the count of documents does not say it. */
function recordsIn(announcements: readonly Announcement[]): string {
  if (announcements.length === 1 || announcements.every(isItsOwnRecord)) return "";
  // The announcement of a summary names all of its records.
  const count = announcements.flatMap(({ record }) => record.split(", ")).length;
  return `${count} ${announcements.every(({ title }) => /\bbatch(?:es)?\b/.test(title)) ? "batches" : "records"}`;
}

/** An order is a record of one document: `Purchase order PO0001`. */
function isItsOwnRecord({ title, noun }: Announcement): boolean {
  return title.toLowerCase().startsWith(noun.one.toLowerCase());
}

/** The full sentence of one announcement: what phones and screen readers show. */
export function sentence(announcement: Announcement): string {
  const { company, title, status, dueDate, totals } = announcement;
  const state = status === "" ? "" : ` (${statusWords(status)})`;
  const record = `${readable(title)} of ${readable(company)}${state}`;
  const parts = isItsOwnRecord(announcement)
    ? [record, sumOf(totals)]
    : [headline([announcement]), `in ${record}`, partOf(announcement)];
  return [...parts, dueDate === null ? "" : `earliest due ${dueDate}`]
    .filter((part) => part !== "")
    .join(", ");
}

/** `and 12 more in the thread`; empty when all rows are here. */
export function threadNote({ inThread }: Announcement): string {
  return inThread === undefined ? "" : `and ${inThread} in the thread`;
}

/** `status Open → Posted`, `due 2026-12-31`, `removed (was USD 12.00)`; the values cut to so many characters. */
export function changeWords({ label, from, to }: Change, most: number): string {
  const [before, after] = [from, to].map((value) => (value === null ? null : valueWords(label, value, most)));
  const name = inSentence(label);
  if (before === null) return label === "Posting failed" ? `posting failed, ${after}` : `${name}: ${after}`;
  if (after === null)
    return before === ""
      ? name
      : label === "Removed"
        ? `removed (was ${before})`
        : `no ${name} (was ${before})`;
  return `${name} ${before} → ${after}`;
}

function valueWords(label: string, value: string, most: number): string {
  return shorten(label === "Status" ? statusWords(value) : readable(value), most);
}

/** A label in the middle of a sentence: `Due` -> `due`, but `PO number` as it is. */
export function inSentence(label: string): string {
  const words = readable(label);
  return /^[A-Z][a-z]/.test(words) ? `${words.charAt(0).toLowerCase()}${words.slice(1)}` : words;
}

/** `2 added`. */
export function addedWords({ rows }: Update): string {
  return `${new Set(rows.map(({ transaction }) => transaction)).size} added`;
}

/** `A/P invoice batch 28: 26–50 of 120`. */
export function titleOfRows({ title, from, to, of }: MoreRows): string {
  return `${readable(title)}: ${from === to ? from : `${from}–${to}`} of ${of}`;
}

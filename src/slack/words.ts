import type { Announcement, Change, MoreRows, Noun, Update } from "../transactions/notice.ts";
import { formatMoney, totalsOf, type Money } from "../transactions/money.ts";
import { daysWords, dueWords } from "./dates.ts";
import { readable, shorten } from "./mrkdwn.ts";
import { statusSign, statusWords } from "./status.ts";

/** `USD 48,210.40 and CAD 100.00`; empty when there is no amount. */
export function sumOf(totals: readonly Money[]): string {
  return totals.map(formatMoney).join(" and ");
}

/** `5 invoices`, `1 invoice`. */
function counted(count: number, noun: Noun): string {
  return `${count} ${count === 1 ? noun.one : noun.many}`;
}

/** `3 of 7 in the batch`; empty when nothing of the record is left out. */
export function partOf({ count, countInRecord, title, document }: Announcement): string {
  if (count >= countInRecord || document !== undefined) return "";
  return `${count} of ${countInRecord} in ${/\bbatch\b/.test(title) ? "the batch" : "all"}`;
}

/**
 * What happened, in one line: `5 invoices, USD 48,210.40, 1 above 25,000`, `PO 000123, USD 1,440.00, Acme (1400),
 * 4 lines`, `2 batches: 3 invoices (USD 10.00), 1 payment (CAD 5.00)`. What is least gives way where it is too long.
 */
export function headline(announcements: readonly Announcement[], most = Infinity): string {
  const [only] = announcements;
  const { lead, counts, totals, totalTitle, more, brief }: HeadlineParts =
    announcements.length === 1 && only !== undefined ? partsOfOne(only) : partsOfMany(announcements);
  const sum = titled(totalTitle, totals);
  const whole = (parts: readonly string[]) =>
    `${lead}${[...counts, sum, ...parts].filter((part) => part !== "").join(", ")}`;
  for (let kept = more.length; kept >= 0; kept -= 1) {
    const words = whole(more.slice(0, kept));
    if (words.length <= most) return words;
  }
  return `${lead}${(brief ?? [...counts, `in ${totals.length} currencies`]).join(", ")}`;
}

function titled(title: string | undefined, totals: readonly Money[]): string {
  return title === undefined ? sumOf(totals) : `${title} ${sumOf(totals)}`;
}

/** {@link headline} with the status at its end, which an update of the header brings up to date. */
export function headerWords(announcements: readonly Announcement[], most = Infinity): string {
  const [only] = announcements;
  const status = announcements.length === 1 && only !== undefined ? statusSign(only.status) : "";
  const end = status === "" ? "" : ` · ${shorten(status, 40)}`;
  return `${headline(announcements, most - end.length)}${end}`;
}

interface HeadlineParts {
  readonly lead: string;
  readonly counts: readonly string[];
  readonly totals: readonly Money[];
  readonly totalTitle?: string;
  readonly more: readonly string[];
  /** In the place of the counts where there is no room for these, nor for a total. */
  readonly brief?: readonly string[];
}

function partsOfOne(announcement: Announcement): HeadlineParts {
  const { document, summary, totals, title, highlights = [], totalTitle } = announcement;
  const more = highlights.map((words) => shorten(readable(words), 60));
  if (document !== undefined) {
    const name = shorten(readable(document.name), 60) || "—";
    return { lead: "", counts: [name], totals, more: [shorten(readable(document.party), 60), ...more] };
  }
  const counts = countsOf([announcement]);
  const about = { totals, more, ...(totalTitle === undefined ? {} : { totalTitle }) };
  if (summary === undefined) return { lead: "", counts, ...about };
  const lead = `${readable(title)}, ${daysWords(summary.days)}: `;
  return { lead, counts: [...recordsIn([announcement]), ...counts], ...about };
}

function partsOfMany(announcements: readonly Announcement[]): HeadlineParts {
  const counts = countsOf(announcements);
  const [records] = recordsIn(announcements);
  const kinds = [...groupedBySource(announcements).values()];
  const lead = records === undefined ? "" : `${records}: `;
  // What is paid, received, ordered and booked has no common total.
  if (kinds.length > 1)
    return { lead, counts: kinds.map(countsWithTotal), totals: [], more: [], brief: counts };
  const about = { ...totalOf(announcements), more: [] };
  if (records === undefined) return { lead, counts, ...about };
  return counts.length > 1
    ? { lead, counts, ...about }
    : { lead: "", counts: [records, ...counts], ...about };
}

function groupedBySource(announcements: readonly Announcement[]): Map<string, Announcement[]> {
  const groups = new Map<string, Announcement[]>();
  for (const one of announcements) groups.set(one.source, [...(groups.get(one.source) ?? []), one]);
  return groups;
}

function countsWithTotal(announcements: readonly Announcement[]): string {
  const { totals, totalTitle } = totalOf(announcements);
  return `${countsOf(announcements).join(", ")} (${titled(totalTitle, totals)})`;
}

function totalOf(announcements: readonly Announcement[]): Pick<HeadlineParts, "totals" | "totalTitle"> {
  const totals = totalsOf(announcements.flatMap((one) => one.totals));
  const [title, ...others] = new Set(announcements.map(({ totalTitle }) => totalTitle));
  return { totals, ...(title === undefined || others.length > 0 ? {} : { totalTitle: title }) };
}

function countsOf(announcements: readonly Announcement[]): string[] {
  const byNoun = new Map<string, { noun: Noun; count: number }>();
  for (const { noun, count, counts } of announcements) {
    for (const one of counts ?? [{ ...noun, count }])
      byNoun.set(one.one, { noun: one, count: (byNoun.get(one.one)?.count ?? 0) + one.count });
  }
  return [...byNoun.values()].map(({ noun, count }) => counted(count, noun));
}

/** How many records several announcements are about, where the count of documents does not say it. */
function recordsIn(announcements: readonly Announcement[]): string[] {
  if (announcements.every((one) => isItsOwnRecord(one) || one.document !== undefined)) return [];
  const places = new Set(
    announcements.map(({ company, source, record }) => `${company} ${source} ${record}`),
  );
  const inSummaries = announcements.flatMap(({ summary }) =>
    summary === undefined ? [] : [summary.batches],
  );
  const count = inSummaries.reduce((sum, batches) => sum + batches, places.size - inSummaries.length);
  if (count === 0) return [];
  const areBatches = announcements.every(
    ({ title, summary }) => summary !== undefined || /\bbatch\b/.test(title),
  );
  if (!areBatches) return [`${count} records`];
  return [count === 1 ? "1 batch" : `${count} batches`];
}

/** An order is a record of one document: `Purchase order PO0001`. */
export function isItsOwnRecord({ title, noun }: Announcement): boolean {
  return title.toLowerCase().startsWith(noun.one.toLowerCase());
}

/** The full sentence of one announcement: what phones and screen readers show. */
export function sentence(announcement: Announcement): string {
  const { company, title, status, summary } = announcement;
  const what = headline([announcement]);
  if (summary !== undefined) return `${what} (${readable(company)})`;
  const state = statusWords(status);
  const parts = isItsOwnRecord(announcement)
    ? [what, `${inSentence(state)} (${readable(company)})`.trim()]
    : [
        what,
        `in ${readable(title)} of ${readable(company)}${state === "" ? "" : ` (${state})`}`,
        partOf(announcement),
      ];
  return [...parts, dueOf(announcement)].filter((part) => part !== "").join(", ");
}

/** `earliest due 2026-12-01 (in 6 days)`; of one document it is its own. */
export function dueOf(announcement: Announcement): string {
  const { dueDate, today } = announcement;
  return dueDate === null ? "" : `${inSentence(dueTitle(announcement))} ${dueWords(dueDate, today)}`;
}

/** What the date is by which somebody must act, or may expect something. */
export function dueTitle({ dueTitle: title = "Due", count }: Announcement): string {
  return count === 1 ? title : `Earliest ${inSentence(title)}`;
}

/** `and 12 more in the thread`; empty when all rows are here. */
export function threadNote({ inThread }: Announcement): string {
  return inThread === undefined ? "" : `and ${inThread} in the thread`;
}

/** `status Open → Posted`, `due 2026-12-31`, `removed (was USD 12.00)`; the values cut to so many characters. */
export function changeWords({ label, from, to }: Change, most: number): string {
  const [before, after] = [from, to].map((value) => (value === null ? null : valueWords(label, value, most)));
  const name = inSentence(label);
  if (label === "Received" && to !== null) return `received ${shorten(newlyReceived(from, to), most)}`;
  if (before === null) return label === "Posting failed" ? `posting failed, ${after}` : `${name}: ${after}`;
  if (after === null)
    return before === ""
      ? name
      : label === "Removed"
        ? `removed (was ${before})`
        : `no ${name} (was ${before})`;
  return label === "Status" && to === "Completed"
    ? `completed (was ${before})`
    : `${name} ${before} → ${after}`;
}

/** What of an order has arrived since: `20 of 60 on 1300-A`, the lines that did not change left out. */
function newlyReceived(from: string | null, to: string): string {
  const before = new Set(from?.split("; "));
  const since = to.split("; ").filter((line) => !before.has(line));
  return readable((since.length === 0 ? [to] : since).join(", "));
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

/** `A/P invoice batch 28 of SAMINC`. */
export function titleOf({ title, company }: Announcement | Update): string {
  return `${readable(title)} of ${readable(company)}`;
}

import type { Announcement, Cell } from "../transactions/notice.ts";
import { formatMoney, totalsOf, type Money } from "../transactions/money.ts";
import { readable } from "./readable.ts";

/** `USD 48,210.40 and CAD 100.00`; empty when there is no amount. */
export function sumOf(totals: readonly Money[]): string {
  return totals.map(formatMoney).join(" and ");
}

/** `5 invoices`, `1 invoice`. */
function counted(count: number, noun: { readonly one: string; readonly many: string }): string {
  return `${count} ${count === 1 ? noun.one : noun.many}`;
}

/** `ReadyToPost` -> `Ready to post`. */
export function statusWords(status: string): string {
  const words = status.replaceAll(
    /([a-z])([A-Z])/g,
    (_match, end: string, start: string) => `${end} ${start.toLowerCase()}`,
  );
  return readable(words);
}

/** What happened, in one line without any text that somebody typed: `14 invoices, 2 payments, USD 1,000.00`. */
export function headline(announcements: readonly Announcement[]): string {
  const byNoun = new Map<string, { noun: Announcement["noun"]; count: number }>();
  for (const { noun, count } of announcements) {
    byNoun.set(noun.one, { noun, count: (byNoun.get(noun.one)?.count ?? 0) + count });
  }
  const counts = [...byNoun.values()].map(({ noun, count }) => counted(count, noun));
  const sum = sumOf(totalsOf(announcements.flatMap(({ totals }) => totals)));
  return [...counts, ...(sum === "" ? [] : [sum])].join(", ");
}

/** The full sentence of one announcement. */
export function sentence(announcement: Announcement): string {
  const { company, count, countInRecord, title, status, dueDate } = announcement;
  const part = count < countInRecord ? ` (${count} of ${countInRecord} in it)` : "";
  const due = dueDate === null ? "" : `, earliest due ${dueDate}`;
  return `${headline([announcement])} in ${title}${part} of ${company}, ${statusWords(status)}${due}.`;
}

/** A cell as text; nothing that Sage holds is empty in a table. */
export function cellText(cell: Cell): string {
  if (cell === null) return "—";
  const text = typeof cell === "string" ? readable(cell) : formatMoney(cell);
  return text === "" ? "—" : text;
}

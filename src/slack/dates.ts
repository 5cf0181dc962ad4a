import type { IsoDate } from "../transactions/date.ts";
import { dueHint } from "../transactions/dated.ts";
import type { Days } from "../transactions/notice.ts";

/** `2026-12-01 (in 6 days)`; the date alone while nobody said what day it is. */
export function dueWords(date: IsoDate, today: IsoDate | undefined): string {
  return today === undefined ? date : `${date} (${dueHint(date, today)})`;
}

/** `24 November`, `20 to 23 November`, `30 November to 2 December`; with the years where they are two. */
export function daysWords({ from, to }: Days): string {
  if (from === to) return dayOf(from);
  if (from.slice(0, 4) !== to.slice(0, 4)) return `${withYear(from)} to ${withYear(to)}`;
  return from.slice(0, 7) === to.slice(0, 7)
    ? `${Number(from.slice(8))} to ${dayOf(to)}`
    : `${dayOf(from)} to ${dayOf(to)}`;
}

function withYear(date: IsoDate): string {
  return `${dayOf(date)} ${date.slice(0, 4)}`;
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

function dayOf(date: IsoDate): string {
  return `${Number(date.slice(8))} ${months[Number(date.slice(5, 7)) - 1] ?? ""}`.trim();
}

/**
 * A calendar date, `YYYY-MM-DD`. Sage writes its dates as midnight `Z` and means no moment in time:
 * they never pass through a time zone.
 */
export type IsoDate = string;

/** The calendar date of one of Sage's stamps; null for the dates that Sage uses to say "none". */
export function dateOf(stamp: string | null | undefined): IsoDate | null {
  const date = /^\d{4}-\d{2}-\d{2}/.exec(stamp ?? "")?.[0];
  if (date === undefined || date <= "1899-12-31" || date >= "9999-12-31") return null;
  return date;
}

/** Whether this is a day of the calendar, as `YYYY-MM-DD`; the 30th of February would be read as one of March. */
export function isCalendarDate(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).getUTCDate() === Number(text.slice(8))
  );
}

/** The calendar date of a moment in a time zone (IANA name). */
export function calendarDate(moment: Date, timeZone: string): IsoDate {
  // The first thing that anybody asks of Intl takes it ten milliseconds.
  if (timeZone === "UTC") return moment.toISOString().slice(0, 10);
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return parts.format(moment);
}

/** The date so many days later, or earlier when `days` is negative. */
export function addDays(date: IsoDate, days: number): IsoDate {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/** Whole days from one date to another; negative when the second is earlier. */
export function daysBetween(from: IsoDate, to: IsoDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

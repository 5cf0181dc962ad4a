const dayInMs = 86_400_000;

/** A calendar date as the API serialises it: midnight `Z`, whatever the company's time zone. */
export function stamp(day: string): string {
  return `${day}T00:00:00Z`;
}

/** The calendar date of a stamp, or the date itself. */
export function dayOf(text: string): string {
  return text.slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(stamp(day)) + days * dayInMs).toISOString().slice(0, 10);
}

export function isCalendarDate(day: string): boolean {
  const time = Date.parse(stamp(day));
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(time) && addDays(day, 0) === day;
}

const dayInMs = 86_400_000;

/** A calendar date as the API serialises it: midnight `Z`, whatever the company's time zone. */
export function stamp(day: string): string {
  return `${day}T00:00:00Z`;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(stamp(day)) + days * dayInMs).toISOString().slice(0, 10);
}

import { Cron } from "croner";

/**
 * Whether a source is to be read now: always without a schedule; else by the first run at or after each due time.
 *
 * @param lastRead Unix milliseconds of the last complete read; null before the first, which waits for no schedule
 */
export function isDue(
  schedule: string | null,
  { lastRead, now, timeZone }: { lastRead: number | null; now: number; timeZone: string },
): boolean {
  // A read in the future comes from a clock that was wrong: nobody waits for that day.
  if (schedule === null || lastRead === null || lastRead > now) return true;
  const due = new Cron(schedule, { timezone: timeZone, paused: true }).nextRun(new Date(lastRead));
  return due !== null && due.getTime() <= now;
}

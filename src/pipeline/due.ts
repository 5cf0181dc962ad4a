import { Cron } from "croner";

import { calendarDate } from "../transactions/date.ts";
import type { Days } from "../transactions/notice.ts";

interface Times {
  /** Unix milliseconds of the last complete read; null before the first. */
  readonly lastRead: number | null;
  readonly now: number;
  /** IANA name. */
  readonly timeZone: string;
}

/**
 * Whether a source is to be read now: always without a schedule; else by the first run at or after each due time.
 * The first read waits for no schedule.
 */
export function isDue(schedule: string | null, { lastRead, now, timeZone }: Times): boolean {
  // A read in the future comes from a clock that was wrong: nobody waits for that day.
  if (schedule === null || lastRead === null || lastRead > now) return true;
  const due = new Cron(schedule, { timezone: timeZone, paused: true }).nextRun(new Date(lastRead));
  return due !== null && due.getTime() <= now;
}

/**
 * The days that a summary made now is about: the dates of the due times since the last read, in the time zone of the
 * books. Null where none has passed.
 */
export function daysDue(schedule: string | null, { lastRead, now, timeZone }: Times): Days | null {
  if (schedule === null || lastRead === null || lastRead > now) return null;
  const cron = new Cron(schedule, { timezone: timeZone, paused: true });
  const first = cron.nextRun(new Date(lastRead));
  if (first === null || first.getTime() > now) return null;
  // What is previous to a moment does not include it, and counts in whole seconds.
  const last = cron.previousRuns(1, new Date(now + 1000))[0] ?? first;
  const from = calendarDate(first, timeZone);
  return { from, to: last < first ? from : calendarDate(last, timeZone) };
}

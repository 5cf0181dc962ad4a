import { calendarDate, type IsoDate } from "../transactions/date.ts";
import type { Style } from "./announce.ts";
import { daysDue } from "./due.ts";
import type { Company, Ports } from "./ports.ts";
import { thresholdsOf } from "./thresholds.ts";

/** What a message says about the time and the configuration in which it was made. */
export type Circumstances = Pick<Style, "today" | "days" | "thresholds">;

/** The day of the books: by Sage's clock, in their time zone. */
export function dayOfBooks(
  { clock, config }: Pick<Ports, "clock" | "config">,
  { client }: Pick<Company, "client">,
): IsoDate {
  return calendarDate(new Date(client.serverTime ?? clock.now()), config.sage.timeZone);
}

interface Reading {
  readonly source: string;
  readonly company: string;
  /** By Sage's clock, in the time zone of the books. */
  readonly today: IsoDate;
  /** Unix milliseconds of the last complete read; null before the first. */
  readonly lastRead: number | null;
}

/** The same for a poll and for the dry run before it: it depends on nothing but the two clocks. */
export function circumstancesOf(
  { config, clock }: Pick<Ports, "config" | "clock">,
  { source, company, today, lastRead }: Reading,
): Circumstances {
  const { timeZone } = config.sage;
  const schedule = config.sources[source]?.schedule ?? null;
  return {
    today,
    days: daysDue(schedule, { lastRead, now: clock.now(), timeZone }) ?? { from: today, to: today },
    thresholds: thresholdsOf(config.routes, { source, company }),
  };
}

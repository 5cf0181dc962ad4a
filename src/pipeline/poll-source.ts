import type { AppError } from "../errors.ts";
import { orderBackfill } from "../state/backfills.ts";
import { backfillsOf, continueBackfill, runTrial } from "./backfill.ts";
import { isDue } from "./due.ts";
import type { Company } from "./ports.ts";
import { readSource, type Read } from "./read-source.ts";
import { noteRefusal } from "./refusals.ts";
import { failureOf, type Failure, type SourceReport } from "./report.ts";
import { checkTime, placeOf, type Poll } from "./source-poll.ts";

export interface Polled {
  readonly sources: readonly SourceReport[];
  readonly failures: readonly Failure[];
}

/** Reads the selected sources of these companies, one after the other. One that fails does not stop the others. */
export async function pollCompanies(
  companies: readonly Company[],
  polls: Omit<Poll, "company" | "name">,
): Promise<Polled> {
  const reports: SourceReport[] = [];
  const failures: Failure[] = [];
  for (const company of companies) {
    for (const name of polls.selection.sources) {
      const { report, failure } = await pollSource({ ...polls, company, name });
      reports.push(report);
      if (failure !== null) failures.push(failure);
    }
    await noteRefusal(polls.ports, company);
  }
  return { sources: reports, failures };
}

async function pollSource(poll: Poll): Promise<{ report: SourceReport; failure: Failure | null }> {
  const { ports, company, name } = poll;
  const place = placeOf(poll);
  const report = (read: Pick<SourceReport, "outcome" | "announced" | "changed">): SourceReport => ({
    company: company.id,
    source: name,
    ...read,
    highWater: ports.store.state.sources[place]?.highWater ?? {},
  });
  const nothing = { announced: 0, changed: 0 };
  const isTime = isTimeFor(poll);
  if (!isTime && !hasHistory(poll)) {
    ports.logger.step(`${place} is not due yet`);
    return { report: report({ ...nothing, outcome: "waiting" }), failure: null };
  }
  try {
    checkTime(ports);
    ports.logger.step(`reads ${place}`);
    const { unreadable, ...read } = await work(poll, isTime);
    ports.logger.step(`${place}: ${read.announced} new, ${read.changed} changed`);
    return { report: report(read), failure: unreadableFailure(place, unreadable) };
  } catch (error) {
    return { report: report({ ...nothing, outcome: "failed" }), failure: failureOf(place, error) };
  }
}

/** The rest of the source went on; what cannot be read is looked at again by every run. */
function unreadableFailure(scope: string, [first, ...others]: readonly AppError[]): Failure | null {
  if (first === undefined) return null;
  const failure = failureOf(scope, first);
  return others.length === 0
    ? failure
    : { ...failure, message: `${failure.message} (and ${others.length} more)` };
}

function hasHistory(poll: Poll): boolean {
  return poll.selection.backfill !== null || backfillsOf(poll).length > 0;
}

/** What is new, unless only history is asked for; then what has been ordered of the history. */
async function work(poll: Poll, isTime: boolean): Promise<Read> {
  const { ports, selection } = poll;
  const { backfill } = selection;
  if (backfill?.trialChannel != null) return runTrial(poll, backfill, backfill.trialChannel);
  const isUnknown = ports.store.state.sources[placeOf(poll)] === undefined;
  const reads: Read[] = [];
  // What comes from now on is not history: a source that was never read begins here.
  if (backfill === null ? isTime : isUnknown) reads.push(await readSource(poll));
  if (backfill !== null) await ports.store.commit((state) => orderBackfill(state, placeOf(poll), backfill));
  for (const job of backfillsOf(poll)) reads.push(await continueBackfill(poll, job));
  return {
    outcome: reads[0]?.outcome ?? "backfill",
    announced: reads.reduce((sum, { announced }) => sum + announced, 0),
    changed: reads.reduce((sum, { changed }) => sum + changed, 0),
    unreadable: reads.flatMap(({ unreadable }) => unreadable),
  };
}

function isTimeFor(poll: Poll): boolean {
  const { ports, name, selection } = poll;
  const schedule = selection.ignoreSchedules ? null : (ports.config.sources[name]?.schedule ?? null);
  return isDue(schedule, {
    lastRead: ports.store.state.sources[placeOf(poll)]?.lastRead ?? null,
    now: ports.clock.now(),
    timeZone: ports.config.sage.timeZone,
  });
}

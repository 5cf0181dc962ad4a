import { Cron } from "croner";

import type { Config } from "../config/config.ts";
import { loadConfig, type LoadOptions } from "../config/load-config.ts";
import { readLockHolder, type LockHolder } from "../state/run-lock.ts";
import { countOutbox, placeOf, type OutboxCounts } from "../state/outbox.ts";
import type { Backfill, OutboxMessage, SourceState, State } from "../state/state.ts";
import { lookAtState } from "../state/state-file.ts";
import type { Trouble } from "../state/troubles.ts";
import { nextStep } from "./next-step.ts";
import { subjectOf, wordsFor } from "./ops-lines.ts";

export interface SourceStatus {
  readonly company: string;
  readonly source: string;
  readonly channel: string;
  /** Per selector the highest number that was read; null before the first run. */
  readonly highWater: Readonly<Record<string, string>> | null;
  /** Records read again by every run, because they are not final. */
  readonly watched: number;
  readonly lastRead: string | null;
  /** When the schedule asks for it next; null without a schedule: then every run reads it. */
  readonly nextDue: string | null;
}

export interface Status {
  readonly stateDirectory: string;
  readonly lastRun: { readonly endedAt: string; readonly exitCode: number } | null;
  readonly sources: readonly SourceStatus[];
  /** History that somebody asked for and that is not read to its end; every poll goes on with it. */
  readonly backfills: readonly BackfillStatus[];
  readonly outbox: OutboxCounts;
  /** What is not delivered, by channel and by what becomes of it. */
  readonly open: readonly OpenGroup[];
  /** What is not in order, the longest first. */
  readonly troubles: readonly TroubleStatus[];
  /** The run that is going on, or that died and left its lock. */
  readonly run: LockHolder | null;
  /** What the next run will tell about a recovery of the state. */
  readonly recoveryNote: string | null;
  /** Sage refused the credentials: nothing is asked until they change. */
  readonly credentialsRefused: boolean;
}

export type BackfillStatus = Pick<Backfill, "place" | "since" | "until" | "readUpTo">;

export interface TroubleStatus {
  /** `ap-invoices of SAMINC`, `#treasury`, `Slack`. */
  readonly subject: string;
  readonly kind: Trouble["kind"];
  readonly since: string;
  /** How many runs in a row met it. */
  readonly runs: number;
  readonly words: string;
}

export interface OpenGroup {
  readonly channel: string;
  readonly status: OutboxMessage["status"];
  readonly reason: string | null;
  readonly count: number;
  readonly happens: string;
}

/** Where everything stands, from the files alone. */
export async function readStatus(installation: LoadOptions): Promise<Status> {
  const { config, stateDirectory } = await loadConfig(installation);
  const { state, recoveryNote } = await lookAtState({ directory: stateDirectory });
  return {
    stateDirectory,
    lastRun: lastRunOf(state),
    sources: config.sage.companies.flatMap((company) => sourcesOf(company, config, state)),
    backfills: (state?.backfills ?? []).map(backfillStatus),
    outbox: countOutbox(state ?? { outbox: [] }),
    open: state === null ? [] : openGroups(state, config),
    troubles: state === null ? [] : troublesIn(state),
    run: await readLockHolder(stateDirectory),
    recoveryNote,
    credentialsRefused: (state?.refusedCredentials ?? null) !== null,
  };
}

/** What is told of it: what else is remembered is for the next run. */
export function backfillStatus({ place, since, until, readUpTo }: Backfill): BackfillStatus {
  return { place, since, until, readUpTo };
}

function openGroups(state: State, { slack }: Config): OpenGroup[] {
  const groups = new Map<string, OpenGroup>();
  for (const message of state.outbox) {
    const { happens } = nextStep(message, {
      state,
      quarantineSeconds: slack.quarantineSeconds,
      now: Date.now(),
    });
    const { status, reason } = message;
    const group = { channel: placeOf(message).name, status, reason, happens };
    const place = JSON.stringify(group);
    groups.set(place, { ...group, count: (groups.get(place)?.count ?? 0) + 1 });
  }
  return [...groups.values()];
}

/** What is told of its message in `open` already is left out. */
function troublesIn(state: State): TroubleStatus[] {
  return Object.entries(state.troubles)
    .filter(([scope]) => scope !== "state" && !scope.startsWith("message "))
    .toSorted(([, left], [, right]) => left.since - right.since)
    .map(([scope, { kind, since, runs }]) => ({
      subject: subjectOf(scope, state),
      kind,
      since: utc(since),
      runs,
      words: wordsFor(scope, { kind }),
    }));
}

function lastRunOf(state: State | null): Status["lastRun"] {
  if (state === null || state.lastRun === null) return null;
  return { endedAt: utc(state.lastRun.endedAt), exitCode: state.lastRun.exitCode };
}

function sourcesOf(company: string, { sources, sage }: Config, state: State | null): SourceStatus[] {
  return Object.entries(sources)
    .filter(([, { enabled }]) => enabled)
    .map(([source, { channel, schedule }]) => {
      const read = state?.sources[`${company}/${source}`];
      return {
        company,
        source,
        channel,
        highWater: read?.highWater ?? null,
        watched: Object.keys(read?.watch ?? {}).length,
        lastRead: isRead(read) ? utc(read.lastRead) : null,
        nextDue: schedule === null || !isRead(read) ? null : nextDue(schedule, read, sage.timeZone),
      };
    });
}

function isRead(source: SourceState | undefined): source is SourceState {
  return source !== undefined && source.lastRead > 0;
}

function nextDue(schedule: string, { lastRead }: SourceState, timezone: string): string | null {
  const due = new Cron(schedule, { timezone, paused: true }).nextRun(new Date(lastRead));
  return due === null ? null : utc(due.getTime());
}

function utc(time: number): string {
  return new Date(time).toISOString();
}

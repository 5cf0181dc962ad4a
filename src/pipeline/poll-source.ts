import { AppError } from "../errors.ts";
import { destinationsOf } from "../routing/route.ts";
import { start } from "../sage/read-baseline.ts";
import { readChanges, type Changed, type Reading } from "../sage/read-changes.ts";
import type { ReadOptions } from "../sage/read-step.ts";
import type { Source } from "../sage/source.ts";
import { sources } from "../sage/sources/index.ts";
import { snapshotIn } from "../state/sealed.ts";
import type { SourceState, State } from "../state/state.ts";
import { enqueue } from "../state/transitions.ts";
import { withDatedFlags } from "../transactions/dated.ts";
import { calendarDate, type IsoDate } from "../transactions/date.ts";
import type { SageRecord } from "../transactions/transaction.ts";
import { circumstancesOf, type Circumstances } from "./circumstances.ts";
import { isDue } from "./due.ts";
import { mergeWaiting } from "./merge.ts";
import { message, type PlanContext } from "./plan.ts";
import { planReading, type Plan, type ReadingContext } from "./plan-reading.ts";
import type { Company, Ports } from "./ports.ts";
import { noteRefusal } from "./refusals.ts";
import { failureOf, type Failure, type SourceReport } from "./report.ts";

/** Which sources a run reads. */
export interface Selection {
  readonly sources: readonly string[];
  /** Reads them whether their schedule is due or not. */
  readonly ignoreSchedules: boolean;
  /** What a source without state does: take note of what there is, or announce all of it. */
  readonly firstRun: "seed" | "post";
}

interface Poll {
  readonly ports: Ports;
  readonly company: Company;
  readonly name: string;
  readonly selection: Selection;
  /** Delivers what the outbox holds, so that it stays small while much is read. */
  readonly drain: () => Promise<void>;
}

/** The outbox is drained in the middle of reading once it holds more messages than this. */
const outboxWindow = 100;

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
  const before = ports.store.state.sources[place];
  const report = {
    company: company.id,
    source: name,
    announced: 0,
    changed: 0,
    highWater: before?.highWater ?? {},
  };
  if (!isTimeFor(poll, before)) return { report: { ...report, outcome: "waiting" }, failure: null };
  try {
    checkTime(ports);
    const { unreadable, ...read } = await readSource(poll, before);
    return { report: { ...report, ...read }, failure: unreadableFailure(place, unreadable) };
  } catch (error) {
    return { report: { ...report, outcome: "failed" }, failure: failureOf(place, error) };
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

/**
 * A run that has used up its time, or was stopped, ends after the range it has just committed.
 *
 * @throws AppError `temporary`
 */
function checkTime({ clock, deadline, signal }: Ports): void {
  if (!signal.aborted && clock.elapsed() <= deadline) return;
  throw new AppError("temporary", signal.aborted ? "stopped before it was read" : "no time left to read it", {
    hint: "The next run goes on from here.",
  });
}

function isTimeFor({ ports, name, selection }: Poll, before: SourceState | undefined): boolean {
  const schedule = selection.ignoreSchedules ? null : (ports.config.sources[name]?.schedule ?? null);
  return isDue(schedule, {
    lastRead: before?.lastRead ?? null,
    now: ports.clock.now(),
    timeZone: ports.config.sage.timeZone,
  });
}

async function readSource(poll: Poll, before: SourceState | undefined): Promise<Read> {
  const { ports, company, name } = poll;
  const source = sourceNamed(name);
  const context = {
    ...(await planContext(ports, source)),
    ...circumstancesOf(ports, {
      source: name,
      company: company.id,
      today: today(ports, company),
      lastRead: before?.lastRead ?? null,
    }),
  };
  const isBaseline = before === undefined && poll.selection.firstRun === "seed";
  const startedAt = ports.clock.now();
  const read: Read = {
    outcome: isBaseline ? "baseline" : "read",
    announced: 0,
    changed: 0,
    highWater: {},
    unreadable: [],
  };
  for await (const reading of together(readChanges(await readOptions(poll, source, before)), context.post)) {
    const plan = isBaseline ? baselinePlan(poll, reading, context) : await planOf(poll, reading, context);
    await ports.store.commit((state) => settleReading(state, { place: placeOf(poll), reading, plan }));
    read.announced += reading.fresh.length;
    read.changed += reading.changed.length;
    read.highWater = reading.position.highWater;
    read.unreadable.push(...reading.unreadable);
    checkTime(ports);
    if (ports.store.state.outbox.length > outboxWindow) await poll.drain();
  }
  await ports.store.commit((state) => finishSource(state, placeOf(poll), startedAt));
  return read;
}

interface Read {
  readonly outcome: "read" | "baseline";
  announced: number;
  changed: number;
  highWater: SourceReport["highWater"];
  readonly unreadable: AppError[];
}

/** As the state and the failures name it: `SAMINC/ap-invoices`. */
function placeOf({ company, name }: Poll): string {
  return `${company.id}/${name}`;
}

async function readOptions(
  { ports, company, name, selection }: Poll,
  source: Source,
  before: SourceState | undefined,
): Promise<ReadOptions> {
  const { config, sealer } = ports;
  const settings = config.sources[name];
  return {
    client: company.client,
    source,
    position: before ?? (selection.firstRun === "post" ? start : null),
    statuses: settings?.statuses ?? null,
    pageSize: config.sage.pageSize,
    today: today(ports, company),
    lookbackDays: settings?.lookbackDays ?? 0,
    dialect: company.master.dialectOf(source.name),
    seal: (snapshot) => sealer.seal(JSON.stringify(snapshot)),
  };
}

/** By Sage's clock, in the time zone of the books. */
function today({ clock, config }: Ports, { client }: Company): IsoDate {
  return calendarDate(new Date(client.serverTime ?? clock.now()), config.sage.timeZone);
}

/** A summary speaks of everything at once: what is read for it becomes one reading. */
async function* together(
  readings: AsyncIterable<Reading>,
  post: PlanContext["post"],
): AsyncGenerator<Reading> {
  if (post !== "summary") {
    yield* readings;
    return;
  }
  const parts: Reading[] = [];
  for await (const reading of readings) parts.push(reading);
  const last = parts.at(-1);
  if (last === undefined) return;
  yield {
    fresh: parts.flatMap(({ fresh }) => fresh),
    changed: parts.flatMap(({ changed }) => changed),
    unreadable: parts.flatMap(({ unreadable }) => unreadable),
    position: last.position,
  };
}

/** What is owed for a reading and the position after it, in one commit: neither can be had without the other. */
function settleReading(
  state: State,
  { place, reading, plan }: { place: string; reading: Reading; plan: Plan },
): State {
  const next = enqueue(state, plan.messages);
  return {
    ...next,
    outbox: mergeWaiting(next.outbox, next.salt),
    headings: { ...next.headings, ...Object.fromEntries(plan.headings) },
    sources: {
      ...next.sources,
      [place]: { ...reading.position, lastRead: next.sources[place]?.lastRead ?? 0 },
    },
  };
}

/** Only a source that was read to its end has been read, as far as its schedule is concerned. */
function finishSource(state: State, place: string, lastRead: number): State {
  const source = state.sources[place];
  return source === undefined
    ? state
    : { ...state, sources: { ...state.sources, [place]: { ...source, lastRead } } };
}

async function planOf({ ports, company }: Poll, reading: Reading, context: SourceContext): Promise<Plan> {
  const fresh: SageRecord[] = [];
  const complete = async (record: SageRecord) =>
    company.master.enrich(withDatedFlags(record, context.today), context.today);
  for (const record of reading.fresh) fresh.push(await complete(record));
  const changed: Changed[] = [];
  for (const one of reading.changed) changed.push({ ...one, record: await complete(one.record) });
  return planReading({ fresh, changed, position: reading.position }, context, ports.store.state);
}

function baselinePlan({ company }: Poll, { position }: Reading, context: SourceContext): Plan {
  const { source, channel, salt } = context;
  const from = Object.entries(position.highWater).map(([selector, mark]) =>
    `${selector} ${BigInt(mark) + 1n}`.trim(),
  );
  const text = `Following ${source.title} of ${company.id} from ${source.recordTitle.split(" ").at(-1)} ${from.join(" and ")} on.`;
  const line = message(
    {
      kind: "baseline",
      channel: channel(context.sourceChannel),
      transactions: [`v1:${company.id}:${source.name}:baseline:0@${from.join(",")}`],
      notices: [{ kind: "line", text }],
      part: 0,
    },
    salt,
  );
  return { messages: [line], headings: new Map() };
}

type SourceContext = ReadingContext & { readonly sourceChannel: string };

async function planContext(
  { config, directory, store, sealer }: Ports,
  source: Source,
): Promise<Omit<SourceContext, keyof Circumstances>> {
  const settings = config.sources[source.name];
  if (settings === undefined) throw new Error(`${source.name} is not configured`);
  const routes = config.routes.filter(({ when }) => concerns(when.source, source.name));
  await directory.load({
    channels: [settings.channel, ...routes.map(({ channel }) => channel)],
    mentions: routes.flatMap(({ mention }) => mention),
  });
  const routing = { routes, channel: settings.channel };
  return {
    source,
    post: settings.post,
    updates: settings.updates,
    sourceChannel: settings.channel,
    destinations: (transaction, record) => destinationsOf(transaction, record, routing),
    salt: store.state.salt,
    occasion: String(store.state.epoch),
    link: config.sage.link ?? null,
    channel: (name) => directory.channel(name),
    named: (id) => directory.named(id),
    mention: (name) => directory.mention(name),
    shownBefore: ({ shown }) => snapshotIn(shown === undefined ? null : sealer.open(shown)),
  };
}

function concerns(wanted: string | readonly string[] | undefined, source: string): boolean {
  return wanted === undefined || [wanted].flat().some((name) => name === source);
}

function sourceNamed(name: string): Source {
  const source = sources.find((one) => one.name === name);
  if (source === undefined) throw new Error(`no source is called ${name}`);
  return source;
}

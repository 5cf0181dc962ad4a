import { AppError } from "../errors.ts";
import { readChanges, type Reading } from "../sage/read-changes.ts";
import type { Source } from "../sage/source.ts";
import { sources } from "../sage/sources/index.ts";
import type { OutboxMessage, SourceState, State } from "../state/state.ts";
import { enqueue, isPromised } from "../state/transitions.ts";
import { isDue } from "./due.ts";
import { mergeWaiting } from "./merge.ts";
import { message, planMessages, type PlanContext } from "./plan.ts";
import type { Company, Ports } from "./ports.ts";
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

/** Reads one source of one company. A source that fails does not stop the others. */
export async function pollSource(poll: Poll): Promise<{ report: SourceReport; failure: Failure | null }> {
  const { ports, company, name } = poll;
  const before = ports.store.state.sources[`${company.id}/${name}`];
  const report = { company: company.id, source: name, announced: 0, highWater: before?.highWater ?? {} };
  if (!isTimeFor(poll, before)) return { report: { ...report, outcome: "waiting" }, failure: null };
  try {
    checkTime(ports);
    const read = await readSource(poll, before);
    return { report: { ...report, ...read }, failure: null };
  } catch (error) {
    return { report: { ...report, outcome: "failed" }, failure: failureOf(`${company.id}/${name}`, error) };
  }
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

async function readSource(
  poll: Poll,
  before: SourceState | undefined,
): Promise<Omit<SourceReport, "company" | "source">> {
  const { ports, company, name, selection } = poll;
  const source = sourceNamed(name);
  const context = await planContext(ports, source);
  const isFirst = before === undefined;
  const startedAt = ports.clock.now();
  const place = `${company.id}/${name}`;
  let announced = 0;
  let highWater: SourceReport["highWater"] = {};
  for await (const reading of readChanges({
    client: company.client,
    source,
    position: before ?? (selection.firstRun === "post" ? { highWater: {}, watch: {} } : null),
    statuses: ports.config.sources[name]?.statuses ?? null,
    pageSize: ports.config.sage.pageSize,
  })) {
    const messages =
      isFirst && selection.firstRun === "seed"
        ? [baseline(poll, reading, context)]
        : await planned(poll, reading, context);
    await ports.store.commit((state) => settleReading(state, { place, reading, messages }));
    announced += reading.records.length;
    highWater = reading.position.highWater;
    checkTime(ports);
    if (ports.store.state.outbox.length > outboxWindow) await poll.drain();
  }
  await ports.store.commit((state) => finishSource(state, place, startedAt));
  return { outcome: isFirst && selection.firstRun === "seed" ? "baseline" : "read", announced, highWater };
}

/** What is owed for a reading and the position after it, in one commit: neither can be had without the other. */
function settleReading(
  state: State,
  { place, reading, messages }: { place: string; reading: Reading; messages: readonly OutboxMessage[] },
): State {
  const next = enqueue(state, messages);
  return {
    ...next,
    outbox: mergeWaiting(next.outbox, next.salt),
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

async function planned({ company }: Poll, reading: Reading, context: PlanContext): Promise<OutboxMessage[]> {
  const records = [];
  for (const record of reading.records) records.push(await company.master.enrich(record));
  return planMessages(records, context);
}

function baseline(
  { company }: Poll,
  { position }: Reading,
  { source, routing, channel, salt }: PlanContext,
): OutboxMessage {
  const from = Object.entries(position.highWater).map(([selector, mark]) =>
    `${selector} ${BigInt(mark) + 1n}`.trim(),
  );
  const text = `Following ${source.title} of ${company.id} from ${source.recordTitle.split(" ").at(-1)} ${from.join(" and ")} on.`;
  return message(
    {
      kind: "baseline",
      channel: channel(routing.channel),
      transactions: [`v1:${company.id}:${source.name}:baseline:0@${from.join(",")}`],
      notices: [{ kind: "line", text }],
      part: 0,
    },
    salt,
  );
}

async function planContext({ config, directory, store }: Ports, source: Source): Promise<PlanContext> {
  const settings = config.sources[source.name];
  if (settings === undefined) throw new Error(`${source.name} is not configured`);
  const routes = config.routes.filter(({ when }) => concerns(when.source, source.name));
  await directory.load({
    channels: [settings.channel, ...routes.map(({ channel }) => channel)],
    mentions: routes.flatMap(({ mention }) => mention),
  });
  return {
    source,
    post: settings.post,
    routing: { routes, channel: settings.channel },
    salt: store.state.salt,
    link: config.sage.link ?? null,
    channel: (name) => directory.channel(name),
    mention: (name) => directory.mention(name),
    isPromised: (transaction, channelId) => isPromised(store.state, transaction, channelId),
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

import { isDeepStrictEqual } from "node:util";

import type { AppError } from "../errors.ts";
import { readChanges, type Changed, type Reading } from "../sage/read-changes.ts";
import type { State } from "../state/state.ts";
import { withDatedFlags } from "../transactions/dated.ts";
import type { SageRecord } from "../transactions/transaction.ts";
import { message, type PlanContext } from "./plan.ts";
import { planReading, type Plan } from "./plan-reading.ts";
import type { Company } from "./ports.ts";
import {
  loadDestinations,
  owing,
  placeOf,
  readOptions,
  sourceContext,
  takeBreath,
  type Poll,
  type SourceContext,
} from "./source-poll.ts";

/** Announces what is new or changed in a source; the first time, takes note of what there is. */
export async function readSource(poll: Poll): Promise<Read> {
  const { ports } = poll;
  const place = placeOf(poll);
  const before = ports.store.state.sources[place];
  const context = await sourceContext(poll);
  const isBaseline = before === undefined && poll.selection.firstRun === "seed";
  const startedAt = ports.clock.now();
  const read: Read = {
    outcome: isBaseline ? "baseline" : "read",
    announced: 0,
    changed: 0,
    unreadable: [],
  };
  for await (const reading of together(
    readChanges(readOptions(poll, context.source, before)),
    context.post,
  )) {
    const plan = isBaseline ? baselinePlan(poll, reading, context) : await planOf(poll, reading, context);
    const settled = { place, reading, plan };
    if (bringsNews(ports.store.state, settled)) {
      await ports.store.commit((state) => settleReading(state, settled));
    }
    read.announced += reading.fresh.length;
    read.changed += reading.changed.length + reading.lost.length + reading.gone.length;
    read.unreadable.push(...reading.unreadable);
    await takeBreath(poll);
  }
  const finish = (state: State) => finishSource(state, place, startedAt);
  // Without a schedule a source is due in every run, and the next one finds out by itself.
  if (ports.config.sources[poll.name]?.schedule == null) ports.store.note(finish);
  else await ports.store.commit(finish);
  return read;
}

/** What a reading brought. */
export interface Read {
  readonly outcome: "read" | "baseline" | "backfill";
  announced: number;
  changed: number;
  readonly unreadable: AppError[];
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
    lost: parts.flatMap(({ lost }) => lost),
    gone: parts.flatMap(({ gone }) => gone),
    unreadable: parts.flatMap(({ unreadable }) => unreadable),
    position: last.position,
  };
}

interface Settled {
  readonly place: string;
  readonly reading: Reading;
  readonly plan: Plan;
}

/** Most runs find what the last one left: that needs no write to the disk. */
function bringsNews({ sources }: State, { place, reading, plan }: Settled): boolean {
  if (plan.messages.length > 0 || plan.headings.size > 0) return true;
  const { lastRead: _lastRead, ...before } = sources[place] ?? { lastRead: 0 };
  return !isDeepStrictEqual(before, reading.position);
}

/** What is owed for a reading and the position after it, in one commit: neither can be had without the other. */
function settleReading(state: State, { place, reading, plan }: Settled): State {
  const next = owing(state, plan.messages);
  return {
    ...next,
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
  const fresh = await completed(reading.fresh, company, context);
  const lost = await completed(reading.lost, company, context);
  const changed: Changed[] = [];
  for (const one of reading.changed) {
    const [record = one.record] = await completed([one.record], company, context);
    changed.push({ ...one, record });
  }
  await loadDestinations(ports, [...fresh, ...changed.map(({ record }) => record)], context);
  const { gone, position } = reading;
  return planReading({ fresh, changed, lost, gone, copies: position.copies }, context, ports.store.state);
}

/** With the names that Sage does not send along, and what follows from today's date. */
export async function completed(
  records: readonly SageRecord[],
  { master }: Company,
  { today }: SourceContext,
): Promise<SageRecord[]> {
  const found: SageRecord[] = [];
  for (const record of records) found.push(await master.enrich(withDatedFlags(record, today), today));
  return found;
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

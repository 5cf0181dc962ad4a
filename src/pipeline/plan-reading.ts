import type { Reading } from "../sage/read-changes.ts";
import type { Heading, OutboxMessage, State } from "../state/state.ts";
import { enqueue, isDelivered, waitingIn } from "../state/transitions.ts";
import type { Position } from "../transactions/position.ts";
import { planMessages } from "./plan.ts";
import { planCopies } from "./plan-copies.ts";
import { planGone, planUpdates, type UpdateContext } from "./plan-updates.ts";
import { Threads } from "./threads.ts";

export interface Plan {
  readonly messages: readonly OutboxMessage[];
  readonly headings: ReadonlyMap<string, Heading>;
}

/** A reading with the names that Sage does not send along. */
export type Enriched = Pick<Reading, "fresh" | "changed" | "lost" | "gone"> & Pick<Position, "copies">;

/** What does not depend on the state. */
export interface ReadingContext extends Omit<UpdateContext, "isPromised" | "isWaiting" | "threadsOf"> {
  /** Whether what has been announced may be announced again. */
  readonly repeats: boolean;
}

/**
 * Everything owed for a reading, changes before what is new: an error batch's entries belong in the threads that the
 * change of their originals may have begun. Pure: the same reading and state give the same messages.
 */
export function planReading(reading: Enriched, context: ReadingContext, before: State): Plan {
  const plan = new PlanInProgress(context, before);
  const records = [...reading.changed.map(({ record }) => record), ...reading.fresh];
  if (context.post === "summary") {
    plan.add(planMessages(records, plan.context()));
    return plan;
  }
  for (const changed of reading.changed) {
    const { messages, headings } = planUpdates(changed, plan.context());
    plan.add(messages, headings);
  }
  const origins = { of: (copy: string) => reading.copies[copy], read: records };
  for (const record of reading.fresh) {
    const { messages, rest } = planCopies(record, origins, plan.context());
    plan.add(messages);
    if (rest.transactions.length > 0) plan.add(planMessages([rest], plan.context()));
  }
  for (const gone of reading.gone) plan.add(planGone(gone, plan.context()));
  for (const record of reading.lost) plan.add(planCopies(record, origins, plan.context()).messages);
  return plan;
}

/** What one part of a plan promises, the next must know of. */
class PlanInProgress implements Plan {
  readonly messages: OutboxMessage[] = [];
  readonly headings = new Map<string, Heading>();
  readonly #context: ReadingContext;
  /** Found once, where anything has changed: a plan delivers nothing. */
  #threads: Threads | null = null;
  readonly #waiting: Set<string>;
  #state: State;

  constructor(context: ReadingContext, state: State) {
    this.#context = context;
    this.#state = state;
    this.#waiting = waitingIn(state.outbox);
  }

  context(): UpdateContext {
    const state = this.#state;
    const isWaiting = (transaction: string, channelId: string) =>
      this.#waiting.has(`${channelId} ${transaction}`);
    return {
      ...this.#context,
      isPromised: (transaction, channelId) =>
        !this.#context.repeats &&
        (isWaiting(transaction, channelId) || isDelivered(state, transaction, channelId)),
      isWaiting,
      threadsOf: (record) => {
        this.#threads ??= new Threads(state.delivered);
        return this.#threads.of(record, state.outbox);
      },
    };
  }

  add(messages: readonly OutboxMessage[], headings: ReadonlyMap<string, Heading> = new Map()): void {
    this.messages.push(...messages);
    for (const [place, heading] of headings) this.headings.set(place, heading);
    for (const place of waitingIn(messages)) this.#waiting.add(place);
    this.#state = enqueue(this.#state, messages);
  }
}

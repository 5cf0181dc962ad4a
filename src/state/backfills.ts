import type { IsoDate } from "../transactions/date.ts";
import { add } from "../transactions/number-ranges.ts";
import { forgetOld } from "./forget.ts";
import type { Backfill, State } from "./state.ts";

export interface Order {
  readonly since: IsoDate;
  readonly until: IsoDate | null;
  /** Also what was announced before. */
  readonly isResend: boolean;
}

/** Writes an order down, so that any later run can go on with it. The same order twice is one. */
export function orderBackfill(state: State, place: string, { since, until, isResend }: Order): State {
  const resend = isResend ? { resend: `resend ${state.epoch}` } : {};
  const backfill: Backfill = { place, since, until, ...resend, readUpTo: {}, copies: {}, closed: {} };
  if (state.backfills.some((one) => isSameOrder(one, backfill))) return state;
  return { ...state, backfills: [...state.backfills, backfill] };
}

function isSameOrder(one: Backfill, other: Backfill): boolean {
  return (
    one.place === other.place &&
    one.since === other.since &&
    one.until === other.until &&
    (one.resend === undefined) === (other.resend === undefined)
  );
}

export interface Progress extends Pick<Backfill, "readUpTo" | "copies"> {
  /** The number and selector of each record in which nothing will change any more. */
  readonly closed: readonly { readonly selector: string; readonly number: bigint }[];
}

/** How far an order has come. Of what is delivered and closed only the numbers stay: history must not fill the state. */
export function noteProgress(state: State, order: Backfill, progress: Progress): State {
  const { readUpTo, copies } = progress;
  const backfills = state.backfills.map((one) => {
    if (!isSameOrder(one, order)) return one;
    const closed = { ...one.closed };
    for (const { selector, number } of progress.closed) {
      closed[selector] = add(closed[selector] ?? "", [number]);
    }
    return { ...one, readUpTo, copies, closed };
  });
  return { ...state, backfills };
}

/** It has been read to its end. */
export function endBackfill(state: State, order: Backfill, now: number): State {
  const { backfills, ...rest } = forgetOld(state, now);
  return { ...rest, backfills: backfills.filter((one) => !isSameOrder(one, order)) };
}

/** Somebody does not want the rest of what was ordered for this place. */
export function dropBackfills(state: State, place: string): State {
  return { ...state, backfills: state.backfills.filter((one) => one.place !== place) };
}

import { mergeable } from "../slack/fit.ts";
import type { OutboxMessage } from "../state/state.ts";
import type { Notice } from "../transactions/notice.ts";
import { message } from "./plan.ts";

/**
 * The outbox with further messages behind those that wait, each merged into the last one for its channel while the
 * limits allow. Only messages that were never attempted may change: Slack may already have seen any other under its
 * key. What waits was tried when it came, and is not tried again.
 */
export function mergeInto(
  outbox: readonly OutboxMessage[],
  added: readonly OutboxMessage[],
  salt: string,
): OutboxMessage[] {
  const parents = new Set([...outbox, ...added].map(({ parent }) => parent));
  const isOpen = (one: OutboxMessage) => isNeverAttempted(one) && !parents.has(one.key);
  const groups: OutboxMessage[][] = [];
  const growing = new Map<string, OutboxMessage[]>();
  const begin = (one: OutboxMessage) => {
    const group = [one];
    groups.push(group);
    // Another that may not change ends what could grow: order within a channel stays.
    if (isOpen(one)) growing.set(placeOf(one), group);
    else growing.delete(placeOf(one));
  };
  for (const waiting of outbox) begin(waiting);
  for (const run of runsOf(added, isOpen)) {
    for (let rest = run; rest[0] !== undefined;) {
      const group = isOpen(rest[0]) ? growing.get(placeOf(rest[0])) : undefined;
      const taken = group === undefined ? 0 : fitting(group, rest, usual(groups));
      group?.push(...rest.slice(0, taken));
      const [next, ...others] = rest.slice(taken);
      if (next !== undefined) begin(next);
      rest = others;
    }
  }
  return groups.map((group) => together(group, salt));
}

/** Messages that follow each other and may become one. */
function runsOf(
  messages: readonly OutboxMessage[],
  isOpen: (one: OutboxMessage) => boolean,
): OutboxMessage[][] {
  const runs: OutboxMessage[][] = [];
  for (const one of messages) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const follows = last !== undefined && isOpen(last) && isOpen(one) && placeOf(last) === placeOf(one);
    if (follows) run?.push(one);
    else runs.push([one]);
  }
  return runs;
}

/** As many notices as the fullest message holds: batches are alike, and it saves trying each number up to that. */
function usual(groups: readonly OutboxMessage[][]): number {
  return groups.reduce((most, group) => Math.max(most, noticesOf(group).length), 0);
}

/** How many messages of a run fit behind a group; tried first with what is usual, then with more or fewer. */
function fitting(group: readonly OutboxMessage[], run: readonly OutboxMessage[], likely: number): number {
  const fit = (count: number) => mergeable(noticesOf([...group, ...run.slice(0, count)]));
  let count = Math.min(run.length, Math.max(1, likely - noticesOf(group).length));
  if (!fit(count)) {
    do count -= 1;
    while (count > 0 && !fit(count));
    return count;
  }
  while (count < run.length && fit(count + 1)) count += 1;
  return count;
}

function noticesOf(group: readonly OutboxMessage[]): Notice[] {
  return group.flatMap(({ notices }) => notices);
}

function placeOf({ channel, kind, edition }: OutboxMessage): string {
  return `${channel.id} ${kind} ${edition ?? ""}`;
}

function isNeverAttempted({ kind, status, attempts }: OutboxMessage): boolean {
  return (kind === "announcement" || kind === "baseline") && status === "pending" && attempts === 0;
}

function together(group: readonly OutboxMessage[], salt: string): OutboxMessage {
  const [first, ...others] = group;
  if (first === undefined) throw new Error("a message is made of one or more");
  if (others.length === 0) return first;
  const { kind, channel, edition, isTrial } = first;
  const merged = message(
    {
      kind,
      channel,
      ...(edition === undefined ? {} : { edition }),
      transactions: group.flatMap(({ transactions }) => transactions),
      notices: noticesOf(group),
      part: 0,
    },
    salt,
  );
  return isTrial === true ? { ...merged, isTrial } : merged;
}

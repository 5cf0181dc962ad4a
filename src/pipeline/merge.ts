import { mergeable } from "../slack/fit.ts";
import type { OutboxMessage } from "../state/state.ts";
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
  const merged = [...outbox];
  const openAt = new Map<string, number>();
  // Another that may not change ends it: order within a channel stays.
  const note = (one: OutboxMessage, index: number) =>
    isOpen(one) ? openAt.set(placeOf(one), index) : openAt.delete(placeOf(one));
  for (const [index, waiting] of outbox.entries()) note(waiting, index);
  for (const one of added) {
    const index = isOpen(one) ? openAt.get(placeOf(one)) : undefined;
    const last = index === undefined ? undefined : merged[index];
    if (index !== undefined && last !== undefined && mergeable([...last.notices, ...one.notices])) {
      merged[index] = together(last, one, salt);
    } else note(one, merged.push(one) - 1);
  }
  return merged;
}

function placeOf({ channel, kind, edition }: OutboxMessage): string {
  return `${channel.id} ${kind} ${edition ?? ""}`;
}

function isNeverAttempted({ kind, status, attempts }: OutboxMessage): boolean {
  return (kind === "announcement" || kind === "baseline") && status === "pending" && attempts === 0;
}

function together(left: OutboxMessage, right: OutboxMessage, salt: string): OutboxMessage {
  const { kind, channel, edition, isTrial } = left;
  const merged = message(
    {
      kind,
      channel,
      ...(edition === undefined ? {} : { edition }),
      transactions: [...left.transactions, ...right.transactions],
      notices: [...left.notices, ...right.notices],
      part: 0,
    },
    salt,
  );
  return isTrial === true ? { ...merged, isTrial } : merged;
}

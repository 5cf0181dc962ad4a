import { mergeable } from "../slack/fit.ts";
import type { OutboxMessage } from "../state/state.ts";
import { message } from "./plan.ts";

/**
 * The same outbox with what waits for one channel merged into as few messages as the limits allow. Only messages
 * that were never attempted may change: Slack may already have seen any other under its key.
 */
export function mergeWaiting(outbox: readonly OutboxMessage[], salt: string): OutboxMessage[] {
  const parents = new Set(outbox.map(({ parent }) => parent));
  const merged: OutboxMessage[] = [];
  const lastOf = new Map<string, number>();
  for (const waiting of outbox) {
    const isOpen = isNeverAttempted(waiting) && !parents.has(waiting.key);
    const place = `${waiting.channel.id} ${waiting.kind} ${waiting.edition ?? ""}`;
    const index = lastOf.get(place);
    const last = index === undefined ? undefined : merged[index];
    if (
      isOpen &&
      index !== undefined &&
      last !== undefined &&
      mergeable([...last.notices, ...waiting.notices])
    ) {
      merged[index] = together(last, waiting, salt);
      continue;
    }
    if (isOpen) lastOf.set(place, merged.length);
    else lastOf.delete(place); // order within a channel stays
    merged.push(waiting);
  }
  return merged;
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

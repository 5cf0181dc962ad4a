import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { includes } from "../../src/transactions/number-ranges.ts";
import type { OutboxMessage, State } from "../../src/state/state.ts";
import type { Document } from "./installation.ts";

/** The state as a run left it; null when it died while it wrote, and the next one will go on from another copy. */
export async function stateIn(folder: string): Promise<State | null> {
  try {
    const text = await readFile(join(folder, "sage-slack.cursor.json"), "utf8");
    return (JSON.parse(text) as { body: State }).body;
  } catch {
    return null;
  }
}

interface Known {
  readonly state: State;
  /** Null when the run was killed. */
  readonly code: number | null;
  readonly documents: ReadonlyMap<string, Document>;
  /** Whether Slack has a message in this channel that names the document. */
  readonly isNamed: (number: string, channelName: string) => boolean;
  /** A right was missing in this run, which ends it with 3 whatever waits. */
  readonly isRestricted?: boolean;
}

/** What in a state must not be, after whatever end of a run. */
export function problemsIn(known: Known): string[] {
  return [...underWay(known.state), ...passedOver(known), ...wrongCode(known)];
}

/** At most one message of a channel is under way; after a recovery, all that may have been sent since is in doubt. */
function underWay({ outbox }: State): string[] {
  const places = outbox
    .filter(({ status, isHeld }) => status === "inflight" && isHeld !== true)
    .filter(({ attempt }) => attempt?.id !== "recovery")
    .map(({ channel, via }) => (via ?? channel).name);
  return places.length === new Set(places).size ? [] : [`two messages under way: ${places.join(", ")}`];
}

/** What has been read is in Slack or in the outbox: nothing else will ever bring it up again. */
function passedOver({ state, documents, isNamed }: Known): string[] {
  const waiting = new Set(state.outbox.flatMap(promisesOf));
  return [...documents].flatMap(([number, document]) => {
    if (!isRead(state, document)) return [];
    const missing = document.channels.filter(
      (channel) => !isNamed(number, channel) && !waiting.has(`${document.id} #${channel}`),
    );
    return missing.map((channel) => `read and neither sent nor waiting: ${number} ${channel}`);
  });
}

/** `v1:SAMINC:ap-invoices:28:1@ #treasury` */
function promisesOf({ transactions, channel }: OutboxMessage): string[] {
  return transactions.map((transaction) => `${transaction.split("@")[0]}@ ${channel.name}`);
}

function isRead(state: State, { id }: Document): boolean {
  const [, company = "", source = "", record = ""] = id.split(":");
  const [number = "", selector = ""] = record.split("-").toReversed();
  const known = state.sources[`${company}/${source}`]?.known[selector];
  return known !== undefined && includes(known, BigInt(number));
}

/** 0 says that nothing waits, 3 that somebody is needed. A dead letter was told when it became one. */
function wrongCode({ state: { outbox }, code, isRestricted }: Known): string[] {
  const dead = new Set(outbox.filter(({ status }) => status === "dead").map(({ key }) => key));
  // What belongs in the thread of a dead letter waits for whatever somebody decides about that.
  const waiting = outbox.filter(({ key, parent }) => !dead.has(key) && !dead.has(parent ?? ""));
  const shown = waiting.map(({ status, kind, reason }) => `${status} ${kind} (${reason})`).join(", ");
  const needsSomebody =
    isRestricted === true || dead.size > 0 || outbox.some(({ isHeld }) => isHeld === true);
  if (code === 0 && waiting.length > 0) return [`ended with 0 and this undelivered: ${shown}`];
  return code === 3 && !needsSomebody ? ["ended with 3, and nothing waits for anybody"] : [];
}

import type { CallArguments } from "./call-arguments.ts";
import { SlackRefusal } from "./refusal.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Empty on the last page. */
  readonly nextCursor: string;
  /** 1 for the first. */
  readonly number: number;
}

export interface PageRules {
  readonly limit: number;
  /** Whether pages come shorter than asked for, which Slack may do at any time. */
  readonly short: boolean;
}

/** https://docs.slack.dev/apis/web-api/pagination/ */
export function pageOf<Item>(args: CallArguments, items: readonly Item[], rules: PageRules): Page<Item> {
  const cursor = args.string("cursor");
  const { offset, number } = cursor === undefined ? { offset: 0, number: 1 } : readCursor(cursor);
  const length = rules.short ? Math.ceil(rules.limit / 2) : rules.limit;
  const end = offset + length;
  return {
    items: items.slice(offset, end),
    nextCursor: end < items.length ? writeCursor(end, number + 1) : "",
    number,
  };
}

/** Slack's cursors end with `=`, which must be percent-encoded in a query. */
function writeCursor(offset: number, number: number): string {
  const text = `next:${offset}:${number}`;
  const padding = text.length % 3 === 0 ? ";" : "";
  return Buffer.from(text + padding).toString("base64");
}

function readCursor(cursor: string): { offset: number; number: number } {
  const match = /^next:(\d+):(\d+);?$/.exec(Buffer.from(cursor, "base64").toString());
  if (!match) throw new SlackRefusal("invalid_cursor");
  return { offset: Number(match[1]), number: Number(match[2]) };
}

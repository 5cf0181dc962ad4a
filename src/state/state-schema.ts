import { z } from "../runtime/zod.ts";
import type { State } from "./state.ts";
import { troubleKinds } from "./troubles.ts";

const money = z.object({ amount: z.string(), currency: z.string() });
const cell = z.union([z.string(), money, z.null()]);
const column = z.object({
  title: z.string(),
  align: z.enum(["left", "right"]),
  kind: z.enum(["due", "status"]).exactOptional(),
});
const row = z.object({ transaction: z.string(), cells: z.array(cell) });
const mention = z.union([
  z.object({ kind: z.enum(["user", "group"]), id: z.string() }),
  z.object({ kind: z.literal("unresolved"), name: z.string() }),
]);

const noun = z.object({ one: z.string(), many: z.string() });

const summary = z.object({
  days: z.object({ from: z.string(), to: z.string() }),
  batches: z.number(),
  panels: z.array(
    z.object({
      title: z.string(),
      columns: z.array(column),
      rows: z.array(z.array(cell)),
      isTable: z.boolean(),
      inThread: z.string().exactOptional(),
    }),
  ),
  attention: z.array(z.string()),
});

const announcement = z.object({
  kind: z.literal("announcement"),
  company: z.string(),
  source: z.string(),
  record: z.string(),
  title: z.string(),
  noun,
  count: z.number(),
  countInRecord: z.number(),
  counts: z.array(noun.extend({ count: z.number() })).exactOptional(),
  summary: summary.exactOptional(),
  document: z.object({ name: z.string(), party: z.string() }).exactOptional(),
  highlights: z.array(z.string()).exactOptional(),
  today: z.string().exactOptional(),
  totals: z.array(money),
  totalTitle: z.string().exactOptional(),
  status: z.string(),
  date: z.string().nullable(),
  dueDate: z.string().nullable(),
  dueTitle: z.string().exactOptional(),
  description: z.string(),
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
  columns: z.array(column),
  rows: z.array(row),
  mentions: z.array(mention),
  decidedBy: z.string(),
  inThread: z.string().exactOptional(),
  link: z.string().exactOptional(),
});

const moreRows = z.object({
  kind: z.literal("more-rows"),
  title: z.string(),
  from: z.number(),
  to: z.number(),
  of: z.number(),
  today: z.string().exactOptional(),
  columns: z.array(column),
  rows: z.array(row),
});

const update = z.object({
  kind: z.literal("update"),
  company: z.string(),
  title: z.string(),
  changes: z.array(
    z.object({
      subject: z.string(),
      label: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
    }),
  ),
  today: z.string().exactOptional(),
  columns: z.array(column),
  rows: z.array(row),
});

const notice = z.discriminatedUnion("kind", [
  announcement,
  update,
  moreRows,
  z.object({ kind: z.literal("line"), text: z.string() }),
]);

const channel = z.object({ id: z.string(), name: z.string() });

const outboxMessage = z.object({
  key: z.string().min(1),
  kind: z.enum(["announcement", "more-rows", "update", "baseline", "operations"]),
  channel,
  via: channel.exactOptional(),
  transactions: z.array(z.string()),
  notices: z.array(notice),
  edition: z.string().exactOptional(),
  isTrial: z.literal(true).exactOptional(),
  parent: z.string().exactOptional(),
  threadTs: z.string().exactOptional(),
  status: z.enum(["pending", "inflight", "dead"]),
  rendering: z.enum(["full", "compact", "plain"]),
  attempts: z.int().nonnegative(),
  attempt: z
    .object({ id: z.string(), startedLocal: z.number(), startedServer: z.number().nullable() })
    .nullable(),
  isRepeat: z.literal(true).exactOptional(),
  isHeld: z.literal(true).exactOptional(),
  misses: z.int().exactOptional(),
  reason: z.string().nullable(),
});

const ranges = z.string().regex(/^(?:\d{1,18}(?:-\d{1,18})?(?:,|$))*$/);

const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

const watched = z.object({
  header: z.string(),
  status: z.string(),
  isFinal: z.boolean(),
  entries: z.record(z.string(), z.string()),
  announced: z.boolean(),
  edited: isoDate.nullable().exactOptional(),
  isMissing: z.literal(true).exactOptional(),
  shown: z.string().exactOptional(),
});

const number = z.string().regex(/^\d{1,18}$/);

const backfill = z.object({
  place: z.string(),
  since: isoDate,
  until: isoDate.nullable(),
  resend: z.string().exactOptional(),
  readUpTo: z.record(z.string(), number),
  copies: z.record(z.string(), z.string()),
  closed: z.record(z.string(), ranges).default({}),
});

const troubleKind = z.enum(troubleKinds);

const trouble = z.object({
  kind: troubleKind,
  since: z.number(),
  runs: z.int().nonnegative(),
  told: troubleKind.nullable(),
});

const stateSchema = z.object({
  instance: z.string().min(1),
  salt: z.string().min(1),
  epoch: z.int().nonnegative(),
  bind: z.object({ teamId: z.string().nullable(), botId: z.string().nullable() }),
  sources: z.record(
    z.string(),
    z.object({
      highWater: z.record(z.string(), number),
      known: z.record(z.string(), ranges),
      watch: z.record(z.string(), watched),
      copies: z.record(z.string(), z.string()),
      lastRead: z.number(),
    }),
  ),
  /** Files of earlier builds have none. */
  backfills: z.array(backfill).default([]),
  outbox: z.array(outboxMessage),
  delivered: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        posts: z.array(
          z.object({
            ts: z.string().nullable(),
            via: z.string().exactOptional(),
            decidedBy: z.string().exactOptional(),
            entries: z.array(z.string()),
            isClosed: z.literal(true).exactOptional(),
          }),
        ),
        at: z.number(),
      }),
    ),
  ),
  settled: z.record(z.string(), ranges),
  headings: z.record(z.string(), z.object({ headline: z.string(), sentence: z.string() })),
  pace: z.object({
    lastPost: z.record(z.string(), z.number()),
    waitUntil: z.record(z.string(), z.number()),
  }),
  refusedCredentials: z.string().nullable(),
  /** Files of earlier builds have none. */
  troubles: z.record(z.string(), trouble).default({}),
  lastRun: z.object({ endedAt: z.number(), exitCode: z.number() }).nullable(),
}) satisfies z.ZodType<State>;

/** The state in a parsed document, or null when it does not have the shape of one. */
export function readState(body: unknown): State | null {
  const result = stateSchema.safeParse(body);
  return result.success ? result.data : null;
}

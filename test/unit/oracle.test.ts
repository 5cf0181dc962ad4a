import { describe, expect, test } from "vitest";

import { emptyState } from "../../src/state/transitions.ts";
import type { State } from "../../src/state/state.ts";
import { clockSpeed, minIntervalMs, type Document } from "../loops/installation.ts";
import { problemsIn } from "../loops/ledger.ts";
import { judge, Oracle, type Post } from "../loops/oracle.ts";
import { attempt, outboxMessage } from "../support/messages.ts";

const treasury = "treasury";
const documents = new Map<string, Document>(
  [1, 2, 3].map((batch) => [
    `DOC-${batch}-1.`,
    { kind: "payment", batch, entry: 1, channels: [treasury], id: `v1:SAMINC:ap-payments:PY-${batch}:1@` },
  ]),
);

function post(text: string, atMs: number, key = text): Post {
  return {
    channelName: treasury,
    at: atMs * clockSpeed,
    text,
    blocks: [],
    metadata: { event_type: "ours", event_payload: { key } },
  };
}

const judged = (...posts: Post[]) => ({ slack: { posts }, documents, latenessAt: () => 0 });
const each = [post("DOC-1-1.", 0), post("DOC-2-1.", minIntervalMs), post("DOC-3-1.", 2 * minIntervalMs)];
const sound = {
  lost: [],
  duplicates: 0,
  unmarked: 0,
  phantoms: 0,
  misordered: 0,
  repeats: 0,
  mostRepeats: 0,
  close: 0,
};

describe("the judge of the loops", () => {
  test("finds nothing where each document came once, in order and at the pace", () => {
    expect(judge(judged(...each))).toEqual({ ...sound, documents: 3, gaps: 2 });
  });

  test.each<[string, Post[], Partial<typeof sound> | { lost: string[] }]>([
    ["a document that never came", each.slice(0, 2), { lost: ["DOC-3-1. treasury"] }],
    ["a document that came twice", [...each, post("DOC-1-1.", 900, "other")], { duplicates: 1, unmarked: 1 }],
    [
      "a repeat that says so",
      [...each, post("DOC-3-1. Possible repeat", 900)],
      { duplicates: 1, unmarked: 0 },
    ],
    ["a message sent again", [...each, post("DOC-3-1.", 900)], { repeats: 1, mostRepeats: 1 }],
    [
      "a later document first",
      [...each].toReversed().map((one, at) => ({ ...one, at: at * 1e6 })),
      { misordered: 2 },
    ],
    ["a document that nobody keyed in", [...each, post("DOC-9-1.", 900)], { phantoms: 1 }],
    ["a message that names none", [...each, post("hello", 900)], { phantoms: 1 }],
    ["a post a millisecond too early", [...each, post("DOC-3-1.", 3 * minIntervalMs - 1)], { close: 1 }],
  ])("finds %s", (_what, posts, expected) => {
    expect(judge(judged(...posts))).toMatchObject(expected);
  });

  test("blames no post for what was noticed late, and by no more than that", () => {
    const posts = [post("DOC-1-1.", 7), post("DOC-2-1.", minIntervalMs)];

    expect(judge({ ...judged(...posts), latenessAt: () => 7 })).toMatchObject({ close: 0 });
    expect(judge({ ...judged(...posts), latenessAt: () => 6 })).toMatchObject({ close: 1 });
  });

  test("lets a document that somebody sent by hand come late, and no other", () => {
    const [first, second, third] = each as [Post, Post, Post];
    const oracle = new Oracle(judged(third, second, first));

    oracle.excuse("DOC-2-1.", treasury);
    oracle.look();

    expect(oracle.findings()).toMatchObject({ misordered: 1 });
  });
});

/** With these numbers of payments read. */
const stateThatHas = (known: string, ...outbox: State["outbox"]): State => ({
  ...emptyState({ instance: "test", salt: "salt" }),
  sources: {
    "SAMINC/ap-payments": { highWater: {}, known: { PY: known }, watch: {}, copies: {}, lastRead: 0 },
  },
  outbox,
});
const isNamed = (number: string) => number === "DOC-1-1.";

const problems = (given: State, code: number | null = null) =>
  problemsIn({ state: given, code, documents, isNamed });

describe("the judge of a state", () => {
  const channel = { id: "C1", name: `#${treasury}` };
  const waiting = outboxMessage({ channel, transactions: ["v1:SAMINC:ap-payments:PY-2:1@rev"] });
  test("finds nothing where all that was read is sent or waits", () => {
    expect(problems(stateThatHas("1-2", waiting))).toEqual([]);
    expect(problems(stateThatHas("1"), 0)).toEqual([]);
    expect(problems(stateThatHas("1-2", { ...waiting, status: "dead" }), 3)).toEqual([]);
    expect(problems(stateThatHas("1-2", { ...waiting, status: "dead" }), 0)).toEqual([]);
    const reply = { ...waiting, key: "bbbb", parent: waiting.key };
    expect(problems(stateThatHas("1-2", { ...waiting, status: "dead" }, reply), 0)).toEqual([]);
  });

  test.each<[string, string[]]>([
    ["read and neither sent nor waiting", problems(stateThatHas("1-3", waiting))],
    ["ended with 0", problems(stateThatHas("1-2", waiting), 0)],
    ["ended with 3", problems(stateThatHas("1-2", waiting), 3)],
    [
      "two messages under way",
      problems(
        stateThatHas(
          "1-2",
          { ...waiting, status: "inflight", attempt },
          { ...waiting, key: "bbbb", status: "inflight", attempt },
        ),
      ),
    ],
  ])("finds what was %s", (what, found) => {
    expect(found).toEqual([expect.stringContaining(what)]);
  });
});

import { describe, expect, test } from "vitest";

import { findingsOf, marksOf } from "../../src/pipeline/findings.ts";
import { afterRun } from "../../src/pipeline/ops-lines.ts";
import { readState } from "../../src/state/state-schema.ts";
import type { State } from "../../src/state/state.ts";
import { noteBrokenOff, noteRecovery, noteRun, type Findings } from "../../src/state/troubles.ts";
import type { TroubleKind, Troubles } from "../../src/state/troubles.ts";
import { outboxMessage, stateWith } from "../support/messages.ts";

const minute = 60_000;
const place = "SAMINC/ap-invoices";

function found(
  failing: Readonly<Record<string, TroubleKind>>,
  working: readonly string[] = [],
  gone: readonly string[] = [],
): Findings {
  return {
    failing: new Map(Object.entries(failing)),
    working: new Set(working),
    isGone: (scope) => gone.includes(scope),
  };
}

/** What runs at these minutes tell, each with what it found. */
function told(...runs: [at: number, findings: Findings][]): string[] {
  let troubles: Troubles = {};
  return runs.flatMap(([at, findings]) => {
    const after = noteRun(troubles, findings, at * minute);
    troubles = after.troubles;
    return after.news.map(
      ({ scope, trouble, isOver }) =>
        `${at}: ${scope} ${isOver ? "over" : trouble.kind} (${trouble.runs} since ${trouble.since / minute})`,
    );
  });
}

const down = found({ [place]: "temporary" });
const up = found({}, [place]);

describe("what waiting cures", () => {
  test("is news from the third run in a row on, once, and when it is over", () => {
    expect(told([0, down], [5, down], [10, down], [15, down], [20, up], [25, up])).toEqual([
      `10: ${place} temporary (3 since 0)`,
      `20: ${place} over (4 since 0)`,
    ]);
  });

  test("is no news when it passes before", () => {
    expect(told([0, down], [5, down], [10, up], [15, down], [20, down], [25, up])).toEqual([]);
  });

  test("is told once by runs that come each minute", () => {
    const runs = Array.from({ length: 15 }, (_run, at): [number, Findings] => [at, down]);

    expect(told(...runs)).toEqual([`2: ${place} temporary (3 since 0)`]);
  });

  test("is told whatever the local clock does", () => {
    expect(told([1000, down], [500, down], [400, down])).toHaveLength(1);
  });
});

describe("what needs somebody", () => {
  test("is told by the first run that meets it, and once", () => {
    const forbidden = found({ [place]: "forbidden" });

    expect(told([0, forbidden], [5, forbidden], [10, forbidden], [15, up])).toEqual([
      `0: ${place} forbidden (1 since 0)`,
      `15: ${place} over (3 since 0)`,
    ]);
  });

  test("is told again when it is another thing, and not when it was temporary in between", () => {
    const forbidden = found({ [place]: "forbidden" });

    expect(
      told([0, forbidden], [5, down], [10, forbidden], [15, found({ [place]: "config" })]).map((line) =>
        line.replace(/ \(.*/, ""),
      ),
    ).toEqual([`0: ${place} forbidden`, `15: ${place} config`]);
  });

  test("stays as it is in a run that does not try it, and is forgotten when nobody asks for it", () => {
    const forbidden = found({ [place]: "forbidden" });

    expect(told([0, forbidden], [5, found({})], [10, up])).toHaveLength(2);
    expect(told([0, forbidden], [5, found({}, [place], [place])], [10, up])).toHaveLength(1);
  });
});

function linesIn({ outbox }: State): string[] {
  return outbox.flatMap(({ notices }) => notices.map((one) => (one.kind === "line" ? one.text : "")));
}

describe("the lines", () => {
  const ops = { id: "C9", name: "#finance-ops" };
  const telling = { channel: ops, hints: new Map([["#treasury", "The channel is archived."]]), now: 0 };
  const after = (state: State, findings: Findings, now = 0) => afterRun(state, { ...telling, findings, now });

  test("are one for all that has the same to tell, and are owed in the commit that remembers them", () => {
    const state = after(
      stateWith(),
      found({ [place]: "forbidden", "SAMINC/ap-payments": "forbidden", "#treasury": "channel" }),
    );

    expect(linesIn(state)).toEqual([
      'ap-invoices of SAMINC, ap-payments of SAMINC: not read: Sage, or a server before it, refuses a right ("sage-slack test" tells which).',
      "#treasury: messages are refused there, and wait. The channel is archived.",
    ]);
    expect(state.troubles[place]).toEqual({ kind: "forbidden", since: 0, runs: 1, told: "forbidden" });
    expect(state.outbox[0]).toMatchObject({ kind: "operations", channel: ops, status: "pending" });
    expect(readState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  test("tell how long it was", () => {
    const failing = after(stateWith(), found({ "#treasury": "fallback", "mention @x": "mention" }));
    const over = after(
      { ...failing, outbox: [] },
      found({}, ["#treasury", "mention @x"]),
      (26 * 60 + 10) * minute,
    );

    expect(linesIn(over)).toEqual([
      "#treasury: messages are taken again after 1 d 2 h.",
      "@x: known to Slack now, after 1 d 2 h.",
    ]);
  });

  test("of Slack itself wait until it is back, and are one then", () => {
    let state = stateWith();
    for (const at of [0, 5, 10]) state = after(state, found({ Slack: "temporary" }), at * minute);
    const silent = linesIn(state);
    state = after(state, found({}, ["Slack"]), 45 * minute);

    expect(silent).toEqual([]);
    expect(linesIn(state)).toEqual(["Slack: can be reached again; 3 runs could post nothing, after 45 min."]);
  });

  test("tell of runs that could not begin when one goes through", () => {
    const broken = noteBrokenOff(noteBrokenOff(stateWith(), "auth", 0), "auth", 5 * minute);

    expect(linesIn(after(broken, found({}, ["run"]), 65 * minute))).toEqual([
      "sage-slack: runs go through again; 2 runs could not begin (Slack refused the token), after 1 h 5 min.",
    ]);
  });

  test("that were never attempted become one message, and thirty of them are kept", () => {
    let state = stateWith();
    for (let run = 0; run < 50; run += 1)
      state = after(state, found({ [`C${run}/x`]: "forbidden" }), run * minute);

    expect(state.outbox).toHaveLength(1);
    expect(linesIn(state)).toHaveLength(30);
    expect(linesIn(state).at(-1)).toContain("x of C49");
  });

  test("of the operators' channel itself are not made", () => {
    expect(after(stateWith(), found({ [ops.name]: "channel" })).outbox).toEqual([]);
  });

  test("are made later where nobody was told at first", () => {
    const findings = found({ [place]: "forbidden" });
    const silent = afterRun(stateWith(), { ...telling, channel: null, findings });

    expect(silent.outbox).toEqual([]);
    expect(linesIn(after(silent, findings, 5 * minute))[0]).toContain(
      "2 runs in a row, since 1970-01-01 00:00 UTC",
    );
  });

  test("have keys of their own for each time", () => {
    const keys = [0, 1].map((now) => after(stateWith(), found({ [place]: "forbidden" }), now).outbox[0]?.key);
    const later = after({ ...stateWith(), epoch: 1 }, found({ [place]: "forbidden" })).outbox[0]?.key;

    expect(keys[0]).toBe(keys[1]);
    expect(later).not.toBe(keys[0]);
  });
});

describe("a state of an earlier build", () => {
  test("has no troubles", () => {
    const { troubles: _none, ...older } = stateWith();

    expect(readState(JSON.parse(JSON.stringify(older)))?.troubles).toEqual({});
  });

  test("that was read from a copy remembers it until it is told", () => {
    expect(noteRecovery(stateWith(), 7).troubles).toEqual({
      state: { kind: "recovered", since: 7, runs: 0, told: null },
    });
  });
});

function portsWith(state: State): Parameters<typeof findingsOf>[0] {
  return {
    store: { state },
    config: { slack: {}, sources: {}, routes: [], sage: { companies: [] } },
    directory: { mentioned: new Map() },
    spreadsheet: { rows: [] },
  } as unknown as Parameters<typeof findingsOf>[0];
}

describe("what a run found out", () => {
  const record = {
    isSlackReachable: true,
    companies: [],
    sources: [],
    failures: [],
    posted: [],
    diverted: new Set<string>(),
    marks: new Map<string, string>(),
  };
  test("leaves the tool's own dead lines out, so that they do not breed others", () => {
    const state = stateWith(
      outboxMessage({ key: "a", status: "dead", reason: "no_text" }),
      outboxMessage({ key: "b", status: "dead", reason: "dropped" }),
      outboxMessage({ key: "c", status: "inflight", isHeld: true }),
      outboxMessage({ key: "d", status: "dead", kind: "operations", reason: "no_text" }),
    );

    expect([...findingsOf(portsWith(state), record).failing]).toEqual([
      ["message a", "dead"],
      ["message c", "held"],
    ]);
  });

  test("takes a source and a channel that get on for no trouble, though the run had no time for the rest", () => {
    const read = (mark: string) => ({
      ...stateWith(),
      sources: { [place]: { highWater: { "": mark }, known: {}, watch: {}, copies: {}, lastRead: 1 } },
    });
    const failure = { kind: "temporary", message: "no time left", hint: null } as const;
    const failures = [place, "#treasury"].map((scope) => ({ ...failure, scope }));
    const posted = [{ key: "a", channel: "#treasury", ts: "1.0", text: "", transactions: [] }];
    const marks = marksOf(read("28"));

    const stuck = findingsOf(portsWith(read("28")), { ...record, failures, marks });
    const gettingOn = findingsOf(portsWith(read("29")), { ...record, failures, posted, marks });

    expect([...stuck.failing.keys()]).toEqual([place, "#treasury"]);
    expect([...gettingOn.failing.keys()]).toEqual([]);
  });

  test("names each company of a mistake that shows in all of them", () => {
    const failures = [{ scope: "SAMINC, SAMLTD", kind: "config", message: "", hint: null } as const];

    expect([...findingsOf(portsWith(stateWith()), { ...record, failures }).failing]).toEqual([
      ["SAMINC", "config"],
      ["SAMLTD", "config"],
    ]);
  });
});

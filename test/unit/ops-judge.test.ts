import { describe, expect, test } from "vitest";

import { opsLinesIn, wronglyTold } from "../loops/ops-judge.ts";

type Post = Parameters<typeof opsLinesIn>[0][number];

function post(key: string, ...lines: string[]): Post {
  return {
    channelName: "finance-ops",
    blocks: lines.map((text, index) => ({ block_id: `line-${index}`, text: { text } })) as Post["blocks"],
    metadata: { event_payload: { key } },
  };
}

const failing = "purchase-orders of SAMINC: not read: Sage refuses a right.";
const over = "purchase-orders of SAMINC: in order again (1 run failed) after 1 min.";

describe("the judge of what the operators are told", () => {
  test("finds nothing where each trouble is told, and told to be over", () => {
    const posts = [
      post("a", failing),
      post("b", over, "Slack: can be reached again"),
      post("c", failing, over),
    ];

    expect(wronglyTold(posts)).toEqual([]);
    expect(opsLinesIn(posts)).toHaveLength(5);
  });

  test("takes a message that was sent again for one", () => {
    expect(wronglyTold([post("a", failing), post("a", failing), post("b", over)])).toEqual([]);
  });

  test("reads each subject of a line that has the same to tell of several", () => {
    const together = `#treasury, ${over}`;

    expect(wronglyTold([post("a", failing), post("b", together)])).toEqual([]);
    expect(wronglyTold([post("a", together)])).toEqual([expect.stringContaining("out of turn")]);
  });

  test.each<[string, Post[], string]>([
    ["told twice", [post("a", failing), post("b", failing), post("c", over)], "out of turn"],
    ["that nobody told to be over", [post("a", failing)], "never told to be over"],
    ["over that was never told", [post("a", over)], "out of turn"],
  ])("finds a trouble %s", (_what, posts, expected) => {
    expect(wronglyTold(posts)).toEqual([expect.stringContaining(expected)]);
  });
});

import { expect, test } from "vitest";

import { latenessIn } from "../loops/lateness.ts";

const late = (from: number, to: number) => ({ from, to });

test.each([
  ["nothing was late", [], 1],
  ["the process was busy long before", [late(50, 60)], 1],
  ["the process is busy only later", [late(110, 140)], 1],
  ["it came in the middle of a late tick", [late(90, 105)], 10],
  ["it was looked at just after a late tick", [late(80, 99.5)], 20],
  ["one late tick follows another", [late(70, 89), late(89, 105)], 30],
  ["there are more than it has turns", [late(60, 70), late(70, 80), late(80, 90), late(90, 100)], 30],
  ["there was a punctual tick in between", [late(70, 80), late(90, 105)], 10],
])("a request that was noticed may have come earlier: %s", (_when, ticks, expected) => {
  expect(latenessIn(ticks, 100)).toBe(expected);
});

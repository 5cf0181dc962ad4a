import { assert, integer, property, string } from "fast-check";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";

import { wrapLines } from "../../src/cli/render/wrap.ts";

function terminal(columns: number, isTTY = true) {
  return Object.assign(new PassThrough(), { isTTY, columns });
}

function wordsIn(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

describe("lines in a terminal", () => {
  test("are broken between words, and go on below their beginning", () => {
    expect(wrapLines("passed   one two three\n  four five six seven", terminal(16))).toBe(
      "passed   one two\n  three\n  four five six\n    seven",
    );
    expect(wrapLines("passed   one two three", terminal(16), 9)).toBe("passed   one two\n         three");
  });

  test("keep a quoted command together", () => {
    expect(wrapLines('Next: "sage-slack dry-run" shows it.', terminal(30))).toBe(
      'Next: "sage-slack dry-run"\n  shows it.',
    );
    expect(wrapLines('Next it is "sage-slack dry-run" that shows it.', terminal(24))).toBe(
      'Next it is\n  "sage-slack dry-run"\n  that shows it.',
    );
  });

  test("are whole in a pipe, where the width is not known, and where people copy a command", () => {
    const line = "   sage-slack login sage --user WEBAPI --config /srv/finance/sage-slack.json";

    expect(wrapLines("one two three", terminal(5, false))).toBe("one two three");
    expect(wrapLines("one two three", terminal(0))).toBe("one two three");
    expect(wrapLines(line, terminal(20))).toBe(line);
  });

  test("count no colours", () => {
    const red = "\u001B[31mred\u001B[39m";

    expect(wrapLines(`${red} ${red} ${red}`, terminal(11))).toBe(`${red} ${red} ${red}`);
  });

  test("hold every word once, in order, whatever the text", () => {
    assert(
      property(string({ unit: "grapheme" }), integer({ min: 1, max: 200 }), (text, columns) => {
        expect(wordsIn(wrapLines(text, terminal(columns)))).toEqual(wordsIn(text));
      }),
    );
  });
});

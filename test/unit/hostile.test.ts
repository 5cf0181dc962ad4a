import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { jsonText } from "../../src/cli/render/json-text.ts";
import { renderError } from "../../src/cli/render/error.ts";
import { terminalText } from "../../src/cli/render/terminal-text.ts";
import { AppError } from "../../src/errors.ts";
import { amount, number, text } from "../../src/sage/field.ts";
import { parseJson } from "../../src/sage/json.ts";
import { fingerprint } from "../../src/transactions/fingerprint.ts";
import { escapeMrkdwn, shorten } from "../../src/slack/mrkdwn.ts";
import { messageKey } from "../../src/state/message-key.ts";
import { formatMoney } from "../../src/transactions/money.ts";
import { hostileTexts, unsafe } from "../support/hostile.ts";

describe("H08 shorten", () => {
  test("cuts between graphemes and never inside of a surrogate pair", () => {
    const clusters = fc.constantFrom(
      "a",
      "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}",
      "e\u0301",
      "\u{1F1FA}\u{1F1F8}",
      "é",
      "字",
    );
    fc.assert(
      fc.property(fc.array(clusters), fc.integer({ min: 12, max: 60 }), (parts, most) => {
        const short = shorten(parts.join(""), most);
        expect(short.length).toBeLessThanOrEqual(most);
        const kept = short.replace(/…$/, "");
        const ends = new Set(parts.map((_part, index) => parts.slice(0, index + 1).join("")));
        expect(kept === "" || ends.has(kept)).toBe(true);
      }),
    );
  });

  test("cuts one letter under a thousand accents rather than show nothing", () => {
    const short = shorten(`e${"\u0301".repeat(1000)}`, 40);

    expect(short.length).toBeLessThanOrEqual(40);
    expect(short.startsWith("e\u0301")).toBe(true);
  });
});

describe("H09 lone surrogates", () => {
  test("are replaced at the border, the same each time", () => {
    const read = text.parse("a\uD800b");

    expect(read).toBe("a\uFFFDb");
    expect(fingerprint(text.parse("a\uD800b"))).toBe(fingerprint(read));
    expect(() => encodeURIComponent(read)).not.toThrow();
  });
});

describe("H10 SR-22 amounts", () => {
  test.each([
    [-0, "0"],
    ["-0", "0"],
    [0.1, "0.1"],
    ["0.300000000000000000000000000001", "0.300000000000000000000000000001"],
    ["-12345678901234567890.123456789012345", "-12345678901234567890.123456789012345"],
    ["1e3", "1000"],
    ["1.5E-7", "0.00000015"],
  ])("%s is exactly %s", (given, expected) => {
    expect(amount.parse(given)).toBe(expected);
  });

  test.each([
    "NaN",
    "Infinity",
    "-Infinity",
    "1e308",
    "1e-308",
    "1e1000000",
    "1e9999999",
    "1,234.50",
    "",
    "0x10",
    "٣",
  ])("%s is unreadable rather than wrong", (given) => {
    expect(amount.safeParse(given).success).toBe(false);
  });

  test("looks the same in every locale", () => {
    expect(formatMoney({ amount: "-1234567.5", currency: "USD" })).toBe("USD -1,234,567.50");
  });
});

describe("H11 SR-22 names of the language as keys", () => {
  test("change no prototype", () => {
    for (const key of ["__proto__", "constructor", "prototype"]) {
      const answer = Buffer.from(`{"${key}":{"polluted":1},"a":1}`);
      expect(() => parseJson(answer, "Sage")).toThrow("no Sage server would send");
    }

    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("H13 keys that normalise alike", () => {
  test.each([
    ["0065", "65"],
    [65, "65"],
    [" 65 ", "65"],
    ["65.000", "65"],
    ["0", "0"],
    ["000", "0"],
  ])("%s is the number %s", (given, expected) => {
    expect(number.parse(given)).toBe(expected);
  });

  test.each(["6 5", "-65", "65a", "６５", "6.5", "1e3", "", "9".repeat(19)])("%s is no number", (given) => {
    expect(number.safeParse(given).success).toBe(false);
  });

  test("one number has one spelling, and two numbers have two", () => {
    const whole = fc.integer({ min: 0, max: 2_000_000_000 });
    fc.assert(
      fc.property(whole, whole, fc.nat(8), (one, other, zeros) => {
        const padded = number.parse(`${"0".repeat(zeros)}${one}`);
        expect(padded).toBe(number.parse(one));
        expect(padded === number.parse(other)).toBe(one === other);
      }),
    );
  });

  test("trailing blanks make no other code; composed and decomposed letters do", () => {
    expect(text.parse("1200  ")).toBe(text.parse("1200"));
    expect(text.parse("\u00C9")).not.toBe(text.parse("E\u0301"));
  });
});

describe("H18 a text that looks like an id", () => {
  test("makes no other message's key", () => {
    const base = { kind: "announcement", channelId: "C1", part: 0 };
    const parts = fc.array(fc.constantFrom("a", "b", '","', ":", "|", "\u0000", "@"), { minLength: 1 });
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        const same = JSON.stringify(left.toSorted()) === JSON.stringify(right.toSorted());
        expect(
          messageKey("salt", { ...base, transactions: left }) ===
            messageKey("salt", { ...base, transactions: right }),
        ).toBe(same);
      }),
    );
  });
});

describe("terminal and JSON output", () => {
  const anything = fc.string({ unit: "binary", maxLength: 60 });

  test("H05 H06 SR-56 shows no control, bidirectional or invisible character, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.constantFrom(...hostileTexts.map(({ typed }) => typed))), (typed) => {
        expect(terminalText(typed)).not.toMatch(unsafe);
        expect(terminalText(typed)).not.toContain("\n");
        expect(jsonText({ typed }, String).trimEnd()).not.toMatch(unsafe);
        expect(JSON.parse(jsonText({ typed }, String))).toEqual({ typed: typed });
      }),
    );
  });

  test("H05 shows an escape as what it is", () => {
    expect(terminalText("\u001B[2J\u009B1m\u0007\r")).toBe(String.raw`\x1b[2J\x9b1m\x07\x0d`);
  });

  test("H16 SR-56 lets no text begin a line of its own", () => {
    const shown = renderError(new AppError("unreadable", 'x\n{"level":"error"}\nsage-slack: fine'), {
      isVerbose: false,
      redact: String,
    });

    expect(
      shown
        .trimEnd()
        .split("\n")
        .slice(1)
        .every((line) => line.startsWith("  ")),
    ).toBe(true);
  });
});

describe("H04 escaping", () => {
  test("happens exactly once: what Slack unescapes is what was typed", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("&", "<", ">", "amp;", "lt;", "!channel", "a") }),
        (typed) => {
          const unescaped = escapeMrkdwn(typed)
            .replaceAll("&lt;", "<")
            .replaceAll("&gt;", ">")
            .replaceAll("&amp;", "&");
          expect(unescaped).toBe(typed);
          expect(escapeMrkdwn(typed)).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
        },
      ),
    );
  });
});

function nested(depth: number): Buffer {
  return Buffer.from(`${"[".repeat(depth)}"]["${"]".repeat(depth)}`);
}

test("SR-22 nesting beyond 64 levels is unreadable, and does not end the program", () => {
  expect(parseJson(nested(64), "Sage")).toBeInstanceOf(Array);
  expect(() => parseJson(nested(65), "Sage")).toThrow(expect.objectContaining({ kind: "unreadable" }));
  expect(() => parseJson(nested(200_000), "Sage")).toThrow(expect.objectContaining({ kind: "unreadable" }));
});

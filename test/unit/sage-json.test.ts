import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { AppError } from "../../src/errors.ts";
import { excerpt, parseJson } from "../../src/sage/json.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Whether a number is written with more digits than are sure to survive, or with an exponent. */
function isLong(value: number): boolean {
  const digits = String(value).replaceAll(/\D/g, "").replace(/^0+/, "");
  return digits.length > 15 || /e/.test(String(value));
}

/** A text that looks like such a number may be one that was read as its digits. */
function blurred(_key: string, inner: unknown): unknown {
  const isRounded = typeof inner === "number" && isLong(inner);
  const isText = typeof inner === "string" && /^-?\d[\d.eE+-]*$/.test(inner) && isLong(Number(inner));
  return isRounded || isText ? "long" : inner;
}

describe("parseJson", () => {
  test("keeps the digits that a double would lose", () => {
    const parsed = parseJson(
      bytes('{"a":12345678901234567.89,"b":12.990,"c":-7,"d":"1e400","e":1e3}'),
      "Sage",
    );

    expect(parsed).toEqual({ a: "12345678901234567.89", b: 12.99, c: -7, d: "1e400", e: "1e3" });
  });

  test("leaves digits inside strings alone", () => {
    const parsed = parseJson(
      bytes(String.raw`{"text":"\"12345678901234567890\" and \\","n":12345678901234567890}`),
      "Sage",
    );

    expect(parsed).toEqual({ text: '"12345678901234567890" and \\', n: "12345678901234567890" });
  });

  test.each([
    "1234567890123456.5.5",
    "-1e",
    "012345678901234567890",
    "1234567890123456.",
    "1e5e5",
    "--1",
    "1.5E+",
  ])("does not make a string of %s, which is no number", (token) => {
    expect(() => parseJson(bytes(`{"a":${token}}`), "Sage")).toThrow("did not answer with JSON");
  });

  test("reads anything as JSON.parse does, but for the numbers that it would round", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        fc.pre(!/"(?:__proto__|constructor|prototype|toString|valueOf)":/.test(text));
        const rounded = JSON.parse(text, blurred) as unknown;
        const read = JSON.parse(JSON.stringify(parseJson(bytes(text), "Sage")), blurred) as unknown;

        expect(read).toEqual(rounded);
      }),
      { numRuns: 1_000, examples: [[["1e15", 1e15, "1e3"], 0]] },
    );
  });

  test("skips a byte order mark", () => {
    expect(parseJson(bytes('\uFEFF{"a":1}'), "Sage")).toEqual({ a: 1 });
  });

  test.each([
    ["another encoding", new Uint8Array([0x7b, 0xe9, 0x7d])],
    ["a login page", bytes("<html><title>Sign in</title></html>")],
    ["half an answer", bytes('{"value":[{"a":1')],
    ["nothing", bytes("")],
  ])("refuses %s as unreadable", (_name, body) => {
    const read = () => parseJson(body, "AP/APInvoiceBatches");

    expect(read).toThrow(AppError);
    expect(read).toThrow(
      expect.objectContaining({
        kind: "unreadable",
        message: expect.stringContaining("AP/APInvoiceBatches") as string,
      }),
    );
  });
});

test("excerpt shows a page as one short line without markup or control characters", () => {
  const page = `<html><style>b{}</style><h2>Service\u001b[2J Unavailable</h2>\r\n${"x".repeat(5000)}`;

  const shown = excerpt(page);

  expect(shown).toMatch(/^"Service .{0,5}2J Unavailable x+"$/);
  expect(shown.length).toBeLessThanOrEqual(202);
});

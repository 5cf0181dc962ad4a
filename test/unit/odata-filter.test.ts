import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { and, compare, date, integer, or, text } from "../../src/sage/odata-filter.ts";

describe("a filter", () => {
  test("joins comparisons with parentheses", () => {
    const open = and(
      compare("BatchStatus", "ne", text("Posted")),
      compare("BatchNumber", "gt", integer("28")),
    );

    expect(or(open, compare("DateLastEdited", "gt", date("2026-11-17")))).toBe(
      "((BatchStatus ne 'Posted') and (BatchNumber gt 28)) or (DateLastEdited gt 2026-11-17T00:00:00Z)",
    );
  });

  test("cannot be left by a string, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const literal = text(value);

        expect(literal.slice(1, -1).replaceAll("''", "")).not.toContain("'");
        expect(literal.slice(1, -1).replaceAll("''", "'")).toBe(value);
      }),
    );
  });

  test.each(["1 or 1 eq 1", "-1", "1.5", ""])("takes no number that is %j", (digits) => {
    expect(() => integer(digits)).toThrow(TypeError);
  });

  test("takes no property or date that is an expression", () => {
    expect(() => compare("a eq 1 or b", "eq", "1")).toThrow(TypeError);
    expect(() => date("2026-11-24T00:00:00Z or 1 eq 1")).toThrow(TypeError);
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { and, compare, date, integer, or, text } from "../../src/sage/odata-filter.ts";

type Tree = { readonly all: readonly Tree[] } | { readonly any: readonly Tree[] } | readonly string[];

/** Reads a filter as a server does: a comparison, or parenthesised filters joined by one word. */
function parse(filter: string): Tree {
  const tokens = [...filter.matchAll(/'(?:[^']|'')*'|[()]|[^\s()']+|(?<rest>\S)/g)];
  expect(tokens.map(({ groups }) => groups?.["rest"]).join("")).toBe("");
  const words = tokens.map(([token]) => token);
  const tree = parseTree(words);
  expect(words).toEqual([]);
  return tree;
}

function parseTree(words: string[]): Tree {
  if (words[0] !== "(") return words.splice(0, 3);
  const parts: Tree[] = [];
  const joints = new Set<string>();
  for (;;) {
    expect(words.shift()).toBe("(");
    parts.push(parseTree(words));
    expect(words.shift()).toBe(")");
    if (!["and", "or"].includes(words.at(0) ?? "")) break;
    joints.add(words.shift() ?? "");
  }
  expect(joints.size).toBe(1);
  return joints.has("and") ? { all: parts } : { any: parts };
}

const comparison = fc.tuple(
  fc.constantFrom("BatchNumber", "Status", "DateLastEdited"),
  fc.constantFrom("eq" as const, "ne" as const, "gt" as const, "le" as const),
  fc.oneof(
    fc.string({ unit: "binary" }).map(text),
    fc.constantFrom("' or 1 eq 1 or '", "''", "') or (a eq 'b", "\u2019", "%27", "\0").map(text),
    fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }).map((value) => integer(String(value))),
  ),
);

describe("a filter", () => {
  test("is read back as it was meant, with no way out of a literal", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(comparison, { minLength: 2, maxLength: 4 }), { minLength: 2 }),
        (groups) => {
          const filter = or(...groups.map((group) => and(...group.map((parts) => compare(...parts)))));

          expect(parse(filter)).toEqual({ any: groups.map((all) => ({ all })) });
        },
      ),
      { numRuns: 500 },
    );
  });

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

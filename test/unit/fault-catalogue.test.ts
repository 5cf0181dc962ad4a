import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { notHere, rows } from "../faults/catalogue.ts";

const tests = join(import.meta.dirname, "..");

/** Ids with which a title begins: `"L05 before …"`, `"L06 L07 …"`, or an id alone in a table of titles. */
const title = /(?<=["'`])[GKLH]\d{2}(?: [GKLH]\d{2})*(?=[ "'`])/g;

function idsIn(text: string): string[] {
  return (text.match(title) ?? []).flatMap((ids) => ids.split(" "));
}

const files = readdirSync(tests, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts") || (/^(?:loops|support)/.test(name) && name.endsWith(".ts")))
  .filter((name) => !name.endsWith("fault-catalogue.test.ts"));
const tested = new Set(files.flatMap((name) => idsIn(readFileSync(join(tests, name), "utf8"))));

describe("the fault catalogue", () => {
  test("has a test or a reason for every row", () => {
    const open = rows.filter((id) => !tested.has(id) && !(id in notHere));

    expect(open).toEqual([]);
  });

  test("knows every row that a test is named after", () => {
    expect([...tested].filter((id) => !rows.includes(id))).toEqual([]);
    expect(Object.keys(notHere).filter((id) => !rows.includes(id))).toEqual([]);
  });

  test("gives a reason and a command for each row that cannot run", () => {
    for (const { reason, command } of Object.values(notHere)) {
      expect(reason.length).toBeGreaterThan(20);
      expect(command).toMatch(/npm|node/);
    }
  });

  test("finds ids in titles only", () => {
    expect(idsIn('test("L05 before", …), ["L06 L07", x], `G01 asks`, id: "K33"')).toEqual([
      "L05",
      "L06",
      "L07",
      "G01",
      "K33",
    ]);
    expect(idsIn('"SL05 x", "in L05", // L05 is open, "L05x"')).toEqual([]);
  });
});

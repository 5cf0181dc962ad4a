import { describe, expect, test } from "vitest";

import { Chance } from "../loops/chance.ts";
import { survivors, type Change } from "../loops/disk.ts";

const bytes = (text: string) => Buffer.from(text).toString("base64");
const create = (path: string): Change => ({ kind: "create", path, handle: path });
const write = (handle: string, text: string): Change => ({ kind: "write", handle, bytes: bytes(text) });
const flushed = (what: { handle: string } | { folder: string }): Change[] => [
  { kind: "flush-begins", flush: "1", ...what },
  { kind: "flush-ends", flush: "1" },
];
const old = [create("f"), write("f", "old"), ...flushed({ handle: "f" }), ...flushed({ folder: "" })];
const rename: Change = { kind: "rename", from: "f.tmp", path: "f" };

/** Every content of `f` that some power cut leaves; null where it is gone. */
function outcomes(changes: readonly Change[]): Set<string | null> {
  const seen = new Set<string | null>();
  for (let seed = 1; seed <= 500; seed += 1) {
    const entries = survivors(new Map(), changes, new Chance(seed * 7919));
    seen.add(entries.get("f")?.bytes.toString() ?? null);
  }
  return seen;
}

describe("a disk without power", () => {
  test("keeps what was flushed, file and folder", () => {
    expect(outcomes(old)).toEqual(new Set(["old"]));
  });

  test("may have lost a file whose folder was not flushed", () => {
    const changes = [create("f"), write("f", "new"), ...flushed({ handle: "f" })];

    expect(outcomes(changes)).toEqual(new Set(["new", null]));
  });

  test("holds the old or the new after a rename of a flushed file", () => {
    const changes = [...old, create("f.tmp"), write("f.tmp", "new"), ...flushed({ handle: "f.tmp" }), rename];

    expect(outcomes(changes)).toEqual(new Set(["old", "new"]));
    expect(outcomes([...changes, ...flushed({ folder: "" })])).toEqual(new Set(["new"]));
  });

  test("may hold torn content after a rename of a file that was not flushed", () => {
    const changes = [...old, create("f.tmp"), write("f.tmp", "new"), rename, ...flushed({ folder: "" })];

    expect(outcomes(changes)).toEqual(new Set(["", "n", "ne", "new", "\0\0\0"]));
  });

  test("counts a flush only for what was changed before it began", () => {
    const [begins, ends] = flushed({ folder: "" });
    const late = [create("f"), ends].filter((change) => change !== undefined);

    expect(outcomes([...(begins === undefined ? [] : [begins]), ...late])).toEqual(new Set(["", null]));
  });
});

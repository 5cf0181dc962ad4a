import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { giveSignOfLife, hasSignOfLife } from "../../src/state/sign-of-life.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** A socket on Linux is to its path what a named pipe on Windows is to its name. */
describe("L39 the sign of life of a run", () => {
  test("is there from the beginning of the run to its end", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "pipe");

    expect(await hasSignOfLife("0a", path)).toBe(false);
    const sign = await giveSignOfLife("0a", path);
    expect(await hasSignOfLife("0a", path)).toBe(true);
    expect(await hasSignOfLife("0a", path)).toBe(true);
    sign?.end();
    expect(await hasSignOfLife("0a", path)).toBe(false);
  });

  test("is not given where it cannot be, and what cannot be told is taken for life", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "file");
    await writeFile(path, "");

    expect(await giveSignOfLife("0a", join(path, "below"))).toBeNull();
    expect(await hasSignOfLife("0a", path)).toBe(true);
  });

  test("is given on Windows alone: elsewhere the start of a process tells it from another", async () => {
    expect(await giveSignOfLife("0a")).toBeNull();
  });
});

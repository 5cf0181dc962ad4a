import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { controls, programFolder } from "../loops/mutants.ts";

const built = join(import.meta.dirname, "../..");

test.each(controls)("the control $name still finds the guard that it takes out", async (control) => {
  const folder = await programFolder(control);

  for (const { file } of control.mutations) {
    const taken = await readFile(join(folder, file), "utf8");
    expect(taken).not.toBe(await readFile(join(built, file), "utf8"));
  }
});

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { controls, programFolder } from "../loops/mutants.ts";

const built = join(import.meta.dirname, "../..");

test.each(controls)("the control $name still finds the guard that it takes out", async (control) => {
  const folder = await programFolder(control);
  const files = control.mutations.map(({ file }) => file);
  const texts = await Promise.all(
    files.map((file) => Promise.all([folder, built].map((root) => readFile(join(root, file), "utf8")))),
  );
  await rm(folder, { recursive: true });

  for (const [taken, whole] of texts) expect(taken).not.toBe(whole);
});

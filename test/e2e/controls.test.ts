import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { controls, programFolder } from "../loops/mutants.ts";

const built = join(import.meta.dirname, "../..");

async function linesOf(folder: string): Promise<string[]> {
  const names = (await readdir(join(folder, "dist"))).filter((name) => name.endsWith(".js")).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, "dist", name), "utf8")));
  return texts.join("\n").split("\n");
}

test.each(controls)("the control $name takes out its guard, and nothing else", async (control) => {
  const folder = await programFolder(control);
  const [whole, taken] = await Promise.all([linesOf(built), linesOf(folder)]);
  await rm(folder, { recursive: true });
  const begins = taken.findIndex((line, index) => line !== whole[index]);
  const sameAtTheEnd = taken.findIndex((_line, index) => taken.at(-1 - index) !== whole.at(-1 - index));
  const changed = taken.slice(begins, taken.length - sameAtTheEnd);

  expect(taken).not.toEqual(whole);
  expect(changed.length).toBeLessThanOrEqual(30);
});

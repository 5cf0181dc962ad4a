import { readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { acquireRunLock } from "../../src/state/run-lock.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

test("the lock tidies what a killed process began to write for it, once nobody can be writing it any more", async () => {
  await using directory = await temporaryDirectory();
  const [old, young] = [`.lock.${"a".repeat(32)}`, `.lock.${"b".repeat(32)}`];
  await writeFile(join(directory.path, old), "");
  await utimes(join(directory.path, old), 0, 0);
  await writeFile(join(directory.path, young), "");

  const lock = await acquireRunLock({ directory: directory.path });

  expect(await readdir(directory.path)).toEqual([young, "sage-slack.lock"]);
  await lock.release();
});

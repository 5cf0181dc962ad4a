import { expect, test } from "vitest";

import { MasterFile } from "../../src/state/master-file.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

test("the file of names does not know what every object has", async () => {
  await using directory = await temporaryDirectory();

  const file = await MasterFile.open(directory.path);

  for (const name of ["__proto__", "constructor", "toString"]) {
    expect(file.company(name)).toBeNull();
    expect(file.mention(name)).toBeNull();
  }
});

test("a company whose id is a word of the language's keeps its names", async () => {
  await using directory = await temporaryDirectory();
  const names = { vendors: {}, customers: {}, accounts: {}, dialects: {}, synced: {} };

  const file = await MasterFile.open(directory.path);
  file.keep("constructor", names);
  await file.save();

  expect((await MasterFile.open(directory.path)).company("constructor")).toEqual(names);
});

import { expect, test } from "vitest";

import { unsafe } from "../support/hostile.ts";
import { startWorld } from "../support/world.ts";

test.each([
  [["outbox", "\u001B[2J\u0007no"]],
  [["\u202Estatus\n{}"]],
  [["poll", "--quiet\uFEFF"]],
  [["outbox", "retry", "a", "\u009B2J"]],
])("SR-56 a wrong argument is told without what would move a cursor: %j (2)", async (argv) => {
  await using world = await startWorld();

  const { code, stderr } = await world.run(...argv);

  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: /);
  expect(stderr.replaceAll("\n", "")).not.toMatch(unsafe);
  expect(stderr).not.toContain("\n{}");
});

test("the help of a command keeps its lines", async () => {
  await using world = await startWorld();

  const { code, stdout } = await world.run("status", "--help");

  expect(code).toBe(0);
  expect(stdout).toMatch(/^Usage: sage-slack status.*\n\n/);
});

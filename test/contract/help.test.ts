import { describe, expect, test } from "vitest";

import { startWorld } from "../support/world.ts";

const commands =
  "init login logout test dry-run poll schedule status outbox sync-master demo completion".split(" ");

describe("the help", () => {
  test("lists every command, each with a line of what it does", async () => {
    await using world = await startWorld();

    const { code, stdout } = await world.run("--help");

    expect(code).toBe(0);
    const listed = [...stdout.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, name]) => name);
    expect(listed).toEqual([...commands, "help"]);
  });

  test.each(commands)("of %s has examples of it, and fits into 80 columns", async (command) => {
    await using world = await startWorld();

    const { code, stdout } = await world.run(command, "--help");

    expect(code).toBe(0);
    const [, examples = ""] = stdout.split("\nExamples:\n");
    expect(examples).toContain(`  sage-slack ${command}`);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    for (const flag of ["--json", "--quiet", "--verbose", "--no-color"]) expect(stdout).toContain(flag);
  });
});

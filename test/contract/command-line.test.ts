import { expect, test } from "vitest";

import { startWorld } from "../support/world.ts";

test("a word that the command line does not know is answered with the one that was probably meant (2)", async () => {
  await using world = await startWorld({ sources: { "ap-invoices": {} } });
  const mistakes: [string[], string][] = [
    [["pol"], "poll"],
    [["statsu"], "status"],
    [["outbx", "retry"], "outbox"],
    [["poll", "--al"], "--all"],
    [["test", "--sned", "finance"], "--send"],
    [["dry-run", "--route-test"], "--route-tests"],
    [["status", "--jsn"], "--json"],
  ];

  for (const [argv, meant] of mistakes) {
    const { code, stdout, stderr } = await world.run(...argv);

    expect({ argv, code, stdout }).toEqual({ argv, code: 2, stdout: "" });
    expect(stderr).toContain(`(Did you mean ${meant}?)`);
  }
});

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
    const json = await world.run(...argv, "--json");

    expect({ argv, code, stdout }).toEqual({
      argv,
      code: 2,
      stdout: "",
    });
    expect(stderr).toContain(`(Did you mean ${meant}?)`);
    expect({ argv, code: json.code }).toEqual({ argv, code: 2 });
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { kind: "usage", hint: expect.stringContaining(`(Did you mean ${meant}?)`) as unknown },
    });
  }
});

test.each([
  [["poll", "--since", "tomorrow"], "argument 'tomorrow' is invalid"],
  [["poll", "--max-duration"], "argument missing"],
  [["login", "nobody"], "'nobody' is invalid"],
  [["outbox", "retry", "a", "b"], "too many arguments"],
  [["no-such-command"], "unknown command"],
])(
  "%j is answered with one JSON document where one is asked for (2)",
  async ([command = "", ...rest], says) => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });

    const { code, stdout, stderr } = await world.run(command, "--json", ...rest);

    expect(code).toBe(2);
    const { error } = JSON.parse(stdout) as { error: { kind: string; message: string } };
    expect(error).toMatchObject({ kind: "usage", message: expect.stringContaining(says) as unknown });
    expect(stderr).toContain(says);
  },
);

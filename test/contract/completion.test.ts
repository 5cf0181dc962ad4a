import { describe, expect, test } from "vitest";

import { startWorld } from "../support/world.ts";

describe("completion", () => {
  test.each([
    ["bash", "complete -o default -F _sage_slack sage-slack"],
    ["zsh", "#compdef sage-slack"],
    ["fish", "complete -c sage-slack -f"],
    ["powershell", "Register-ArgumentCompleter -Native -CommandName sage-slack"],
  ])("prints the script of %s, with every command and flag in it", async (shell, beginning) => {
    await using world = await startWorld();

    const { code, stdout, stderr } = await world.run("completion", shell);

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(beginning);
    for (const word of [
      "init",
      "sync-master",
      "completion",
      "route-tests",
      "purchase-orders",
      "no-password",
    ]) {
      expect(stdout).toContain(word);
    }
  });

  test("is for the shell of the environment where none is named; --json holds the same script", async () => {
    await using world = await startWorld();
    world.env["SHELL"] = "/usr/bin/fish";

    const { stdout } = await world.run("completion");
    const json = await world.run("completion", "--json");

    expect(stdout).toContain("complete -c sage-slack");
    expect(JSON.parse(json.stdout)).toEqual({ shell: "fish", script: stdout });
  });

  test.each([
    { name: "no SHELL", shell: undefined, argv: ["completion"], says: "SHELL does not tell" },
    {
      name: "another shell",
      shell: "/bin/tcsh",
      argv: ["completion"],
      says: "there is no completion for tcsh",
    },
    {
      name: "a name that is none",
      shell: undefined,
      argv: ["completion", "basch"],
      says: "Allowed choices are bash",
    },
  ])("tells what it knows after $name (2)", async ({ shell, argv, says }) => {
    await using world = await startWorld();
    world.env["SHELL"] = shell;

    const { code, stdout, stderr } = await world.run(...argv);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
    expect(stderr).toContain("powershell");
  });
});

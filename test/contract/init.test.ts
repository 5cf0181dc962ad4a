import { chmod, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, test } from "vitest";

import { parseConfig } from "../../src/config/load-config.ts";
import { schemaReference, startingConfig } from "../../src/config/starting-config.ts";
import { startWorld, type World } from "../support/world.ts";

const root = join(import.meta.dirname, "../..");

/** A world without a configuration. */
async function emptyWorld(): Promise<World> {
  const world = await startWorld();
  await rm(join(world.directory, "sage-slack.json"));
  return world;
}

describe("init", () => {
  test("writes a configuration that loads, for this user alone, and tells the next three steps", async () => {
    await using world = await emptyWorld();
    const path = join(world.directory, "sage-slack.json");

    const { code, stdout, stderr } = await world.run("init");

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Wrote ${path}`);
    expect(stdout.match(/^\d\. /gm)).toEqual(["1. ", "2. ", "3. "]);
    expect(stdout).toMatch(/login sage --user WEBAPI\n.*login slack\n.*\n +sage-slack test\n$/);
    const text = await readFile(path, "utf8");
    expect(text).toContain(`"$schema": "${pathToFileURL(join(root, "schema.json")).href}"`);
    const config = parseConfig(text, path);
    expect(Object.keys(config.sources)).toHaveLength(5);
    expect(config.sage.timeZone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("what it wrote is read by the commands that follow, comments and all", async () => {
    await using world = await emptyWorld();
    await world.run("init");
    const path = join(world.directory, "sage-slack.json");
    const text = await readFile(path, "utf8");
    await writeFile(
      path,
      text
        .replace("https://erp.example.com/Sage300WebApi", world.sage.url)
        .replace('"channel": "#finance",', `"channel": "#finance", "apiUrl": "${world.slack.url}",`),
    );

    const { code, stdout } = await world.run("test");

    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toContain("Sage");
  });

  test("leaves a file alone that is there already (2)", async () => {
    await using world = await emptyWorld();
    const path = join(world.directory, "sage-slack.json");
    await writeFile(path, "mine");

    const { code, stdout, stderr } = await world.run("init");

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`${path} is already there`);
    await expect(readFile(path, "utf8")).resolves.toBe("mine");
  });

  test("does not write through a link (2)", async () => {
    await using world = await emptyWorld();
    const elsewhere = join(world.directory, "elsewhere");
    await symlink(elsewhere, join(world.directory, "sage-slack.json"));

    const { code } = await world.run("init");

    expect(code).toBe(2);
    await expect(stat(elsewhere)).rejects.toThrow("ENOENT");
  });

  test("writes where --config or SAGE_SLACK_CONFIG say, and names the file in each next step", async () => {
    await using world = await emptyWorld();
    const named = join(world.directory, "new folder", "finance.json");
    const inEnvironment = join(world.directory, "env.json");

    const first = await world.run("init", "--config", named);
    world.env["SAGE_SLACK_CONFIG"] = inEnvironment;
    const second = await world.run("init");

    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.stdout.split(`--config "${named}"`)).toHaveLength(4);
    expect((await stat(join(world.directory, "new folder"))).mode & 0o777).toBe(0o700);
    expect(second.stdout).toContain(`Wrote ${inEnvironment}`);
    expect(second.stdout).not.toContain("--config");
  });

  test("says at once that a run would refuse the folder", async () => {
    await using world = await emptyWorld();
    await chmod(world.directory, 0o777);

    const { code, stdout } = await world.run("init");

    expect(code).toBe(0);
    expect(stdout).toContain("A run would refuse this folder: others may write");
    expect(stdout).toContain(`chmod go-w "${world.directory}"`);
  });

  test("a place that cannot be written to is a mistake with a way out (2)", async () => {
    await using world = await emptyWorld();
    await writeFile(join(world.directory, "file"), "");

    const { code, stderr } = await world.run("init", "--config", join(world.directory, "file", "x.json"));

    expect(code).toBe(2);
    expect(stderr).toContain("cannot write");
    expect(stderr).toContain("--config FILE");
  });

  test("--json is one document with the steps, --quiet one line", async () => {
    await using world = await emptyWorld();
    const path = join(world.directory, "sage-slack.json");

    const json = await world.run("init", "--json");
    await rm(path);
    const quiet = await world.run("init", "--quiet");

    expect(JSON.parse(json.stdout)).toEqual({
      config: path,
      next: [
        { does: expect.any(String) as unknown, commands: [] },
        {
          does: expect.any(String) as unknown,
          commands: ["sage-slack login sage --user WEBAPI", "sage-slack login slack"],
        },
        { does: expect.any(String) as unknown, commands: ["sage-slack test"] },
      ],
      notes: [],
    });
    expect(quiet.stdout.trim().split("\n")).toHaveLength(1);
  });
});

test("the schema is named by its path where the program lies in the folder, else by its address", () => {
  const inside = join(root, "node_modules/sage-slack/schema.json");

  expect(schemaReference(inside, root)).toBe("./node_modules/sage-slack/schema.json");
  expect(schemaReference(inside, join(root, "elsewhere"))).toBe(pathToFileURL(inside).href);
});

test("everything that the starting configuration holds in comments works when it is uncommented", () => {
  const text = startingConfig({ schema: "schema.json", timeZone: "America/Los_Angeles" });
  const uncommented = text.replaceAll(/^( *)\/\/ (?= *["{])/gm, "$1");

  const config = parseConfig(uncommented, "sage-slack.json");

  expect(config.sage).toMatchObject({
    caFile: "corp-ca.pem",
    link: expect.stringContaining("{batch}") as unknown,
  });
  expect(config.slack.opsChannel).toBe("#finance-ops");
  expect(config.routes).toHaveLength(1);
  expect(config.directory).toBe("directory.csv");
  expect(config.monitor?.pingUrl).toContain("https://");
});

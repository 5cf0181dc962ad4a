import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { keyInOneEach } from "../support/sample-morning.ts";
import { startWorld } from "../support/world.ts";

describe("dry-run", () => {
  test("tells of a channel that Slack does not know before anything waits for it", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": { channel: "#acounts-payable" } } });

    const { stdout } = await world.run("dry-run");

    expect(stdout).toContain("#acounts-payable (not found in Slack yet)\n");
  });

  test("shows what poll then posts, and leaves no trace", async () => {
    await using world = await startWorld();
    await world.run("poll");
    keyInOneEach(world.sage.company("SAMINC"));
    const before = await readFile(join(world.directory, "sage-slack.cursor.json"), "utf8");

    const dry = await world.run("dry-run", "--all", "--json");
    const after = await readFile(join(world.directory, "sage-slack.cursor.json"), "utf8");
    const postsAfterDry = world.slack.posts.length;
    const wet = await world.run("poll", "--all", "--json");

    const planned = JSON.parse(dry.stdout) as { messages: { key: string; payload: { text: string } }[] };
    const posted = JSON.parse(wet.stdout) as { posted: { key: string; text: string }[] };
    expect(after).toBe(before);
    expect(postsAfterDry).toBe(5);
    expect(new Map(planned.messages.map(({ key, payload }) => [key, payload.text]))).toEqual(
      new Map(posted.posted.map(({ key, text }) => [key, text])),
    );
    expect(planned.messages.length).toBe(5);
  });

  test("says where its page is", async () => {
    await using world = await startWorld();

    const { stdout } = await world.run("dry-run", "--html", "pages/../preview.html");

    expect(stdout).toContain(`As a page: ${join(world.directory, "preview.html")}\n`);
  });
});

describe("a page", () => {
  test.each(["sage-slack.json", "sage-slack.cursor.json"])("never replaces %s", async (file) => {
    await using world = await startWorld();
    await world.run("poll");
    const path = join(world.directory, file);
    const before = await readFile(path, "utf8");

    const preview = await world.run("dry-run", "--html", file);
    const demo = await world.run("demo", "--page", file);

    expect([preview.code, demo.code]).toEqual([2, 2]);
    expect(preview.stderr).toContain(`${path} is there already and is no page`);
    expect(await readFile(path, "utf8")).toBe(before);
  });

  test("replaces the one before", async () => {
    await using world = await startWorld();

    await world.run("dry-run", "--html", "preview.html");
    await writeFile(join(world.directory, "empty.html"), "");

    expect((await world.run("dry-run", "--html", "preview.html")).code).toBe(0);
    expect((await world.run("dry-run", "--html", "empty.html")).code).toBe(0);
  });

  test("for which there is no folder is a wrong argument", async () => {
    await using world = await startWorld();

    const { code, stderr } = await world.run("dry-run", "--html", "nowhere/preview.html");

    expect(code).toBe(2);
    expect(stderr).toContain("Name a file in a folder that is there.");
  });
});

describe("--only of a source that is not followed", () => {
  test.each(["poll", "dry-run"])("is no error of %s, but is said", async (command) => {
    await using world = await startWorld({ sources: { "ap-invoices": { channel: "#accounts-payable" } } });

    const { code, stderr } = await world.run(command, "--only", "ap-invoices", "gl-journals");

    expect(code).toBe(0);
    expect(stderr).toBe(
      'gl-journals is not followed, so nothing of it is read; "sources" in the configuration says what is\n',
    );
  });
});

import { readFile } from "node:fs/promises";
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

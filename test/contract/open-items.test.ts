import { mkdir, rm, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import type { SlackFault } from "../../src/sandbox/slack/faults.ts";
import { startWorld, type World } from "../support/world.ts";

const parts = {
  slack: { quarantineSeconds: 120 },
  sources: { "ap-invoices": { channel: "#accounts-payable" } },
};

/** Everything is told in another channel too. */
const copy = { name: "copy", when: { source: "ap-invoices" }, channel: "#finance", copy: true };

/** A world with one invoice whose post met a fault. */
async function worldAfter(fault: SlackFault): Promise<World> {
  const world = await startWorld(parts);
  await world.run("poll");
  world.slack.queueFault({ ...fault, method: "chat.postMessage" });
  world.sage.company("SAMINC").addInvoiceBatch({
    invoices: [{ vendor: "1200", amount: "12.99", documentNumber: "INV-1" }],
  });
  await world.run("poll");
  return world;
}

interface Listed {
  readonly key: string;
  readonly status: string;
}

async function only(world: World): Promise<Listed> {
  const { stdout } = await world.run("outbox", "--json");
  const { messages } = JSON.parse(stdout) as { messages: Listed[] };
  expect(messages.length).toBe(1);
  return messages[0] as Listed;
}

describe("status and outbox", () => {
  test("before the first run tell what it will do, and make nothing", async () => {
    await using world = await startWorld(parts);

    const status = await world.run("status");
    const outbox = await world.run("outbox");

    expect(status).toEqual({
      code: 0,
      stderr: "",
      stdout: [
        "No run so far. The first one posts nothing old: it takes note of what is there.",
        "SAMINC ap-invoices -> #accounts-payable: not read yet",
        "Everything is delivered.",
        `State in ${world.directory}.`,
        "",
      ].join("\n"),
    });
    expect(outbox.stdout).toBe("Everything is delivered.\n");
  });

  test("tell of a channel what has to be mended, and that the next run tries again", async () => {
    await using world = await worldAfter({ kind: "error", error: "not_in_channel" });
    const { key } = await only(world);

    const status = await world.run("status");
    const outbox = await world.run("outbox");
    const next = await world.run("poll");

    expect(status.stdout).toContain("with exit code 3 (partly done; a part needs somebody)");
    expect(status.stdout).toContain(
      '  #accounts-payable: 1 waiting (not_in_channel). Invite the app to the channel: "/invite" in Slack. The next run tries again.',
    );
    expect(outbox.stdout.split("\n").slice(0, 5)).toEqual([
      `${key.slice(0, 12)}  #accounts-payable  waiting (not_in_channel)`,
      expect.stringContaining("12.99"),
      '  Invite the app to the channel: "/invite" in Slack. The next run tries again.',
      `  sage-slack outbox retry ${key.slice(0, 12)} --channel "#NAME"   sends it elsewhere`,
      `  sage-slack outbox drop ${key.slice(0, 12)}    gives it up`,
    ]);
    expect(next.code).toBe(0);
    expect((await world.run("status")).stdout).toContain("Everything is delivered.");
  });

  test("tell of an uncertain post when it is looked up, and what else can be done", async () => {
    await using world = await worldAfter({ kind: "reset", accept: true });
    const { key } = await only(world);

    const status = await world.run("status");
    const outbox = await world.run("outbox");

    expect(status.stdout).toContain("with exit code 5 (something temporary; the next run goes on)");
    expect(status.stdout).toMatch(
      / {2}#accounts-payable: 1 uncertain\. Slack may have it: the first run after \S+Z looks in the channel/,
    );
    expect(outbox.stdout).toContain(
      `outbox retry ${key.slice(0, 12)}   sends it again, marked as a possible repeat`,
    );
    expect(outbox.stdout).toContain(`outbox drop ${key.slice(0, 12)}    gives it up`);
  });

  test("tell of a dead letter that nothing happens by itself; retry sends it, drop forgets it for good", async () => {
    await using world = await worldAfter({ kind: "error", error: "invalid_blocks", times: 3 });
    const dead = await only(world);
    const listed = await world.run("outbox");
    const status = await world.run("status");
    await world.run("outbox", "retry", dead.key);
    const retried = await only(world);
    await world.run("outbox", "drop", dead.key);
    const dropped = await world.run("outbox");
    await world.run("outbox", "drop", dead.key);
    const run = await world.run("poll");

    expect(dead.status).toBe("dead");
    expect(listed.stdout).toContain("dead letter (invalid_blocks)");
    expect(listed.stdout).toContain("Slack refuses it in every form. It is never sent by itself.");
    expect(status.stdout).toContain("1 dead (invalid_blocks). Slack refuses it in every form.");
    expect(retried.status).toBe("pending");
    expect(dropped.stdout).toContain("dead letter (dropped)");
    expect(run.stdout).toContain("Nothing to post");
    expect((await world.run("outbox")).stdout).toBe("Everything is delivered.\n");
  });

  test("tell of refused credentials, and that they are not tried again", async () => {
    await using world = await startWorld(parts);
    await world.run("poll");
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = "wrong";
    await world.run("poll");

    const { stdout } = await world.run("status");

    expect(stdout).toContain("with exit code 4 (credentials or rights refused)");
    expect(stdout).toContain("Sage refused the user and password. It is not asked again until they change");
    expect(stdout).toContain('"sage-slack login sage"');
  });

  test("tell of a refused token with the exit code of the run", async () => {
    await using world = await startWorld(parts);
    await world.run("poll");
    world.env["SAGE_SLACK_SLACK_TOKEN"] = "xoxb-wrong";
    const run = await world.run("poll");

    expect(run.code).toBe(4);
    expect((await world.run("status")).stdout).toContain("with exit code 4 (credentials or rights refused)");
  });

  test("tell of a run that was broken off, and of a lock that names nobody", async () => {
    await using world = await startWorld(parts);
    await world.run("poll");
    const lock = join(world.directory, "sage-slack.lock");
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const since = "2026-11-24T07:00:00.000Z";
    const dead = { nonce: "0123456789abcdef", pid, host: hostname(), bootId: "another", since };
    await writeFile(lock, JSON.stringify({ ...dead, pidNamespace: null, processStart: null }));
    const broken = await world.run("status");
    await rm(lock);
    await mkdir(lock);
    const odd = await world.run("status");

    expect(broken.stdout).toContain(
      `A run (process ${pid}) was broken off after ${since.replace(".000", "")}; the next one goes on from there.`,
    );
    expect(odd.stdout).toContain("A lock is held, and its file does not tell by whom.");
  });

  test("send what waits for a channel that never was to another one, once", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": { channel: "#acounts-payable" } } });
    await world.run("poll");
    await world.run("outbox", "drop", (await only(world)).key);
    await world.run("outbox", "drop", (await only(world)).key);
    world.sage.company("SAMINC").addInvoiceBatch({
      invoices: [{ vendor: "1200", amount: "12.99", documentNumber: "INV-1" }],
    });
    const misspelt = await world.run("poll");
    await world.configure(parts);
    const { stdout } = await world.run("outbox");
    const { key } = await only(world);

    const wrong = await world.run("outbox", "retry", key, "--channel", "accounts-payable");
    const dropped = await world.run("outbox", "drop", key, "--channel", "#accounts-payable");
    const moved = await world.run("outbox", "retry", key, "--channel", "#accounts-payable");
    const after = await world.run("poll");
    const again = await world.run("poll");

    expect(misspelt.stderr).toContain('sage-slack outbox retry ID --channel "#NAME"');
    expect(stdout).toContain(
      `sage-slack outbox retry ${key.slice(0, 12)} --channel "#NAME"   sends it elsewhere\n`,
    );
    expect([wrong.code, dropped.code, moved.code, after.code, again.code]).toEqual([2, 2, 0, 0, 0]);
    expect(wrong.stderr).toContain('must be "#name" or a channel id');
    expect(moved.stdout).toBe(`${key.slice(0, 12)}: the next run sends it to #accounts-payable.\n`);
    const posts = world.slack.posts.filter(({ channelName }) => channelName === "accounts-payable");
    expect(posts.map((post) => JSON.stringify(post).includes("INV-1"))).toEqual([true]);
    expect(JSON.stringify(posts)).not.toContain("repeat");
  });

  test("send the replies of a thread elsewhere whose channel is archived, and what comes after them", async () => {
    await using world = await startWorld(parts);
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const batch = keyOf(
      "ap-invoices",
      books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "12.99", documentNumber: "INV-1" }] }),
    );
    await world.run("poll");
    world.slack.channel("accounts-payable").isArchived = true;
    await world.configure({ sources: { "ap-invoices": { channel: "#treasury" } } });
    books.setStatus("ap-invoices", batch, "ReadyToPost");
    const refused = await world.run("poll");
    books.setStatus("ap-invoices", batch, "Open");
    await world.run("poll");
    const { stdout } = await world.run("outbox");
    const { messages } = JSON.parse((await world.run("outbox", "--json")).stdout) as { messages: Listed[] };
    const key = messages[0]?.key ?? "";

    const moved = await world.run("outbox", "retry", key, "--channel", "#treasury");
    const after = await world.run("poll");
    books.post("ap-invoices", batch);
    const last = await world.run("poll");

    expect(refused.code).toBe(3);
    expect(messages.length).toBe(2);
    expect(stdout).toContain(
      `sage-slack outbox retry ${key.slice(0, 12)} --channel "#NAME"   sends it elsewhere\n`,
    );
    expect(moved).toMatchObject({ code: 0, stderr: "" });
    expect([after.code, last.code]).toEqual([0, 0]);
    const posts = world.slack.posts.filter(({ channelName }) => channelName === "treasury");
    expect(posts.map(({ text }) => text)).toEqual([
      expect.stringContaining("status Open → Ready to post"),
      expect.stringContaining("status Ready to post → Open"),
      expect.stringContaining("status Open → Posted"),
    ]);
    expect(posts.map(({ threadTs }) => threadTs)).toEqual([undefined, posts[0]?.ts, posts[0]?.ts]);
    expect((await world.run("status", batch)).stdout).toContain("#accounts-payable");
  });

  test("send replies elsewhere about one record, and leave those about another of the same message", async () => {
    await using world = await startWorld({ ...parts, routes: [copy] });
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const [one = "", other = ""] = ["INV-1", "INV-2"].map((documentNumber) =>
      keyOf(
        "ap-invoices",
        books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00", documentNumber }] }),
      ),
    );
    await world.run("poll");
    world.slack.channel("accounts-payable").isArchived = true;
    books.setStatus("ap-invoices", one, "ReadyToPost");
    await world.run("poll");
    await world.run("outbox", "retry", (await only(world)).key, "--channel", "#treasury");
    const moved = await world.run("poll");
    books.setStatus("ap-invoices", other, "ReadyToPost");
    const waiting = await world.run("poll");

    expect([moved.code, waiting.code]).toEqual([0, 3]);
    expect(await only(world)).toMatchObject({ status: "pending", channel: "#accounts-payable" });
    expect(world.slack.posts.filter(({ channelName }) => channelName === "treasury").length).toBe(1);
  });

  test("keep a message that may have arrived where it is", async () => {
    await using world = await worldAfter({ kind: "reset", accept: true });
    const { key } = await only(world);

    const moved = await world.run("outbox", "retry", key, "--channel", "#treasury");

    expect(moved.code).toBe(2);
    expect(moved.stderr).toContain("this message belongs to #accounts-payable: it may have arrived there");
    expect(await only(world)).toMatchObject({ key, status: "inflight" });
  });

  test("send a message that was given up elsewhere", async () => {
    await using world = await worldAfter({ kind: "error", error: "not_in_channel" });
    const { key } = await only(world);
    await world.run("outbox", "drop", key);
    await world.run("outbox", "retry", key, "--channel", "#treasury");

    expect((await world.run("poll")).code).toBe(0);
    expect(world.slack.posts.filter(({ channelName }) => channelName === "treasury").length).toBe(1);
  });

  test("refuse a key that is none, or not one alone", async () => {
    await using world = await worldAfter({ kind: "error", error: "not_in_channel" });

    const absent = await world.run("outbox", "retry", "zzzz");
    const missing = await world.run("outbox", "drop");

    expect([absent.code, missing.code]).toEqual([2, 2]);
    expect(absent.stderr).toContain("no message in the outbox has the key zzzz");
    expect(missing.stderr).toContain("needs the key of a message");
  });
});

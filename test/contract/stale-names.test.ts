import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { SlackSimulator } from "../../src/sandbox/slack/slack-simulator.ts";
import { WebApiSender } from "../../src/slack/sender.ts";
import { Workspace } from "../../src/slack/workspace.ts";
import { shownIn, startWorld, type World } from "../support/world.ts";

/** As if everything in the cache had been read long ago. */
async function age({ directory }: World): Promise<void> {
  const path = join(directory, "sage-slack.master.json");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replaceAll(/"readOn":\d+/g, '"readOn":20000'));
}

function pay({ sage }: World, checkNumber: string): void {
  sage.company("SAMINC").addReceiptBatch({
    receipts: [{ customer: "1200", checkNumber, amount: "10.00" }],
  });
}

function calls({ slack }: World, method: string): number {
  return slack.requests.filter((call) => call.method === method).length;
}

function rename({ sage }: World, name: string): void {
  const customer = sage.company("SAMINC").customers.find((row) => row["CustomerNumber"] === "1200");
  if (customer !== undefined) customer["CustomerName"] = name;
}

const sources = { "ar-receipts": {} };
const routes = [{ name: "r", when: {}, channel: "#finance", mention: ["cfo@example.com"] }];

describe("poll with names that were read long ago", () => {
  test("reads them again as it needs them, and not while they are fresh", async () => {
    await using world = await startWorld({ sources, routes });
    await world.run("poll");
    pay(world, "R-1");
    await world.run("poll");
    rename(world, "Renamed Ltd.");
    pay(world, "R-2");
    await world.run("poll");
    const fresh = shownIn(world.slack, "finance");
    await age(world);
    pay(world, "R-3");

    const run = await world.run("poll");

    expect(run.code).toBe(0);
    expect(fresh).not.toContain("Renamed Ltd.");
    expect(shownIn(world.slack, "finance")).toContain("Renamed Ltd.");
    expect(calls(world, "users.lookupByEmail")).toBe(2);
  });

  test("makes do with them where nobody answers", async () => {
    await using world = await startWorld({ sources, routes });
    await world.run("poll");
    pay(world, "R-1");
    await world.run("poll");
    await age(world);
    pay(world, "R-2");
    world.slack.queueFault({ kind: "error", method: "users.lookupByEmail", error: "internal_error" });
    world.sage.queueFault({ kind: "status", match: "ARCustomers", status: 500, times: 9 });

    const run = await world.run("poll");

    expect(run.code).toBe(0);
    const [before, after] = world.slack.posts.filter(({ text }) => text.includes("10.00"));
    expect(after?.notified).toEqual(before?.notified);
    expect(before?.notified.length).toBe(1);
  });
});

describe("poll with many names", () => {
  test("lists people and groups once for all handles", async () => {
    const mention = ["@cfo", "@controller", "@ap-team", "@nobody", "@buyer"];
    await using world = await startWorld({
      sources,
      routes: [{ name: "r", when: {}, channel: "#finance", mention }],
    });

    expect((await world.run("poll")).code).toBe(0);

    expect(calls(world, "users.list")).toBe(1);
    expect(calls(world, "usergroups.list")).toBe(1);
  });

  test("lists people once instead of asking for each of many addresses", async () => {
    const mention = Array.from({ length: 60 }, (_, index) => `p${index}@example.com`);
    await using world = await startWorld({
      sources,
      routes: [{ name: "r", when: {}, channel: "#finance", mention: [...mention, "cfo@example.com"] }],
    });

    await world.run("poll");
    pay(world, "R-1");
    await world.run("poll");

    expect(calls(world, "users.list")).toBe(2);
    expect(calls(world, "users.lookupByEmail")).toBe(0);
    const cfo = world.slack.users.find(({ name }) => name === "cfo");
    expect(world.slack.posts.flatMap(({ notified }) => notified)).toEqual([cfo?.id]);
  });
});

describe("Workspace", () => {
  test("waits as long as Slack asks to where there is time, and follows short pages to the end", async () => {
    await using slack = await SlackSimulator.start({ rateLimits: "off" });
    for (let index = 0; index < 450; index += 1) slack.addChannel({ name: `c${index}` });
    slack.queueFault({ kind: "ratelimited", method: "conversations.list", retryAfter: 30 });
    const waited: number[] = [];
    const workspace = new Workspace(
      new WebApiSender({ token: slack.token, apiUrl: slack.url, macKey: "" }),
      (seconds) => {
        waited.push(seconds);
        return Promise.resolve(true);
      },
    );

    const channels = await workspace.channels();

    expect(waited).toEqual([30]);
    expect(channels.length).toBe(460);
    expect(slack.requests.length).toBeGreaterThan(4);
  });

  test("is done with waiting when there is no time", async () => {
    await using slack = await SlackSimulator.start({ rateLimits: "off" });
    slack.queueFault({ kind: "ratelimited", method: "users.list", retryAfter: 30 });
    const workspace = new Workspace(new WebApiSender({ token: slack.token, apiUrl: slack.url, macKey: "" }));

    await expect(workspace.users()).rejects.toMatchObject({
      kind: "temporary",
      message: "Slack asks to wait 30 s before users.list",
    });
  });
});

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, describe, expect, test, vi } from "vitest";

import { startWorld, type ConfigParts, type World } from "../support/world.ts";

const sources = {
  "ap-invoices": { channel: "#accounts-payable" },
  "ap-payments": { channel: "#treasury" },
};

function startTellingWorld(slack: object = {}, parts: ConfigParts = {}) {
  return startWorld({
    sources,
    ...parts,
    slack: { opsChannel: "#finance-ops", quarantineSeconds: 0, ...slack },
  });
}

/** The lines in the operators' channel. */
function lines({ slack }: World, channel = "finance-ops"): string[] {
  return slack.posts
    .filter(({ channelName, text }) => channelName === channel && !text.startsWith("Following"))
    .flatMap(({ blocks }) => (blocks as { text: { text: string } }[]).map(({ text }) => text.text));
}

function pay({ sage }: World, checkNumber: string): void {
  sage.company("SAMINC").addPaymentBatch({
    payments: [{ vendor: "1350", checkNumber, amount: "980.10" }],
  });
}

function invoice({ sage }: World, documentNumber: string): void {
  sage.company("SAMINC").addInvoiceBatch({
    invoices: [{ vendor: "1200", documentNumber, amount: "12.99" }],
  });
}

async function filesIn({ directory }: World): Promise<string[]> {
  const names = await readdir(directory);
  return Promise.all(names.map(async (name) => `${name} ${await readFile(join(directory, name), "utf8")}`));
}

/** From now on the app may not read the channels. */
function hideHistory({ slack }: World): void {
  const token = slack.tokenRecord();
  Object.assign(token, { scopes: token.scopes.filter((scope) => !scope.endsWith(":history")) });
}

/** What `status` says is not in order. */
async function troubledIn(world: World): Promise<string[]> {
  const { stdout } = await world.run("status", "--json");
  const { troubles } = JSON.parse(stdout) as { troubles: { subject: string }[] };
  return troubles.map(({ subject }) => subject);
}

/** A run, so many minutes after the first. */
async function runAt(world: World, start: number, minutes: number): Promise<number> {
  vi.useFakeTimers({ toFake: ["Date"], now: start + minutes * 60_000 });
  const { code } = await world.run("poll");
  vi.useRealTimers();
  return code;
}

describe("slack.opsChannel", () => {
  test("hears of a missing right once, and when it is given (dry-run neither posts nor writes)", async () => {
    await using world = await startTellingWorld();
    await world.run("poll");
    world.sage.queueFault({
      kind: "status",
      match: "APPaymentAndAdjustmentBatches",
      status: 403,
      times: 99,
    });
    const before = await filesIn(world);

    const dry = await world.run("dry-run");
    const untouched = await filesIn(world);
    const first = await world.run("poll");
    const second = await world.run("poll");
    const status = await world.run("status");
    world.sage.clearFaults();
    const third = await world.run("poll");
    await world.run("poll");

    expect([dry, first, second, third].map(({ code }) => code)).toEqual([3, 3, 3, 0]);
    expect(untouched).toEqual(before);
    expect(lines(world)).toEqual([
      'ap-payments of SAMINC: not read: Sage, or a server before it, refuses a right ("sage-slack test" tells which).',
      "ap-payments of SAMINC: in order again (2 runs failed) after 1 min.",
    ]);
    expect(status.stdout).toMatch(/^ap-payments of SAMINC: not read: .* Since 20\S+Z, 2 runs in a row\.$/m);
    expect((await world.run("status")).stdout).not.toContain("not read: Sage");
  });

  test("hears that a channel's messages go to another one, and when they are taken again", async () => {
    await using world = await startTellingWorld({ fallbackChannel: "#finance" });
    await world.run("poll");
    world.slack.channel("treasury").isArchived = true;
    for (const check of ["CHK-1", "CHK-2"]) {
      pay(world, check);
      await world.run("poll");
    }
    world.slack.channel("treasury").isArchived = false;
    pay(world, "CHK-3");
    await world.run("poll");

    expect(lines(world)).toEqual([
      "#treasury: messages are refused there, and go to slack.fallbackChannel instead.",
      "#treasury: messages are taken again after 1 min.",
    ]);
  });

  test("hears of a channel that takes nothing, with what to do", async () => {
    await using world = await startTellingWorld();
    await world.run("poll");
    world.slack.channel("treasury").isArchived = true;
    pay(world, "CHK-1");
    await world.run("poll");
    await world.run("poll");
    world.slack.channel("treasury").isArchived = false;
    await world.run("poll");

    expect(lines(world)).toEqual([
      "#treasury: messages are refused there, and wait. The channel is archived: unarchive it, or route to another one.",
      "#treasury: messages are taken again after 1 min.",
    ]);
  });

  test("hears once of a mention that nobody has, and says no amount and no name of the books", async () => {
    const routes = [
      { name: "r", when: {}, channel: "#accounts-payable", mention: ["nobody@example.com", "@controllers"] },
    ];
    await using world = await startTellingWorld({}, { routes });
    await world.run("poll");
    invoice(world, "INV-1");
    await world.run("poll");
    invoice(world, "INV-2");
    await world.run("poll");

    expect(lines(world)).toEqual([
      "nobody@example.com: nobody in Slack has this name or address. Messages show it and notify nobody.",
    ]);
    expect(world.slack.posts.find(({ channelName }) => channelName === "finance-ops")?.notified).toEqual([]);
  });

  test("hears of a dead letter once, and of nothing when somebody drops it", async () => {
    await using world = await startTellingWorld();
    await world.run("poll");
    pay(world, "CHK-1");
    const refusal = { kind: "error", method: "chat.postMessage", error: "invalid_blocks" } as const;
    for (let form = 0; form < 3; form += 1) world.slack.queueFault(refusal);
    const run = await world.run("poll");
    await world.run("poll");
    const { messages } = JSON.parse((await world.run("outbox", "--json")).stdout) as {
      messages: { key: string }[];
    };
    await world.run("outbox", "drop", messages[0]?.key ?? "");
    await world.run("poll");

    expect(run.code).toBe(3);
    expect(lines(world)).toEqual([
      'a message to #treasury: given up: Slack refuses it, or it never arrived ("sage-slack outbox" lists it).',
    ]);
  });

  test("hears of a message that is held", async () => {
    await using world = await startTellingWorld({ onUncertain: "hold" });
    await world.run("poll");
    hideHistory(world);
    pay(world, "CHK-1");
    world.slack.queueFault({ kind: "reset", method: "chat.postMessage", accept: true });
    const codes = [(await world.run("poll")).code, (await world.run("poll")).code];
    await world.run("poll");

    expect(codes).toEqual([5, 3]);
    expect(lines(world)).toEqual([
      'a message to #treasury: held: nobody can know whether it arrived ("sage-slack outbox" tells what to do).',
    ]);
  });

  test("is not bothered about a channel whose only message somebody gave up", async () => {
    await using world = await startTellingWorld({ onUncertain: "hold" });
    await world.run("poll");
    hideHistory(world);
    pay(world, "CHK-1");
    world.slack.queueFault({ kind: "reset", method: "chat.postMessage", accept: false });
    await world.run("poll");
    const waiting = await troubledIn(world);
    await world.run("poll");
    const { messages } = JSON.parse((await world.run("outbox", "--json")).stdout) as {
      messages: { key: string }[];
    };
    await world.run("outbox", "drop", messages[0]?.key ?? "");
    const { code } = await world.run("poll");

    expect(waiting).toEqual(["#treasury"]);
    expect(code).toBe(0);
    expect(await troubledIn(world)).toEqual([]);
  });

  test("hears that the state was read from a copy, also when another command found it", async () => {
    await using world = await startTellingWorld();
    await world.run("poll");
    await writeFile(join(world.directory, "sage-slack.cursor.json"), "{", { mode: 0o600 });
    await world.run("sync-master");
    await world.run("poll");
    await world.run("poll");

    expect(lines(world)).toEqual([
      "state file: damaged or too old; the run went on from a copy, and looks up what may have been sent since.",
    ]);
  });

  test("that is away itself gets its lines later, and none about itself", async () => {
    await using world = await startTellingWorld();
    await world.run("poll");
    world.slack.channel("finance-ops").isArchived = true;
    world.slack.channel("treasury").isArchived = true;
    pay(world, "CHK-1");
    const codes = [];
    for (let run = 0; run < 3; run += 1) codes.push((await world.run("poll")).code);
    const { outbox } = JSON.parse((await world.run("status", "--json")).stdout) as { outbox: object };
    world.slack.channel("finance-ops").isArchived = false;
    await world.run("poll");
    await world.run("poll");

    expect(codes).toEqual([3, 3, 3]);
    expect(outbox).toMatchObject({ pending: 2, dead: 0 });
    expect(lines(world)).toHaveLength(1);
    expect(lines(world)[0]).toContain("#treasury: messages are refused there");
  });

  test("may be a channel that only a later run finds", async () => {
    await using world = await startTellingWorld({ opsChannel: "#not-made-yet" });
    await world.run("poll");
    world.slack.channel("treasury").isArchived = true;
    pay(world, "CHK-1");
    const missing = await world.run("poll");
    world.slack.addChannel({ name: "not-made-yet" });
    await world.run("poll");

    expect(missing.code).toBe(3);
    expect(lines(world, "not-made-yet")[0]).toContain("#treasury: messages are refused there");
  });

  test("says how long runs could not begin, when the token is right again", async () => {
    await using world = await startTellingWorld();
    await world.run("poll");
    for (let run = 0; run < 2; run += 1) {
      world.slack.queueFault({ kind: "error", method: "auth.test", error: "invalid_auth" });
      expect((await world.run("poll")).code).toBe(4);
    }
    const status = await world.run("status");
    await world.run("poll");

    expect(status.stdout).toContain("sage-slack: failing: credentials or rights are refused");
    expect(lines(world)).toEqual([
      "sage-slack: runs go through again; 2 runs could not begin (Slack refused the token), after 1 min.",
    ]);
  });
});

describe("what waiting cures", () => {
  afterEach(() => vi.useRealTimers());

  test("is told by the third run, and once more when Sage is back", async () => {
    await using world = await startTellingWorld();
    const start = Date.now();
    await runAt(world, start, -5);
    const told = [];
    for (const minutes of [0, 5, 10, 15]) {
      world.sage.queueFault({ kind: "text500", match: "APInvoiceBatches", skip: 1, times: 9 });
      expect(await runAt(world, start, minutes)).toBe(5);
      world.sage.clearFaults();
      told.push(lines(world).length);
    }
    await runAt(world, start, 20);

    expect(told).toEqual([0, 0, 1, 1]);
    expect(lines(world).map((line) => line.replace(/since .* UTC/, "since then"))).toEqual([
      "ap-invoices of SAMINC: failing: not reachable, busy, or not in time. Every run tries again. 3 runs in a row, since then.",
      "ap-invoices of SAMINC: in order again (4 runs failed) after 20 min.",
    ]);
  });

  test("at Slack is told when Slack is back", async () => {
    await using world = await startTellingWorld();
    const start = Date.now();
    await runAt(world, start, -5);
    for (const minutes of [0, 5, 10]) {
      world.slack.queueFault({ kind: "http", method: "auth.test", status: 503, accept: false, times: 9 });
      expect(await runAt(world, start, minutes)).toBe(5);
      world.slack.clearFaults();
    }
    await runAt(world, start, 15);

    expect(lines(world)).toEqual(["Slack: can be reached again; 3 runs could post nothing, after 15 min."]);
  });
});

import { chmod, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { shownIn, startWorld, type World } from "../support/world.ts";

/** A bill of each of these vendors in one batch. */
function bill({ sage }: World, ...vendors: readonly string[]): void {
  sage.company("SAMINC").addInvoiceBatch({
    invoices: vendors.map((vendor) => ({ vendor, documentNumber: `INV-${vendor}`, amount: "12.99" })),
  });
}

/** A check to each of them in one batch. */
function pay({ sage }: World, ...vendors: readonly string[]): void {
  sage.company("SAMINC").addPaymentBatch({
    payments: vendors.map((vendor) => ({ vendor, checkNumber: `CHK-${vendor}`, amount: "12.99" })),
  });
}

function calls({ slack }: World, method: string): number {
  return slack.requests.filter((call) => call.method === method).length;
}

describe("the directory", () => {
  test("decides the channel and who is mentioned, in dry-run as in poll", async () => {
    await using world = await startWorld({ directory: "vendor,1200,,,#procurement,cfo@example.com" });
    await world.run("poll");
    bill(world, "1200", "1350");

    const preview = await world.run("dry-run");
    const run = await world.run("poll");

    expect(preview.stdout).toContain("by directory row 2, vendor 1200, mentions U");
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(shownIn(world.slack, "procurement")).toContain("INV-1200");
    expect(shownIn(world.slack, "procurement")).not.toContain("INV-1350");
    expect(shownIn(world.slack, "accounts-payable")).toContain("INV-1350");
    const cfo = world.slack.users.find(({ name }) => name === "cfo");
    expect(world.slack.posts.flatMap(({ notified }) => notified)).toEqual([cfo?.id]);
  });

  test("makes one message of a batch's entries for one channel, whichever row decided", async () => {
    await using world = await startWorld({
      directory: "vendor,1200,,,#procurement,\nvendor,13*,,,#procurement,",
    });
    await world.run("poll");
    bill(world, "1200", "1350");

    await world.run("poll");

    const [message, ...others] = world.slack.posts.filter(({ text }) => text.includes("25.98"));
    expect(others).toEqual([]);
    expect(JSON.stringify(message?.blocks)).toContain(
      "directory row 2, vendor 1200; directory row 3, vendor 13*",
    );
  });

  test("asks Slack only for the people whose rows are used, once a run and then never", async () => {
    const rows = Array.from(
      { length: 300 },
      (_, index) => `vendor,X${index},,,#c${index},p${index}@example.com`,
    );
    await using world = await startWorld({
      directory: [...rows, "vendor,1200,,,,cfo@example.com"].join("\n"),
    });
    await world.run("poll");
    const before = calls(world, "conversations.list");
    bill(world, "1200");
    await world.run("poll");
    bill(world, "1200");
    await world.run("poll");

    expect(calls(world, "users.lookupByEmail")).toBe(1);
    expect(calls(world, "conversations.list")).toBe(before);
  });

  test("narrows a pattern to a vendor group, which Sage does not send with a payment", async () => {
    await using world = await startWorld({ directory: "vendor,*,,EQUIP,#procurement," });
    await world.run("poll");
    pay(world, "1890", "1200");

    await world.run("poll");

    expect(shownIn(world.slack, "procurement")).toContain("CHK-1890");
    expect(shownIn(world.slack, "procurement")).not.toContain("CHK-1200");
  });

  test("goes without a message's channel when a row's channel does not exist, until somebody makes it (3)", async () => {
    await using world = await startWorld({ directory: "vendor,1200,,,#not-made-yet," });
    await world.run("poll");
    bill(world, "1200");

    const missing = await world.run("poll");
    world.slack.addChannel({ name: "not-made-yet" });
    const made = await world.run("poll");

    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain("Slack has no channel #not-made-yet");
    expect(made.code).toBe(0);
    expect(shownIn(world.slack, "not-made-yet")).toContain("INV-1200");
  });
});

test("a route by vendor group holds for payments, whose payees come with a name but no group", async () => {
  const route = { name: "equipment", when: { vendorGroup: "equip" }, channel: "#procurement" };
  await using world = await startWorld({ routes: [route] });
  await world.run("poll");
  pay(world, "1890");

  await world.run("poll");

  expect(shownIn(world.slack, "procurement")).toContain("CHK-1890");
});

describe("the directory's file", () => {
  const header = "kind,code,name,group,channel,mention\n";

  test("is read through a link, from beside the configuration", async () => {
    await using world = await startWorld({ directory: "vendor,1200,,,#procurement," });
    await mkdir(join(world.directory, "secrets"));
    await rename(join(world.directory, "directory.csv"), join(world.directory, "secrets/d"));
    await symlink("secrets/d", join(world.directory, "directory.csv"));

    expect(await world.run("poll")).toMatchObject({ code: 0, stderr: "" });
  });

  test.each<[string, Buffer | string, string[]]>([
    [
      "problems in rows",
      `${header}vendor,1,,,nowhere,\nvendr,2,,,,`,
      ["the directory has 2 problems", "directory.csv: row 2, channel", "directory.csv: row 3, kind"],
    ],
    [
      "Windows-1252",
      Buffer.from(`${header}vendor,1,M\u00FCller,,,`, "latin1"),
      ["not UTF-8", "CSV UTF-8", "Windows-1252"],
    ],
    ["UTF-16", Buffer.from(`\uFEFF${header}`, "utf16le"), ["is UTF-16", "CSV UTF-8"]],
    ["UTF-16 without its mark", Buffer.from(header, "utf16le"), ["is UTF-16", "CSV UTF-8"]],
  ])("is refused for %s before anything is asked (2)", async (_name, content, words) => {
    await using world = await startWorld({ directory: "" });
    await writeFile(join(world.directory, "directory.csv"), content);

    const { code, stderr } = await world.run("poll");

    expect(code).toBe(2);
    for (const word of words) expect(stderr).toContain(word);
    expect(world.sage.requests).toEqual([]);
    expect(world.slack.requests).toEqual([]);
  });

  test("is refused when others may write to it, or when it is not there, with the way out (2)", async () => {
    await using world = await startWorld({ directory: "" });
    const path = join(world.directory, "directory.csv");
    await chmod(path, 0o664);
    const writable = await world.run("poll");
    await rename(path, `${path}.gone`);
    const gone = await world.run("poll");

    expect(writable.code).toBe(2);
    expect(writable.stderr).toContain(`others may write to the directory ${path}`);
    expect(gone.code).toBe(2);
    expect(gone.stderr).toContain("sync-master --export");
    // Who sets up logs in before there is a directory, and who looks what is wrong must not be stopped by it.
    expect((await world.run("status")).code).toBe(0);
    expect((await world.run("outbox")).code).toBe(0);
  });
});

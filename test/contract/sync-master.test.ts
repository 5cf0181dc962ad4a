import { chmod, lstat, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { acquireRunLock } from "../../src/state/run-lock.ts";
import type { SyncReport } from "../../src/pipeline/sync-master.ts";
import { shownIn, startWorld, type World } from "../support/world.ts";

async function sync(world: World, ...flags: string[]): Promise<SyncReport & { exitCode: number }> {
  const { stdout } = await world.run("sync-master", "--json", ...flags);
  return JSON.parse(stdout) as SyncReport & { exitCode: number };
}

function of(report: SyncReport, kind: SyncReport["sage"][number]["kind"]) {
  return report.sage.find((one) => one.kind === kind);
}

function asked({ sage }: World, resource: string): readonly Readonly<Record<string, string>>[] {
  return sage.requests.filter(({ path }) => path.endsWith(resource)).map(({ query }) => query);
}

function masterFile({ directory }: World): string {
  return join(directory, "sage-slack.master.json");
}

describe("sync-master", () => {
  test("reads everything the first time, and says so", async () => {
    await using world = await startWorld();

    const { code, stdout, stderr } = await world.run("sync-master");

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "SAMINC vendors: 7, read for the first time.",
      "SAMINC customers: 12, read for the first time.",
      "SAMINC accounts: 15, read for the first time.",
      "Slack channels: 10, read for the first time.",
      "Slack users: only mail addresses are used; each was looked up.",
      "Slack user groups: 3, read for the first time.",
      "",
    ]);
  });

  test("then tells what was added, changed, made inactive and deleted since", async () => {
    await using world = await startWorld();
    await world.run("sync-master");
    const books = world.sage.company("SAMINC");
    const today = `${world.sage.today}T00:00:00Z`;
    books.addVendor({ VendorNumber: "3000", VendorName: "New Ltd." });
    Object.assign(books.vendors.find((row) => row["VendorNumber"] === "1200") ?? {}, {
      Terms: "N15",
      OnHold: "OnHold",
      DateLastMaintained: today,
    });
    Object.assign(books.customers.find((row) => row["CustomerNumber"] === "1100") ?? {}, {
      Status: "Inactive",
      DateLastMaintained: today,
    });
    books.customers.splice(1, 1);
    Object.assign(books.accounts[0] ?? {}, { Description: "Petty cash, till 2" });

    const { code, stdout } = await world.run("sync-master");

    expect(code).toBe(0);
    expect(stdout.split("\n").slice(0, 10)).toEqual([
      "SAMINC vendors: 8. 1 added, 1 changed.",
      "  added     3000  New Ltd.",
      "  changed   1200  Chloride Systems: terms DUETBL -> N15; on hold no -> yes",
      "SAMINC customers: 11. 1 inactive, 1 gone.",
      "  inactive  1100  Bargain Mart - San Diego",
      "  gone      1105  Bargain Mart - Oakland",
      "SAMINC accounts: 15. 1 changed.",
      "  changed   1000  Petty cash, till 2: name Petty cash -> Petty cash, till 2",
      "Slack channels: 10. Nothing has changed.",
      "Slack users: only mail addresses are used; each was looked up.",
    ]);
  });

  test("asks only for what was changed where Sage keeps a stamp, and for everything where it does not", async () => {
    await using world = await startWorld();
    await world.run("sync-master");
    world.sage.requests.length = 0;

    const report = await sync(world);

    expect(report.sage.map(({ read }) => read)).toEqual(["changes", "changes", "all"]);
    expect(asked(world, "APVendors").map((query) => query["$filter"] ?? "count")).toEqual([
      expect.stringMatching(/^DateLastMaintained gt \d{4}-\d\d-\d\dT00:00:00Z$/),
      "count",
    ]);
    expect(asked(world, "GLAccounts").map((query) => query["$filter"])).toEqual([undefined]);
  });

  test.each([
    ["pages that are short", { pageSize: 5 }],
    ["pages in another order", { pageSize: 5, rowOrder: "shuffled" as const }],
    ["pages backwards", { pageSize: 5, rowOrder: "descending" as const }],
    ["no link to the next page", { pageSize: 5, nextLink: "absent" as const }],
    ["no count", { pageSize: 5, countType: "missing" as const }],
    ["a count in text", { pageSize: 5, countType: "string" as const, countName: "odata.count" as const }],
    ["a count of everything", { pageSize: 5, countRespectsFilter: false }],
    ["dates in quotes", { dateLiterals: "quoted" as const }],
    ["names of its own", { renames: { Account: { AccountGroupCode: "GroupCode" } } }],
  ])("reads everything from a server with %s", async (_name, switches) => {
    await using world = await startWorld();
    Object.assign(world.sage.switches, switches);

    const first = await sync(world);
    world.sage.company("SAMINC").addVendor({ VendorNumber: "3000", VendorName: "New Ltd." });
    const second = await sync(world);

    expect(first.sage.map(({ count }) => count)).toEqual([7, 12, 15]);
    expect(of(second, "vendors")).toMatchObject({
      count: 8,
      added: [{ code: "3000", name: "New Ltd." }],
      gone: [],
    });
    expect(of(second, "customers")).toMatchObject({ added: [], changed: [], gone: [] });
    expect(of(second, "accounts")).toMatchObject({ added: [], changed: [], gone: [] });
  });

  test("goes on with the other modules when one is forbidden (3), and ends with 4 when all are", async () => {
    await using world = await startWorld();
    world.sage.addUser({ id: "AP", password: "AP", modules: ["AP"] });
    Object.assign(world.env, { SAGE_SLACK_SAGE_USER: "AP", SAGE_SLACK_SAGE_PASSWORD: "AP" });

    const some = await sync(world);
    world.sage.addUser({ id: "NONE", password: "NONE", modules: [] });
    Object.assign(world.env, { SAGE_SLACK_SAGE_USER: "NONE", SAGE_SLACK_SAGE_PASSWORD: "NONE" });
    const none = await sync(world);

    expect(some.exitCode).toBe(3);
    expect(some.sage.map(({ read }) => read)).toEqual(["first", "failed", "failed"]);
    expect(some.failures.map(({ scope }) => scope)).toEqual(["SAMINC customers", "SAMINC accounts"]);
    expect(none.exitCode).toBe(4);
  });

  test("keeps what it read of Sage when Slack is away (5)", async () => {
    await using world = await startWorld();
    world.slack.queueFault({ kind: "error", method: "auth.test", error: "internal_error" });

    const first = await sync(world);
    const second = await sync(world);

    expect(first).toMatchObject({ exitCode: 5, slack: [] });
    expect(of(second, "vendors")?.read).toBe("changes");
    expect(second.exitCode).toBe(0);
  });

  test("does not write under a run (8), and does not pass for one", async () => {
    await using world = await startWorld();
    const lock = await acquireRunLock({ directory: world.directory });

    const locked = await world.run("sync-master");
    await lock.release();
    await world.run("sync-master");
    const status = await world.run("status");

    expect(locked.code).toBe(8);
    expect(status.stdout).toContain("No run so far");
  });

  test("reads a cache of the version before, a damaged and a missing one", async () => {
    await using world = await startWorld();
    const vendor = { name: "Old name", group: "", currency: "", onHold: false };
    const company = { vendors: { "1200": vendor }, customers: {}, accounts: {}, dialects: {} };
    const before = { version: 1, companies: { SAMINC: company }, channels: [], mentions: {} };
    await writeFile(masterFile(world), JSON.stringify(before), { mode: 0o600 });

    expect(of(await sync(world), "vendors")).toMatchObject({ read: "first", count: 7 });
    await writeFile(masterFile(world), "{ torn");
    expect(of(await sync(world), "vendors")?.read).toBe("first");
    await rm(masterFile(world));
    expect(of(await sync(world), "vendors")?.read).toBe("first");
    expect((await lstat(masterFile(world))).mode & 0o777).toBe(0o600);
  });
});

test("no name from Sage runs in a terminal or a spreadsheet", async () => {
  await using world = await startWorld();
  await world.run("sync-master");
  const name = `=cmd|'/c calc'!A1\u001B[31m\u202E`;
  world.sage.company("SAMINC").addVendor({ VendorNumber: "-1+1", VendorName: name });

  const { stdout } = await world.run("sync-master", "--export", "directory.csv");
  const again = await world.run("sync-master", "--export", "directory.csv", "--json");
  const text = await readFile(join(world.directory, "directory.csv"), "utf8");

  expect(stdout).toContain("=cmd|'/c calc'!A1\\x1b[31m");
  expect(stdout + again.stdout).not.toMatch(/[\u001B\u202E]/);
  expect(text).toContain(`vendor,'-1+1,'${name},INV,,\r\n`);
  expect(JSON.parse(again.stdout)).toMatchObject({ exported: { rows: 35, added: 0 } });
});

describe("names that lead nowhere", () => {
  const routes = [
    {
      name: "r",
      when: {},
      channel: "#finance",
      mention: ["cfo@example.com", "@cfo", "@ap-team", "@nobody", "U0NOBODY00"],
    },
  ];
  const directory = [
    "vendor,1200,,,#gone,former@example.com",
    "vendor,1350,,,#gone,former@example.com",
    "vendor,1400,,,#old,x@example.com",
  ].join("\n");

  test("are told with their places and the reason", async () => {
    await using world = await startWorld({ routes, directory });
    world.slack.addChannel({ name: "old", isArchived: true });

    const report = await sync(world);
    const { stdout } = await world.run("sync-master");

    expect(report.unresolved.map(({ name, places, reason }) => [name, places.join(", "), reason])).toEqual([
      ["@nobody", 'route "r"', "nobody and no user group has that handle"],
      ["U0NOBODY00", 'route "r"', "nobody has that id"],
      ["#gone", "directory row 2, directory row 3", "Slack has no such channel that this app can see"],
      ["former@example.com", "directory row 2, directory row 3", "the person's account is deactivated"],
      ["#old", "directory row 4", "the channel is archived"],
      ["x@example.com", "directory row 4", "nobody has that address"],
    ]);
    expect(report.exitCode).toBe(0);
    expect(stdout).toContain(
      '6 names lead nowhere:\n  @nobody (route "r"): nobody and no user group has that handle\n',
    );
  });

  test("are told without the right to read addresses or to list people, too", async () => {
    await using world = await startWorld({ routes, directory });
    const token = world.slack.tokenRecord();
    token.scopes = token.scopes.filter((scope) => scope !== "users:read.email");
    const withoutAddresses = await sync(world);
    token.scopes = token.scopes.filter((scope) => scope !== "users:read");
    const withoutPeople = await sync(world);

    expect(withoutAddresses.unresolved.map(({ name }) => name)).toContain("cfo@example.com");
    expect(withoutPeople.slack.map(({ kind, read }) => `${kind} ${read}`)).toContain("users not allowed");
    expect(withoutPeople.unresolved.find(({ name }) => name === "@nobody")?.reason).toContain(
      "lacks users:read",
    );
  });

  test("people who have left are forgotten, and poll shows their name without a ping", async () => {
    const mention = ["cfo@example.com", "@controller"];
    await using world = await startWorld({ routes: [{ name: "r", when: {}, channel: "#finance", mention }] });
    await world.run("poll");
    const cfo = world.slack.users.find(({ name }) => name === "cfo");
    const controller = world.slack.users.find(({ name }) => name === "controller");
    if (cfo !== undefined) cfo.deleted = true;

    const report = await sync(world);
    world.sage.company("SAMINC").addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "INV-1", amount: "1.99" }],
    });
    const run = await world.run("poll");

    expect(report.unresolved.map(({ name }) => name)).toEqual(["cfo@example.com"]);
    expect(run.code).toBe(0);
    expect(world.slack.posts.flatMap(({ notified }) => notified)).toEqual([controller?.id]);
  });

  test("changes among people, channels and groups are told", async () => {
    await using world = await startWorld({ routes });
    await world.run("sync-master");
    world.slack.addUser({ name: "new.clerk" });
    world.slack.addChannel({ name: "new" });
    world.slack.addUserGroup({ handle: "new-team" });
    world.slack.channel("treasury").name = "cash";
    world.slack.channel("procurement").isArchived = true;
    const buyer = world.slack.users.find(({ name }) => name === "buyer");
    if (buyer !== undefined) buyer.deleted = true;

    const { slack } = await sync(world);

    expect(slack.find(({ kind }) => kind === "channels")).toMatchObject({
      added: ["#new"],
      renamed: [{ from: "#treasury", to: "#cash" }],
      inactive: ["#procurement"],
    });
    expect(slack.find(({ kind }) => kind === "users")).toMatchObject({
      added: ["@new.clerk"],
      inactive: ["@buyer"],
    });
    expect(slack.find(({ kind }) => kind === "user groups")).toMatchObject({ added: ["@new-team"] });
  });
});

describe("sync-master --export", () => {
  const directory = "vendor,1200,my name,,#procurement,@buyer\nvendor,13*,all of them,,#treasury,";

  test("makes the spreadsheet that the configuration names", async () => {
    await using world = await startWorld({ directory: "" });
    const path = join(world.directory, "directory.csv");
    await rm(path);

    const { code, stdout } = await world.run("sync-master", "--export", "directory.csv");
    const polled = await world.run("poll");

    expect(code).toBe(0);
    expect(stdout).toContain(`${path}: 34 rows, 34 added.`);
    const text = await readFile(path, "utf8");
    expect(
      text.startsWith("\uFEFFkind,code,name,group,channel,mention\r\nvendor,1200,Chloride Systems,INV,,\r\n"),
    ).toBe(true);
    expect(polled.code).toBe(0);
    // The cache is no sign of an earlier run: this was the first, and told where it begins.
    expect(shownIn(world.slack, "accounts-payable")).toContain("Following A/P invoices");
  });

  test("adds what is new to one, and keeps all that is in it, who may read it and the link to it", async () => {
    await using world = await startWorld({ directory });
    const path = join(world.directory, "directory.csv");
    const shared = join(world.directory, "shared");
    await mkdir(shared);
    await writeFile(join(shared, "list.csv"), (await readFile(path, "utf8")).replaceAll(",", ";"));
    await chmod(join(shared, "list.csv"), 0o644);
    await rm(path);
    await symlink("shared/list.csv", path);

    await world.run("sync-master", "--export", "directory.csv");
    const once = await readFile(path, "utf8");
    const again = await world.run("sync-master", "--export", "directory.csv");

    expect(once.split("\n").slice(1, 4)).toEqual([
      "vendor;1200;Chloride Systems;;#procurement;'@buyer",
      "vendor;13*;all of them;;#treasury;",
      "vendor;1350;Excide Industrial Batteries;INV;;",
    ]);
    expect(again.stdout).toContain("35 rows, 0 added.");
    expect(await readFile(path, "utf8")).toBe(once);
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  test("touches no file that it cannot read, and asks nobody (2)", async () => {
    await using world = await startWorld();
    const path = join(world.directory, "mine.csv");
    await writeFile(path, "kind,code,name,group,channel,mention\nvendor,1,,,nowhere,\n");

    const { code, stderr } = await world.run("sync-master", "--export", "mine.csv");

    expect(code).toBe(2);
    expect(stderr).toContain("mine.csv: row 2, channel");
    expect(await readFile(path, "utf8")).toContain("nowhere");
    expect(world.sage.requests).toEqual([]);
  });

  test("says which file it cannot write (2)", async () => {
    await using world = await startWorld();

    const { code, stderr } = await world.run("sync-master", "--export", "no/such/folder.csv");

    expect(code).toBe(2);
    expect(stderr).toContain("cannot write the directory");
    expect(stderr).toContain("no/such/folder.csv");
  });
});

import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { acquireRunLock } from "../../src/state/run-lock.ts";
import { neededScopes, tested } from "../support/checks.ts";
import { startWorld, type ConfigParts, type World } from "../support/world.ts";

const oneSource = { sources: { "ap-invoices": { channel: "#accounts-payable" } } };

function start(parts: ConfigParts): Promise<World> {
  return startWorld(parts, { rateLimits: "off", scopes: neededScopes });
}

/** Each file with its content and the time of its last change. */
async function filesOf({ directory }: World): Promise<string[]> {
  const names = await readdir(directory);
  const files = names.map(async (name) => {
    const path = join(directory, name);
    return `${name} ${(await stat(path)).mtimeMs} ${await readFile(path, "utf8")}`;
  });
  return Promise.all(files);
}

function detailOf(checks: Awaited<ReturnType<typeof tested>>["checks"], name: string): string | undefined {
  return checks.find((check) => check.name === name)?.detail;
}

describe("test, of this machine", () => {
  test("leaves every file as it is, and takes no lock", async () => {
    await using world = await start(oneSource);
    await world.run("poll");
    const before = await filesOf(world);
    const lock = await acquireRunLock({ directory: world.directory });

    const { code, checks } = await tested(world);
    await lock.release();

    expect(code).toBe(0);
    expect(detailOf(checks, "run")).toMatch(/^one is going on: process \d+/);
    expect(detailOf(checks, "state folder")).toContain("can be written to");
    expect(await filesOf(world)).toEqual(before);
  });

  test("warns of a status that leaves everything out, because it is none", async () => {
    const statuses = ["Ready to post", "Postd"];
    await using world = await start({ sources: { "ap-invoices": { channel: "#a", statuses } } });

    const { checks } = await tested(world);

    const warned = checks.filter(({ name }) => name === "sources.ap-invoices.statuses");
    expect(warned.map(({ outcome }) => outcome)).toEqual(["warning"]);
    expect(warned[0]?.detail).toContain('"Postd"');
  });

  test("does not make a folder that would then belong to whoever tests", async () => {
    await using world = await start(oneSource);
    const path = join(world.directory, "sage-slack.json");
    const config = JSON.parse(await readFile(path, "utf8")) as object;
    await writeFile(path, JSON.stringify({ ...config, stateDir: "var/state" }));

    const { code, checks } = await tested(world);

    expect(code).toBe(0);
    expect(detailOf(checks, "state folder")).toContain("the first run makes it");
    expect(await readdir(world.directory)).toEqual(["sage-slack.json"]);
  });

  test("names a folder that others may write to, with the command that mends it (9)", async () => {
    await using world = await start(oneSource);
    await chmod(world.directory, 0o770);

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([{ name: "state folder", hint: `chmod go-w "${world.directory}"` }]);
  });

  test("names state that others may read, and one that cannot be read", async () => {
    await using world = await start(oneSource);
    await world.run("poll");
    await chmod(join(world.directory, "sage-slack.cursor.json"), 0o644);
    const open = await tested(world);
    for (const name of await readdir(world.directory)) {
      if (name.startsWith("sage-slack.cursor.json")) await writeFile(join(world.directory, name), "{}");
    }

    const damaged = await tested(world);

    expect(open.code).toBe(0);
    expect(open.warned).toMatchObject([
      { name: "state files", hint: `chmod go-rwx "${world.directory}/sage-slack.cursor.json"` },
    ]);
    expect(damaged.code).toBe(9);
    expect(damaged.failed).toMatchObject([{ name: "state" }]);
  });

  test("says where each secret comes from, and never the secret", async () => {
    await using world = await start(oneSource);
    const token = join(world.directory, "token");
    await writeFile(token, `${world.slack.token}\n`, { mode: 0o600 });
    world.env["SAGE_SLACK_SLACK_TOKEN"] = undefined;
    world.env["SAGE_SLACK_SLACK_TOKEN_FILE"] = token;
    world.env["SAGE_SLACK_SIGNING_SECRET"] = "8f742231b10e8888abcd99yyyzzz85a5";

    const { code, checks } = await tested(world);
    const shown = await world.run("test");

    expect(code).toBe(0);
    expect(detailOf(checks, "Slack token")).toBe(`from the file ${token} (SAGE_SLACK_SLACK_TOKEN_FILE)`);
    expect(detailOf(checks, "SAMINC user and password")).toBe("from the environment");
    expect(detailOf(checks, "signing secret")).toBe("from the environment");
    expect(JSON.stringify(checks) + shown.stdout).not.toContain(world.slack.token);
  });

  test("names each secret that is missing, and checks the rest (9)", async () => {
    await using world = await start(oneSource);
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = undefined;
    const { failed, checks } = await tested(world);
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = "webapi";
    world.env["SAGE_SLACK_SLACK_TOKEN"] = "two words";

    const withoutToken = await tested(world);

    expect(failed).toMatchObject([
      {
        name: "SAMINC user and password",
        detail: expect.stringContaining("SAGE_SLACK_SAGE_PASSWORD is missing") as string,
      },
    ]);
    expect(detailOf(checks, "Slack")).toContain("accepts the token");
    expect(withoutToken.code).toBe(9);
    expect(withoutToken.failed).toMatchObject([{ name: "Slack token" }]);
    expect(detailOf(withoutToken.checks, "SAMINC ap-invoices")).toContain("can be read");
  });

  test("tells the proxies without their passwords, and warns of settings that lower the guarantees", async () => {
    await using world = await start({ ...oneSource, slack: { quarantineSeconds: 30 } });
    world.env["NODE_OPTIONS"] = "--require ./spy.js";
    world.env["HTTP_PROXY"] = "http://me:hunter22@127.0.0.1:9";

    const { code, checks, warned } = await tested(world);
    const sage = { url: "http://erp.example.com/Sage300WebApi", allowInsecureHttp: true };
    await world.configure({ ...oneSource, sage });
    const proxied = await tested(world);

    expect(code).toBe(0);
    expect(detailOf(checks, "proxy")).toBe("Sage: none; Slack: none"); // this machine itself needs none
    expect(warned.map(({ name }) => name)).toEqual(["slack.quarantineSeconds", "NODE_OPTIONS"]);
    expect(detailOf(proxied.checks, "proxy")).toMatch(
      /^Sage: through http:.*@127\.0\.0\.1:9\/?; Slack: none$/,
    );
    expect(JSON.stringify(proxied)).not.toContain("hunter22");
    expect(proxied.warned.map(({ name }) => name)).toContain("transport");
  });

  test("warns of routes that can never decide, and runs the route tests (9)", async () => {
    await using world = await start({
      ...oneSource,
      routes: [
        { name: "all", when: { source: "ap-invoices" }, channel: "#finance" },
        { name: "never", when: { vendor: "12*" }, channel: "#controllers" },
      ],
      routeTests: [
        { given: { vendor: "1200" }, expect: { channel: "#finance" } },
        { given: { vendor: "1200" }, expect: { channel: "#controllers" } },
      ],
    });

    const { code, checks, failed, warned } = await tested(world);

    expect(code).toBe(9);
    expect(warned).toMatchObject([
      { name: 'route "never"', detail: expect.stringContaining("never decides") as string },
    ]);
    expect(failed).toMatchObject([
      { name: "route test 2", detail: 'expected #controllers, got #finance by route "all"' },
    ]);
    expect(detailOf(checks, "route test 1")).toBe('#finance by route "all"');
  });

  test("cannot check anything with a configuration that is wrong (2)", async () => {
    await using world = await start({ sources: { invoices: {} } });

    const { code, stdout, stderr } = await world.run("test");

    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain('did you mean "ap-invoices"?');
    expect(world.sage.requests).toEqual([]);
  });

  test("shows a line for each check and what to do below it; with --quiet what failed alone", async () => {
    await using world = await start({ sources: { "ap-invoices": { channel: "#treasury" } } });
    world.slack.channel("treasury").isArchived = true;

    const { code, stdout, stderr } = await world.run("test");
    const quiet = await world.run("test", "--quiet");

    const failure =
      "FAILED   channel #treasury: it is archived (channel of ap-invoices)\n" +
      "         -> Unarchive it, or send its messages to another channel.\n";
    expect({ code, stderr }).toEqual({ code: 9, stderr: "" });
    expect(stdout).toContain(
      `passed   channel #finance: found, public, the app is a member (slack.channel)\n${failure}`,
    );
    expect(stdout).toMatch(/\n\d+ checks: \d+ passed, \d+ warnings?, 1 failed\.\n$/);
    expect(quiet).toEqual({ code: 9, stdout: failure, stderr: "" });
  });

  test("shows names from Slack as visible text alone", async () => {
    await using world = await start({ sources: { "ap-invoices": { channel: "#payables" } } });
    world.slack.addChannel({ name: "payables\u001b[2J\u202e" });

    const { stdout } = await world.run("test");

    expect(stdout).toContain("Did you mean #payables\\x1b[2J?");
  });
});

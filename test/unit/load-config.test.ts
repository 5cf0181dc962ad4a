import { chmod, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { jsonSchema } from "../../src/config/json-schema.ts";
import { loadConfig, parseConfig } from "../../src/config/load-config.ts";
import { problemsIn } from "../support/config-problems.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const valid = {
  sage: { url: "https://erp.example.com/Sage300WebApi", companies: ["saminc"] },
  slack: { channel: "#finance" },
  sources: { "ap-invoices": {}, "gl-journals": { channel: "#gl" } },
};

/** The valid configuration with one part replaced, as text. */
function written(part: object): string {
  return JSON.stringify({ ...valid, ...part });
}

describe("a configuration", () => {
  test("gets every default", () => {
    const config = parseConfig(JSON.stringify(valid), "sage-slack.json");

    expect(config.sage).toMatchObject({
      companies: ["SAMINC"],
      timeoutSeconds: 60,
      pageSize: 100,
      passwordCase: "upper",
    });
    expect(config.slack).toMatchObject({
      apiUrl: "https://slack.com/api/",
      minIntervalMs: 1000,
      quarantineSeconds: 120,
      onUncertain: "resend",
    });
    expect(config.sources).toEqual({
      "ap-invoices": {
        enabled: true,
        channel: "#finance",
        post: "batch",
        schedule: null,
        updates: "thread",
        statuses: null,
        lookbackDays: 7,
      },
      "gl-journals": {
        enabled: true,
        channel: "#gl",
        post: "summary",
        schedule: "0 7 * * *",
        updates: "thread",
        statuses: null,
        lookbackDays: 7,
      },
    });
    expect(config.routes).toEqual([]);
  });

  test.each([
    ["https://erp.example.com/Sage300WebApi/", "https://erp.example.com/Sage300WebApi"],
    ["https://erp.example.com/Sage300WebApi/v1.0/-", "https://erp.example.com/Sage300WebApi"],
    ["http://127.0.0.1:8080/Sage300WebApi", "http://127.0.0.1:8080/Sage300WebApi"],
  ])("takes the address %s", (url, expected) => {
    expect(parseConfig(written({ sage: { ...valid.sage, url } }), "x").sage.url).toBe(expected);
  });

  test.each<[string, object, string]>([
    ["an address without TLS", { sage: { ...valid.sage, url: "http://erp/Sage" } }, "allowInsecureHttp"],
    [
      "an address with a password",
      { sage: { ...valid.sage, url: "https://a:b@erp/Sage" } },
      "user or password",
    ],
    [
      "an address with a query",
      { sage: { ...valid.sage, url: "https://erp/Sage?x=1" } },
      "query or fragment",
    ],
    ["an address that climbs", { sage: { ...valid.sage, url: "https://erp/a/../b" } }, '".."'],
    ["a company twice", { sage: { ...valid.sage, companies: ["SAMINC", "saminc"] } }, "twice"],
    ["no company", { sage: { ...valid.sage, companies: [] } }, "sage.companies"],
    ["an unknown time zone", { sage: { ...valid.sage, timeZone: "Mars/Base" } }, "time zone"],
    ["a channel without #", { slack: { channel: "finance" } }, "#name"],
    ["a wait without end", { slack: { channel: "#a", quarantineSeconds: 1e308 } }, "86400"],
    ["a pace without end", { slack: { channel: "#a", minIntervalMs: 1e308 } }, "3600000"],
    ["a pace that Slack forbids", { slack: { channel: "#a", minIntervalMs: 10 } }, "at least 1000"],
    ["Slack without TLS", { slack: { channel: "#a", apiUrl: "http://slack.example.com/" } }, "https://"],
    ["an unknown source", { sources: { invoices: {} } }, "invoices"],
    ["no source", { sources: {} }, "at least one source"],
    ["a schedule that is none", { sources: { "ap-invoices": { schedule: "every day" } } }, "cron expression"],
    [
      "a schedule that never comes",
      { sources: { "ap-invoices": { schedule: "0 0 31 2 *" } } },
      "sources.ap-invoices.schedule: names a time that never comes",
    ],
    [
      "a schedule that comes once",
      { sources: { "ap-invoices": { schedule: "2026-12-01T07:00:00" } } },
      "cron expression",
    ],
    [
      "an amount as a number",
      { routes: [{ name: "r", when: { amount: { atLeast: 5 } }, channel: "#a" }] },
      "routes.0.when.amount.atLeast",
    ],
    [
      "an unknown flag",
      { routes: [{ name: "r", when: { flag: "odd" }, channel: "#a" }] },
      "routes.0.when.flag",
    ],
    [
      "a mention that is none",
      { routes: [{ name: "r", when: {}, channel: "#a", mention: ["all of us"] }] },
      "e-mail",
    ],
    [
      "two routes of one name",
      {
        routes: [
          { name: "r", when: {}, channel: "#a" },
          { name: "r", when: {}, channel: "#b" },
        ],
      },
      "different names",
    ],
    [
      "a proxy with a password",
      { sage: { ...valid.sage, proxy: "http://user:hunter2@proxy:3128" } },
      "HTTPS_PROXY",
    ],
    [
      "a link with a password",
      { sage: { ...valid.sage, link: "https://user:hunter2@erp/{batch}" } },
      "user or password",
    ],
    [
      "Slack's address with a password",
      { slack: { channel: "#a", apiUrl: "https://user:hunter2@slack.com/api/" } },
      "user or password",
    ],
    ["a token in a value", { stateDir: "xoxb-1234-abcd" }, "looks like a secret"],
    ["a password as a key", { sage: { ...valid.sage, password: "hunter2" } }, "looks like a secret"],
  ])("SR-1 SR-15 SR-24 is refused for %s", (_name, part, expected) => {
    const problems = problemsIn(written(part));

    expect(problems).toContain(expected);
    expect(problems).not.toMatch(/xoxb-1234|hunter2/);
  });

  test("tells all problems at once, each with its line and column and the key that was meant", () => {
    const text =
      '{\n  "sage": { "url": "https://erp/x", "companies": ["A"] },\n  "slak": {},\n  "slack": { "channel": "#a", "opschannel": "#b" },\n  "sources": { "ap-invoices": { "chanel": "#c" } }\n}';

    expect(problemsIn(text).split("\n")).toEqual([
      "the configuration has 3 problems",
      'sage-slack.json:3:3 slak: is not known; did you mean "slack"?',
      'sage-slack.json:4:31 slack.opschannel: is not known; did you mean "opsChannel"?',
      'sage-slack.json:5:33 sources.ap-invoices.chanel: is not known; did you mean "channel"?',
    ]);
  });

  test.each([
    ['{ "sage": {} }', "sage.url: is missing"],
    ['{ "sage": { "company": "SAMINC" } }', "sage.company: is not known\n"],
    ['{ "slack": { "minIntervalMs": "1000" } }', "slack.minIntervalMs: must be a number without quotes"],
    ['{ "sage": { "url": 1 } }', 'sage.url: must be text in "quotes"'],
    ['{ "sources": [] }', "sources: must be a group in { }"],
    ["# mine\n{ }", 'invalid symbol: text stands in "quotes", and a comment begins with //'],
    ['{ "stateDir": "C:\\users" }', "a backslash is written twice"],
  ])("says of %s what to write", (text, expected) => {
    expect(`${problemsIn(text)}\n`).toContain(expected);
  });

  test("may hold comments, a trailing comma and a byte order mark, but no key twice", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "sage-slack.json");
    await writeFile(path, `\uFEFF// ours\n${JSON.stringify(valid).replace(/}$/, ",}")}`, { mode: 0o600 });

    const loaded = await loadConfig({ explicitPath: path, env: {}, cwd: "/" });

    expect(loaded.config.slack.channel).toBe("#finance");
    expect(loaded.stateDirectory).toBe(directory.path);
    expect(
      problemsIn(JSON.stringify(valid).replace('"slack"', '"slack":{"channel":"#b"},"slack"')),
    ).toContain("is there twice");
  });

  test.each(["{", "", "[]", "null", '{"__proto__":{"x":1}}', '{"sage":"x"}'])(
    "is refused, not misread, when it is %j",
    (text) => {
      expect(problemsIn(text)).toContain("the configuration has");
      expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
    },
  );

  test("that is something else altogether is refused at once, with its first problems and their number", () => {
    const began = performance.now();

    const problems = problemsIn("a b ".repeat(100_000));

    expect(problems.split("\n")[0]).toMatch(/^the configuration has \d{6} problems$/);
    expect(problems.split("\n")).toHaveLength(52);
    expect(problems).toMatch(/\nand \d{6} more$/);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test("with a key of thousands of characters is refused at once, and the key is not repeated whole", () => {
    const began = performance.now();

    const problems = problemsIn(written({ ["x".repeat(200_000)]: 1 }));

    expect(problems).toContain("is not known");
    expect(problems.length).toBeLessThan(1000);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test("never fails otherwise than with its problems, whatever is in it", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(problemsIn(text)).toContain("problem");
      }),
    );
  });
});

describe("loadConfig", () => {
  test("looks where it is told, then in the environment, then here", async () => {
    await using directory = await temporaryDirectory();
    const here = join(directory.path, "sage-slack.json");
    const other = join(directory.path, "other.json");
    await writeFile(here, JSON.stringify(valid), { mode: 0o600 });
    await writeFile(other, JSON.stringify(valid), { mode: 0o600 });

    const pathOf = async (explicitPath: string | null, variable: string | null) =>
      (
        await loadConfig({
          ...(explicitPath === null ? {} : { explicitPath }),
          env: variable === null ? {} : { SAGE_SLACK_CONFIG: variable },
          cwd: directory.path,
        })
      ).path;

    expect(await pathOf(null, null)).toBe(here);
    expect(await pathOf(null, "other.json")).toBe(other);
    expect(await pathOf("sage-slack.json", "other.json")).toBe(here);
  });

  test("says where it looked when there is none", async () => {
    await using directory = await temporaryDirectory();

    await expect(loadConfig({ env: {}, cwd: directory.path })).rejects.toMatchObject({
      kind: "config",
      message: expect.stringContaining(join(directory.path, "sage-slack.json")) as string,
    });
  });

  test("SR-36 refuses a file that others may write to", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "sage-slack.json");
    await writeFile(path, JSON.stringify(valid));
    await chmod(path, 0o666);

    await expect(loadConfig({ explicitPath: path, env: {}, cwd: "/" })).rejects.toMatchObject({
      kind: "config",
      hint: `chmod go-w "${path}"`,
    });
  });

  test("names a file in UTF-16", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "sage-slack.json");
    await writeFile(path, Buffer.from(`\uFEFF${JSON.stringify(valid)}`, "utf16le"), { mode: 0o600 });

    await expect(loadConfig({ explicitPath: path, env: {}, cwd: "/" })).rejects.toThrow("UTF-16");
  });

  test("SR-12 refuses to run where certificates are not checked", async () => {
    await expect(loadConfig({ env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" }, cwd: "/" })).rejects.toThrow(
      "NODE_TLS_REJECT_UNAUTHORIZED",
    );
  });
});

describe("the examples", async () => {
  const folder = join(import.meta.dirname, "../../examples");
  const examples = (await readdir(folder)).filter(
    (name) => name.endsWith(".json") && !name.startsWith("slack-app-"),
  );

  test.each(examples)("%s can be loaded", async (name) => {
    const { config } = await loadConfig({ explicitPath: join(folder, name), env: {}, cwd: "/" });

    expect(config.sage.companies).toEqual(["SAMINC"]);
  });
});

test("the JSON Schema describes what people write, with help for each key", () => {
  expect(jsonSchema()).toMatchObject({
    $schema: "http://json-schema.org/draft-07/schema#",
    required: ["sage", "slack", "sources"],
    additionalProperties: false,
    properties: {
      sage: {
        properties: {
          url: { type: "string", description: expect.stringContaining("virtual directory") as string },
        },
      },
    },
  });
});

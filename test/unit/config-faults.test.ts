import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { loadConfig } from "../../src/config/load-config.ts";
import { problemsIn } from "../support/config-problems.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const valid = {
  sage: { url: "https://erp.example.com/Sage300WebApi", companies: ["SAMINC"] },
  slack: { channel: "#finance" },
  sources: { "ap-invoices": {} },
};

async function loadedFrom(content: string | Buffer, mode = 0o600): Promise<unknown> {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "sage-slack.json");
  await writeFile(path, content);
  await chmod(path, mode);
  return await loadConfig({ explicitPath: path, env: {}, cwd: "/" });
}

const configError = (text: string) =>
  expect.objectContaining({ kind: "config", message: expect.stringContaining(text) as string }) as object;

describe("a configuration file", () => {
  test("L45 tells every problem at once, each with line, column and key", () => {
    const text = `{
  "sage": { "url": "ftp://erp", "companies": [], "timeZone": "Mars" },
  "slack": { "channel": "finance", "minIntervalMs": "fast", "quarantine": 5 },
  "sources": { "ap-invoices": { "channel": "", "schedule": "now and then" }, "invoices": {} },
  "routes": [
    { "name": "a", "when": {}, "channel": "#a" },
    { "name": "b", "when": { "flag": "odd" }, "channel": "#b" }
  ]
}`;

    const error = problemsIn(text);

    expect(error.split("\n")[0]).toMatch(/^the configuration has \d+ problems/);
    for (const place of [
      "2:20 sage.url: must be a web address",
      "2:46 sage.companies:",
      "2:62 sage.timeZone: must be a time zone",
      "3:25 slack.channel: must be",
      "3:53 slack.minIntervalMs:",
      '3:61 slack.quarantine: is not known; did you mean "quarantineSeconds"?',
      "4:44 sources.ap-invoices.channel: must be",
      "4:60 sources.ap-invoices.schedule: must be a cron expression",
      "routes.1.when.flag",
    ]) {
      expect(error).toContain(place);
    }
    expect(error).toContain("invoices");
  });

  test.each<[string, object]>([
    ["a bot token", { slack: { channel: "#a", opsChannel: "xoxb-1234-abcd" } }],
    ["an app token", { stateDir: "xapp-1-abcd" }],
    ["a password", { sage: { ...valid.sage, password: "hunter2" } }],
    ["a key that says token", { slack: { channel: "#a", botToken: "hunter2" } }],
    ["an Authorization header", { sage: { ...valid.sage, link: "Basic aHVudGVyMg==" } }],
  ])("L45 with %s in it is refused without showing it", (_what, part) => {
    const error = problemsIn(JSON.stringify({ ...valid, ...part }));

    expect(error).toContain("looks like a secret");
    expect(error).not.toMatch(/xoxb-1234|xapp-1|hunter2|aHVudGVyMg/);
  });

  test.each([
    ["is missing", "/absent/sage-slack.json", "ENOENT"],
    ["is a folder", "/tmp", "is not a file"],
    ["lies under a file", "/etc/hostname/x.json", "ENOTDIR"],
  ])("L45 that %s is named with its path", async (_what, explicitPath, reason) => {
    await expect(loadConfig({ explicitPath, env: {}, cwd: "/" })).rejects.toEqual(configError(explicitPath));
    await expect(loadConfig({ explicitPath, env: {}, cwd: "/" })).rejects.toEqual(configError(reason));
  });

  test.each<[string, string | Buffer, string]>([
    ["larger than 1 MB", " ".repeat(1024 * 1024 + 1), "is larger than 1 MB"],
    ["empty", "", "the file is empty"],
    ["YAML", "sage:\n  url: https://erp.example.com\n", "sage-slack.json:1:1"],
    ["a bomb of YAML anchors", `a: &a ["lol"]\nb: &b [${"*a,".repeat(1000)}*a]\n`, "problem"],
    ["nested 200,000 deep", "[".repeat(200_000), "is nested too deeply"],
    ["nested 100,000 objects deep", '{"a":'.repeat(100_000), "is nested too deeply"],
    [
      "ISO-8859-1",
      Buffer.from(JSON.stringify({ ...valid, stateDir: "B\u00FCcher" }), "latin1"),
      "is not UTF-8",
    ],
    ["full of NUL bytes", Buffer.alloc(1000), "problem"],
    [
      "of a key __proto__",
      JSON.stringify(valid).replace("{", '{"__proto__":{"x":1},'),
      "is not a key of this file",
    ],
    [
      "of a key constructor",
      JSON.stringify(valid).replace("{", '{"constructor":1,'),
      "is not a key of this file",
    ],
  ])("L46 %s is refused with a sentence", async (_what, content, expected) => {
    const began = performance.now();

    await expect(loadedFrom(content)).rejects.toEqual(configError(expected));

    expect(performance.now() - began).toBeLessThan(2000);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  test.each<[string, string]>([
    ["a byte order mark", `\uFEFF${JSON.stringify(valid)}`],
    ["CRLF", JSON.stringify(valid, null, 2).replaceAll("\n", "\r\n")],
    ["tabs", JSON.stringify(valid, null, "\t")],
    ["brackets in a text", JSON.stringify({ ...valid, stateDir: "[".repeat(500) })],
  ])("L46 with %s is taken", async (_what, content) => {
    expect(await loadedFrom(content)).toMatchObject({ config: { slack: { channel: "#finance" } } });
  });

  test.each([0o660, 0o602, 0o666])(
    "L44 with mode %o is refused: who writes it decides where amounts go",
    async (mode) => {
      await expect(loadedFrom(JSON.stringify(valid), mode)).rejects.toEqual(configError("others may write"));
    },
  );

  test("L48 may be a link and readable to all, as container secrets are", async () => {
    await using directory = await temporaryDirectory();
    await mkdir(join(directory.path, "..data"));
    await writeFile(join(directory.path, "..data/sage-slack.json"), JSON.stringify(valid), { mode: 0o444 });
    const path = join(directory.path, "sage-slack.json");
    await symlink("..data/sage-slack.json", path);

    const { stateDirectory } = await loadConfig({ explicitPath: path, env: {}, cwd: "/" });

    expect(stateDirectory).toBe(directory.path);
  });
});

import { spawnSync } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";

import { describe, expect, test } from "vitest";

import type { Keychain } from "../../src/config/keychain.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import { loadSecrets, Secret } from "../../src/config/secrets.ts";
import { AppError } from "../../src/errors.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const config = parseConfig(
  JSON.stringify({
    sage: { url: "https://erp.example.com/Sage300WebApi", companies: ["SAMINC"] },
    slack: { channel: "#finance" },
    sources: { "ap-invoices": {} },
  }),
  "sage-slack.json",
);

const complete = {
  SAGE_SLACK_SAGE_USER: "webapi",
  SAGE_SLACK_SAGE_PASSWORD: "pass",
  SAGE_SLACK_SLACK_TOKEN: "xoxb-1",
};

/** A keychain with these entries; a run that should not ask it passes none. */
function keychainWith(entries: Record<string, string> | null) {
  return (): Promise<Keychain> => {
    if (entries === null) throw new Error("the keychain was asked");
    return Promise.resolve({
      get: (account) => Promise.resolve(entries[account] ?? null),
      set: () => Promise.resolve(),
      delete: () => Promise.resolve(false),
      ensureUnlocked: () => Promise.resolve(),
    });
  };
}

async function failureOf(given: {
  env: Record<string, string | undefined>;
  entries: Record<string, string>;
}): Promise<unknown> {
  return loadSecrets({ config, env: given.env, keychain: keychainWith(given.entries) }).catch(
    (thrown: unknown) => thrown,
  );
}

async function writeWithMode(path: string, mode: number): Promise<void> {
  await writeFile(path, "xoxb-1");
  await chmod(path, mode);
}

describe("loadSecrets", () => {
  test("takes the environment first and leaves the keychain alone then", async () => {
    const secrets = await loadSecrets({ config, env: complete, keychain: keychainWith(null) });

    expect(secrets.sage("SAMINC").user).toBe("WEBAPI");
    expect(secrets.sage("SAMINC").password.reveal()).toBe("PASS");
    expect(secrets.slackToken.reveal()).toBe("xoxb-1");
    expect(secrets.signingSecret).toBeNull();
  });

  test("leaves a complex password as it is", async () => {
    const complex = { ...config, sage: { ...config.sage, passwordCase: "as-is" as const } };

    const secrets = await loadSecrets({ config: complex, env: complete, keychain: keychainWith(null) });

    expect(secrets.sage("SAMINC").password.reveal()).toBe("pass");
  });

  test("reads files that the environment names, without the newline at the end", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "token");
    await writeFile(path, "xoxb-from-file\r\n", { mode: 0o444 });
    const env = { ...complete, SAGE_SLACK_SLACK_TOKEN: undefined, SAGE_SLACK_SLACK_TOKEN_FILE: path };

    const secrets = await loadSecrets({ config, env, keychain: keychainWith(null) });

    expect(secrets.slackToken.reveal()).toBe("xoxb-from-file");
  });

  test("asks the keychain last, by host and company", async () => {
    const entries = {
      "sage:erp.example.com/SAMINC": JSON.stringify({ user: "stored", password: "word" }),
      "slack:slack.com": "xoxb-stored",
      "signing:slack.com": "shh",
    };

    const secrets = await loadSecrets({ config, env: {}, keychain: keychainWith(entries) });

    expect([
      secrets.sage("SAMINC").user,
      secrets.slackToken.reveal(),
      secrets.signingSecret?.reveal(),
    ]).toEqual(["STORED", "xoxb-stored", "shh"]);
  });

  test.each<[string, string, string]>([
    ["empty", "", "the keychain entry slack:slack.com is empty"],
    ["with a newline", "xoxb-hunter2\n", "holds a line break"],
    ["of 3 KB", `xoxb-hunter2${"x".repeat(3000)}`, "is longer than 2048 characters"],
    ["with a space", "xoxb-hunter2 ", "holds a space"],
    ["that no header can carry", "xoxb-hunter2\u00E9", "a letter that no token has"],
  ])("L43 a token from the keychain %s is malformed, and not shown", async (_what, token, expected) => {
    const entries = {
      "sage:erp.example.com/SAMINC": JSON.stringify({ user: "stored", password: "word" }),
      "slack:slack.com": token,
    };
    const error = await failureOf({ env: {}, entries });

    expect(error).toMatchObject({ kind: "secrets", message: expect.stringContaining(expected) as string });
    expect(inspect(error)).not.toContain("hunter2");
  });

  test.each<[string, string, string]>([
    ["empty", "", "is empty"],
    ["of another program", "hunter2", "is not one of this program"],
    ["without a user", JSON.stringify({ user: "", password: "hunter2" }), "is not one of this program"],
    ["of 3 KB", JSON.stringify({ user: "a", password: "hunter2".repeat(500) }), "is longer than"],
  ])("L43 a Sage entry in the keychain %s is malformed, and not shown", async (_what, entry, expected) => {
    const entries = { "sage:erp.example.com/SAMINC": entry, "slack:slack.com": "xoxb-1" };
    const error = await failureOf({ env: {}, entries });

    expect(error).toMatchObject({ kind: "secrets", message: expect.stringContaining(expected) as string });
    expect(inspect(error)).not.toContain("hunter2");
  });

  test("L41 an entry that is missing is named with the command that stores it", async () => {
    const withoutSage = await failureOf({ env: {}, entries: {} });
    const withoutToken = await failureOf({
      env: {},
      entries: { "sage:erp.example.com/SAMINC": JSON.stringify({ user: "a", password: "b" }) },
    });

    expect(withoutSage).toMatchObject({
      kind: "secrets",
      message: "not stored for this user: user and password of Sage for SAMINC",
      hint: expect.stringContaining("sage-slack login sage --user") as string,
    });
    expect(withoutToken).toMatchObject({
      kind: "secrets",
      hint: expect.stringContaining("sage-slack login slack") as string,
    });
  });

  test.each<[string, (path: string) => Promise<unknown>, string]>([
    ["a folder", (path) => mkdir(path), "does not name a file"],
    [
      "a pipe",
      (path) => Promise.resolve(spawnSync("sh", ["-c", 'mkfifo "$0"', path])),
      "does not name a file",
    ],
    ["larger than 4 KB", (path) => writeFile(path, "x".repeat(5000)), "larger than 4 KB"],
    ["writable by the group", (path) => writeWithMode(path, 0o620), "others may write"],
    ["writable by all", (path) => writeWithMode(path, 0o602), "others may write"],
    ["a link to nothing", (path) => symlink("absent", path), "cannot read the file"],
    ["empty", (path) => writeFile(path, ""), "is empty"],
    ["UTF-16", (path) => writeFile(path, "\uFEFFxoxb-1", "utf16le"), "is UTF-16"],
    ["in another encoding", (path) => writeFile(path, "p\u00E4ss", "latin1"), "is not UTF-8"],
  ])("L44 a secret file that is %s is refused", async (_what, lay, expected) => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "token");
    await lay(path);

    const error = await failureOf({
      env: { ...complete, SAGE_SLACK_SLACK_TOKEN: undefined, SAGE_SLACK_SLACK_TOKEN_FILE: path },
      entries: {},
    });

    expect(error).toMatchObject({ kind: "secrets", message: expect.stringContaining(expected) as string });
  });

  test("L44 a secret file may be a link and readable to others, as container secrets are", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "token");
    await writeFile(join(directory.path, "..data"), "xoxb-linked\n", { mode: 0o444 });
    await symlink("..data", path);
    const env = { ...complete, SAGE_SLACK_SLACK_TOKEN: undefined, SAGE_SLACK_SLACK_TOKEN_FILE: path };

    const secrets = await loadSecrets({ config, env, keychain: keychainWith({}) });

    expect(secrets.slackToken.reveal()).toBe("xoxb-linked");
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    ["nothing is there", {}, "user and password of Sage for SAMINC"],
    [
      "only the user is there",
      { ...complete, SAGE_SLACK_SAGE_PASSWORD: undefined },
      "SAGE_SLACK_SAGE_PASSWORD is missing",
    ],
    ["the token is empty", { ...complete, SAGE_SLACK_SLACK_TOKEN: "" }, "SAGE_SLACK_SLACK_TOKEN is empty"],
    [
      "a value has a line break",
      { ...complete, SAGE_SLACK_SAGE_PASSWORD: "hunter2\nx" },
      "control character",
    ],
    [
      "a file is absent",
      { ...complete, SAGE_SLACK_SLACK_TOKEN: undefined, SAGE_SLACK_SLACK_TOKEN_FILE: "/absent" },
      "/absent",
    ],
  ])("says what is missing when %s, and never the value", async (_name, env, expected) => {
    const error = await loadSecrets({ config, env, keychain: keychainWith({}) }).catch(
      (thrown: unknown) => thrown,
    );

    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ kind: "secrets", message: expect.stringContaining(expected) as string });
    expect(inspect(error)).not.toContain("hunter2");
  });

  test("SR-5 SR-34 refuses a file that others may write to", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "token");
    await writeFile(path, "xoxb-1");
    await chmod(path, 0o622);
    const env = { ...complete, SAGE_SLACK_SLACK_TOKEN: undefined, SAGE_SLACK_SLACK_TOKEN_FILE: path };

    await expect(loadSecrets({ config, env, keychain: keychainWith({}) })).rejects.toMatchObject({
      hint: `chmod go-w "${path}"`,
    });
  });
});

test("SR-7 a secret cannot be shown by accident", () => {
  const secret = new Secret("hunter2");
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect(secret),
    inspect(Object.assign({}, secret)),
    Object.values(secret).join(),
  ];

  expect(shown.join(" ")).not.toContain("hunter2");
  expect(secret.reveal()).toBe("hunter2");
});

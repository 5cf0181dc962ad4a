import { chmod, writeFile } from "node:fs/promises";
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
    });
  };
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

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { openKeychain, type KnownAccounts } from "../../src/config/keychain.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** A stand-in for the process that calls the keychain; `body` has the request in `request`. */
async function scripted(body: string) {
  const directory = await temporaryDirectory();
  const script = join(directory.path, "child.mjs");
  await writeFile(
    script,
    `import { text } from "node:stream/consumers";\nconst request = JSON.parse(await text(process.stdin));\n${body}`,
  );
  return { script, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

function knownAccounts(...accounts: string[]): KnownAccounts {
  const known = new Set(accounts);
  return {
    has: (account) => known.has(account),
    add: (account) => void known.add(account),
    remove: (account) => void known.delete(account),
  };
}

describe("the keychain", () => {
  test("SR-1 SR-3 gets, sets and deletes over standard input and output, never over arguments", async () => {
    await using child = await scripted(`
      if (process.argv.length !== 2) process.exit(9);
      const store = { "slack:slack.com": "xoxb-1" };
      process.stdout.write(JSON.stringify({ result: request.action === "delete" ? true : request.action === "set" ? null : store[request.account] ?? null }));`);
    const keychain = await openKeychain({ script: child.script, known: knownAccounts() });

    expect(await keychain.get("slack:slack.com")).toBe("xoxb-1");
    expect(await keychain.get("other")).toBeNull();
    expect(await keychain.delete("slack:slack.com")).toBe(true);
    await keychain.set("slack:slack.com", "xoxb-1");
    await expect(keychain.set("slack:slack.com", "xoxb-2")).rejects.toThrow("cannot be read back");
  });

  test("L42 tells a locked keychain from an empty one", async () => {
    await using child = await scripted(`process.stdout.write(JSON.stringify({ result: null }));`);
    const keychain = await openKeychain({ script: child.script, known: knownAccounts("slack:slack.com") });

    await expect(keychain.get("slack:slack.com")).rejects.toMatchObject({
      kind: "secrets",
      message: expect.stringContaining("locked") as string,
    });
  });

  test.each([
    ["it never answers", "setInterval(() => {}, 1000);", "did not answer within 0.3 s"],
    ["it crashes", 'process.kill(process.pid, "SIGSEGV");', "SIGSEGV"],
    ["it answers nonsense", 'process.stdout.write("<html>");', "cannot be understood"],
    [
      "there is no D-Bus",
      `process.stdout.write(JSON.stringify({ error: "Cannot autolaunch D-Bus without X11 $DISPLAY" }));`,
      "no D-Bus session",
    ],
    [
      "the logon has no store",
      `process.stdout.write(JSON.stringify({ error: "A specified logon session does not exist. 1312" }));`,
      "no credential store",
    ],
  ])("L42 SR-4 says so when %s", async (_name, body, expected) => {
    await using child = await scripted(body);
    const keychain = await openKeychain({
      script: child.script,
      timeoutMs: expected.includes("0.3") ? 300 : 5000,
      known: knownAccounts(),
    });

    await expect(keychain.get("slack:slack.com")).rejects.toMatchObject({
      kind: "secrets",
      message: expect.stringContaining(expected) as string,
      hint: expect.stringContaining("SAGE_SLACK_SLACK_TOKEN") as string,
    });
  });
});

import { readFile, writeFile } from "node:fs/promises";
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

function withToken({ script }: { script: string }) {
  return openKeychain({ script, known: knownAccounts("slack:slack.com") });
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

  test("L42 tells a locked keychain from an empty one, and from one that has lost an entry", async () => {
    const locked = `const answer = request.action === "probe" ? { error: "Cannot create an item in a locked collection" } : { result: request.action === "delete" ? false : null };`;
    const open = `const answer = { result: request.action === "get" ? null : false };`;
    await using lockedChild = await scripted(`${locked} process.stdout.write(JSON.stringify(answer));`);
    await using openChild = await scripted(`${open} process.stdout.write(JSON.stringify(answer));`);
    const isLocked = { kind: "secrets", message: expect.stringContaining("it is locked") as string };

    await expect((await withToken(lockedChild)).get("slack:slack.com")).rejects.toMatchObject(isLocked);
    await expect((await withToken(lockedChild)).ensureUnlocked()).rejects.toMatchObject(isLocked);
    await expect((await withToken(openChild)).get("slack:slack.com")).rejects.toMatchObject({
      kind: "secrets",
      message: "the keychain has lost slack:slack.com: somebody removed the entry",
    });
    expect(await (await withToken(openChild)).get("other")).toBeNull();
  });

  test("L42 does not take a locked keychain for one from which everything is removed", async () => {
    await using child = await scripted(
      `const answer = request.action === "probe" ? { error: "Cannot create an item in a locked collection" } : { result: false }; process.stdout.write(JSON.stringify(answer));`,
    );
    const known = knownAccounts("slack:slack.com");
    const keychain = await openKeychain({ script: child.script, known });

    await expect(keychain.delete("slack:slack.com")).rejects.toThrow("locked");
    expect(known.has("slack:slack.com")).toBe(true);
  });

  test("L42 SR-4 is asked once when it does not answer, however many secrets are wanted", async () => {
    await using child = await scripted(
      `(await import("node:fs")).appendFileSync(process.argv[1] + ".calls", "x"); setInterval(() => {}, 1000);`,
    );
    const keychain = await openKeychain({ script: child.script, timeoutMs: 400, known: knownAccounts() });

    for (const account of ["a", "b", "c"]) {
      await expect(keychain.get(account)).rejects.toThrow("did not answer within 0.4 s");
    }
    expect((await readFile(`${child.script}.calls`, "utf8")).length).toBe(1);
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

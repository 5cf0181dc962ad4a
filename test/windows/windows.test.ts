import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import {
  installOnWindows,
  windowsPath,
  type WindowsConsole,
  type WindowsInstallation,
} from "../support/windows.ts";
import { startWorld, type ConfigParts, type World } from "../support/world.ts";

const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";

let windows: WindowsInstallation;
let world: World;
let folder = "";
let env: Record<string, string> = {};

beforeAll(async () => {
  windows = await installOnWindows();
});

afterAll(async () => windows[Symbol.asyncDispose]());

beforeEach(async () => {
  world = await startWorld();
  folder = await windows.folder();
  env = {
    SAGE_SLACK_SAGE_USER: "webapi",
    SAGE_SLACK_SAGE_PASSWORD: "webapi",
    SAGE_SLACK_SLACK_TOKEN: world.slack.token,
  };
  await configure();
});

afterEach(async () => world[Symbol.asyncDispose]());

/** As an editor of Windows saves it: with a byte order mark and the ends of lines that are usual there. */
async function configure({ slack, ...parts }: ConfigParts & { stateDir?: string } = {}): Promise<void> {
  const config = {
    sage: { url: world.sage.url, companies: ["SAMINC"] },
    slack: {
      channel: "#finance",
      apiUrl: world.slack.url,
      minIntervalMs: 0,
      quarantineSeconds: 0,
      ...slack,
    },
    sources: { "ap-invoices": {} },
    ...parts,
  };
  const text = JSON.stringify(config, null, 2).replaceAll("\n", "\r\n");
  await writeFile(join(folder, "sage-slack.json"), `\uFEFF${text}\r\n`);
}

function run(...args: string[]) {
  return windows.run(folder, args, { env });
}

/** Without secrets in the environment. */
function command(line: string, input = "") {
  return windows.run(folder, line.split(" "), { input });
}

function keyIn(amount = "7.00"): void {
  world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount }] });
}

function countOf(amount: string): number {
  return world.slack.posts.filter(({ text }) => text.includes(amount)).length;
}

/** Resolves at the n-th call of a method of Slack. */
function called(method: string, number = 1): Promise<void> {
  let left = number;
  return new Promise((resolve) => {
    world.slack.onCall = (call) => {
      if (call.method === method && (left -= 1) === 0) resolve();
    };
  });
}

async function temporaryFiles(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /\.tmp$|^\.lock|\.lock/.test(name));
}

test("the package tells its version and its commands", async () => {
  const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };

  expect(await run("--version")).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
  expect((await run("--help")).stdout).toContain("Read Sage once, post what is new, and exit");
});

describe("SR-3 the Credential Manager", () => {
  test("keeps what login stores, for poll, until logout", async () => {
    const [sage, slack] = [new URL(world.sage.url).host, new URL(world.slack.url).host];
    const accounts = [`sage:${sage}/SAMINC`, `slack:${slack}`, `signing:${slack}`];
    const origins = async () => {
      const { code, stdout } = await command("login --status --json");
      const { secrets } = JSON.parse(stdout) as { secrets: { origin: string | null }[] };
      return { code, origins: secrets.map(({ origin }) => origin) };
    };
    expect(await origins()).toEqual({ code: 7, origins: [null, null, null] });

    const login = await command("login sage --user WEBAPI --password-stdin", "webapi\r\n");
    expect(login).toMatchObject({ code: 0, stderr: "" });
    expect(login.stdout).toContain("stored password");
    // `echo TOKEN | sage-slack ...` of cmd leaves a space at the end.
    const token = await command("login slack --token-stdin", `${world.slack.token} \r\n`);
    expect(token).toMatchObject({ code: 0, stderr: "" });
    expect(await command("login signing --token-stdin", `\uFEFF${signingSecret}\r\n`)).toMatchObject({
      code: 0,
      stderr: "",
    });

    expect(await origins()).toEqual({
      code: 0,
      origins: accounts.map((account) => `the keychain (${account})`),
    });
    expect(await command("poll")).toMatchObject({ code: 0, stderr: "" });
    const post = world.slack.requests.find(({ method }) => method === "chat.postMessage");
    expect(post?.headers["x-slack-signature"]).toMatch(/^v0=/);

    const removed = await command("logout");
    expect(removed.stdout.trimEnd().split("\n")).toEqual(accounts.map((account) => `Removed ${account}.`));
    expect(await origins()).toEqual({ code: 7, origins: [null, null, null] });
    const poll = await command("poll");
    expect(poll.code).toBe(7);
    expect(poll.stderr).toContain("not stored for this user");
  });

  test("L43 a password in the code page of a console is refused before Sage sees it", async () => {
    const login = await windows.run(folder, ["login", "sage", "--user", "WEBAPI", "--password-stdin"], {
      input: Buffer.from("p\u0084ssword\r\n", "latin1"),
    });

    expect(login.code).toBe(2);
    expect(login.stderr).toContain("not UTF-8");
    expect(world.sage.requests.length).toBe(0);
  });
});

describe("a run", () => {
  test("takes note of what is there, then posts what is new, and shows letters of any kind", async () => {
    world.sage.company("SAMINC").addVendor({ VendorNumber: "ZÜRICH", VendorName: "Bäckerei Łódź 日本" });
    expect(await run("poll")).toMatchObject({ code: 0, stderr: "" });
    const before = await readFile(join(folder, "sage-slack.cursor.json"), "utf8");
    world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "ZÜRICH", amount: "7.00" }] });

    const preview = await run("dry-run", "--html", windowsPath(join(folder, "Vorschau ö.html")));
    const poll = await run("poll");

    expect(preview.stdout).toContain("Bäckerei Łódź 日本 (ZÜRICH)");
    expect(await readFile(join(folder, "Vorschau ö.html"), "utf8")).toContain("Bäckerei Łódź 日本");
    expect(poll).toMatchObject({ code: 0, stderr: "" });
    expect(countOf("7.00")).toBe(1);
    expect(await readFile(join(folder, "sage-slack.cursor.json"), "utf8")).not.toBe(before);
    expect(await temporaryFiles()).toEqual([]);
    expect((await run("poll")).stdout).toContain("Nothing to post");
  });

  test("L54 finds its files by drive letters, slashes of both kinds, and where Windows itself ends at 260 characters", async () => {
    const state = join(folder, ...Array.from({ length: 8 }, (_part, index) => `${"ä".repeat(40)} ${index}`));
    await configure({ stateDir: windowsPath(state) });
    await writeFile(join(folder, "tökén 1.txt"), `\uFEFF${world.slack.token}\r\n`);
    const { SAGE_SLACK_SLACK_TOKEN: _token, ...others } = env;
    const config = windowsPath(join(folder, "sage-slack.json")).replaceAll("\\", "/");
    const fromFile = { ...others, SAGE_SLACK_SLACK_TOKEN_FILE: windowsPath(join(folder, "tökén 1.txt")) };

    const poll = await windows.run("/", ["poll", "--config", config], { env: fromFile });
    const status = await windows.run("/", ["login", "--status", "--config", config], { env: fromFile });

    expect(windowsPath(state).length).toBeGreaterThan(300);
    expect(poll).toMatchObject({ code: 0, stderr: "" });
    expect(await readdir(state)).toContain("sage-slack.cursor.json");
    expect(status).toMatchObject({ code: 0 });
    expect(status.stdout).toContain(`in the file ${fromFile.SAGE_SLACK_SLACK_TOKEN_FILE}`);
  });

  test.each(["NUL", "C:\\nicht da\\x.json", "C:\\windows"])(
    "L54 says what is wrong with %s for a configuration",
    async (path) => {
      const poll = await run("poll", "--config", path);

      expect(poll.code).toBe(2);
      expect(poll.stderr).toMatch(/cannot read the configuration|is not a file|is empty/);
    },
  );

  test("L53 waits for a program that holds the state file", async () => {
    await run("poll");
    keyIn();
    const hold = { path: join(folder, "sage-slack.cursor.json"), milliseconds: 6000 };

    const poll = await windows.run(folder, ["poll"], { env, hold });

    expect(poll).toMatchObject({ code: 0, stderr: "" });
    expect(poll.milliseconds).toBeGreaterThan(5000);
    expect(countOf("7.00")).toBe(1);
    expect(await temporaryFiles()).toEqual([]);
  });

  test("L38 is alone: a second one at the same time ends with 8", async () => {
    await run("poll");
    keyIn();
    world.slack.queueFault({ kind: "delay", ms: 8000, method: "chat.postMessage" });
    const posting = called("chat.postMessage");
    const first = run("poll");
    await posting;

    const second = await run("poll");

    expect(second.code).toBe(8);
    expect(second.stderr).toContain("another run holds");
    expect(await first).toMatchObject({ code: 0 });
    expect(countOf("7.00")).toBe(1);
  });

  test.each(["taskkill", "kill"] as const)(
    "L21 that is ended from outside (%s) leaves a lock and a message that the next one settles",
    async (how) => {
      await run("poll");
      keyIn();
      world.slack.queueFault({ kind: "delay", ms: 3000, method: "chat.postMessage" });
      const marker = join(folder, "post-arrived");
      void called("chat.postMessage").then(() => writeFile(marker, ""));

      await windows.run(folder, ["poll"], { env, kill: { when: marker, with: how } });
      expect(await temporaryFiles()).toContain("sage-slack.lock");
      // Windows gives its number away again; here to another node.exe, the hardest to tell from it.
      const next = await windows.run(folder, ["poll"], { env, inherit: join(folder, "sage-slack.lock") });

      expect(next).toMatchObject({ code: 0, stderr: "" });
      expect(countOf("7.00")).toBe(1);
      expect(await temporaryFiles()).toEqual([]);
    },
  );

  test("SR-39 says that rights are not looked at, and how to see them", async () => {
    const checks = await run("test");

    expect(checks.code).toBe(0);
    expect(checks.stdout).toContain(`who else may is not looked at: icacls "${windowsPath(folder)}"`);
  });
});

async function typeToken(console: WindowsConsole): Promise<void> {
  await console.shows("Bot token:");
  await sleep(500); // the prompt stands before the keyboard is read
  console.press(`${world.slack.token}\r`);
}

describe("on a console", () => {
  test("letters of any kind are shown as they are", async () => {
    await run("poll");

    const { code, shown } = await windows.onConsole(folder, ["status"], { env });

    expect(code).toBe(0);
    expect(shown).toContain("Buchhaltung Müller & Söhne");
  });

  test("SR-2 a token that is typed is not shown", async () => {
    const { code, shown } = await windows.onConsole(folder, ["login", "slack"], {
      onStart: (console) => void typeToken(console),
    });

    expect(shown).toContain("Slack accepts the token");
    expect(code).toBe(0);
    expect(shown).not.toContain(world.slack.token);
    expect((await windows.run(folder, ["logout", "slack"])).stdout).toContain("Removed slack:");
  });

  test("L18 Ctrl-C ends a run in good order", async () => {
    await run("poll");
    keyIn();
    world.slack.queueFault({ kind: "delay", ms: 2000, method: "chat.postMessage" });
    const posting = called("chat.postMessage");

    const { code } = await windows.onConsole(folder, ["poll"], {
      env,
      onStart: (console) => void posting.then(() => console.press("\u0003")),
    });

    expect(code).toBe(130);
    expect(await temporaryFiles()).toEqual([]);
    expect((await run("status")).stdout).toContain("exit code 130 (interrupted)");
    expect(await run("poll")).toMatchObject({ code: 0 });
    expect(countOf("7.00")).toBe(1);
  });
});

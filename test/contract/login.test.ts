import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";

import { describe, expect, test } from "vitest";

import { exitCodeOf } from "../../src/cli/exit-code.ts";
import { readPiped } from "../../src/cli/prompt.ts";
import { AppError } from "../../src/errors.ts";
import { startWorld, type World } from "../support/world.ts";

/** What `login --status --json` says. */
async function statusOf(world: World, ...args: string[]) {
  const { code, stdout } = await world.run("login", "--status", "--json", ...args);
  const document = JSON.parse(stdout) as {
    exitCode: number;
    secrets: { name: string; origin: string | null; problem: string | null }[];
  };
  expect(document.exitCode).toBe(code);
  return { code, secrets: document.secrets };
}

describe("login --status", () => {
  test("tells where each secret is, and exits 0 when all that are needed are there", async () => {
    await using world = await startWorld({}, undefined, ["SAMINC", "SAMLTD"]);
    const path = join(world.directory, "token");
    await writeFile(path, world.slack.token, { mode: 0o600 });
    delete world.env["SAGE_SLACK_SLACK_TOKEN"];
    world.env["SAGE_SLACK_SLACK_TOKEN_FILE"] = path;
    const [sage, slack] = [new URL(world.sage.url).host, new URL(world.slack.url).host];

    expect(await statusOf(world)).toEqual({
      code: 0,
      secrets: [
        ...["SAMINC", "SAMLTD"].map((company) => ({
          name: `${company} user and password`,
          account: `sage:${sage}/${company}`,
          isNeeded: true,
          origin: "the environment",
          problem: null,
          hint: null,
        })),
        {
          name: "Slack token",
          account: `slack:${slack}`,
          isNeeded: true,
          origin: `the file ${path} (SAGE_SLACK_SLACK_TOKEN_FILE)`,
          problem: null,
          hint: null,
        },
        {
          name: "signing secret",
          account: `signing:${slack}`,
          isNeeded: false,
          origin: null,
          problem: null,
          hint: null,
        },
      ],
    });
    const shown = await world.run("login", "--status");
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout.split("\n")).toContain("found    SAMINC user and password: in the environment");
    expect(shown.stdout).not.toContain(world.slack.token);
    expect(world.sage.requests.length + world.slack.requests.length).toBe(0);
  });

  test("exits 7 when one is missing, and says what to do about each", async () => {
    await using world = await startWorld();
    delete world.env["SAGE_SLACK_SAGE_PASSWORD"];
    delete world.env["SAGE_SLACK_SLACK_TOKEN"];

    const shown = await world.run("login", "--status", "--quiet");

    expect(shown.code).toBe(7);
    expect(shown.stdout).toMatch(
      /^MISSING {2}SAMINC user and password: SAGE_SLACK_SAGE_PASSWORD is missing/m,
    );
    expect(shown.stdout).toMatch(/^MISSING {2}Slack token: the keychain does not give its secrets/m);
    // The token and the signing secret have one cure.
    expect(shown.stdout.match(/^ {9}-> .*SAGE_SLACK_SLACK_TOKEN/gm)).toHaveLength(1);
    expect((await statusOf(world, "slack")).secrets.map(({ name }) => name)).toEqual(["Slack token"]);
  });

  test("is named where nothing else is", async () => {
    await using world = await startWorld();

    const login = await world.run("login");

    expect(login.code).toBe(2);
    expect(login.stderr).toContain("login --status");
  });
});

function piped(...chunks: Uint8Array[]): Promise<string> {
  return readPiped({
    argv: [],
    env: {},
    cwd: () => "/",
    stdin: Readable.from(chunks),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    signal: new AbortController().signal,
  });
}

describe("a secret that is piped in", () => {
  test("loses the end of its line and the mark that Windows puts before it", async () => {
    expect(await piped(Buffer.from("\uFEFFpässword\r\n"))).toBe("pässword");
    expect(await piped(Buffer.from(" with spaces \n"))).toBe(" with spaces ");
  });

  test("may arrive in pieces that split a letter", async () => {
    const bytes = Buffer.from("pä");

    expect(await piped(bytes.subarray(0, 2), bytes.subarray(2))).toBe("pä");
  });

  test.each([
    ["in UTF-16, as Windows PowerShell writes files", Buffer.from("\uFEFFsecret", "utf16le"), "is UTF-16"],
    ["in the code page of a console", Buffer.from("p\u0084ssword", "latin1"), "is not UTF-8"],
    ["with a second line", Buffer.from("secret\nanother\n"), "holds a line break"],
    ["empty", Buffer.from("\n"), "nothing was given"],
  ])("is refused %s, before a server takes it for a wrong one", async (_what, bytes, expected) => {
    const refused: unknown = await piped(bytes).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(AppError);
    expect(exitCodeOf[(refused as AppError).kind]).toBe(2);
    expect((refused as AppError).message).toContain(expected);
    expect((refused as AppError).message).not.toContain("secret");
  });
});

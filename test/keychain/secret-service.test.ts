import { beforeEach, afterEach, describe, expect, test } from "vitest";

import { runProgram } from "../support/program.ts";
import { startSession, type Session } from "../support/secret-service.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { startWorld, type Result, type World } from "../support/world.ts";

const keyringPassword = "of the keyring";
const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";

let world: World;
let home: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeEach(async () => {
  world = await startWorld({ sources: { "ap-invoices": {} } });
  home = await temporaryDirectory();
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

/** The built program as cron would call it, but for the address of the session. */
async function run({ env }: Pick<Session, "env">, command: string, input = ""): Promise<Result> {
  return runProgram(command.split(" "), { cwd: world.directory, env, input });
}

const logins = () => [
  ["login sage --user webapi --password-stdin", "webapi"] as const,
  ["login slack --token-stdin", world.slack.token] as const,
  ["login signing --token-stdin", signingSecret] as const,
];

async function logIn(session: Session): Promise<void> {
  for (const [command, secret] of logins()) {
    expect(await run(session, command, `${secret}\n`)).toMatchObject({ code: 0, stderr: "" });
  }
}

async function originsIn(session: Session) {
  const { code, stdout } = await run(session, "login --status --json");
  const { secrets } = JSON.parse(stdout) as { secrets: { origin: string | null }[] };
  return { code, origins: secrets.map(({ origin }) => origin) };
}

function unlocked(): Promise<Session> {
  return startSession({ home: home.path, password: keyringPassword });
}

function keychainOrigins(): string[] {
  const [sage, slack] = [new URL(world.sage.url).host, new URL(world.slack.url).host];
  return [`sage:${sage}/SAMINC`, `slack:${slack}`, `signing:${slack}`].map(
    (account) => `the keychain (${account})`,
  );
}

describe("SR-3 the Secret Service", () => {
  test("keeps what login stores, for runs of later sessions too, until logout", async () => {
    {
      await using session = await unlocked();
      expect(await originsIn(session)).toEqual({ code: 7, origins: [null, null, null] });
      await logIn(session);
      expect(await originsIn(session)).toEqual({ code: 0, origins: keychainOrigins() });
    }
    await using session = await unlocked();
    expect(await originsIn(session)).toEqual({ code: 0, origins: keychainOrigins() });

    expect(await run(session, "poll")).toMatchObject({ code: 0, stderr: "" });
    world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "7.00" }] });
    expect(await run(session, "poll")).toMatchObject({ code: 0, stderr: "" });
    expect(world.slack.posts.map(({ text }) => text).join("\n")).toContain("7.00");
    const posts = world.slack.requests.filter(({ method }) => method === "chat.postMessage");
    expect(posts.map(({ headers }) => typeof headers["x-slack-signature"])).toEqual(["string", "string"]);

    const removed = await run(session, "logout");
    expect(removed.stdout.match(/^Removed /gm)).toHaveLength(3);
    expect(await originsIn(session)).toEqual({ code: 7, origins: [null, null, null] });
    const afterwards = await run(session, "poll");
    expect(afterwards.code).toBe(7);
    expect(afterwards.stderr).toContain("not stored for this user");
  });

  test("says what has become of an entry that somebody else removed", async () => {
    await using session = await unlocked();
    await logIn(session);
    // Another installation of the same user, with settings of its own, logs out.
    const elsewhere = await runProgram(["logout", "slack"], {
      cwd: world.directory,
      env: { ...session.env, HOME: home.path },
    });
    expect(elsewhere.stdout).toContain("Removed slack:");

    const poll = await run(session, "poll");

    expect(poll.code).toBe(7);
    expect(poll.stderr).toContain("somebody removed the entry");
    expect(poll.stderr).toContain("sage-slack login slack");
  });
});

const asking = ["login sage", "login slack", "login signing", "poll", "login --status", "logout"];

/** What each command answers that asks the keychain. */
async function answersIn(session: Pick<Session, "env">, commands: readonly string[] = asking) {
  const answers = [];
  for (const name of [...commands, "test"]) {
    const [command, input] = logins().find(([login]) => login.startsWith(name)) ?? [name, ""];
    const began = performance.now();
    const { code, stdout, stderr } = await run(session, command, input);
    const output = stdout + stderr;
    const isInTime = performance.now() - began < 10_000;
    const showsSecrets = output.includes(world.slack.token) || output.includes(signingSecret);
    answers.push({ name, code, output, isInTime, showsSecrets });
  }
  return answers;
}

/** Each ends with 7 (`test` with 9), says why and what to do, in time and without a secret. */
function refusals(why: string, advice: RegExp, commands: readonly string[] = asking): unknown[] {
  const words = new RegExp(`${why}[^]*\\n.*${advice.source}`);
  return [...commands, "test"].map((name) => ({
    name,
    code: name === "test" ? 9 : 7,
    output: expect.stringMatching(words) as string,
    isInTime: true,
    showsSecrets: false,
  }));
}

describe("L42 SR-4 each command ends with 7 and says what to do", () => {
  test("when the keyring is locked, and takes nothing for removed", async () => {
    {
      await using session = await unlocked();
      await logIn(session);
    }
    {
      await using session = await startSession({ home: home.path });
      expect(await answersIn(session)).toEqual(refusals("it is locked", /logs in on the desktop/));
    }
    await using session = await unlocked();
    expect(await originsIn(session)).toEqual({ code: 0, origins: keychainOrigins() });
  });

  test("when the keyring is locked and nothing is known to be in it", async () => {
    await (await unlocked())[Symbol.asyncDispose]();
    await using session = await startSession({ home: home.path });

    expect(await answersIn(session)).toEqual(refusals("it is locked", /logs in on the desktop/));
  });

  test("when the user has no keyring yet", async () => {
    await using session = await startSession({ home: home.path });

    expect(await answersIn(session)).toEqual(
      refusals("this user has no keyring yet", /Log in on the desktop/),
    );
  });

  test("when nothing keeps secrets in the session", async () => {
    await using session = await startSession({ home: home.path, hasService: false });

    expect(await answersIn(session)).toEqual(refusals("nothing keeps secrets", /gnome-keyring|container/));
  });

  test("when there is no session, as in cron, and no bus at the address that is set", async () => {
    const env = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };

    expect(await answersIn({ env: {} })).toEqual(refusals("no D-Bus session", /cron|container/));
    expect(await answersIn({ env }, ["poll"])).toEqual(
      refusals("no D-Bus session", /cron|container/, ["poll"]),
    );
  });

  test("when the keyring never answers", async () => {
    await using session = await unlocked();
    await logIn(session);
    await session.freezeKeyring();

    const commands = ["login slack", "poll", "login --status"];
    expect(await answersIn(session, commands)).toEqual(
      refusals("did not answer within 5 s", /unlock it on the desktop/, commands),
    );
  });
});

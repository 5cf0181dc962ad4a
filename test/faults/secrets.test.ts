import { createServer, type ServerResponse } from "node:http";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { runProgram as runProgramHere } from "../../src/cli/program.ts";
import { canary, encodings, leaksIn, leaksOf } from "../support/canary.ts";
import { filesBelow, installWithKeychain } from "../support/installation.ts";
import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { startWorld, type Result, type World } from "../support/world.ts";

let installed: Awaited<ReturnType<typeof temporaryDirectory>>;
let binary = "";

beforeAll(async () => {
  installed = await temporaryDirectory();
  binary = await installWithKeychain(installed.path);
});

afterAll(async () => installed[Symbol.asyncDispose]());

const piped: Readonly<Record<string, string>> = {
  "login sage": `${canary.password}\n`,
  "login slack": canary.token,
  "login signing": `${canary.signingSecret}\r\n`,
};

/** A world in which the canaries are the right credentials, and a record is waiting. */
async function canaryWorld(): Promise<World> {
  const world = await startWorld({
    sage: { passwordCase: "as-is" },
    slack: { quarantineSeconds: 0 },
    sources: { "ap-invoices": {} },
  });
  world.sage.addUser({ id: canary.user, password: canary.password, complexPassword: true });
  world.slack.addToken({ ...world.slack.tokenRecord(), token: canary.token });
  for (const name of Object.keys(world.env)) delete world.env[name];
  await mkdir(join(world.directory, "tmp"));
  return world;
}

/** The canaries from the environment, for a program that does not have them in its keychain. */
const fromEnvironment = {
  SAGE_SLACK_SAGE_USER: canary.user,
  SAGE_SLACK_SAGE_PASSWORD: canary.password,
  SAGE_SLACK_SLACK_TOKEN: canary.token,
  SAGE_SLACK_SIGNING_SECRET: canary.signingSecret,
};

async function runAll(
  { directory }: World,
  commands: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Record<string, Result>> {
  const results: Record<string, Result> = {};
  for (const command of commands) {
    results[command] = await runProgram(command.split(" "), {
      cwd: directory,
      env: { TMPDIR: join(directory, "tmp"), ...env },
      binary,
      input: inputOf(command),
    });
  }
  return results;
}

function inputOf(command: string): string {
  return Object.entries(piped).find(([name]) => command.startsWith(name))?.[1] ?? "";
}

/** Without a process of its own, for what has to be run a hundred times. */
async function runHere({ directory }: World, commands: readonly string[]): Promise<Record<string, Result>> {
  const results: Record<string, Result> = {};
  for (const command of commands) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const code = await runProgramHere({
      argv: command.split(" "),
      env: fromEnvironment,
      cwd: () => directory,
      stdin: Readable.from([inputOf(command)]),
      stdout,
      stderr,
      signal: new AbortController().signal,
    });
    results[command] = { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
  }
  return results;
}

function codesOf(results: Readonly<Record<string, Result>>): Record<string, number> {
  return Object.fromEntries(Object.entries(results).map(([command, { code }]) => [command, code]));
}

const logins = [
  "login sage --user webapi --password-stdin --verbose",
  "login slack --token-stdin --verbose --json",
  "login signing --token-stdin --verbose",
];

/** What every one of the tests calls, whatever the servers do. */
const looking = [
  "poll --since 2026-01-01 --verbose",
  "sync-master --verbose",
  "sync-master --json",
  "test --verbose",
  "test --json",
  "status --verbose",
  "status 1 --verbose",
  "schedule --for cron --verbose",
  "schedule --for windows --json",
  "login --status --verbose",
  "login --status --json",
  "init --verbose",
  "completion bash --verbose",
];

describe("SR-8 SR-54 no secret is in any output or file", () => {
  test("of any command, with servers that work", async () => {
    await using world = await canaryWorld();
    const before = await runAll(world, [...logins, "poll --verbose"]);
    world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] });

    const results = await runAll(world, [
      "dry-run --verbose",
      "dry-run --json --verbose",
      "poll --verbose --json",
      ...looking,
      "status --json",
      "status 1 --json",
      "outbox --verbose",
      "outbox retry abc --verbose",
      "logout signing --verbose",
      "logout --json --verbose",
      "poll --verbose --all",
      "demo --help",
    ]);

    expect(codesOf({ ...before, ...results })).toEqual({
      ...codesOf(before),
      ...Object.fromEntries(Object.keys(results).map((command) => [command, 0])),
      "outbox retry abc --verbose": 2,
      "poll --verbose --all": 7,
      "init --verbose": 2,
    });
    expect(
      Object.values(before).map(({ code, stderr }) => ({ code, stderr: code === 0 ? "" : stderr })),
    ).toEqual(Array.from({ length: 4 }, () => ({ code: 0, stderr: "" })));
    expect(world.slack.posts.length).toBe(2);
    const { host } = new URL(world.sage.url);
    expect(results["test --verbose"]?.stdout).toContain(`from the keychain (sage:${host}/SAMINC)`);
    expect(await leaksOf({ ...before, ...results }, world.directory)).toEqual([]);
  });

  test("SR-3 of a login, which stores each secret in the keychain under its own account and nowhere else", async () => {
    await using world = await canaryWorld();

    const results = await runAll(world, logins);

    const stored = JSON.parse(await readFile(join(world.directory, "keychain.json"), "utf8")) as Record<
      string,
      string
    >;
    const sageHost = new URL(world.sage.url).host;
    const slackHost = new URL(world.slack.url).host;
    expect(Object.keys(stored)).toEqual([
      `sage-slack sage:${sageHost}/SAMINC`,
      `sage-slack slack:${slackHost}`,
      `sage-slack signing:${slackHost}`,
    ]);
    expect(leaksIn(Object.values(stored).join("\n")).length).toBeGreaterThan(0);
    const names = [...(await filesBelow(world.directory)).keys()].find((path) =>
      path.endsWith("/config.json"),
    );
    expect(((await stat(names ?? "")).mode & 0o777).toString(8)).toBe("600");
    expect(await leaksOf(results, world.directory)).toEqual([]);
  });

  test("SR-1 of a flag that does not exist, whatever is given to it", async () => {
    await using world = await canaryWorld();
    const flags = ["password", "token"];
    const results: Record<string, Result> = {};
    for (const flag of flags) {
      for (const args of [
        [`--${flag}`, canary.password],
        [`--${flag}=${canary.password}`],
        [`--${flag}=${canary.token}`],
      ]) {
        for (const command of ["poll", "login", "status"]) {
          results[`${command} ${flag} ${args.length}`] = await runProgram(
            [command, ...(command === "login" ? ["slack"] : []), ...args],
            { cwd: world.directory, binary },
          );
        }
      }
    }

    expect(new Set(Object.values(results).map(({ code }) => code))).toEqual(new Set([2]));
    expect(await leaksOf(results, world.directory)).toEqual([]);
  });

  test.each(["not one of these", "--json"])(
    "SR-5 of a run without a keychain, which stores nothing instead (%s)",
    async (flag) => {
      await using world = await canaryWorld();
      const { directory } = world;
      // The real keychain module, where there is no session bus.
      const results: Record<string, Result> = {};
      for (const command of logins) {
        const args = [
          ...command.split(" ").filter((one) => one !== "--json"),
          ...(flag === "--json" ? [flag] : []),
        ];
        results[command] = await runProgram(args, {
          cwd: directory,
          env: { TMPDIR: join(directory, "tmp"), DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" },
          input: inputOf(command),
        });
      }

      expect(new Set(Object.values(results).map(({ code }) => code))).toEqual(new Set([7]));
      expect(await leaksOf(results, directory)).toEqual([]);
    },
  );

  test("of a configuration that holds one by mistake", async () => {
    await using world = await canaryWorld();
    await writeFile(
      join(world.directory, "bad.json"),
      JSON.stringify({
        sage: {
          url: `https://${canary.user}:${encodeURIComponent(canary.password)}@erp/`,
          password: canary.password,
        },
        slack: { token: canary.token, channel: canary.token, proxy: "http://u:p4ss-word@proxy/" },
        [canary.token]: 1,
      }),
      { mode: 0o600 },
    );

    const results = await runAll(world, [
      "poll --config bad.json --verbose",
      "poll --config bad.json --json",
    ]);

    expect(new Set(Object.values(results).map(({ code }) => code))).toEqual(new Set([2]));
    expect(
      Object.values(results)
        .map(({ stdout, stderr }) => stdout + stderr)
        .join(),
    ).not.toContain("p4ss-word");
    // The file itself is the user's.
    await writeFile(join(world.directory, "bad.json"), "");
    expect(await leaksOf(results, world.directory)).toEqual([]);
  });
});

/** What a server that is broken, misconfigured or hostile may do with what it was sent. */
const answers: Readonly<Record<string, (echo: string, response: ServerResponse) => void>> = {
  "Sage's own error with the secret in it": (echo, response) => {
    const error = { error: { code: "InternalServerError", message: { lang: "en-US", value: echo } } };
    response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify(error));
  },
  "401 and a page": (echo, response) => page(response, 401, echo),
  "403 and a page": (echo, response) => page(response, 403, echo),
  "500 and a page": (echo, response) => page(response, 500, echo),
  "200 and a page": (echo, response) => page(response, 200, echo),
  "a page that cuts it off at what is shown": (echo, response) =>
    page(response, 500, `${"x".repeat(165)} ${echo}`),
  "JSON that is not the API's": (echo, response) => {
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ ok: echo, value: echo }));
  },
  "Slack's refusal with the secret for a code": (echo, response) => {
    const body = { ok: false, error: echo, needed: echo, response_metadata: { messages: [echo] } };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  },
  "broken JSON": (echo, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(`{"value":[{"a":"${echo}`);
  },
  "a redirect with it in the query": (echo, response) =>
    redirect(response, `https://evil.example/?t=${encodeURIComponent(echo)}`),
  "a redirect with it in the path": (echo, response) =>
    redirect(response, `https://evil.example/${"p".repeat(160)}/${echo}/x`),
  "a redirect with it before the host": (echo, response) =>
    redirect(response, `https://u:${encodeURIComponent(echo)}@evil.example/`),
  "an answer that is cut off": (echo, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": 10_000 });
    response.write(`{"value":"${echo}`, () => response.socket?.destroy());
  },
  "headers that repeat it": (echo, response) => {
    const header = inHeader(echo);
    response.writeHead(401, header, {
      "www-authenticate": header,
      "content-encoding": header,
      "set-cookie": header,
    });
    response.end("no");
  },
  "an encoding by its name": (echo, response) => {
    response.writeHead(200, { "content-encoding": `${"e".repeat(40)}${inHeader(echo)}` }).end("no");
  },
  "another company by its name": (echo, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ "@odata.context": `https://a/-/${echo}/AP`, value: [{ BatchNumber: echo }] }),
    );
  },
};

function page(response: ServerResponse, status: number, echo: string): void {
  response.writeHead(status, { "content-type": "text/html" });
  response.end(`<html><h1>Error</h1><pre>authorization: ${echo}</pre></html>`);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location: inHeader(location) }).end();
}

function inHeader(text: string): string {
  return Buffer.from(text)
    .toString("latin1")
    .replaceAll(/[^\x20-\x7E\x80-\xFF]/g, "?");
}

/** A server repeats what it was sent. */
const sentTo = {
  sage: [canary.password, `${canary.user}:${canary.password}`],
  slack: [canary.token],
};

/** A server that repeats secrets, in another encoding with each request. */
async function startEcho(
  answer: (echo: string, response: ServerResponse) => void,
  { secrets, first }: { secrets: readonly string[]; first: number },
) {
  const spellings = secrets.flatMap((secret) => Object.values(encodings).map((encode) => encode(secret)));
  let next = first;
  const server = createServer((request, response) => {
    request.resume();
    answer(spellings[next % spellings.length] ?? "", response);
    next += 7; // has no divisor in common with their number
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests: () => (next - first) / 7,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Every command that has to do with the configured servers or with what they left in the state. */
const commands = [
  "poll --verbose",
  "poll --verbose --json",
  "dry-run --verbose",
  ...looking,
  "status --json --verbose",
  "outbox --verbose",
  "outbox --json",
  "outbox retry a --verbose",
  "outbox drop a --verbose --json",
  "logout signing --verbose",
];

test("SR-8 no command is left out of these tests", async () => {
  await using world = await canaryWorld();
  const { stdout } = (await runHere(world, ["--help"]))["--help"] ?? { stdout: "" };
  const [, listed = ""] = stdout.split("Commands:\n");
  const offered = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = ""]) => name);

  expect(offered).toContain("poll");
  // The demo asks servers of its own, with credentials of its own.
  const tried = new Set([
    ...[...commands, ...logins].map((command) => command.split(" ")[0]),
    "demo",
    "help",
  ]);
  expect(offered.filter((name) => !tried.has(name))).toEqual([]);
});

describe.each(Object.entries(answers))(
  "SR-8 SR-9 no secret is in any output or file, with %s",
  (name, answer) => {
    test.each(["sage", "slack"] as const)("from %s", async (side) => {
      await using world = await canaryWorld();
      const login = side === "sage" ? logins[0] : logins[1];
      await runHere(world, ["poll"]);
      world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] });
      let requests = 0;
      const rounds = name === "an answer that is cut off" ? [0] : [0, 1, 2, 3];
      for (const first of rounds) {
        await using echo = await startEcho(answer, { secrets: sentTo[side], first: first * 5 });
        await world.configure({
          sage: { passwordCase: "as-is", ...(side === "sage" ? { url: `${echo.url}/Sage300WebApi` } : {}) },
          slack: { quarantineSeconds: 0, ...(side === "slack" ? { apiUrl: `${echo.url}/api/` } : {}) },
          sources: { "ap-invoices": {} },
        });

        const results = await runHere(world, [...commands, login ?? ""]);

        expect(await leaksOf(results, world.directory)).toEqual([]);
        requests += echo.requests();
      }
      expect(requests).toBeGreaterThan(rounds.length);
    });
  },
);

describe("SR-8 no secret is in any output or file, when Slack repeats it", () => {
  test.each(Object.entries(encodings))("in the answer to a post (%s)", async (_name, encode) => {
    await using world = await canaryWorld();
    await runHere(world, ["poll"]);
    const results: Record<string, Result> = {};
    const echo = encode(canary.token);
    const body = `<html>${encode(canary.token)}</html>`;
    const faults = [
      { kind: "http", status: 500, body, accept: false },
      { kind: "error", error: echo, extra: { needed: echo } },
      { kind: "error", error: "invalid_auth", extra: { detail: echo } },
      { kind: "redirect", status: 302, location: `https://evil.example/${inHeader(echo)}` },
      { kind: "receipt", patch: { ts: echo, channel: echo, warning: echo }, accept: true },
    ] as const;
    for (const [index, fault] of faults.entries()) {
      world.sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] });
      world.slack.queueFault({ ...fault, method: "chat.postMessage" });
      const done = await runHere(world, ["poll --verbose", "outbox --verbose", "status --json"]);
      for (const [command, result] of Object.entries(done)) results[`${command} ${index}`] = result;
    }

    expect(await leaksOf(results, world.directory)).toEqual([]);
  });
});

test("SR-8 no secret is in any output or file, when TLS fails", async () => {
  await using world = await canaryWorld();
  await using echo = await startEcho((text, response) => response.end(text), {
    secrets: sentTo.sage,
    first: 0,
  });
  const https = echo.url.replace("http:", "https:");
  await world.configure({
    sage: { url: `${https}/Sage300WebApi`, passwordCase: "as-is" },
    sources: { "ap-invoices": {} },
  });
  const sage = await runAll(world, ["poll --verbose", "dry-run --json", logins[0] ?? ""], fromEnvironment);
  await world.configure({ slack: { apiUrl: `${https}/api/` }, sources: { "ap-invoices": {} } });
  const slack = await runAll(world, ["poll --verbose --json", logins[1] ?? ""], fromEnvironment);

  expect(new Set([...Object.values(sage), ...Object.values(slack)].map(({ code }) => code))).toEqual(
    new Set([2]),
  );
  expect(
    await leaksOf(
      {
        ...sage,
        "poll to Slack": slack["poll --verbose --json"] ?? sage[""] ?? { code: 0, stdout: "", stderr: "" },
      },
      world.directory,
    ),
  ).toEqual([]);
});

test("a leak is found in every encoding", () => {
  for (const encode of Object.values(encodings)) {
    expect(leaksIn(`... ${encode(canary.password)} ...`)).not.toEqual([]);
  }
  expect(leaksIn(canary.token.slice(3, 15))).not.toEqual([]);
  expect(leaksIn("nothing of the kind")).toEqual([]);
});

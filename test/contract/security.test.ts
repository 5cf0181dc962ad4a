import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";

import { describe, expect, test } from "vitest";

import { askHidden } from "../../src/cli/prompt.ts";
import { openKeychain } from "../../src/config/keychain.ts";
import { ODataClient } from "../../src/sage/odata-client.ts";
import { WebApiSender } from "../../src/slack/sender.ts";
import { acquireRunLock } from "../../src/state/run-lock.ts";
import { filesBelow } from "../support/installation.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { selfSigned, startTlsServer } from "../support/tls-server.ts";
import { startWorld, type World } from "../support/world.ts";

const invoices = { sources: { "ap-invoices": { channel: "#accounts-payable" } } };

async function worldWithInvoice(): Promise<World> {
  const world = await startWorld({ ...invoices, slack: { quarantineSeconds: 0 } });
  await world.run("poll");
  world.sage.company("SAMINC").addInvoiceBatch({
    invoices: [{ vendor: "1200", documentNumber: "CANARY-77", amount: "87654.32" }],
  });
  return world;
}

describe("secrets", () => {
  test("SR-2 are asked for without showing what is typed", async () => {
    const stdin = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (raw: boolean) => modes.push(raw),
    });
    const modes: boolean[] = [];
    let shown = "";
    const stderr = new Writable({
      write: (chunk: Buffer, _encoding, done) => ((shown += chunk.toString()), done()),
    });
    const host = {
      argv: [],
      env: {},
      cwd: () => "/",
      stdin,
      stdout: stderr,
      stderr,
      signal: new AbortController().signal,
    };

    const asked = askHidden(host, "Bot token: ");
    stdin.write("xoxb-typed\u007Fd\r");

    expect(await asked).toBe("xoxb-typed");
    expect(shown).toBe("Bot token: \n");
    expect(modes).toEqual([true, false]);
  });

  test("SR-2 are not asked for where nobody can type them", async () => {
    await using world = await startWorld(invoices);

    const login = await world.run("login", "slack");

    expect(login.code).toBe(2);
    expect(login.stderr).toContain("--token-stdin");
  });

  test("SR-6 in the environment are not handed on to the program that asks the keychain", async () => {
    await using directory = await temporaryDirectory();
    const script = join(directory.path, "child.mjs");
    await writeFile(script, "process.stdout.write(JSON.stringify({ result: JSON.stringify(process.env) }));");
    process.env["SAGE_SLACK_SAGE_PASSWORD"] = "handed-on";
    process.env["NODE_OPTIONS_CANARY"] = "handed-on";
    const keychain = await openKeychain({
      script,
      known: { has: () => false, add: () => {}, remove: () => {} },
    });

    const environment = await keychain.get("slack:slack.com");
    delete process.env["SAGE_SLACK_SAGE_PASSWORD"];
    delete process.env["NODE_OPTIONS_CANARY"];

    expect(environment).toContain("PATH");
    expect(environment).not.toMatch(/handed-on|SAGE_SLACK|NODE_OPTIONS/);
  });

  test("SR-10 can be read by code that NODE_OPTIONS loads, which is said", async () => {
    await using world = await startWorld(invoices);
    world.env["NODE_OPTIONS"] = "--max-old-space-size=512 --inspect=0.0.0.0:9229";
    const warned = await world.run("poll");
    world.env["NODE_OPTIONS"] = "--max-old-space-size=512";
    const silent = await world.run("poll");

    expect(warned.stderr).toContain("NODE_OPTIONS has --inspect");
    expect(silent.stderr).toBe("");
  });

  test("SR-24 of a proxy come from the environment and are not shown when it fails", async () => {
    await using world = await startWorld({
      ...invoices,
      sage: { url: "https://erp.example.com/Sage300WebApi" },
    });
    world.env["HTTPS_PROXY"] = "http://proxyuser:p4ss-w%C3%B6rd@127.0.0.1:1";

    const run = await world.run("poll", "--verbose");

    expect(run.code).toBe(5);
    expect(run.stderr).toContain("ECONNREFUSED");
    expect(run.stdout + run.stderr).not.toMatch(/p4ss-w|cDRzcy13/);
  });
});

function thrown(error: unknown): unknown {
  return error;
}

/** Neither is asked more than once, and only after their certificate has been seen. */
function asks(url: string, ca?: string) {
  const sage = new ODataClient({
    url: `${url}/Sage300WebApi`,
    company: "SAMINC",
    user: "WEBAPI",
    password: "WEBAPI",
    timeoutSeconds: 5,
    longestBackoffMs: 0,
    ...(ca === undefined ? {} : { ca }),
  });
  const slack = new WebApiSender({ token: "xoxb-1", apiUrl: `${url}/api/`, macKey: "" });
  return {
    sage: () => sage.page({ resource: "AP/APInvoiceBatches" }).catch(thrown),
    slack: () => slack.authTest().catch(thrown),
  };
}

describe("connections", () => {
  test("SR-12 to a server that nobody vouches for carry nothing", async () => {
    let requests = 0;
    await using server = await startTlsServer(selfSigned(), (_request, response) => {
      requests += 1;
      response.end("{}");
    });
    const { sage, slack } = asks(server.url);

    expect(await sage()).toMatchObject({
      kind: "config",
      hint: expect.stringContaining("sage.caFile") as string,
    });
    expect(await slack()).toMatchObject({
      kind: "config",
      message: expect.stringContaining("DEPTH_ZERO") as string,
    });
    expect(requests).toBe(0);
  });

  test("SR-13 use TLS 1.2 at least", async () => {
    const certificate = selfSigned();
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
    let requests = 0;
    await using server = await startTlsServer({ ...certificate, ...old }, (_request, response) => {
      requests += 1;
      response.end("{}");
    });
    const { sage, slack } = asks(server.url, certificate.cert);

    expect(await sage()).toMatchObject({
      kind: "config",
      message: expect.stringMatching(/EPROTO|ERR_SSL/) as string,
    });
    expect(await slack()).toMatchObject({ kind: "config" });
    expect(requests).toBe(0);
  });

  test("SR-14 trust the authority of sage.caFile for Sage and for nobody else", async () => {
    const certificate = selfSigned();
    const paths: string[] = [];
    await using server = await startTlsServer(certificate, (request, response) => {
      paths.push(request.url ?? "");
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ ok: true, team_id: "T", user_id: "U", value: [] }));
    });
    const { sage, slack } = asks(server.url, certificate.cert);

    expect(await sage()).toMatchObject({ rows: [] });
    expect(await slack()).toMatchObject({ kind: "config" });
    expect(paths.every((path) => path.startsWith("/Sage300WebApi/"))).toBe(true);
  });

  test.each(["sage", "slack"] as const)(
    "SR-16 SR-18 of %s follow no redirect, so that no credentials go elsewhere",
    async (side) => {
      let strangers = 0;
      const stranger = createServer((_request, response) => {
        strangers += 1;
        response.end("{}");
      });
      await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
      const address = stranger.address();
      const location = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
      await using world = await worldWithInvoice();
      const codes: number[] = [];
      for (const status of [301, 302, 303, 307, 308]) {
        world[side].queueFault({ kind: "redirect", status, location });
        codes.push((await world.run("poll")).code);
      }
      stranger.close();

      expect(codes).toEqual([2, 2, 2, 2, 2]);
      expect(strangers).toBe(0);
    },
  );

  test("SR-18 SR-19 go where the configuration says, whatever a link of the server says", async () => {
    await using world = await startWorld(invoices);
    await world.run("poll");
    world.sage.switches.nextLink = "foreign-host";
    world.sage.switches.pageSize = 2;
    const books = world.sage.company("SAMINC");
    for (const number of [1, 2, 3, 4, 5]) {
      books.addInvoiceBatch({
        invoices: [{ vendor: "1200", amount: "1.00", documentNumber: `PAGED-${number}` }],
      });
    }

    const run = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.stringify(world.slack.posts).match(/PAGED-\d/g)).toEqual(
      expect.arrayContaining(["PAGED-1", "PAGED-2", "PAGED-3", "PAGED-4", "PAGED-5"]),
    );
    expect(
      world.sage.requests.every(({ headers }) => headers.authorization?.startsWith("Basic ") === true),
    ).toBe(true);
    expect(
      world.slack.requests.every(({ headers }) => headers["authorization"] === `Bearer ${world.slack.token}`),
    ).toBe(true);
  });
});

describe("what a channel gets", () => {
  test("SR-27 SR-29 SR-33 goes where the configuration says, with no name or amount in its metadata", async () => {
    await using world = await worldWithInvoice();
    world.sage.company("SAMINC").addInvoiceBatch({
      description: "#treasury C0TREASURY <#C1>",
      invoices: [
        { vendor: "1200", documentNumber: "#treasury", amount: "5.00", description: "channel=#treasury" },
      ],
    });
    await world.run("poll");

    const posts = world.slack.requests.filter(({ method }) => method === "chat.postMessage");
    expect(posts.length).toBeGreaterThan(1);
    expect(new Set(world.slack.posts.map(({ channelName }) => channelName))).toEqual(
      new Set(["accounts-payable"]),
    );
    for (const { metadata, unfurlLinks, unfurlMedia } of world.slack.posts) {
      expect(JSON.stringify(metadata)).not.toMatch(/CANARY|8765|Chloride|1200|SAMINC|invoice|treasury/i);
      expect({ unfurlLinks, unfurlMedia }).toEqual({ unfurlLinks: false, unfurlMedia: false });
    }
    expect(new Set(posts.map(({ args }) => JSON.stringify([args["link_names"], args["parse"]])))).toEqual(
      new Set([JSON.stringify(["false", "none"])]),
    );
  });

  test("SR-30 is not held back by what another app posts under its name", async () => {
    await using world = await worldWithInvoice();
    world.slack.queueFault({ kind: "reset", accept: false, method: "chat.postMessage" });
    await world.run("poll");
    const lost = world.slack.requests.findLast(({ method }) => method === "chat.postMessage");
    const forger = world.slack.addToken({ token: "xoxb-forger", appName: "Forger", scopes: ["chat:write"] });
    await fetch(`${world.slack.url}chat.postMessage`, {
      method: "POST",
      headers: { authorization: "Bearer xoxb-forger", "content-type": "application/json" },
      body: JSON.stringify({
        channel: lost?.args["channel"],
        text: "forged",
        metadata: lost?.args["metadata"],
      }),
    });

    const next = await world.run("poll");

    expect(next.code).toBe(0);
    const posts = world.slack.posts.slice(1);
    expect(posts.map(({ botId }) => botId === forger.botId)).toEqual([true, false]);
    expect(JSON.stringify(posts[1]?.blocks)).toContain("CANARY-77");
  });
});

async function fingerprintOf(directory: string): Promise<string[]> {
  const files = await filesBelow(directory);
  const names = (await readdir(directory)).toSorted();
  return [
    ...names,
    ...[...files].map(([path, text]) => `${path} ${createHash("sha256").update(text).digest("hex")}`),
  ];
}

describe("files", () => {
  test("SR-34 SR-36 are the owner's alone, in a folder where nobody else can put any", async () => {
    await using world = await startWorld({ ...invoices });
    const before = process.umask(0);
    await world.run("poll");
    process.umask(before);
    const modes = new Map<string, string>();
    for (const path of (await filesBelow(world.directory)).keys()) {
      modes.set(path, ((await stat(path)).mode & 0o777).toString(8));
    }
    await chmod(world.directory, 0o777);
    const shared = await world.run("poll");
    await chmod(world.directory, 0o700);

    expect(modes.size).toBeGreaterThan(3);
    expect(new Set(modes.values())).toEqual(new Set(["600"]));
    expect(shared.code).toBe(6);
    expect(shared.stderr).toContain("chmod go-w");
  });

  test("SR-34 a state folder that is made here is the owner's alone", async () => {
    await using world = await startWorld();
    const path = join(world.directory, "sage-slack.json");
    const config = JSON.parse(await readFile(path, "utf8")) as object;
    await writeFile(path, JSON.stringify({ ...config, stateDir: "made/here" }));
    const before = process.umask(0);
    await world.run("poll");
    process.umask(before);

    const { mode } = await stat(join(world.directory, "made/here"));
    expect((mode & 0o777).toString(8)).toBe("700");
  });

  test("SR-37 forget amounts, documents and texts once they are delivered", async () => {
    await using world = await worldWithInvoice();
    world.slack.queueFault({ kind: "error", error: "is_archived", method: "chat.postMessage" });
    await world.run("poll");
    const waiting = [...(await filesBelow(world.directory)).values()].join("\n");
    await world.run("poll");
    const delivered = [...(await filesBelow(world.directory)).values()].join("\n");

    expect(waiting).toMatch(/87654\.32/);
    expect(delivered).not.toMatch(/87654|CANARY-77/);
  });

  test("SR-55 are neither written nor locked by dry-run, which tells Slack nothing", async () => {
    await using world = await worldWithInvoice();
    const lock = await acquireRunLock({ directory: world.directory });
    const before = await fingerprintOf(world.directory);
    const asked = world.slack.requests.length;
    const shown = await world.run("dry-run", "--all");
    const after = await fingerprintOf(world.directory);
    await lock.release();

    expect(shown).toMatchObject({ code: 0 });
    expect(shown.stdout).toContain("CANARY-77");
    expect(after).toEqual(before);
    const methods = world.slack.requests.slice(asked).map(({ method }) => method);
    expect(
      methods.filter(
        (method) =>
          !/^(?:conversations\.(?:list|info|history)|users\.|usergroups\.list|auth\.test)/.test(method),
      ),
    ).toEqual([]);
    expect(new Set(world.sage.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });
});

test("SR-20 SR-25 a server that never ends its answer ends nothing but the time it was given", async () => {
  await using world = await startWorld({ ...invoices, sage: { timeoutSeconds: 1 } });
  for (const fault of [{ kind: "hang" }, { kind: "drip", everyMs: 100 }] as const) {
    world.sage.queueFault(fault);
    const asked = world.sage.requests.length;
    const startedAt = performance.now();
    const run = await world.run("poll");

    expect(run.code).toBe(5);
    expect(performance.now() - startedAt).toBeLessThan(4000);
    expect(world.sage.requests.length).toBe(asked + 1);
  }
});

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { WebApiSender } from "../../src/slack/sender.ts";
import {
  callsOf,
  copiesIn,
  expectEachOnce,
  oweInvoice,
  owePayment,
  oweThread,
  spoilPost,
  startFaultWorld,
  stateOf,
  undelivered,
  type FaultWorld,
} from "../support/slack-faults.ts";

/** The next run delivers what the fault kept back, once. */
async function expectDelivered(world: FaultWorld, channel: string, text: string): Promise<void> {
  const next = await world.run("poll");
  const idle = await world.run("poll");

  expect(next).toMatchObject({ code: 0, stderr: "" });
  expect(idle).toMatchObject({ code: 0, stderr: "" });
  expect(copiesIn(world, channel, text)).toBe(1);
  expect(await undelivered(world)).toEqual([]);
}

test("K13 a message that Slack took with a warning is delivered, and the warning is told (0)", async () => {
  await using world = await startFaultWorld();
  oweInvoice(world);
  const patch = {
    warning: "message_truncated",
    response_metadata: { messages: ["[WARN] Your message was truncated but still posted"] },
  };
  spoilPost(world, { kind: "receipt", patch, accept: true });

  const run = await world.run("poll");

  expect(run.code).toBe(0);
  expect(run.stderr).toContain("#accounts-payable: Slack warns of message_truncated");
  await expectDelivered(world, "accounts-payable", "INV-ONCE");
});

test("K13 a warning that is no text does not spoil the receipt", async () => {
  await using world = await startFaultWorld();
  oweInvoice(world);
  spoilPost(world, { kind: "receipt", patch: { warning: null }, accept: true });

  expect(await world.run("poll")).toMatchObject({ code: 0, stderr: "" });
  await expectDelivered(world, "accounts-payable", "INV-ONCE");
});

describe("a token that Slack refuses", () => {
  test.each(["invalid_auth", "not_authed", "account_inactive", "token_expired"])(
    "K17 at the start (%s) ends the run before anything is read or posted (4)",
    async (error) => {
      await using world = await startFaultWorld();
      oweInvoice(world);
      const [posts, reads] = [world.slack.posts.length, world.sage.requests.length];
      world.slack.queueFault({ method: "auth.test", kind: "error", error });

      const run = await world.run("poll");

      expect(run.code).toBe(4);
      expect(run.stderr).toContain(error);
      expect(run.stderr).toContain("sage-slack login slack");
      expect([world.slack.posts.length, world.sage.requests.length]).toEqual([posts, reads]);
      await expectDelivered(world, "accounts-payable", "INV-ONCE");
    },
  );

  test("K18 after message 3 of 10 keeps the other seven, and asks no more (4)", async () => {
    await using world = await startFaultWorld();
    const rows = oweThread(world, 250);
    owePayment(world);
    spoilPost(world, {
      kind: "error",
      error: "token_revoked",
      skip: 3,
      times: Infinity,
      channel: "accounts-payable",
    });
    const before = callsOf(world, "chat.postMessage");

    const run = await world.run("poll");
    const kept = await undelivered(world);
    const asked = callsOf(world, "chat.postMessage") - before;
    world.slack.clearFaults();
    const next = await world.run("poll");

    expect(run.code).toBe(4);
    expect(run.stderr).toContain("token_revoked");
    expect(kept.filter(({ channel }) => channel === "#accounts-payable").length).toBe(7);
    expect(new Set(kept.map(({ status }) => status))).toEqual(new Set(["pending"]));
    expect(asked).toBeLessThanOrEqual(5);
    expect(next).toMatchObject({ code: 0, stderr: "" });
    expectEachOnce(world, "accounts-payable", rows);
    expect(copiesIn(world, "treasury", "CHK-ONCE")).toBe(1);
  });

  test("K18 stops what is read afterwards from being posted too", async () => {
    await using world = await startFaultWorld();
    oweInvoice(world);
    spoilPost(world, { kind: "error", error: "is_archived" });
    await world.run("poll"); // attempted once, it is not merged any more
    oweInvoice(world, "INV-NEW");
    owePayment(world);
    const before = callsOf(world, "chat.postMessage");
    world.slack.tokenRecord().scopes = ["channels:read", "channels:history"];

    const run = await world.run("poll");

    expect(run.code).toBe(4);
    expect(callsOf(world, "chat.postMessage") - before).toBeLessThanOrEqual(2);
    expect((await undelivered(world)).length).toBe(3);
  });
});

describe("a scope that the app lacks", () => {
  test("K19 is named when a post needs it (4), and the message waits", async () => {
    await using world = await startFaultWorld();
    const { scopes } = world.slack.tokenRecord();
    world.slack.tokenRecord().scopes = scopes.filter((scope) => scope !== "chat:write");
    oweInvoice(world);

    const run = await world.run("poll");
    const json = await world.run("poll", "--json");
    const kept = await undelivered(world);
    world.slack.tokenRecord().scopes = scopes;

    expect(run.code).toBe(4);
    expect(run.stderr).toContain("missing_scope");
    expect(run.stderr).toContain("Add the scope chat:write to the app");
    expect(json.stdout).toContain("Add the scope chat:write to the app");
    expect(kept).toMatchObject([{ status: "pending", reason: "missing_scope" }]);
    await expectDelivered(world, "accounts-payable", "INV-ONCE");
  });

  test("K19 is named when a channel has to be found (4)", async () => {
    await using world = await startFaultWorld();
    const token = world.slack.tokenRecord();
    token.scopes = token.scopes.filter((scope) => !scope.endsWith(":read"));
    await world.configure({ sources: { "ap-invoices": { channel: "#controllers-new" } } });

    const run = await world.run("poll");

    expect(run.code).toBe(4);
    expect(run.stderr).toContain("channels:read");
  });

  test("K19 is not repeated when what Slack names is no scope", async () => {
    await using world = await startFaultWorld();
    oweInvoice(world);
    const extra = { needed: "\u001b[2J<!channel> please\nvisit https://evil.example" };
    spoilPost(world, { kind: "error", error: "missing_scope", extra });

    const run = await world.run("poll");

    expect(run.code).toBe(4);
    expect(run.stderr).toContain("Add the missing scope");
    expect(run.stderr).not.toContain("evil");
  });
});

describe("a channel that takes no messages", () => {
  test.each(["channel_not_found", "not_in_channel", "restricted_action", "ekm_access_denied"])(
    "K20 (%s) is named, and the other channel is served (3)",
    async (error) => {
      await using world = await startFaultWorld();
      oweInvoice(world);
      owePayment(world);
      spoilPost(world, { kind: "error", error, channel: "accounts-payable" });

      const run = await world.run("poll");
      const kept = await undelivered(world);

      expect(run.code).toBe(3);
      expect(run.stderr).toContain(`cannot post to #accounts-payable: ${error}`);
      expect(copiesIn(world, "treasury", "CHK-ONCE")).toBe(1);
      expect(kept).toMatchObject([{ channel: "#accounts-payable", status: "pending", reason: error }]);
      await expectDelivered(world, "accounts-payable", "INV-ONCE");
    },
  );

  test("K21 is archived in the middle of a run (3): what was sent stays sent, the rest waits", async () => {
    await using world = await startFaultWorld();
    const rows = oweThread(world, 100);
    spoilPost(world, { kind: "error", error: "is_archived", skip: 2, times: 1 });

    const run = await world.run("poll");
    const kept = await undelivered(world);

    expect(run.code).toBe(3);
    expect(run.stderr).toContain("unarchive it");
    expect(kept.length).toBe(2);
    await expectDelivered(world, "accounts-payable", `"${rows.at(-1)}"`);
    expectEachOnce(world, "accounts-payable", rows);
  });

  test("K21 does not take its replies to the fallback channel, nor asks again for ever", async () => {
    await using world = await startFaultWorld({ slack: { fallbackChannel: "#finance-ops" } });
    const rows = oweThread(world, 60);
    spoilPost(world, {
      kind: "error",
      error: "is_archived",
      skip: 1,
      times: Infinity,
      channel: "accounts-payable",
    });
    const before = callsOf(world, "chat.postMessage");

    const run = await world.run("poll");
    const asked = callsOf(world, "chat.postMessage") - before;
    const again = await world.run("poll");
    const askedAgain = callsOf(world, "chat.postMessage") - before - asked;
    world.slack.clearFaults();

    expect([run.code, again.code]).toEqual([3, 3]);
    expect([asked, askedAgain]).toEqual([2, 1]);
    await expectDelivered(world, "accounts-payable", `"${rows.at(-1)}"`);
    expectEachOnce(world, "accounts-payable", rows);
    expect(world.slack.posts.filter(({ channelName }) => channelName === "finance-ops")).toEqual([]);
  });
});

/** A message that Slack does not take in its full form, and what it is then. */
describe("a message that Slack refuses", () => {
  test.each(["msg_blocks_too_long", "invalid_blocks", "msg_too_long"])(
    "K22 (%s) is sent in a smaller form (0)",
    async (error) => {
      await using world = await startFaultWorld();
      oweInvoice(world);
      spoilPost(world, { kind: "error", error, times: 2 });

      const run = await world.run("poll");

      expect(run).toMatchObject({ code: 0, stderr: "" });
      const post = world.slack.posts.at(-1);
      expect(post?.blocks).toEqual([]);
      expect(post?.text).toContain("INV-ONCE");
      await expectDelivered(world, "accounts-payable", "INV-ONCE");
    },
  );

  test.each(["msg_too_long", "metadata_too_large", "invalid_metadata_schema"])(
    "K24 in every form (%s) is a dead letter (3) until somebody decides",
    async (error) => {
      await using world = await startFaultWorld();
      oweInvoice(world);
      spoilPost(world, { kind: "error", error, times: 3 });

      const run = await world.run("poll");
      const [letter, ...others] = await undelivered(world);
      const idle = await world.run("poll");
      const retried = await world.run("outbox", "retry", letter?.key ?? "");

      expect(run.code).toBe(3);
      expect(run.stderr).toContain("refuses a message in every form");
      expect(run.stderr).toContain(error);
      expect(letter).toMatchObject({ status: "dead", reason: error, attempts: 3 });
      expect(others).toEqual([]);
      expect(idle.code).toBe(0);
      expect(idle.stdout).toContain("1 dead letter");
      expect(retried.code).toBe(0);
      await expectDelivered(world, "accounts-payable", "INV-ONCE");
    },
  );

  test("K23 first of 21 does not hold back the twenty behind it (3)", async () => {
    await using world = await startFaultWorld();
    oweInvoice(world, "POISON");
    const rows = oweThread(world, 500, "GOOD");
    spoilPost(world, { kind: "error", error: "invalid_blocks", times: 3 });

    const run = await world.run("poll");
    const kept = await undelivered(world);

    expect(run.code).toBe(3);
    expect(kept).toMatchObject([{ status: "dead", reason: "invalid_blocks" }]);
    expectEachOnce(world, "accounts-payable", rows);
  });
});

test("K32 a token of another workspace is refused before anything is posted (2)", async () => {
  await using world = await startFaultWorld();
  oweInvoice(world);
  const token = "xoxb-elsewhere";
  world.slack.addToken({ token, scopes: world.slack.tokenRecord().scopes, teamId: "T0ELSEWHERE" });
  world.env["SAGE_SLACK_SLACK_TOKEN"] = token;
  const before = world.slack.posts.length;

  const run = await world.run("poll");
  const posts = world.slack.posts.length - before;
  world.env["SAGE_SLACK_SLACK_TOKEN"] = world.slack.token;

  expect(run.code).toBe(2);
  expect(run.stderr).toContain("T0ELSEWHERE");
  expect(posts).toBe(0);
  await expectDelivered(world, "accounts-payable", "INV-ONCE");
});

/** A server that writes down what it is told. */
async function listening(server: Server, requests: IncomingMessage[]) {
  server.on("request", (request: IncomingMessage) => void requests.push(request));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    requests,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("a redirect", () => {
  test.each([301, 302, 307, 308])("K33 of a post (%i) is not followed (2)", async (status) => {
    await using elsewhere = await listening(createServer(), []);
    await using world = await startFaultWorld();
    oweInvoice(world);
    const location = `http://127.0.0.1:${elsewhere.port}/api/chat.postMessage?token=secret`;
    spoilPost(world, { kind: "redirect", status, location });

    const run = await world.run("poll");

    expect(run.code).toBe(2);
    expect(run.stderr).toContain(`redirected to http://127.0.0.1:${elsewhere.port}/api/chat.postMessage`);
    expect(run.stderr).not.toContain("secret");
    expect(elsewhere.requests).toEqual([]);
    expect(await undelivered(world)).toMatchObject([{ status: "pending" }]);
    await expectDelivered(world, "accounts-payable", "INV-ONCE");
  });

  test("K33 of the first request is not followed (2)", async () => {
    await using elsewhere = await listening(createServer(), []);
    await using world = await startFaultWorld();
    oweInvoice(world);
    const location = `http://127.0.0.1:${elsewhere.port}/`;
    world.slack.queueFault({ method: "auth.test", kind: "redirect", status: 302, location });

    const run = await world.run("poll");

    expect(run.code).toBe(2);
    expect(elsewhere.requests).toEqual([]);
    await expectDelivered(world, "accounts-payable", "INV-ONCE");
  });
});

const tls = join(import.meta.dirname, "../fixtures/tls/self-signed");

function postTo(apiUrl: string) {
  const sender = new WebApiSender({ token: "xoxb-test", apiUrl, macKey: "key", timeoutMs: 5_000 });
  const message = { text: "hello", blocks: [] };
  return sender.post({ channelId: "C1", message, key: "k" });
}

describe("a connection that fails before anything is sent", () => {
  test("K34 leaves the message pending, not in doubt (5)", async () => {
    await using world = await startFaultWorld();
    oweInvoice(world);
    world.slack.queueFault({ method: "conversations.history", kind: "vanish" });

    const run = await world.run("poll");
    const kept = await undelivered(world);
    await world.slack.comeBack();

    expect(run.code).toBe(5);
    expect(run.stderr).toContain("ECONNREFUSED");
    expect(kept).toMatchObject([
      { status: "pending", reason: expect.stringContaining("ECONNREFUSED") as string },
    ]);
    await expectDelivered(world, "accounts-payable", "INV-ONCE");
  });

  test("K34 is known for certain for a name that nobody knows", async () => {
    expect(await postTo("https://slack.invalid/api/")).toMatchObject({ kind: "not-sent" });
  });

  test("K34 is a matter of configuration for a certificate that nobody vouches for (2)", async () => {
    const [key, cert] = await Promise.all([readFile(`${tls}-key.pem`), readFile(`${tls}.pem`)]);
    await using server = await listening(createSecureServer({ key, cert }), []);
    await using world = await startFaultWorld();
    await world.configure({ slack: { apiUrl: `https://127.0.0.1:${server.port}/api/` } });
    oweInvoice(world);

    const outcome = await postTo(`https://127.0.0.1:${server.port}/api/`);
    const run = await world.run("poll");

    expect(outcome).toMatchObject({ kind: "refused-run", exit: "config" });
    expect(server.requests).toEqual([]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(run.stderr).toContain("NODE_EXTRA_CA_CERTS");
    expect(run.stderr).not.toContain("REJECT_UNAUTHORIZED");
  });

  test("K34 is a matter of configuration where nobody speaks TLS (2)", async () => {
    await using server = await listening(createServer(), []);

    expect(await postTo(`https://127.0.0.1:${server.port}/api/`)).toMatchObject({
      kind: "refused-run",
      exit: "config",
    });
    expect(server.requests).toEqual([]);
  });
});

test("K35 a connection that the server closes is used for one request only (0)", async () => {
  await using world = await startFaultWorld();
  const rows = oweThread(world, 100);
  world.slack.queueFault({ kind: "close", times: Infinity });

  const run = await world.run("poll");

  expect(run).toMatchObject({ code: 0, stderr: "" });
  expectEachOnce(world, "accounts-payable", rows);
  expect(new Set(world.slack.requests.map(({ headers }) => headers["connection"]))).toEqual(
    new Set(["close"]),
  );
});

test("K20 an address that is not Slack's is a matter of configuration (2)", async () => {
  await using world = await startFaultWorld();
  await world.configure({ slack: { apiUrl: world.slack.url.replace("/api/", "/slack/") } });

  const run = await world.run("poll");

  expect(run.code).toBe(2);
  expect(run.stderr).toContain("slack.apiUrl");
});

test("K16 a first answer with an error that nobody documents is temporary (5), and Sage is read", async () => {
  await using world = await startFaultWorld();
  oweInvoice(world);
  world.slack.queueFault({ method: "auth.test", kind: "error", error: "foo_bar" });

  const run = await world.run("poll");

  expect(run.code).toBe(5);
  expect(run.stderr).toContain("foo_bar");
  expect((await stateOf(world)).outbox.length).toBe(1);
  await expectDelivered(world, "accounts-payable", "INV-ONCE");
});

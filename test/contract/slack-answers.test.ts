import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { AppError } from "../../src/errors.ts";
import { messageMetadata } from "../../src/slack/metadata.ts";
import { lookUp, readNewest } from "../../src/slack/reconcile.ts";
import { WebApiSender } from "../../src/slack/sender.ts";
import { Workspace } from "../../src/slack/workspace.ts";

/** Answers whatever it is told, to anybody. */
const server = createServer((request, response) => {
  request.resume();
  requests += 1;
  response.writeHead(200, { "content-type": "application/json", "x-oauth-scopes": "chat:write" }).end(answer);
});
let answer = "";
let requests = 0;
let sender: WebApiSender;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  sender = new WebApiSender({ token: "xoxb-test", apiUrl, macKey: "key" });
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

/** Nearly right, so that what lies behind the first check is reached. */
const near = fc.record(
  {
    ok: fc.constantFrom<unknown>(true, true, true, true, false, "true", 1, null),
    error: fc.constantFrom<unknown>("missing_scope", "foo_bar", "users_not_found", "<html>", 7, null, {}),
    needed: fc.constantFrom<unknown>("channels:history", "x".repeat(999), 7, null),
    channels: fc.jsonValue(),
    channel: fc.jsonValue(),
    members: fc.array(fc.jsonValue()),
    user: fc.jsonValue(),
    usergroups: fc.oneof(fc.jsonValue(), fc.array(fc.record({ id: fc.jsonValue(), handle: fc.jsonValue() }))),
    messages: fc.oneof(
      fc.jsonValue(),
      fc.array(
        fc.record(
          {
            ts: fc.constantFrom<unknown>("1779393408.521249", "", 7, null),
            bot_id: fc.jsonValue(),
            metadata: fc.oneof(
              fc.jsonValue(),
              fc.record(
                {
                  event_type: fc.constant("sage_slack_notification"),
                  event_payload: fc.oneof(
                    fc.jsonValue(),
                    fc.record({ key: fc.jsonValue(), mac: fc.jsonValue() }),
                  ),
                },
                { requiredKeys: [] },
              ),
            ),
          },
          { requiredKeys: [] },
        ),
      ),
    ),
    ts: fc.jsonValue(),
    warning: fc.jsonValue(),
    has_more: fc.jsonValue(),
    response_metadata: fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          next_cursor: fc.constantFrom<unknown>("", null, 7, {}),
          warnings: fc.jsonValue(),
          messages: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    ),
    team_id: fc.jsonValue(),
    user_id: fc.jsonValue(),
    bot_id: fc.jsonValue(),
    url: fc.jsonValue(),
  },
  { requiredKeys: ["ok"] },
);
const anyAnswer = fc.oneof(
  { weight: 4, arbitrary: near.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
);

const wanted = { channelId: "C1", key: "k", startedServer: Date.now() };
const message = { text: "hello", blocks: [] };

describe("any answer of Slack's", () => {
  test.each<[string, () => Promise<unknown>]>([
    ["auth.test", () => sender.authTest()],
    ["conversations.list", () => new Workspace(sender).channels()],
    ["conversations.info", () => new Workspace(sender).channel("C1")],
    ["users.lookupByEmail", () => new Workspace(sender).findUserByEmail("cfo@example.com")],
    ["users.list", () => new Workspace(sender).users()],
    ["usergroups.list", () => new Workspace(sender).userGroups()],
  ])("to %s gives what was asked for, or a foreseen failure", async (_method, ask) => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, async (text) => {
        answer = text;
        const failure: unknown = await ask().then(
          () => null,
          (error: unknown) => error,
        );

        expect(failure).toSatisfy((error) => error === null || error instanceof AppError);
      }),
      { numRuns: 150 },
    );
  });

  test("to conversations.history never throws, and proves nothing that it does not show", async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, fc.boolean(), async (text, isReply) => {
        answer = text;
        const found = await lookUp(sender, isReply ? { ...wanted, threadTs: "1.000001" } : wanted);
        const newest = await readNewest(sender, "C1");

        expect(found.kind).not.toBe("found");
        expect(newest.size).toBe(0);
        expect(found.kind === "absent" && !text.includes('"messages":[')).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test("to chat.postMessage is an outcome, and a delivery only with a whole receipt", async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, async (text) => {
        answer = text;
        const outcome = await sender.post({ channelId: "C1", message, key: "k" });

        expect(["ambiguous", "refused-run"]).toContain(outcome.kind);
      }),
      { numRuns: 300 },
    );
  });
});

test.each([null, {}, { next_cursor: null }, { next_cursor: "" }])(
  "a list ends with response_metadata %j",
  async (response_metadata) => {
    answer = JSON.stringify({ ok: true, members: [{ id: "U1", name: "cfo" }], response_metadata });

    expect(await new Workspace(sender).users()).toMatchObject([{ id: "U1", name: "cfo" }]);
  },
);

test("an entry that is no use does not hide the others", async () => {
  const members = [{ name: "nobody" }, null, { id: "U1", name: "cfo" }];
  answer = JSON.stringify({ ok: true, members });

  expect(await new Workspace(sender).users()).toMatchObject([{ id: "U1" }]);
});

test.each([null, "none", { warnings: {} }, { messages: 7 }, { warnings: [null] }])(
  "a receipt is one, whatever its response_metadata is (%j)",
  async (response_metadata) => {
    answer = JSON.stringify({ ok: true, channel: "C1", ts: "1779393408.521249", response_metadata });

    expect(await sender.post({ channelId: "C1", message, key: "k" })).toMatchObject({ kind: "sent" });
  },
);

test("a message whose time is none is not ours, and proves nothing", async () => {
  const { event_type, event_payload } = messageMetadata({ key: "k", channelId: "C1", macKey: "key" });
  const ours = { ts: "1779393408.521249\u009B2J", metadata: { event_type, event_payload } };
  answer = JSON.stringify({ ok: true, messages: [ours] });

  expect(await lookUp(sender, wanted)).toMatchObject({ kind: "unreadable", lasting: false });
  expect(await readNewest(sender, "C1")).toEqual(new Map());
});

test("a history whose cursor leads nowhere is given up at once, and proves nothing", async () => {
  answer = JSON.stringify({ ok: true, messages: [], response_metadata: { next_cursor: "again" } });
  requests = 0;

  expect(await lookUp(sender, wanted)).toMatchObject({ kind: "unreadable", reason: "history incomplete" });
  expect(requests).toBe(2);
});

test("a key of a million characters does not hold up the run", async () => {
  answer = JSON.stringify({ ok: true, channel: "C1", ts: "1779393408.521249", ["x".repeat(1_000_000)]: 1 });
  const began = performance.now();

  const outcome = await sender.post({ channelId: "C1", message, key: "k" });

  expect(outcome).toMatchObject({ kind: "ambiguous" });
  expect(performance.now() - began).toBeLessThan(2000);
});

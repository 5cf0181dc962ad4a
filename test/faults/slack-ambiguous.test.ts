import { describe, expect, test } from "vitest";

import type { SlackFault } from "../../src/sandbox/slack/faults.ts";
import type { JsonObject } from "../../src/sandbox/slack/json.ts";
import {
  callsOf,
  copiesIn,
  expectSettledOnce,
  oweInvoice,
  quarantineSeconds,
  spoilPost,
  startFaultWorld,
  undelivered,
} from "../support/slack-faults.ts";

type Row = readonly [id: string, what: string, fault: SlackFault, says: string];

/** Each with the message accepted and not accepted. */
const both: readonly Row[] = [true, false].flatMap((accept): Row[] => [
  ...[500, 502, 503].map((status): Row => [
    accept ? "K05" : "K06",
    `status ${status}`,
    { kind: "http", status, body: "<h1>Oops</h1>", contentType: "text/html", accept },
    `status ${status}`,
  ]),
  ...["internal_error", "fatal_error", "service_unavailable", "request_timeout"].map((error): Row => [
    "K07",
    error,
    { kind: "error", error, accept },
    error,
  ]),
  ["K09", "a reset", { kind: "reset", accept }, "ECONNRESET"],
  ["K09", "an end without an answer", { kind: "fin", accept }, "ECONNRESET"],
  ["K09", "half an answer", { kind: "truncate", afterBytes: 20, accept }, "not known"],
  ["K14", "a proxy's login page", { kind: "html", accept }, "not Slack's"],
  ["K15", 'ok: "true"', { kind: "body", text: '{"ok":"true"}', accept }, "bad receipt"],
  ["K15", "ok: 1", { kind: "body", text: '{"ok":1,"ts":"1.000001"}', accept }, "bad receipt"],
  ["K15", "an array", { kind: "body", text: '[{"ok":true}]', accept }, "not Slack's"],
  ["K15", "5 MB", { kind: "huge", bytes: 5_000_000, accept }, "too large"],
  ["K15", "100 MB packed", { kind: "gzip-bomb", bytes: 100_000_000, accept }, "unpacked"],
  ["K16", "an unknown error", { kind: "error", error: "foo_bar", accept }, "foo_bar"],
  [
    "K40",
    "a duplicate that nobody asked for",
    { kind: "error", error: "duplicate_message_not_found", accept },
    "duplicate_message_not_found",
  ],
]);

const receipts = (
  [
    ["no ts", { ts: undefined }],
    ["a number for a ts", { ts: 1_779_393_408.5 }],
    ["an odd ts", { ts: "yesterday" }],
    ["another channel", { channel: "C0OTHER0000" }],
    ["no channel", { channel: undefined }],
  ] satisfies [string, JsonObject][]
).map(([what, patch]): Row => ["K12", what, { kind: "receipt", patch, accept: true }, "bad receipt"]);

const rows = [...both, ...receipts].map(([id, what, fault, says]) => ({
  name: `${id} after ${what} (${"accept" in fault && fault.accept ? "accepted" : "not accepted"})`,
  fault,
  says,
}));

describe("a post whose outcome is unknown is looked up and arrives exactly once", () => {
  test.each(rows)("$name", async ({ fault, says }) => {
    await using world = await startFaultWorld();
    oweInvoice(world);
    spoilPost(world, fault);

    const { stderr } = await expectSettledOnce(world);

    expect(stderr).toContain(says);
    expect(stderr).not.toContain("Oops");
  });
});

test("K16 shows an error that is no code as unknown, and never a page of it", async () => {
  await using world = await startFaultWorld();
  oweInvoice(world);
  spoilPost(world, { kind: "error", error: `<script>${"x".repeat(500)}</script>` });

  const { stderr } = await expectSettledOnce(world);

  expect(stderr).toContain("unknown error");
  expect(stderr).not.toContain("script");
});

describe("a post that lands late", () => {
  test("K10 is found when it lands within the quarantine, and not sent again", async () => {
    await using world = await startFaultWorld();
    oweInvoice(world);
    spoilPost(world, { kind: "late", afterMs: 600_000, hangUp: true });

    const lost = await world.run("poll");
    world.advance(60);
    const early = await world.run("poll");
    world.slack.landLateCalls();
    world.advance(quarantineSeconds - 59);
    const settled = await world.run("poll");

    expect([lost.code, early.code]).toEqual([5, 5]);
    expect(settled).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
    expect(await undelivered(world)).toEqual([]);
  });

  test("K11 is a second copy when it lands after the quarantine, and is reported once", async () => {
    await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
    oweInvoice(world);
    spoilPost(world, { kind: "late", afterMs: 600_000, hangUp: true });

    const lost = await world.run("poll");
    const resent = await world.run("poll");
    world.slack.landLateCalls();
    oweInvoice(world, "INV-NEXT");
    const next = await world.run("poll");
    oweInvoice(world, "INV-LAST");
    const last = await world.run("poll");

    expect(lost.code).toBe(5);
    expect(resent).toMatchObject({ code: 0, stderr: "" });
    expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(2);
    expect(next.code).toBe(0);
    expect(next.stderr).toContain("later than slack.quarantineSeconds");
    expect(last).toMatchObject({ code: 0, stderr: "" });
    expect(await undelivered(world)).toEqual([]);
  });
});

test("K10 the quarantine is measured by Slack's clock, whatever the local one says", async () => {
  await using world = await startFaultWorld();
  world.advance(-86_400);
  oweInvoice(world);
  spoilPost(world, { kind: "reset", accept: true });

  expect((await expectSettledOnce(world)).code).toBe(5);
});

test("K06 what never arrives, five times over, is left to somebody as a dead letter (3)", async () => {
  await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
  oweInvoice(world);
  spoilPost(world, { kind: "http", status: 502, accept: false, times: 5 });

  const codes = [];
  for (let run = 0; run < 6; run += 1) codes.push((await world.run("poll")).code);
  const [letter] = await undelivered(world);
  await world.run("outbox", "retry", letter?.key ?? "");
  const retried = await world.run("poll");

  expect(codes).toEqual([5, 5, 5, 5, 5, 3]);
  expect(letter).toMatchObject({ status: "dead", reason: "unresolved" });
  expect(retried.code).toBe(0);
  expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
});

test("K06 a refusal does not count as a post that never arrived", async () => {
  await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
  oweInvoice(world);
  world.slack.channel("accounts-payable").isArchived = true;
  for (let run = 0; run < 6; run += 1) await world.run("poll");
  world.slack.channel("accounts-payable").isArchived = false;
  spoilPost(world, { kind: "reset", accept: false });

  const lost = await world.run("poll");
  const settled = await world.run("poll");

  expect([lost.code, settled.code]).toEqual([5, 0]);
  expect(copiesIn(world, "accounts-payable", "INV-ONCE")).toBe(1);
});

test("K40 no request ever carries a client_msg_id", async () => {
  await using world = await startFaultWorld({ slack: { quarantineSeconds: 0 } });
  oweInvoice(world);
  spoilPost(world, { kind: "reset", accept: false });
  await world.run("poll");
  await world.run("poll");

  expect(callsOf(world, "chat.postMessage")).toBe(4);
  expect(world.slack.requests.filter(({ rawBody }) => rawBody.includes("client_msg_id"))).toEqual([]);
});

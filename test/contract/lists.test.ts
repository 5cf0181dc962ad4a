import { describe, expect, test } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import { startWorld, type World } from "../support/world.ts";

/** Batches of one invoice each, keyed in since the last run; their keys. */
function keyIn({ sage }: World, count: number): string[] {
  const books = sage.company("SAMINC");
  return Array.from({ length: count }, (_each, index) =>
    keyOf(
      "ap-invoices",
      books.addInvoiceBatch({
        invoices: [{ vendor: "1200", amount: "1.00", documentNumber: `INV-${index + 1}.` }],
      }),
    ),
  );
}

/** Requests for whole batches since then: lists, and single ones. */
function askedSince({ sage }: World, start: number): { lists: number; single: number } {
  const asked = sage.requests.slice(start).filter(({ path }) => path.includes("/APInvoiceBatches"));
  return {
    lists: asked.filter(({ path, query }) => !path.endsWith(")") && query["$select"] === undefined).length,
    single: asked.filter(({ path }) => path.endsWith(")")).length,
  };
}

/** How often each document is shown. */
function shown({ slack }: World, count: number): number[] {
  const all = JSON.stringify(
    slack.posts.filter(({ threadTs }) => threadTs === undefined).map(({ blocks }) => blocks),
  );
  return Array.from({ length: count }, (_each, index) => all.split(`INV-${index + 1}.`).length - 1);
}

type Row = Record<string, unknown>;

const once = (count: number) => Array.from({ length: count }, () => 1);

const wholeList = "&$top=100&$count=true";

describe("new batches whose numbers lie together", () => {
  test("are read in one request", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    await world.run("poll");
    const keys = keyIn(world, 30);
    const start = world.sage.requests.length;
    await world.run("poll");
    const read = askedSince(world, start);
    for (const key of keys) world.sage.company("SAMINC").post("ap-invoices", key);
    const later = world.sage.requests.length;
    await world.run("poll");

    expect(read).toEqual({ lists: 1, single: 0 });
    expect(askedSince(world, later)).toEqual({ lists: 1, single: 0 });
    expect(shown(world, 30)).toEqual(once(30));
  });

  test.each<[string, (rows: Row[]) => Row[], number]>([
    ["leaves out what is in them", (rows) => rows.map((row) => ({ ...row, Invoices: undefined })), 12],
    ["holds none of them", () => [], 12],
    ["holds each of them twice", (rows) => [...rows, ...rows], 0],
    ["holds the first alone", (rows) => rows.slice(0, 1), 11],
    ["holds another one in its place", ([row, ...rows]) => [{ ...row, BatchNumber: 99 }, ...rows], 1],
  ])("are announced once all the same where the list %s", async (_how, change, single) => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    await world.run("poll");
    keyIn(world, 12);
    world.sage.queueFault({
      kind: "rewrite",
      match: "(BatchNumber le 12)&$top",
      change: (body) => {
        const { value, ...others } = JSON.parse(body.toString()) as { value: Row[] };
        return JSON.stringify({ ...others, value: change(value) });
      },
    });
    const start = world.sage.requests.length;
    const run = await world.run("poll");
    const read = askedSince(world, start);
    const quiet = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(read).toEqual({ lists: 1, single });
    expect(quiet.stdout).toContain("Nothing to post");
    expect(shown(world, 12)).toEqual(once(12));
  });

  test("are asked for no further where the server gives fewer rows than were asked for", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    world.sage.switches.pageSize = 5;
    await world.run("poll");
    keyIn(world, 12);
    const start = world.sage.requests.length;
    await world.run("poll");

    expect(askedSince(world, start)).toEqual({ lists: 1, single: 7 });
    expect(shown(world, 12)).toEqual(once(12));
  });

  test("are asked for one by one after a list that could not be had", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    await world.run("poll");
    keyIn(world, 120);
    world.sage.queueFault({ kind: "huge", bytes: 17_000_000, match: `)${wholeList}`, times: 9 });
    const start = world.sage.requests.length;
    const run = await world.run("poll");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(askedSince(world, start)).toEqual({ lists: 1, single: 120 });
    expect(shown(world, 120)).toEqual(once(120));
  });
});

test("numbers that lie far apart are asked for one by one", async () => {
  await using world = await startWorld({ sources: { "ap-invoices": {} } });
  const keys = keyIn(world, 30);
  await world.run("poll");
  for (const key of [keys[0], keys[14], keys[29]])
    world.sage.company("SAMINC").post("ap-invoices", key ?? "");
  const start = world.sage.requests.length;
  await world.run("poll");

  expect(askedSince(world, start).single).toBe(3);
});

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, test } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import { runProgram } from "../support/program.ts";
import { startWorld, type Result, type World } from "../support/world.ts";

const preload = pathToFileURL(join(import.meta.dirname, "../support/record-origins.mjs")).href;

interface Recorded extends Result {
  /** Host and port of every connection, and every name that was looked up. */
  readonly places: readonly string[];
  /** The most memory that the process took. */
  readonly megabytes: number;
}

async function recorded({ directory: cwd, env }: World, ...args: string[]): Promise<Recorded> {
  const file = join(cwd, `recorded-${randomUUID()}`);
  const result = await runProgram(args, {
    cwd,
    env: { ...env, NODE_OPTIONS: `--import=${preload}`, RECORD_TO: file },
  });
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  const [rss = "0"] = lines.flatMap((line) => /^rss (\d+)$/.exec(line)?.[1] ?? []).slice(-1);
  return {
    ...result,
    places: [...new Set(lines.filter((line) => !line.startsWith("rss ")))],
    megabytes: Number(rss) / 1024,
  };
}

describe("SR-17 a whole run", () => {
  test("connects to Sage and Slack as configured, and to nothing else", async () => {
    await using world = await startWorld({
      routes: [
        {
          name: "all",
          when: { company: "SAMINC" },
          channel: "#ap-approvals",
          mention: ["cfo@example.com"],
          copy: true,
        },
      ],
    });
    world.sage.switches.nextLink = "foreign-host";
    world.sage.switches.pageSize = 2;
    const first = await recorded(world, "poll", "--verbose");
    const books = world.sage.company("SAMINC");
    for (const url of ["https://evil.example/a", "<https://evil.example|x>", "//evil.example"]) {
      books.addInvoiceBatch({
        description: url,
        invoices: [{ vendor: "1200", amount: "1.00", description: url }],
      });
    }
    const second = await recorded(world, "poll", "--all", "--verbose");
    const preview = await recorded(world, "dry-run");
    const status = await recorded(world, "status");

    expect([first.code, second.code, preview.code]).toEqual([0, 0, 0]);
    const configured = [world.sage.url, world.slack.url].map((url) => `connect ${new URL(url).host}`);
    const allowed = new Set([...configured, "dns 127.0.0.1"]);
    for (const { places } of [first, second]) {
      expect(configured.every((place) => places.includes(place))).toBe(true);
      expect(places.filter((place) => !allowed.has(place))).toEqual([]);
    }
    expect(preview.places.filter((place) => !allowed.has(place))).toEqual([]);
    expect(status).toMatchObject({ code: 0, places: [] });
  });
});

describe("SR-21 SR-58 memory stays below 200 MB", () => {
  const mega = 1024 * 1024;

  test.each([
    ["sage", { kind: "huge", bytes: 200 * mega }],
    ["sage", { kind: "gzip-bomb", bytes: 512 * mega }],
  ] as const)("when %s sends %o", async (_side, fault) => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    await runProgram(["poll"], { cwd: world.directory, env: world.env });
    world.sage.queueFault({ ...fault, times: 3 });

    const run = await recorded(world, "poll");

    expect(run.code).toBe(5);
    expect(run.stderr).toContain("16 MB");
    expect(run.megabytes).toBeLessThan(200);
  });

  test.each([
    { kind: "huge", bytes: 200 * mega },
    { kind: "gzip-bomb", bytes: 512 * mega },
  ] as const)("when slack sends %o", async (fault) => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    await runProgram(["poll"], { cwd: world.directory, env: world.env });
    world.slack.queueFault({ ...fault, method: "auth.test" });

    const run = await recorded(world, "poll");

    expect(run.code).toBe(5);
    expect(run.megabytes).toBeLessThan(200);
  });

  test("with 1,000 batches to read and 1 MB of text in each of the newest", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    const books = world.sage.company("SAMINC");
    for (let batch = 0; batch < 1000; batch += 1) {
      books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] });
    }
    const first = await recorded(world, "poll");
    for (let batch = 0; batch < 20; batch += 1) {
      books.addInvoiceBatch({
        invoices: [{ vendor: "1200", amount: "1.00", description: "d".repeat(mega) }],
      });
    }
    const second = await recorded(world, "poll");

    expect([first.code, second.code]).toEqual([0, 0]);
    expect(Math.max(first.megabytes, second.megabytes)).toBeLessThan(200);
  });
});

test("A history of 20,000 batches is taken note of in less than 150 MB, and nothing of it is posted", async () => {
  await using world = await startWorld({ sources: { "ap-invoices": {} } });
  const books = world.sage.company("SAMINC");
  for (let number = 1; number <= 20_000; number += 1) {
    const batch = books.addInvoiceBatch({
      date: "2026-01-15",
      lastEdited: "2026-01-15",
      invoices: ["10.00", "20.00", "30.00", "40.00", "50.00"].map((amount) => ({ vendor: "1200", amount })),
    });
    if (number <= 19_960) books.post("ap-invoices", keyOf("ap-invoices", batch));
  }
  const first = await recorded(world, "poll");
  const quiet = await recorded(world, "poll");

  expect([first.code, quiet.code]).toEqual([0, 0]);
  expect(world.slack.posts.map(({ text }) => text)).toEqual([
    "Following A/P invoices of SAMINC from batch 20001 on.",
  ]);
  expect(first.megabytes).toBeLessThan(150);
});

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { runProgram } from "../support/program.ts";
import { startWorld } from "../support/world.ts";

const preload = join(import.meta.dirname, "../support/peak-memory.cjs");
const sources = { "ap-invoices": { channel: "#accounts-payable" } };

/** A Sage that has more rows for whatever is asked; `paging` finds them on further pages, else above any number. */
async function startEndlessSage({ paging, status }: { paging: boolean; status: string }) {
  let rows = 0;
  const row = () => ({
    BatchNumber: (rows += 1),
    BatchStatus: status,
    NumberOfEntries: 1,
    BatchDate: "2020-01-01T00:00:00Z",
    DateLastEdited: "2020-01-01T00:00:00Z",
    Description: "one more",
  });
  const server = createServer((request, response) => {
    const skip = Number(new URL(request.url ?? "", "http://x").searchParams.get("$skip") ?? 0);
    const isEnd = !paging && skip > 0;
    const value = isEnd ? [] : Array.from({ length: 100 }, row);
    const more = paging ? { "@odata.nextLink": "http://127.0.0.1/more" } : {};
    response.setHeader("content-type", "application/json").end(JSON.stringify({ value, ...more }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/Sage300WebApi`,
    rows: () => rows,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("a server that finds new rows without end", () => {
  test.each([
    ["G30 on page after page, the first run", { paging: true, status: "Open" }, "first"],
    ["G30 on page after page, a later run", { paging: true, status: "Open" }, "later"],
    ["G30 above every number, the first run", { paging: false, status: "Posted" }, "first"],
    ["G30 above every number, a later run", { paging: false, status: "Open" }, "later"],
  ] as const)("%s, costs no more time and memory than a run has", async (_name, server, run) => {
    await using sage = await startEndlessSage(server);
    await using world = await startWorld({ sources });
    if (run === "later") await world.run("poll");
    const before = world.slack.posts.length;
    expect(before > 0).toBe(run === "later");
    await world.configure({ sage: { url: sage.url }, sources });
    const file = join(world.directory, "peak");
    const began = performance.now();

    const ended = await runProgram(["poll", "--max-duration", "8"], {
      cwd: world.directory,
      env: { ...world.env, NODE_OPTIONS: `--require ${preload}`, PEAK_MEMORY_FILE: file },
    });
    const tookMs = performance.now() - began;

    expect([3, 5]).toContain(ended.code);
    expect(ended.stderr).toMatch(/no time left to go on reading|more than 100000 A\/P invoices/);
    expect(sage.rows()).toBeGreaterThan(500);
    expect(tookMs).toBeLessThan(20_000);
    expect(Number(await readFile(file, "utf8")) / 1024).toBeLessThan(200);
    expect(world.slack.posts.length).toBe(before);
  });
});

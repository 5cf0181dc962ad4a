import { existsSync, readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { readStateFile } from "../../src/state/state-file.ts";
import { withFailingFiles, type Fault } from "../support/failing-files.ts";
import { startWorld, type World } from "../support/world.ts";

/** Together the seven see every call fail; each of them sees every call with EVERY_CALL=1. */
const isThorough = process.env["EVERY_CALL"] !== undefined;
const faults: readonly { readonly fault: Fault; readonly id: string }[] = [
  { fault: "ENOSPC", id: "L24" },
  { fault: "EIO", id: "L25" },
  { fault: "EPERM", id: "L26" },
  { fault: "EBUSY", id: "L25" },
  { fault: "EACCES", id: "L26" },
  { fault: "EMFILE", id: "L25" },
  { fault: "short write", id: "L24" },
];
const cases = faults.flatMap(({ fault, id }, index) =>
  [false, true].map((isPermanent) => {
    const title = `${id} survives ${fault} of any file-system call${isPermanent ? " and every later one" : ""}`;
    const pace = isThorough ? { first: 1, step: 1 } : { first: index + 1, step: faults.length };
    return [title, { fault, isPermanent, ...pace }] as const;
  }),
);

// In memory: a real disk would only make it slow, the failures are ours.
const folders = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
beforeAll(() => vi.stubEnv("TMPDIR", folders));
afterAll(() => vi.unstubAllEnvs());

/**
 * As SQLite is tested: the first file-system call of a run fails, then the second, until a run makes fewer calls. The
 * whole program runs in this process, configuration, lock, state and cache included.
 */
describe("poll", () => {
  test.each(cases)("%s", { timeout: 900_000 }, async (_title, { fault, isPermanent, first, step }) => {
    await using world = await startWorld({
      slack: { quarantineSeconds: 0 },
      sources: { "ap-invoices": { channel: "#accounts-payable" } },
    });
    const unmarked = watchMarks(world);
    await world.run("poll");
    const codes: number[] = [];
    let hasFailed = true;
    for (let at = first; hasFailed; at += step) {
      keyIn(world, at);
      const { result, calls } = await withFailingFiles(
        { directory: world.directory, fault, at, isPermanent },
        () => world.run("poll"),
      );
      hasFailed = calls >= at;
      codes.push(result.code);
      expect([0, 2, 5, 6], `${fault} at call ${at}: ${result.stderr}`).toContain(result.code);
      // The process would have ended: what it could not remove of its lock is a dead one's.
      for (const name of await readdir(world.directory)) {
        if (/^(?:\.lock\.|sage-slack\.lock)/.test(name)) await rm(join(world.directory, name));
      }
      await readStateFile({ directory: world.directory });

      const next = await world.run("poll");
      expect({ at, ...next }).toMatchObject({ at, code: 0 });
      expect(countOf(world, at), `document ${at}`).toBe(1);
    }

    expect(unmarked).toEqual([]);
    // It is the failures that are tested: without any, the loop would have ended at once.
    expect(codes.length * step).toBeGreaterThan(100);
    const isNoticed = fault !== "short write" || isPermanent;
    expect(codes.filter((code) => code === 6).length * step).toBeGreaterThan(isNoticed ? 50 : -1);
  });
});

function keyIn({ sage }: World, number: number): void {
  sage.company("SAMINC").addInvoiceBatch({
    status: "Posted",
    invoices: [{ vendor: "1200", amount: "12.99", documentNumber: `DOC-${number}.` }],
  });
}

function countOf({ slack }: World, number: number): number {
  return slack.posts.filter((post) =>
    `${post.text} ${JSON.stringify(post.blocks)}`.includes(`DOC-${number}.`),
  ).length;
}

/** Keys of the messages that arrived while the state on disk did not say that they were under way. */
function watchMarks({ slack, directory }: World): string[] {
  const unmarked: string[] = [];
  slack.onCall = ({ method, args }) => {
    if (method !== "chat.postMessage") return;
    const { key } = (args["metadata"] as { event_payload: { key: string } }).event_payload;
    const text = readFileSync(join(directory, "sage-slack.cursor.json"), "utf8");
    const { body } = JSON.parse(text) as { body: { outbox: { key: string; status: string }[] } };
    const isMarked = body.outbox.some((message) => message.key === key && message.status === "inflight");
    if (!isMarked) unmarked.push(key);
  };
  return unmarked;
}

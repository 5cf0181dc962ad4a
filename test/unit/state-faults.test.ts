import { createHash } from "node:crypto";
import { copyFile, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import * as files from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { FileSystem } from "../../src/runtime/durable-file.ts";
import { parseEnvelope, writeEnvelope } from "../../src/state/envelope.ts";
import { openStateFile, readStateFile } from "../../src/state/state-file.ts";
import type { State } from "../../src/state/state.ts";
import { beginRun, enqueue } from "../../src/state/transitions.ts";
import { outboxMessage, stateWith } from "../support/messages.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const name = "sage-slack.cursor.json";
const lock = { isHeld: () => Promise.resolve(true) };
const golden = join(import.meta.dirname, "../fixtures/state/version-1.golden");

/** A folder with a state file of a few commits and its backup, one commit behind. */
async function usedDirectory() {
  const directory = await temporaryDirectory();
  const store = await openStateFile({ lock, directory: directory.path });
  await store.commit(beginRun);
  await store.commit((state) => enqueue(state, [outboxMessage()]));
  await store.commit((state) => ({ ...state, lastRun: { endedAt: 1_800_000_000_000, exitCode: 0 } }));
  return directory;
}

const stateError = (text: string) =>
  expect.objectContaining({ kind: "state", message: expect.stringContaining(text) as string }) as object;

describe("an envelope", () => {
  const state = stateWith(outboxMessage());
  const text = writeEnvelope({ generation: 4711, state });
  const bytes = Buffer.from(text);

  test("L30 is damaged wherever it is cut off", () => {
    const kinds = Array.from({ length: bytes.length - 2 }, (_byte, length) =>
      kindOf(bytes.subarray(0, length)),
    );

    expect(new Set(kinds)).toEqual(new Set(["damaged"]));
  });

  test("L31 is damaged, or says the same, whichever single bit is flipped", () => {
    const wrong: string[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const parsed = parseEnvelope(flipped(bytes, bit).toString("utf8"));
      const isSame =
        parsed.kind === "valid" &&
        JSON.stringify(parsed.envelope) === JSON.stringify({ generation: 4711, state });
      if (parsed.kind !== "damaged" && !isSame) wrong.push(`${bit}: ${parsed.kind}`);
    }

    expect(wrong).toEqual([]);
  });

  test.each<[string, string]>([
    ["null", "null"],
    ["a list", "[]"],
    ["a string", '"sage-slack-state"'],
    ["an empty object", "{}"],
    ["another program's", JSON.stringify({ version: 1, items: [1, 2] })],
    ["of another format", text.replace("sage-slack-state", "sage-slack-stale")],
    ["200,000 lists deep", "[".repeat(200_000) + "]".repeat(200_000)],
    ["200,000 objects deep", '{"body":'.repeat(200_000) + "1" + "}".repeat(200_000)],
    ["of our format, with a body 200,000 deep", sealed("[".repeat(200_000) + "]".repeat(200_000))],
    ["of our format, with another body", sealed('{"instance":"x"}')],
    ["of our format, with a body of null", sealed("null")],
    ["of our format, with a number where a text belongs", sealed(JSON.stringify({ ...state, salt: 7 }))],
    ["of our format, with the body twice", text.replace(',"body":', ',"body":{},"body":')],
    ["of version 0", text.replace('"version":1', '"version":0')],
  ])("L32 is damaged when it is %s", (_what, document) => {
    expect(parseEnvelope(document)).toEqual({ kind: "damaged" });
  });

  test("L32 does not let a key of a hostile document reach a prototype", () => {
    const documents = ["__proto__", "constructor", "prototype"].map((key) =>
      sealed(JSON.stringify(state).replace('"pace":', `"${key}":{"polluted":1},"pace":`)),
    );

    expect(documents.map((document) => parseEnvelope(document).kind)).toEqual([
      "damaged",
      "damaged",
      "damaged",
    ]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("a damaged state file", () => {
  test("L30 cut off anywhere is recovered from its backup, and what waits in it is looked up before it is sent", async () => {
    await using directory = await usedDirectory();
    const path = join(directory.path, name);
    const whole = await readFile(path);
    const lengths = [0, 1, 50, 120, Math.floor(whole.length / 2), whole.length - 3];

    for (const length of lengths) {
      await writeFile(path, whole.subarray(0, length));
      const store = await openStateFile({ lock, directory: directory.path });

      expect(store.origin).toBe("recovered");
      expect(store.state.outbox).toMatchObject([{ status: "inflight", reason: "recovered", attempts: 0 }]);
    }
  });

  test("L31 with one bit flipped is recovered from its backup and kept aside, for its owner only", async () => {
    await using directory = await usedDirectory();
    const path = join(directory.path, name);
    const whole = await readFile(path);

    for (const bit of [3, 8 * 20 + 1, 8 * 45, 8 * 200 + 5, 8 * (whole.length - 10)]) {
      await writeFile(path, flipped(whole, bit), { mode: 0o644 });
      const store = await openStateFile({ lock, directory: directory.path });

      expect(store.recoveryNote).toContain(`${name} was damaged; went on from ${name}.bak`);
    }
    const store = await openStateFile({ lock, directory: directory.path });
    await store.commit(beginRun);

    const aside = (await readdir(directory.path)).filter((file) => file.includes(".corrupt-"));
    expect(aside.length).toBe(1);
    expect((await stat(join(directory.path, aside[0] ?? ""))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(directory.path, aside[0] ?? ""))).toEqual(
      flipped(whole, 8 * (whole.length - 10)),
    );
  });

  test("L37 edited by hand without its checksum is not believed", async () => {
    await using directory = await usedDirectory();
    const path = join(directory.path, name);
    const edited = (await readFile(path, "utf8")).replace('"exitCode":0', '"exitCode":5');
    await writeFile(path, edited);

    const store = await openStateFile({ lock, directory: directory.path });

    expect(store.origin).toBe("recovered");
    expect(store.state.lastRun).toBeNull();
    expect(await readFile(path, "utf8")).toBe(edited);

    await rm(`${path}.bak`);
    await expect(openStateFile({ lock, directory: directory.path })).rejects.toEqual(
      stateError("is damaged"),
    );
    expect(await readFile(path, "utf8")).toBe(edited);
  });

  test("L32 of 100 MB is refused unread and untouched", async () => {
    await using directory = await usedDirectory();
    const path = join(directory.path, name);
    const file = Buffer.alloc(100 * 1024 * 1024, " ");
    await writeFile(path, file);
    const before = process.memoryUsage().rss;

    await expect(openStateFile({ lock, directory: directory.path })).rejects.toEqual(
      stateError("is larger than"),
    );

    expect((await stat(path)).size).toBe(file.length);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
  });
});

describe("a state file of another version", () => {
  /** What a later program would have: one more version, in which a field is called otherwise. */
  const chain = [
    (body: unknown) => {
      const { lastRun, ...rest } = body as State;
      return { ...rest, lastRun: lastRun === null ? null : { ...lastRun, exitCode: lastRun.exitCode + 100 } };
    },
  ];

  test("L33 newer than the program is refused and left alone", async () => {
    await using directory = await usedDirectory();
    const path = join(directory.path, name);
    const newer = writeEnvelope({ generation: 9000, state: stateWith() }, chain);
    await writeFile(path, newer);
    const before = await readdir(directory.path);

    await expect(openStateFile({ lock, directory: directory.path })).rejects.toEqual(
      expect.objectContaining({
        kind: "state",
        message: expect.stringContaining("was written by a newer sage-slack (format 2)") as string,
        hint: expect.stringContaining("was not touched") as string,
      }),
    );
    await expect(readStateFile({ directory: directory.path })).rejects.toEqual(
      stateError("newer sage-slack"),
    );
    expect(await readFile(path, "utf8")).toBe(newer);
    expect(await readdir(directory.path)).toEqual(before);
  });

  test("L33 refuses also when only the backup is newer: an upgrade was taken back", async () => {
    await using directory = await usedDirectory();
    await writeFile(
      join(directory.path, `${name}.bak`),
      writeEnvelope({ generation: 9000, state: stateWith() }, chain),
    );

    await expect(openStateFile({ lock, directory: directory.path })).rejects.toEqual(
      stateError("newer sage-slack"),
    );
  });

  test("L34 reads the golden file of version 1 as it was meant", async () => {
    const parsed = parseEnvelope(await readFile(golden, "utf8"));

    expect(parsed).toMatchObject({
      kind: "valid",
      version: 1,
      envelope: {
        generation: 4711,
        state: {
          instance: "00000000-0000-4000-8000-000000000001",
          epoch: 93,
          bind: { teamId: "T0001", botId: "B0001" },
          sources: { "SAMINC/ap-invoices": { highWater: { "": "65" }, watch: { "65": { status: "Open" } } } },
          outbox: [
            { key: "aaaaaaaaaaaaaaaaaaaaaaaaaa", status: "pending", reason: "channel_not_found" },
            { key: "bbbbbbbbbbbbbbbbbbbbbbbbbb", status: "inflight", attempts: 1 },
            { key: "cccccccccccccccccccccccccc", status: "dead", rendering: "plain" },
          ],
          delivered: {
            "SAMINC:ap-invoices:64": {
              C0000001: { posts: [{ ts: "1779393408.521249", entries: ["1", "2"] }] },
            },
          },
          lastRun: { exitCode: 5 },
        },
      },
    });
  });

  test("L34 of version 1 is migrated once, with its file kept", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, name);
    await copyFile(golden, path);

    const read = await readStateFile({ directory: directory.path, chain });
    const afterReading = await readdir(directory.path);
    const store = await openStateFile({ lock, directory: directory.path, chain });
    await store.commit(beginRun);
    const again = await openStateFile({ lock, directory: directory.path, chain });
    await again.commit(beginRun);

    expect(read?.lastRun?.exitCode).toBe(105);
    expect(afterReading).toEqual([name]);
    expect(store.state).toMatchObject({ epoch: 94, lastRun: { exitCode: 105 } });
    expect(again.state).toMatchObject({ epoch: 95, lastRun: { exitCode: 105 } });
    expect(await readFile(`${path}.v1.bak`)).toEqual(await readFile(golden));
    expect((await stat(`${path}.v1.bak`)).mode & 0o777).toBe(0o600);
    await expect(openStateFile({ lock, directory: directory.path })).rejects.toEqual(
      stateError("newer sage-slack"),
    );
  });

  test("L34 the file kept from before a migration never stands in for the state", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, name);
    await copyFile(golden, `${path}.v1.bak`);
    await writeFile(path, "{");

    await expect(openStateFile({ lock, directory: directory.path, chain })).rejects.toEqual(
      stateError("is damaged"),
    );
    await rm(path);
    await expect(openStateFile({ lock, directory: directory.path, chain })).rejects.toEqual(
      stateError("is gone"),
    );
  });

  test("L34 whose migration stumbles is damaged, not a crash", async () => {
    const stumbling = [
      () => {
        throw new TypeError("no such field");
      },
    ];

    expect(parseEnvelope(await readFile(golden, "utf8"), stumbling)).toEqual({ kind: "damaged" });
  });
});

describe("copies and leftovers", () => {
  test("L35 of fifty temporary files the newest valid one is taken, and all are cleared away", async () => {
    await using directory = await usedDirectory();
    const path = join(directory.path, name);
    for (let count = 0; count < 50; count += 1) {
      const content =
        count === 31
          ? writeEnvelope({ generation: 500, state: { ...stateWith(), epoch: 777 } })
          : count % 3 === 0
            ? writeEnvelope({ generation: 1, state: stateWith() })
            : "torn".repeat(count);
      await writeFile(`${path}.${count}.0123456789abcdef.tmp`, content);
    }
    await writeFile(join(directory.path, "sage-slack.master.json.1.0123456789abcdef.tmp"), "torn");

    const store = await openStateFile({ lock, directory: directory.path });
    await store.commit(beginRun);

    expect(store.origin).toBe("loaded");
    expect(store.state.epoch).toBe(778);
    expect((await readdir(directory.path)).filter((file) => file.endsWith(".tmp"))).toEqual([]);
  });

  test("a first run that dies before its first state is whole is a first run again", async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, `${name}.1.0123456789abcdef.tmp`), '{"format":"sage-sl');

    expect((await openStateFile({ lock, directory: directory.path })).origin).toBe("fresh");
  });

  test("the marker is there before a first commit is said to be done", async () => {
    await using directory = await temporaryDirectory();
    const store = await openStateFile({ lock, directory: directory.path });
    await store.commit(beginRun);

    expect((await readdir(directory.path)).toSorted()).toEqual(["sage-slack.cursor.initialized", name]);
  });

  test("a backup put in the place of the state is looked through before anything of it is sent", async () => {
    await using directory = await usedDirectory();
    const path = join(directory.path, name);
    await copyFile(`${path}.bak`, path);

    const store = await openStateFile({ lock, directory: directory.path });

    expect(store.state.outbox).toMatchObject([{ status: "inflight", reason: "recovered" }]);
  });

  test("an older state put beside a newer backup yields to it", async () => {
    await using directory = await usedDirectory();
    const path = join(directory.path, name);
    await writeFile(path, writeEnvelope({ generation: 1, state: stateWith() }));

    const store = await openStateFile({ lock, directory: directory.path });

    expect(store.recoveryNote).toContain("is older than its backup");
    expect(store.state.outbox).toMatchObject([{ status: "inflight", reason: "recovered" }]);
  });
});

describe("a virus scanner on Windows", () => {
  const platform = Object.getOwnPropertyDescriptor(process, "platform") ?? {};
  beforeEach(() => void Object.defineProperty(process, "platform", { ...platform, value: "win32" }));
  afterEach(() => void Object.defineProperty(process, "platform", platform));

  test.each(["EPERM", "EACCES", "EBUSY"])(
    "L53 that holds the file for a while (%s) is waited for",
    async (code) => {
      await using directory = await temporaryDirectory();
      let held = 5;
      const fileSystem = {
        ...files,
        rename: async (from: string, to: string) => {
          if (to.endsWith(name) && (held -= 1) >= 0) throw Object.assign(new Error(code), { code });
          await files.rename(from, to);
        },
      } as FileSystem;
      const store = await openStateFile({ lock, directory: directory.path, fileSystem });

      await store.commit(beginRun);

      expect(held).toBe(-1);
      expect((await readStateFile({ directory: directory.path }))?.epoch).toBe(1);
    },
  );
});

function kindOf(bytes: Buffer): string {
  return parseEnvelope(bytes.toString("utf8")).kind;
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(bit / 8);
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

/** A document whose checksum is right, whatever its body is. */
function sealed(body: string): string {
  const sha256 = createHash("sha256").update(`1 1 7\n${body}`).digest("hex");
  return `{"format":"sage-slack-state","version":1,"minReader":1,"generation":7,"sha256":"${sha256}","body":${body}}\n`;
}

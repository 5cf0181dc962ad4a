import {
  copyFile,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import * as files from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { openStateFile, readStateFile } from "../../src/state/state-file.ts";
import { parseEnvelope, writeEnvelope } from "../../src/state/envelope.ts";
import type { FileSystem } from "../../src/runtime/durable-file.ts";
import { beginRun } from "../../src/state/transitions.ts";
import { outboxMessage, stateWith } from "../support/messages.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const name = "sage-slack.cursor.json";
const lock = { isHeld: () => Promise.resolve(true) };

/** A folder in which two runs have been. */
async function usedDirectory() {
  const directory = await temporaryDirectory();
  for (let run = 0; run < 2; run += 1) {
    const store = await openStateFile({ lock, directory: directory.path });
    await store.commit(beginRun);
    await store.commit((state) => ({ ...state, refusedCredentials: `run ${run}` }));
  }
  return directory;
}

const stateError = (text: string) =>
  expect.objectContaining({ kind: "state", message: expect.stringContaining(text) as string }) as object;

describe("the state file", () => {
  test("gives back what was committed", async () => {
    await using directory = await usedDirectory();

    const store = await openStateFile({ lock, directory: directory.path });

    expect(store.origin).toBe("loaded");
    expect(store.state).toMatchObject({ epoch: 2, refusedCredentials: "run 1" });
    expect((await stat(join(directory.path, name))).mode & 0o777).toBe(0o600);
  });

  test("is fresh only where there was never one", async () => {
    await using directory = await temporaryDirectory();

    expect((await openStateFile({ lock, directory: directory.path })).origin).toBe("fresh");
    expect(await readdir(directory.path)).toEqual([]);
    expect(await readStateFile({ directory: join(directory.path, "absent") })).toBeNull();
  });

  test.each([0, 1, 2, 3, 4])(
    "can be used when its very first write failed after %i flushes",
    async (flushes) => {
      await using directory = await temporaryDirectory();
      const fileSystem = failingAfter(flushes, "EIO");
      const cutOff = await openStateFile({ lock, directory: directory.path, fileSystem });
      await expect(cutOff.commit(beginRun)).rejects.toEqual(stateError("EIO"));

      const store = await openStateFile({ lock, directory: directory.path });

      expect(["fresh", "loaded"]).toContain(store.origin);
    },
  );

  test("has a sign beside it before anything that it promises is sent", async () => {
    await using directory = await temporaryDirectory();

    await (await openStateFile({ lock, directory: directory.path })).commit(beginRun);

    expect(await readdir(directory.path)).toContain("sage-slack.cursor.initialized");
  });

  test("writes that sign once", async () => {
    await using directory = await usedDirectory();
    const sign = join(directory.path, "sage-slack.cursor.initialized");
    const { ino } = await stat(sign);

    await (await openStateFile({ lock, directory: directory.path })).commit(beginRun);

    expect((await stat(sign)).ino).toBe(ino);
  });

  test("is tidied of what interrupted writes left, the names' file included", async () => {
    await using directory = await usedDirectory();
    for (const left of [name, "sage-slack.master.json"])
      await writeFile(join(directory.path, `${left}.1.0123456789abcdef.tmp`), "{");

    await (await openStateFile({ lock, directory: directory.path })).commit(beginRun);

    expect((await readdir(directory.path)).filter((file) => file.endsWith(".tmp"))).toEqual([]);
  });

  test.each([
    ["L29 is recovered from its backup when it is empty", (path: string) => truncate(path)],
    [
      "L30 is recovered from its backup when it is cut off",
      async (path: string) => truncate(path, Math.floor((await stat(path)).size / 2)),
    ],
    ["L32 is recovered from its backup when it is something else", (path: string) => writeFile(path, "null")],
  ])("%s", async (_title, damage) => {
    await using directory = await usedDirectory();
    await damage(join(directory.path, name));

    const store = await openStateFile({ lock, directory: directory.path });
    const found = store.state;
    await store.commit(beginRun);

    expect(store.origin).toBe("recovered");
    expect(store.recoveryNote).toContain("damaged");
    // One commit behind.
    expect(found).toMatchObject({ epoch: 2, refusedCredentials: "run 0" });
    expect((await readdir(directory.path)).some((file) => file.includes("corrupt-"))).toBe(true);
    expect((await openStateFile({ lock, directory: directory.path })).origin).toBe("loaded");
  });

  test("L35 is recovered from a temporary file that was complete when the power went", async () => {
    await using directory = await usedDirectory();
    const path = join(directory.path, name);
    const parsed = parseEnvelope(await readFile(path, "utf8"));
    const newer =
      parsed.kind === "valid"
        ? { generation: 99, state: { ...parsed.envelope.state, refusedCredentials: "newer" } }
        : null;
    if (newer !== null) await writeFile(`${path}.1.0123456789abcdef.tmp`, writeEnvelope(newer));

    const store = await openStateFile({ lock, directory: directory.path });
    await store.commit(beginRun);

    expect(store.state.refusedCredentials).toBe("newer");
    expect((await readdir(directory.path)).filter((file) => file.endsWith(".tmp"))).toEqual([]);
  });

  test("L29 is refused, untouched, when every copy is damaged", async () => {
    await using directory = await usedDirectory();
    await writeFile(join(directory.path, name), "{");
    await writeFile(join(directory.path, `${name}.bak`), "{");

    await expect(openStateFile({ lock, directory: directory.path })).rejects.toEqual(
      stateError("is damaged"),
    );
    expect(await readFile(join(directory.path, name), "utf8")).toBe("{");
  });

  test("L28 is not taken for a first run when it is gone", async () => {
    await using directory = await usedDirectory();
    await rm(join(directory.path, name));

    await expect(openStateFile({ lock, directory: directory.path })).rejects.toEqual(stateError("is gone"));
    expect(await readdir(directory.path)).not.toContain(name);
  });

  test("L48 SR-34 is not read through a link", async () => {
    await using directory = await usedDirectory();
    const path = join(directory.path, name);
    await rename(path, join(directory.path, "elsewhere"));
    await symlink("elsewhere", path);

    await expect(openStateFile({ lock, directory: directory.path })).rejects.toMatchObject({ kind: "state" });
  });

  test("L40 is not written over another run's", async () => {
    await using directory = await usedDirectory();
    const first = await openStateFile({ lock, directory: directory.path });
    const second = await openStateFile({ lock, directory: directory.path });
    await second.commit(beginRun);

    await expect(first.commit(beginRun)).rejects.toEqual(stateError("changed by somebody else"));
    await expect(first.commit(beginRun)).rejects.toEqual(stateError("changed by somebody else"));
    expect((await readStateFile({ directory: directory.path }))?.epoch).toBe(3);
  });

  test("L40 is not written by a run that has lost its lock", async () => {
    await using directory = await usedDirectory();
    let isMine = true;
    const lost = { isHeld: () => Promise.resolve(isMine) };
    const store = await openStateFile({ lock: lost, directory: directory.path });
    await store.commit(beginRun);
    isMine = false;

    await expect(store.commit(beginRun)).rejects.toEqual(stateError("no longer holds the lock"));
    expect((await readStateFile({ directory: directory.path }))?.epoch).toBe(3);
  });

  test("writes commits that come together in one go, in order", async () => {
    await using directory = await usedDirectory();
    const store = await openStateFile({ lock, directory: directory.path });
    const before = generationOf(await readFile(join(directory.path, name), "utf8"));

    await Promise.all(Array.from({ length: 50 }, () => store.commit(beginRun)));

    const text = await readFile(join(directory.path, name), "utf8");
    expect((await readStateFile({ directory: directory.path }))?.epoch).toBe(52);
    expect(generationOf(text) - before).toBeLessThanOrEqual(2);
  });

  test("takes what is only noted to disk with the next commit", async () => {
    await using directory = await usedDirectory();
    const store = await openStateFile({ lock, directory: directory.path });
    const before = await readFile(join(directory.path, name), "utf8");

    store.note((state) => ({ ...state, refusedCredentials: "noted" }));

    expect(store.state.refusedCredentials).toBe("noted");
    expect(await readFile(join(directory.path, name), "utf8")).toBe(before);
    await store.commit(beginRun);
    expect(await readStateFile({ directory: directory.path })).toMatchObject({
      epoch: 3,
      refusedCredentials: "noted",
    });
  });
});

describe("a disk that fails", () => {
  test.each(["ENOSPC", "EIO"])(
    "L25 with %s ends the run's commits and leaves the old state",
    async (code) => {
      await using directory = await usedDirectory();
      const store = await openStateFile({
        lock,
        directory: directory.path,
        fileSystem: failingAfter(3, code),
      });

      const commits = async () => {
        for (let commit = 0; commit < 20; commit += 1) await store.commit(beginRun);
      };

      await expect(commits()).rejects.toEqual(stateError(code));
      await expect(store.commit(beginRun)).rejects.toEqual(stateError(code));
      expect((await openStateFile({ lock, directory: directory.path })).state.epoch).toBeGreaterThanOrEqual(
        2,
      );
    },
  );
});

/** Every file opened after so many cannot be flushed. */
function failingAfter(opens: number, code: string): FileSystem {
  let count = 0;
  return {
    ...files,
    open: async (...args: Parameters<typeof open>) => {
      const handle = await open(...args);
      count += 1;
      if (count > opens) handle.sync = () => Promise.reject(Object.assign(new Error(code), { code }));
      return handle;
    },
  };
}

function generationOf(text: string): number {
  const parsed = parseEnvelope(text);
  return parsed.kind === "valid" ? parsed.envelope.generation : -1;
}

describe("an envelope", () => {
  const text = writeEnvelope({ generation: 7, state: stateWith(outboxMessage()) });

  test("SR-22 does not let a key reach the prototype", () => {
    expect(parseEnvelope(text.replace('"instance"', '"__proto__"')).kind).toBe("damaged");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

test("L28 a backup of yesterday does not stand in for a state that somebody took away", async () => {
  await using directory = await usedDirectory();
  await copyFile(join(directory.path, name), join(directory.path, `${name}.bak`));
  await rm(join(directory.path, name));

  await expect(readStateFile({ directory: directory.path })).rejects.toEqual(stateError("is gone"));
});

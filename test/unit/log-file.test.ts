import * as nodeFiles from "node:fs";
import { link, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { LogFile, type LogFiles } from "../../src/runtime/log-file.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

function unexpected(why: string): never {
  throw new Error(why);
}

function failing(calls: Partial<LogFiles>): LogFiles {
  return { ...nodeFiles, ...calls };
}

function refuse(code: string) {
  return () => {
    throw Object.assign(new Error(code), { code });
  };
}

async function written(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const)),
  );
}

describe("LogFile", () => {
  test("SR-38 appends to a file that only its owner may read", async () => {
    await using folder = await temporaryDirectory();
    const path = join(folder.path, "run.jsonl");
    const log = new LogFile({ path, onFailure: unexpected });

    log.write("one\n");
    log.write("two\n");

    expect(await written(folder.path)).toEqual({ "run.jsonl": "one\ntwo\n" });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("SR-38 puts a full file aside and keeps so many of them", async () => {
    await using folder = await temporaryDirectory();
    const log = new LogFile({
      path: join(folder.path, "l"),
      maxBytes: 4,
      keep: 2,
      onFailure: unexpected,
    });

    for (const word of ["aaaa", "b", "cccc", "d", "eeee", "f", "g"]) log.write(`${word}\n`);

    expect(await written(folder.path)).toEqual({ l: "g\n", "l.1": "eeee\nf\n", "l.2": "cccc\nd\n" });
  });

  test("keeps every line of two that rotate at the same time", async () => {
    await using folder = await temporaryDirectory();
    const options = { path: join(folder.path, "l"), maxBytes: 40, keep: 50, onFailure: unexpected };
    const logs = [new LogFile(options), new LogFile(options)];

    for (let line = 0; line < 100; line += 1) logs[line % 2]?.write(`line ${line}.\n`);

    const all = Object.values(await written(folder.path)).join("");
    expect(all.match(/line \d+\.\n/g)?.length).toBe(100);
  });

  test("goes on in a file that somebody holds, and rotates when it is let go", async () => {
    await using folder = await temporaryDirectory();
    const path = join(folder.path, "l");
    const held = failing({ renameSync: refuse("EBUSY") });
    const log = new LogFile({ path, maxBytes: 1, fileSystem: held, onFailure: unexpected });

    for (const word of ["a", "b", "c"]) log.write(`${word}\n`);
    new LogFile({ path, maxBytes: 1, onFailure: unexpected }).write("d\n");

    expect(await written(folder.path)).toEqual({ "l.1": "a\nb\nc\nd\n" });
  });

  test.each(["ENOSPC", "EACCES", "EIO"])("tells once that nothing can be written (%s)", async (code) => {
    await using folder = await temporaryDirectory();
    const told: string[] = [];
    const fileSystem = failing({ writeSync: refuse(code) });
    const log = new LogFile({
      path: join(folder.path, "l"),
      fileSystem,
      onFailure: (why) => void told.push(why),
    });

    log.write("one\n");
    log.write("two\n");

    expect(told).toEqual([code]);
  });

  test("begins a new line after one that the disk took in part", async () => {
    await using folder = await temporaryDirectory();
    let isFull = true;
    const writeSync = ((file: number, content: Buffer) =>
      nodeFiles.writeSync(file, isFull ? content.subarray(0, 2) : content)) as typeof nodeFiles.writeSync;
    const log = new LogFile({
      path: join(folder.path, "l"),
      fileSystem: failing({ writeSync }),
      onFailure: unexpected,
    });

    log.write("one\n");
    isFull = false;
    log.write("two\n");

    expect(await written(folder.path)).toEqual({ l: "on\ntwo\n" });
  });

  test.each<[string, (path: string, other: string) => Promise<void>, string]>([
    ["a link", (path, other) => symlink(other, path), "ELOOP"],
    ["a second name of another file", (path, other) => link(other, path), "it is not a plain file"],
    ["a device", (path) => symlink("/dev/full", path), "ELOOP"],
  ])("writes nothing through %s", async (_what, lay, why) => {
    await using folder = await temporaryDirectory();
    const other = join(folder.path, "other");
    await writeFile(other, "mine");
    await lay(join(folder.path, "l"), other);
    const told: string[] = [];

    new LogFile({ path: join(folder.path, "l"), onFailure: (word) => void told.push(word) }).write("one\n");

    expect(told).toEqual([why]);
    expect(await readFile(other, "utf8")).toBe("mine");
  });
});

/**
 * Loaded into the program with `--import`: writes down, in DISK_JOURNAL, every change that it makes under DISK_ROOT and
 * every flush, so that disk.ts can work out what a power cut leaves. With CUT_AFTER=n the process dies of SIGKILL after
 * its n-th change or flush. The program itself knows nothing of this.
 *
 * A change is written down once the system has made it and before the program hears of it; a flush with its beginning
 * and its end, because only what was changed before it began is certain to be covered by it.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve, sep } from "node:path";

const root = process.env["DISK_ROOT"] ?? "";
const journal = fs.openSync(process.env["DISK_JOURNAL"] ?? "", "a");
let left = Number(process.env["CUT_AFTER"] ?? "0");
let handles = 0;

function note(change) {
  fs.writeSync(journal, `${JSON.stringify(change)}\n`);
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}

function nextHandle() {
  handles += 1;
  return `${process.pid}-${handles}`;
}

function isOnDisk(path) {
  return typeof path === "string" && `${resolve(path)}${sep}`.startsWith(`${root}${sep}`);
}

function inDisk(path) {
  return resolve(path).slice(root.length + 1);
}

const { copyFile, link, mkdir, open, rename, unlink, writeFile } = fs.promises;

fs.promises.open = async (path, flags, mode) => {
  if (!isOnDisk(path)) return open(path, flags, mode);
  const isNew = typeof flags === "number" ? (flags & fs.constants.O_EXCL) !== 0 : flags === "wx";
  const isRead = typeof flags === "number" ? (flags & 3) === fs.constants.O_RDONLY : flags === "r";
  if (!isNew && !isRead) throw new Error(`disk-recorder.mjs does not know how to open with ${flags}`);
  const handle = await open(path, flags, mode);
  const id = nextHandle();
  if (isNew) note({ kind: "create", path: inDisk(path), handle: id });
  watch(handle, { id, path: inDisk(path), isFolder: (await handle.stat()).isDirectory() });
  return handle;
};

function watch(handle, { id, path, isFolder }) {
  const { sync, write, writeFile: writeAll } = handle;
  handle.write = async (content, from = 0, length = content.length - from) => {
    const result = await write.call(handle, content, from, length);
    const bytes = content.subarray(from, from + result.bytesWritten);
    note({ kind: "write", handle: id, bytes: Buffer.from(bytes).toString("base64") });
    return result;
  };
  handle.writeFile = async (content) => {
    await writeAll.call(handle, content);
    note({ kind: "write", handle: id, bytes: Buffer.from(content).toString("base64") });
  };
  const flush = async () => {
    const what = isFolder ? { folder: path } : { handle: id };
    note({ kind: "flush-begins", flush: id, ...what });
    await sync.call(handle);
    note({ kind: "flush-ends", flush: id });
  };
  handle.sync = flush;
  handle.datasync = flush;
}

fs.promises.writeFile = async (path, content, options) => {
  if (!isOnDisk(path)) return writeFile(path, content, options);
  const handle = await fs.promises.open(path, options?.flag, options?.mode);
  try {
    await handle.writeFile(content);
    if (options?.flush === true) await handle.sync();
  } finally {
    await handle.close();
  }
};

fs.promises.copyFile = async (from, to) => {
  await copyFile(from, to);
  if (!isOnDisk(to)) return;
  const handle = nextHandle();
  note({ kind: "create", path: inDisk(to), handle });
  note({ kind: "write", handle, bytes: fs.readFileSync(to).toString("base64") });
};

fs.promises.mkdir = async (path, options) => {
  const made = await mkdir(path, options);
  if (made !== undefined && isOnDisk(path)) note({ kind: "mkdir", path: inDisk(path) });
  return made;
};

fs.promises.rename = async (from, to) => {
  await rename(from, to);
  if (isOnDisk(to)) note({ kind: "rename", from: inDisk(from), path: inDisk(to) });
};

fs.promises.link = async (from, to) => {
  await link(from, to);
  if (isOnDisk(to)) note({ kind: "link", from: inDisk(from), path: inDisk(to) });
};

fs.promises.unlink = async (path) => {
  await unlink(path);
  if (isOnDisk(path)) note({ kind: "unlink", path: inDisk(path) });
};

// A change that this file does not know of would make the disk forget it, and the loop blind.
for (const name of ["appendFile", "cp", "lutimes", "rm", "rmdir", "symlink", "truncate"]) {
  const original = fs.promises[name];
  fs.promises[name] = (path, ...rest) => {
    if (isOnDisk(path) || isOnDisk(rest[0])) throw new Error(`disk-recorder.mjs does not know ${name}`);
    return original(path, ...rest);
  };
}

syncBuiltinESMExports();

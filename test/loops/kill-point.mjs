/**
 * Loaded into the program with `--import`: ends it by SIGKILL at the n-th time that it comes to a point, named in
 * KILL_AT as `commit.synced:3`. The program itself knows nothing of this.
 */
import fs from "node:fs";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";

const [wanted = "", times = "1"] = (process.env["KILL_AT"] ?? "").split(":");
let left = Number(times);

function reach(point) {
  if (point !== wanted) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}

const names = {
  "sage-slack.cursor.json": "commit",
  "sage-slack.cursor.json.bak": "backup",
  "sage-slack.cursor.initialized": "marker",
  "sage-slack.master.json": "master",
};

function nameOfFile(path) {
  return names[nameIn(path).replace(/\.\d+\.[0-9a-f]{16}\.tmp$/, "")];
}

function nameIn(path) {
  return typeof path === "string" ? basename(path) : "";
}

const { link, open, rename, unlink } = fs.promises;
let lastRenamed;

fs.promises.open = async (path, flags, mode) => {
  const name = nameOfFile(path);
  const isNew = typeof flags === "number" && (flags & fs.constants.O_CREAT) !== 0;
  if (isNew) reach(`${name}.before`);
  const handle = await open(path, flags, mode);
  if (isNew) watchWrites(handle, name);
  else if (nameIn(path).startsWith(".lock.") && flags === "wx") watchLock(handle);
  else if (flags === "r" && name === undefined) watchFolder(handle);
  return handle;
};

function watchWrites(handle, name) {
  const { write, sync } = handle;
  handle.write = async (content, from) => {
    if (wanted === `${name}.half` && left === 1)
      await write.call(handle, content, from, Math.floor(content.length / 2));
    reach(`${name}.half`);
    const result = await write.call(handle, content, from);
    reach(`${name}.written`);
    return result;
  };
  handle.sync = async () => {
    await sync.call(handle);
    reach(`${name}.synced`);
  };
}

function watchFolder(handle) {
  const { sync } = handle;
  handle.sync = async () => {
    await sync.call(handle);
    reach(`${lastRenamed}.done`);
  };
}

fs.promises.rename = async (from, to) => {
  await rename(from, to);
  lastRenamed = nameOfFile(to);
  reach(`${lastRenamed}.renamed`);
};

let isLocked = false;

function watchLock(handle) {
  const { writeFile } = handle;
  handle.writeFile = async (content) => {
    await writeFile.call(handle, content);
    reach("lock.written");
  };
}

fs.promises.link = async (from, to) => {
  await link(from, to);
  const isGuard = nameIn(to).includes(".brk.");
  if (!isGuard) isLocked = true;
  reach(isGuard ? "lock.guarded" : "lock.taken");
};

fs.promises.unlink = async (path) => {
  await unlink(path);
  if (nameIn(path) === "sage-slack.lock") reach(isLocked ? "lock.released" : "lock.broken");
};

const { request } = http;

http.request = (...options) => {
  const point = nameOf(options);
  reach(`${point}.before`);
  const sent = request(...options);
  sent.once("finish", () => reach(`${point}.sent`));
  sent.once("response", () => reach(`${point}.after`));
  return sent;
};

function nameOf([url, options]) {
  const path = url instanceof URL ? url.pathname : (options?.path ?? url?.path ?? "");
  if (path.includes("chat.postMessage")) return "post";
  if (path.includes("conversations.history")) return "history";
  if (path.includes("conversations.replies")) return "replies";
  return path.includes("/api/") ? "slack" : "page";
}

process.on("exit", () => reach("end"));

syncBuiltinESMExports();

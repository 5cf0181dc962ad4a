/**
 * Loaded into the program with `--import`: ends it by SIGKILL at the n-th time that it comes to a point, named in
 * KILL_AT as `commit.synced:3`. The program itself knows nothing of this.
 */
import fs from "node:fs";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";

const [wanted = "", times = "1"] = (process.env["KILL_AT"] ?? "").split(":");
let left = Number(times);

function reach(point) {
  if (point !== wanted) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}

const { open, rename, link } = fs.promises;

fs.promises.open = async (path, flags, mode) => {
  const isStateWrite = typeof flags === "number" && String(path).includes("sage-slack.cursor.json.");
  if (isStateWrite) reach("commit.before");
  const handle = await open(path, flags, mode);
  if (isStateWrite) watchWrites(handle);
  else if (flags === "r" && !String(path).endsWith(".json")) watchFolder(handle);
  return handle;
};

function watchWrites(handle) {
  const { write, sync } = handle;
  handle.write = async (content, from) => {
    if (wanted === "commit.half" && left === 1) {
      await write.call(handle, content, from, Math.floor(content.length / 2));
      reach("commit.half");
    }
    if (wanted === "commit.half") reach("commit.half");
    const result = await write.call(handle, content, from);
    reach("commit.written");
    return result;
  };
  handle.sync = async () => {
    await sync.call(handle);
    reach("commit.synced");
  };
}

function watchFolder(handle) {
  const { sync } = handle;
  handle.sync = async () => {
    await sync.call(handle);
    reach("commit.done");
  };
}

fs.promises.rename = async (from, to) => {
  await rename(from, to);
  if (String(to).endsWith("sage-slack.cursor.json")) reach("commit.renamed");
};

fs.promises.link = async (from, to) => {
  await link(from, to);
  reach(String(to).includes(".brk.") ? "lock.guarded" : "lock.taken");
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
  return path.includes("/api/") ? "slack" : "page";
}

process.on("exit", () => reach("end"));

syncBuiltinESMExports();

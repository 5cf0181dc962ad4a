/**
 * Loaded into the program with `--import`: something nobody foresaw happens at the n-th post, named in THROW_AT as
 * `exception:1` or `rejection:2`. The text of the error holds what should never be shown.
 */
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";

const [how = "", times = "1"] = (process.env["THROW_AT"] ?? "").split(":");
let left = Number(times);
const { request } = http;

http.request = (...options) => {
  const sent = request(...options);
  const [url] = options;
  if (!(url instanceof URL) || !url.pathname.includes("chat.postMessage")) return sent;
  left -= 1;
  if (left === 0) sent.once("finish", fail);
  return sent;
};

function fail() {
  const error = new TypeError(`cannot read x of undefined, ${process.env["SAGE_SLACK_SLACK_TOKEN"]}`);
  if (how === "rejection") void Promise.reject(error);
  else throw error;
}

syncBuiltinESMExports();

/**
 * Runs inside the Windows Node.js: starts the program with pipes, which Wine has between Windows programs only, and
 * tells how it ended.
 *
 * Usage: node.exe launch.mjs REQUEST.json; the request is `LaunchRequest` of ../support/windows.ts.
 */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";

const request = JSON.parse(readFileSync(process.argv[2], "utf8"));
if (request.inherit !== undefined) {
  const lock = JSON.parse(readFileSync(request.inherit, "utf8"));
  writeFileSync(request.inherit, JSON.stringify({ ...lock, pid: process.pid }));
}
const held = request.hold === undefined ? null : openSync(request.hold.path, "r");
if (held !== null) setTimeout(() => closeSync(held), request.hold.milliseconds);

const child = spawn(process.execPath, [...process.execArgv, request.binary, ...request.args], {
  cwd: request.cwd,
  env: { ...process.env, ...request.env },
  stdio: ["pipe", "pipe", "pipe"],
});
const began = performance.now();
const output = { stdout: "", stderr: "" };
for (const name of ["stdout", "stderr"])
  child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
child.stdin.end(Buffer.from(request.input ?? "", "base64"));

let timer;
if (request.kill !== undefined) {
  timer = setInterval(() => {
    if (!existsSync(request.kill.when)) return;
    clearInterval(timer);
    if (request.kill.with === "taskkill") execFileSync("taskkill", ["/F", "/PID", String(child.pid)]);
    else child.kill();
  }, 5);
}
child.on("close", (code, signal) => {
  clearInterval(timer);
  const milliseconds = Math.round(performance.now() - began);
  process.stdout.write(JSON.stringify({ code, signal, milliseconds, ...output }));
});

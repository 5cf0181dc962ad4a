import { execFile } from "node:child_process";
import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/**
 * Packs the built program and installs the package into a folder, as `npm install --global` does.
 *
 * @returns the path of its binary, which every user can read
 */
export async function installPackage(directory: string): Promise<string> {
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", directory], { cwd: root });
  const tarball = (await readdir(directory)).find((name) => name.endsWith(".tgz"));
  const flags = ["--global", "--prefix", directory, "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["install", ...flags, join(directory, tarball ?? "")], { cwd: directory });
  await chmod(directory, 0o755);
  return join(directory, "lib/node_modules/sage-slack/bin/sage-slack.js");
}

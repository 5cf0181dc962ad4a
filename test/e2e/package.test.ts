import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

test("SR-43 the packed tarball installs without install scripts and runs the demo", async () => {
  await using directory = await temporaryDirectory();
  const cwd = directory.path;

  // Without prepack, which takes away for a while what other tests are running.
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", cwd], { cwd: root });
  const tarball = (await readdir(cwd)).find((name) => name.endsWith(".tgz"));
  await run(
    "npm",
    ["install", "--prefix", cwd, "--ignore-scripts", "--no-audit", "--no-fund", `./${tarball}`],
    { cwd },
  );
  const binary = join(cwd, "node_modules/sage-slack/bin/sage-slack.js");
  const demo = await runProgram(["demo"], { cwd, binary });

  expect(demo).toMatchObject({ code: 0, stderr: "" });
  expect(await readdir(cwd)).toContain("sage-slack-demo.html");
});

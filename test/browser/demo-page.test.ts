import { access } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";
import { expect, test } from "vitest";

import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const candidates = [
  process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

test("the demo leaves a page that shows every channel, without script errors or requests to anywhere", async () => {
  await using directory = await temporaryDirectory();
  const demo = await runProgram(["demo"], { cwd: directory.path });
  await using browser = await chromium.launch({
    executablePath: await installedBrowser(),
    args: ["--no-sandbox"],
  });
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (line) => (line.type() === "error" ? problems.push(line.text()) : undefined));
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) problems.push(request.url());
  });

  await page.goto(pathToFileURL(join(directory.path, "sage-slack-demo.html")).href);
  const shown = await page.locator("body").innerText();

  expect(demo.code).toBe(0);
  expect(problems).toEqual([]);
  for (const channel of [
    "accounts-payable",
    "treasury",
    "accounting-leadership",
    "collections",
    "procurement",
  ]) {
    expect(shown).toContain(channel);
  }
  for (const text of ["Excide Industrial Batteries", "31,400.00", "Heating, winter stock", "Rent"]) {
    expect(shown).toContain(text);
  }
});

async function installedBrowser(): Promise<string> {
  for (const path of candidates) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw new Error(`there is no Chromium: looked for ${candidates.join(", ")}; CHROMIUM names another place`);
}

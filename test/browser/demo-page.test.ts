import { join } from "node:path";

import { expect, test } from "vitest";

import { launchBrowser, openPage } from "../support/browser.ts";
import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

test("the demo leaves a page that shows every channel, without script errors or requests to anywhere", async () => {
  await using directory = await temporaryDirectory();
  const demo = await runProgram(["demo"], { cwd: directory.path });
  await using browser = await launchBrowser();
  const { page, problems } = await openPage(browser, join(directory.path, "sage-slack-demo.html"));
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

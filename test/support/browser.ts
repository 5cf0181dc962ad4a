import { access } from "node:fs/promises";
import { pathToFileURL } from "node:url";

import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

const candidates = [
  process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** The Chromium of this machine. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await installedBrowser(), args: ["--no-sandbox"] });
}

/** Opens a page from a file; `problems` collects script errors, and requests that leave the file. */
export async function openPage(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; problems: readonly string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (line) => (line.type() === "error" ? problems.push(line.text()) : undefined));
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) problems.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  return { page, problems };
}

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

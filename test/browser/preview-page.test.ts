import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import type { AxeResults } from "axe-core";
import { describe, expect, test } from "vitest";

import { launchBrowser, openPage } from "../support/browser.ts";
import { hostileTexts, keyInEverywhere } from "../support/hostile.ts";
import { everySourceBothWays } from "../support/sources.ts";
import { startWorld } from "../support/world.ts";

const artefacts = join(import.meta.dirname, "../../coverage/screenshots");

describe("the page of dry-run --html", () => {
  test.each(["light", "dark"] as const)(
    "shows every message, on a phone too, in %s colours",
    async (scheme) => {
      await using world = await startWorld({
        sage: { link: "https://erp.example.com/Sage300/OnPremise/{company}?batch={batch}" },
        sources: everySourceBothWays,
        routes: [
          {
            name: "all",
            when: { company: "SAMINC" },
            channel: "#finance",
            mention: ["cfo@example.com"],
            copy: true,
          },
        ],
      });
      await world.run("poll", "--all");
      for (const { typed } of hostileTexts) keyInEverywhere(world, typed);
      const plan = await world.run("dry-run", "--all", "--html", "preview.html", "--json");
      const { messages } = JSON.parse(plan.stdout) as { messages: { payload: { text: string } }[] };
      await using browser = await launchBrowser();
      const { page, problems } = await openPage(browser, join(world.directory, "preview.html"), {
        colorScheme: scheme,
        viewport: { width: 390, height: 844 },
      });
      const shown = await page.locator("article").count();
      const isWider = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth");
      const elements = await page
        .locator("script, img, iframe, form, [onclick], [onload], [onerror]")
        .count();
      const hrefs: string[] = [];
      for (const link of await page.locator("a").all()) hrefs.push((await link.getAttribute("href")) ?? "");
      await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8"));
      const { violations } = await page.evaluate<AxeResults>("axe.run()");
      await mkdir(artefacts, { recursive: true });
      await page.screenshot({ path: join(artefacts, `preview-${scheme}.png`) });

      expect(plan.code).toBe(0);
      expect(messages.length).toBeGreaterThan(5);
      expect(shown).toBe(messages.length);
      expect(problems).toEqual([]);
      expect(elements).toBe(0);
      expect(isWider).toBe(false);
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      for (const href of hrefs) {
        expect(href).toMatch(/^https:\/\/(?:app\.slack\.com\/block-kit-builder\/#|erp\.example\.com\/)/);
      }
    },
  );
});

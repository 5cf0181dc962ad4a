import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { launchBrowser, openPage } from "../support/browser.ts";
import { startWorld } from "../support/world.ts";

const artefacts = join(import.meta.dirname, "../../coverage/screenshots");

/** `docs/message.png` is this picture; copy it there when messages look otherwise. */
test("The picture in the README is of a message as the program makes it", async () => {
  await using world = await startWorld({
    sage: { link: "https://erp.example.com/Sage300/OnPremise/{company}?batch={batch}" },
    sources: { "ap-invoices": { channel: "#accounts-payable" } },
    routes: [
      {
        name: "large invoices",
        when: { source: "ap-invoices", amount: { atLeast: "25000", currency: "USD" } },
        channel: "#ap-approvals",
        mention: ["cfo@example.com"],
        copy: true,
      },
    ],
  });
  await world.run("poll");
  world.sage.company("SAMINC").addInvoiceBatch({
    description: "Monday's mail",
    invoices: [
      { vendor: "1200", documentNumber: "IN-80231", amount: "11926.91" },
      { vendor: "1500", documentNumber: "G-5512", amount: "31400.00", description: "Compressor" },
      { vendor: "1350", documentNumber: "A-1187", amount: "4883.49" },
    ],
  });
  await world.run("dry-run", "--html", "preview.html");
  await using browser = await launchBrowser();
  const { page } = await openPage(browser, join(world.directory, "preview.html"), {
    colorScheme: "light",
    viewport: { width: 1040, height: 900 },
    deviceScaleFactor: 1.5,
  });
  const message = page.locator("article").first();
  await mkdir(artefacts, { recursive: true });
  await message.screenshot({ path: join(artefacts, "message.png") });

  await expect(message.innerText()).resolves.toContain("3 invoices, USD 48,210.40");
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import type { State } from "../../src/state/state.ts";
import { invoicesOnly } from "../support/history.ts";
import { startWorld, type World } from "../support/world.ts";

const september = ["poll", "--since", "2026-09-01", "--until", "2026-10-01"];

/** Batches of September, posted then, each of so many invoices; of some one invoice is dated in August. */
function keyIn({ sage }: World, batches: number, options: { late?: readonly number[] } = {}): void {
  const books = sage.company("SAMINC");
  for (let number = 1; number <= batches; number += 1) {
    const batch = books.addInvoiceBatch({
      date: "2026-09-10",
      lastEdited: "2026-09-11",
      invoices: Array.from({ length: 25 }, (_, index) => ({
        vendor: "1200",
        documentNumber: `INV-${number}-${index}`,
        amount: "12.99",
        date: index === 0 && options.late?.includes(number) === true ? "2026-08-31" : "2026-09-10",
      })),
    });
    books.post("ap-invoices", keyOf("ap-invoices", batch));
  }
}

async function stateOf({ directory }: World): Promise<Pick<State, "delivered" | "settled">> {
  const text = await readFile(join(directory, "sage-slack.cursor.json"), "utf8");
  return (JSON.parse(text) as { body: State }).body;
}

function told({ slack }: World): number {
  return new Set(slack.posts.flatMap(({ blocks }) => JSON.stringify(blocks).match(/INV-\d+-\d+/g) ?? []))
    .size;
}

test("Of history in which nothing changes any more only the numbers are kept, and nothing of it is told twice", async () => {
  await using world = await startWorld(invoicesOnly);
  keyIn(world, 60);
  await world.run("poll");
  await world.run(...september);
  const { delivered, settled } = await stateOf(world);
  const [numbers] = Object.values(settled);
  const before = world.slack.posts.length;
  await world.run("poll", "--since", "2026-01-01");

  expect(told(world)).toBe(1500);
  // The last ones are sent after the reading has ended.
  expect(Object.keys(delivered).length).toBeLessThanOrEqual(10);
  expect(numbers).toMatch(/^1-\d+$/);
  expect(world.slack.posts.length).toBe(before);
});

test("A batch of which the range holds only a part is not taken for told", async () => {
  await using world = await startWorld(invoicesOnly);
  keyIn(world, 60, { late: [7] });
  await world.run("poll");
  await world.run(...september);
  const ofSeptember = told(world);
  const { delivered, settled } = await stateOf(world);
  await world.run("poll", "--since", "2026-08-01", "--until", "2026-09-01");

  expect(ofSeptember).toBe(1499);
  expect(Object.keys(delivered)).toContain("SAMINC:ap-invoices:7");
  expect(Object.values(settled)[0]).toMatch(/^1-6,8-/);
  expect(told(world)).toBe(1500);
});

test("An invoice that failed to post keeps its thread for what becomes of its copy", async () => {
  await using world = await startWorld(invoicesOnly);
  const books = world.sage.company("SAMINC");
  const failed = books.addInvoiceBatch({
    date: "2026-09-10",
    lastEdited: "2026-09-11",
    invoices: [{ vendor: "1200", documentNumber: "INV-0-0", amount: "12.99", date: "2026-09-10" }],
  });
  books.postWithErrors("ap-invoices", keyOf("ap-invoices", failed), [1]);
  keyIn(world, 60);
  await world.run("poll");
  await world.run(...september);
  const { delivered } = await stateOf(world);

  expect(Object.keys(delivered)).toContain("SAMINC:ap-invoices:1");
});

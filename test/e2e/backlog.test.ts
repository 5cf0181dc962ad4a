import { expect, test } from "vitest";

import { runProgram } from "../support/program.ts";
import { startWorld } from "../support/world.ts";

test("500 new batches of up to 10 invoices: each document once, within every limit, a second apart", async () => {
  await using world = await startWorld({ slack: { minIntervalMs: 1000 } }, { rateLimits: "slack" });
  const { directory: cwd, env, sage, slack } = world;
  const books = sage.company("SAMINC");
  const baseline = await runProgram(["poll"], { cwd, env });
  const documents = Array.from({ length: 500 }, (_batch, batch) =>
    Array.from({ length: (batch % 10) + 1 }, (_entry, entry) => `DOC-${batch}-${entry}.`),
  );
  for (const batch of documents) {
    books.addInvoiceBatch({
      invoices: batch.map((documentNumber) => ({ vendor: "1200", amount: "17.25", documentNumber })),
    });
  }

  const first = await runProgram(["poll", "--json"], { cwd, env });
  const second = await runProgram(["poll", "--json"], { cwd, env });

  expect([baseline.code, first.code, second.code]).toEqual([0, 0, 0]);
  expect(JSON.parse(second.stdout)).toMatchObject({ posted: [] });
  const shown = slack.posts
    .filter(({ channelName }) => channelName === "accounts-payable")
    .flatMap(({ blocks }) => JSON.stringify(blocks).match(/DOC-\d+-\d+\./g) ?? []);
  expect(shown.length).toBe(documents.flat().length);
  expect(new Set(shown)).toEqual(new Set(documents.flat()));
  const posts = slack.requests.filter(({ method }) => method === "chat.postMessage");
  expect(posts.filter(({ status, error }) => status !== 200 || error !== undefined)).toEqual([]);
  expect(slack.minGapMs("#accounts-payable")).toBeGreaterThanOrEqual(1000);
});

import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { checkBlocks } from "../../src/sandbox/slack/block-kit.ts";
import type { Json } from "../../src/sandbox/slack/json.ts";
import type { CompanyBooks } from "../../src/sandbox/sage/company-books.ts";
import { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";
import { readableBlocks } from "../support/readable-blocks.ts";
import { keyInABusyDay, keyInOneEach, keyInTheUnusual, today } from "../support/sample-morning.ts";
import { problemsOf } from "../support/slack-facts.ts";
import { everySource } from "../support/sources.ts";
import { startWorld } from "../support/world.ts";

interface Message {
  readonly channel: { readonly name: string };
  readonly parent: string | null;
  readonly payload: { readonly text: string; readonly blocks: readonly Json[] };
}

const routes = [
  {
    name: "large invoices",
    when: { source: "ap-invoices", amount: { atLeast: "25000", currency: "USD" } },
    channel: "#ap-approvals",
    mention: ["cfo@example.com"],
    copy: true,
  },
];

/** What a dry run shows of a sample company on a fixed day, after somebody worked in it. */
async function previewOf(post: string, work: (books: CompanyBooks) => void): Promise<Message[]> {
  await using sage = await SageSimulator.start({ today, companies: ["SAMINC"], history: "empty" });
  await using world = await startWorld();
  await world.configure({
    sage: {
      url: sage.url,
      timeZone: "America/Los_Angeles",
      link: "https://erp.example.com/Sage300/OnPremise/{company}?batch={batch}",
    },
    sources: Object.fromEntries(Object.entries(everySource).map(([name, one]) => [name, { ...one, post }])),
    routes,
  });
  await world.run("poll", "--all");
  work(sage.company("SAMINC"));
  const { code, stdout, stderr } = await world.run("dry-run", "--all", "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return (JSON.parse(stdout) as { messages: Message[] }).messages;
}

function screenOf({ channel, parent, payload }: Message): string {
  const place = parent === null ? channel.name : `${channel.name}, in the thread`;
  return [`========== ${place}`, payload.text, "", readableBlocks(payload.blocks), ""].join("\n");
}

function sourceOf({ channel }: Message): string {
  if (channel.name === "#ap-approvals") return "ap-invoices";
  return Object.entries(everySource).find(([, one]) => one.channel === channel.name)?.[0] ?? channel.name;
}

const all = (...works: readonly ((books: CompanyBooks) => void)[]) => {
  return (books: CompanyBooks) => works.forEach((work) => work(books));
};

describe("the messages of every source", () => {
  test.each([
    { form: "document", post: "document", work: keyInOneEach },
    { form: "documents-merged", post: "document", work: keyInTheUnusual },
    { form: "batch", post: "batch", work: keyInTheUnusual },
    { form: "batches-merged", post: "batch", work: all(keyInOneEach, keyInTheUnusual) },
    { form: "summary", post: "summary", work: all(keyInOneEach, keyInTheUnusual, keyInABusyDay) },
  ])("look as they were agreed upon ($form)", async ({ form, post, work }) => {
    const messages = await previewOf(post, work);

    const sources = Object.keys(everySource);
    expect([...new Set(messages.map(sourceOf))].toSorted()).toEqual(sources.toSorted());
    for (const { payload } of messages) {
      expect(checkBlocks(payload.blocks)).toEqual([]);
      expect(problemsOf(payload)).toEqual([]);
    }
    for (const source of sources) {
      const own = messages.filter((message) => sourceOf(message) === source);
      const file = join(import.meta.dirname, "../golden", `${source}.${form}`);
      await expect(own.map(screenOf).join("\n")).toMatchFileSnapshot(`${file}.txt`);
      const payloads = own.map(({ channel, parent, payload }) => ({
        channel: channel.name,
        isReply: parent !== null,
        ...payload,
      }));
      await expect(`${JSON.stringify(payloads, null, 1)}\n`).toMatchFileSnapshot(`${file}.json`);
    }
  });
});

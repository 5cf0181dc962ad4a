import { stat } from "node:fs/promises";
import { join } from "node:path";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import { startWorld, type World } from "../support/world.ts";
import { sample } from "./measure.ts";
import { binary } from "./process.ts";
import { atLeast, atMost, noted, type Figure, type Row } from "./rows.ts";

const inBatch = 5;

interface Backfilled {
  readonly documents: number;
  /** Of processor time, what a run without anything to do takes left out. */
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly posts: number;
  readonly stateBytes: number;
}

async function backfill(documents: number): Promise<Backfilled> {
  await using world = await startWorld({ sources: { "ap-invoices": { channel: "#accounts-payable" } } });
  keyIn(world, documents / inBatch);
  const { directory: cwd, env, slack } = world;
  const run = async (...args: string[]) => {
    const ended = await sample({
      args: [binary, "poll", "--max-duration", "none", "--quiet", ...args],
      cwd,
      env,
    });
    if (ended.code !== 0) throw new Error(`poll ${args.join(" ")} ended with ${ended.code}: ${ended.stderr}`);
    return ended;
  };
  await run();
  const quiet = await run();
  const before = slack.posts.length;
  const { cpuMs, peakMiB } = await run("--since", "2026-01-01");
  const { size } = await stat(join(cwd, "sage-slack.cursor.json"));
  const posts = slack.posts.length - before;
  return { documents, cpuMs: cpuMs - quiet.cpuMs, peakMiB, posts, stateBytes: size };
}

const requests = 300;

/** Batches in one list, as a backfill reads them. */
const inList = 50;

/** Processor time of a batch in a list that is read and parsed, without anything else: there can be no less. */
async function requestCosts(client: "node" | "got"): Promise<number> {
  await using world = await startWorld();
  keyIn(world, inList);
  const address = `${world.sage.url}/v1.0/-/SAMINC/AP/APInvoiceBatches?$top=${inList}&$count=true`;
  const script = join(import.meta.dirname, "floor-requests.mjs");
  const cpuOf = async (count: number) => {
    const { code, stderr, cpuMs } = await sample({ args: [script, client, address, `${count}`] });
    if (code !== 0) throw new Error(`the requests by ${client} ended with ${code}: ${stderr}`);
    return cpuMs;
  };
  return ((await cpuOf(requests)) - (await cpuOf(1))) / (requests - 1) / inList;
}

const lists = 60;

/** Processor time of a batch that is told by the parts of the program alone, up to a stage: see `floor-stages.ts`. */
async function stageCost(last: "read" | "rendered" | "posted" | "kept"): Promise<number> {
  await using world = await startWorld();
  keyIn(world, inList);
  const { sage, slack, directory } = world;
  const address = `${sage.url}/v1.0/-/SAMINC/AP/APInvoiceBatches?$top=${inList}&$count=true`;
  const script = join(import.meta.dirname, "floor-stages.ts");
  const channelId = slack.channel("accounts-payable").id;
  const cpuOf = async (count: number) => {
    const given = [last, `${count}`, address, slack.url, slack.token, channelId, directory];
    const { code, stderr, cpuMs } = await sample({ args: ["--import", "tsx", script, ...given] });
    if (code !== 0) throw new Error(`the batches that are ${last} ended with ${code}: ${stderr}`);
    return cpuMs;
  };
  return ((await cpuOf(lists)) - (await cpuOf(1))) / (lists - 1) / inList;
}

function ofEach({ cpuMs, documents }: Backfilled): number {
  return cpuMs / documents;
}

function keyIn({ sage }: World, batches: number): void {
  const books = sage.company("SAMINC");
  const amounts = ["10.00", "20.00", "30.00", "40.00", "50.00"];
  for (let number = 1; number <= batches; number += 1) {
    const invoices = amounts.map((amount) => ({ vendor: "1200", amount, date: "2026-01-15" }));
    const batch = books.addInvoiceBatch({ date: "2026-01-15", lastEdited: "2026-01-15", invoices });
    books.post("ap-invoices", keyOf("ap-invoices", batch));
  }
}

/** How much dearer a document may be in a hundred times as many. */
const flat = 1.25;

function backfills(name: string, [few, many]: readonly [number, number]): Figure {
  return {
    name,
    isLong: many > 10_000,
    measure: async (): Promise<Row[]> => {
      const floor = { node: await requestCosts("node"), got: await requestCosts("got") };
      const stages = {
        read: await stageCost("read"),
        rendered: await stageCost("rendered"),
        posted: await stageCost("posted"),
        kept: await stageCost("kept"),
      };
      const small = await backfill(few);
      const large = await backfill(many);
      const count = many.toLocaleString("en");
      return [
        noted("floor: a batch of a list read and parsed by Node alone", floor.node, "ms of processor time"),
        noted("floor: by got", floor.got, "ms of processor time"),
        noted("floor: read by the program's own parts, and checked", stages.read, "ms of processor time"),
        noted("floor: and rendered", stages.rendered, "ms of processor time"),
        noted("floor: and posted by the Slack SDK", stages.posted, "ms of processor time"),
        noted("floor: and written to disk once a message", stages.kept, "ms of processor time"),
        noted(`a batch of ${inBatch} in the backfill`, ofEach(large) * inBatch, "ms of processor time"),
        atLeast(`backfill of ${count} invoices`, 1000 / ofEach(large), {
          least: 5000,
          unit: "documents a second of its own processor time",
        }),
        atMost("its peak memory", (large.peakMiB * 1024 * 1024) / 1_000_000, { most: 150, unit: "MB" }),
        atMost(
          `processor time a document, against ${few.toLocaleString("en")} invoices`,
          ofEach(large) / ofEach(small),
          {
            most: flat,
            unit: "times",
          },
        ),
        noted("documents in a message", large.documents / large.posts, ""),
        noted("state file afterwards", large.stateBytes / 1024, "KiB"),
      ];
    },
  };
}

export const shortBackfill = backfills("backfill", [1000, 10_000]);
export const longBackfill = backfills("backfill-100000", [1000, 100_000]);

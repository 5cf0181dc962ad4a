import { announce } from "../../../src/pipeline/announce.ts";
import { SageSimulator } from "../../../src/sandbox/sage/sage-simulator.ts";
import { isObject, parseJson } from "../../../src/sage/json.ts";
import { ODataClient } from "../../../src/sage/odata-client.ts";
import type { Source } from "../../../src/sage/source.ts";
import { sources } from "../../../src/sage/sources/index.ts";
import { composeMessage } from "../../../src/slack/compose.ts";
import { splitRows } from "../../../src/slack/fit.ts";
import type { Chance } from "../chance.ts";
import { AnsweringServer } from "./answering-server.ts";
import { nearlyBytes, nearlyJson } from "./mutate.ts";
import { accepted, bytesOf, pure, type Input, type Kind, type Target } from "./target.ts";

const page = {
  "@odata.context": "https://erp.example.com/Sage300WebApi/v1.0/-/SAMINC/AP/$metadata#APInvoiceBatches",
  "@odata.count": 2,
  value: [
    {
      BatchNumber: 28,
      BatchTotal: 1234567890123.456,
      Description: "Monday",
      BatchDate: "2026-11-24T00:00:00Z",
    },
    { BatchNumber: "29", BatchTotal: -0.1, BatchStatus: "Open", Invoices: [{ EntryNumber: 1 }] },
  ],
  "@odata.nextLink": "https://erp.example.com/next?$skip=2",
};
const refusal = {
  error: { code: "RecordNotFound", message: { lang: "en-US", value: "Batch 28 was not found." } },
};
const resource = "AP/APInvoiceBatches";

/** What a Sage server answers, and what stands in its rows. */
export const sageTargets: Readonly<Record<string, Kind>> = {
  "sage-json": pure(makePage, (input) => accepted(() => parseJson(bytesOf(input), "Sage"))),
  // Composing is timed as well: it looks at every character of a long text, for where it can be cut.
  "sage-rows": { isSlow: false, mostMs: 250, open: openRows },
  "sage-page": { isSlow: true, open: () => openClient(makePage, (client) => client.page({ resource })) },
  "sage-record": {
    isSlow: true,
    open: () => openClient(makePage, (client) => client.entity(resource, "28")),
  },
  "sage-error": { isSlow: true, open: () => openClient(makeRefusal, (client) => client.page({ resource })) },
};

function makePage(chance: Chance): Buffer {
  const bytes = Buffer.from(nearlyJson(page, chance));
  return chance.happens(0.3) ? nearlyBytes(bytes, chance) : bytes;
}

/** `404 {"error":…}` */
function makeRefusal(chance: Chance): string {
  return `${chance.oneOf([400, 401, 403, 404, 405, 409, 500, 501])} ${nearlyJson(refusal, chance)}`;
}

async function openClient(
  make: (chance: Chance) => Input,
  ask: (client: ODataClient) => Promise<unknown>,
): Promise<Target> {
  const server = await AnsweringServer.start();
  return {
    make,
    feed: async (input) => {
      const [, status = "200", refused] =
        /^(\d{3}) (.*)$/s.exec(typeof input === "string" ? input : "") ?? [];
      server.answer = { status: Number(status), body: bytesOf(refused ?? input) };
      const client = clientOf(server.url);
      try {
        return await accepted(() => ask(client));
      } finally {
        client.close();
      }
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

function clientOf(url: string): ODataClient {
  return new ODataClient({
    url,
    company: "SAMINC",
    user: "WEBAPI",
    password: "WEBAPI",
    timeoutSeconds: 5,
    longestBackoffMs: 0,
  });
}

interface SampleRow {
  readonly source: string;
  readonly row: Parameters<typeof nearlyJson>[0];
}

/** Rows of every source as the simulator gives them, and all that is made of a row until it could be posted. */
async function openRows(): Promise<Target> {
  const samples = await sampleRows();
  return {
    make: (chance) => {
      const { source, row } = chance.oneOf(samples);
      return `${source} ${nearlyJson(row, chance)}`;
    },
    feed: (input) => {
      const [name = "", json = ""] = input.toString().split(/ (.*)/s);
      const source = sources.find((one) => one.name === name);
      if (source === undefined) throw new Error(`no source ${name}`);
      return accepted(() => readRow(source, json));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function readRow(source: Source, json: string): void {
  const row = parseJson(Buffer.from(json), "Sage");
  // The client hands on objects only.
  if (!isObject(row)) return;
  source.readHeader(row);
  const record = source.toRecord(row, "SAMINC");
  if (record.transactions.length === 0) return;
  const announcement = announce(
    {
      records: [record],
      transactions: record.transactions,
      mentions: [],
      decidedBy: "channel of the source",
    },
    {
      source,
      post: "batch",
      today: "2026-11-24",
      days: { from: "2026-11-24", to: "2026-11-24" },
      thresholds: [],
      link: null,
    },
  );
  const { first, rest } = splitRows(announcement);
  for (const notice of [first, ...rest]) composeMessage({ notices: [notice], rendering: "full" });
}

async function sampleRows(): Promise<SampleRow[]> {
  const sage = await SageSimulator.start({ companies: ["SAMINC"] });
  const client = clientOf(sage.url);
  try {
    const rows: SampleRow[] = [];
    for (const source of sources) {
      const { rows: feed } = await client.page({ resource: source.resource, top: 3 });
      for (const header of feed) {
        const row = await client.entity(source.resource, source.keyOf(source.readHeader(header).record));
        rows.push({ source: source.name, row: (row ?? header) as SampleRow["row"] });
      }
    }
    return rows;
  } finally {
    client.close();
    await sage.stop();
  }
}

// Tells the same list of batches again and again with the parts of the program alone: nothing is routed, remembered,
// tried in a message or looked up. What a backfill costs besides is what it is for.
import { join } from "node:path";
import { Agent } from "node:http";

import { got } from "got";

import { announce } from "../../src/pipeline/announce.ts";
import { replaceFile } from "../../src/runtime/durable-file.ts";
import { parseJson } from "../../src/sage/json.ts";
import { canonical, type SageRow } from "../../src/sage/source.ts";
import { apInvoices } from "../../src/sage/sources/ap-invoices.ts";
import { composeMessage } from "../../src/slack/compose.ts";
import { WebApiSender } from "../../src/slack/sender.ts";
import type { Announcement } from "../../src/transactions/notice.ts";
import type { SageRecord } from "../../src/transactions/transaction.ts";

const [last = "", count = "", address = "", apiUrl = "", token = "", channelId = "", folder = ""] =
  process.argv.slice(2);
const stages = ["read", "rendered", "posted", "kept"];
const reaches = (stage: string) => stages.indexOf(stage) <= stages.indexOf(last);

/** As many batches as a message of a backfill holds. */
const inMessage = 16;
const day = "2026-01-15";
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const sender = new WebApiSender({ token, apiUrl, macKey: "salt" });

async function readBatches(): Promise<SageRecord[]> {
  const { rawBody } = await got(address, {
    agent: { http: agent },
    headers: {
      authorization: `Basic ${Buffer.from("WEBAPI:WEBAPI").toString("base64")}`,
      "content-type": "application/json",
    },
    responseType: "buffer",
  });
  const { value } = parseJson(rawBody, "Sage") as { value: SageRow[] };
  return value.map((row) => apInvoices.toRecord(canonical(row, apInvoices.aliases), "SAMINC"));
}

function announced(record: SageRecord): Announcement {
  const { transactions } = record;
  const group = { records: [record], transactions, mentions: [], decidedBy: "the channel of the source" };
  const days = { from: day, to: day };
  return announce(group, { source: apInvoices, post: "batch", today: day, days, thresholds: [], link: null });
}

let posted = 0;
for (let list = 0; list < Number(count); list += 1) {
  const records = await readBatches();
  for (let start = 0; reaches("rendered") && start < records.length; start += inMessage) {
    const notices = records.slice(start, start + inMessage).map(announced);
    const message = composeMessage({ notices, rendering: "full" });
    if (!reaches("posted")) continue;
    posted += 1;
    const outcome = await sender.post({ channelId, message, key: `floor${posted}` });
    if (outcome.kind !== "sent") throw new Error(`Slack answered ${outcome.kind}`);
    if (reaches("kept")) await replaceFile(join(folder, "kept"), JSON.stringify({ posted, notices }));
  }
}
agent.destroy();

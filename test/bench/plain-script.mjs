// What people write instead: the defaults of the Slack SDK, and the last batch number in a file.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { WebClient } from "@slack/web-api";

const { SAGE_URL, SAGE_USER, SAGE_PASSWORD, SLACK_URL, SLACK_TOKEN, LAST_FILE } = process.env;
const slack = new WebClient(SLACK_TOKEN, { slackApiUrl: SLACK_URL });
const authorization = `Basic ${Buffer.from(`${SAGE_USER}:${SAGE_PASSWORD}`).toString("base64")}`;

async function read(path) {
  const headers = { authorization, "content-type": "application/json" };
  const response = await fetch(`${SAGE_URL}/v1.0/-/SAMINC/AP/${path}`, { headers });
  if (!response.ok) throw new Error(`Sage answered ${response.status}`);
  return response.json();
}

const last = existsSync(LAST_FILE) ? Number(readFileSync(LAST_FILE, "utf8")) : 0;
const filter = encodeURIComponent(`BatchNumber gt ${last}`);
const { value: batches } = await read(`APInvoiceBatches?$filter=${filter}&$select=BatchNumber&$top=100`);
for (const { BatchNumber: number } of batches) {
  const batch = await read(`APInvoiceBatches(${number})`);
  const lines = batch.Invoices.map(
    (one) => `${one.VendorNumber} ${one.DocumentNumber} ${one.DocumentTotalBeforeTaxes}`,
  );
  await slack.chat.postMessage({
    channel: "#accounts-payable",
    text: `Batch ${number}\n${lines.join("\n")}`,
  });
  writeFileSync(LAST_FILE, String(number));
}

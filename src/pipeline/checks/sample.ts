import { randomBytes } from "node:crypto";

import type { Config } from "../../config/config.ts";
import type { Clock } from "../../runtime/clock.ts";
import { flagsOf, transactionId, type SageRecord, type Transaction } from "../../transactions/transaction.ts";
import type { Source } from "../../sage/source.ts";
import { sources } from "../../sage/sources/index.ts";
import { composeMessage } from "../../slack/compose.ts";
import type { Outcome } from "../../slack/failure.ts";
import type { SlackMessage } from "../../slack/message.ts";
import type { WebApiSender } from "../../slack/sender.ts";
import { announce } from "../announce.ts";
import { failed, passed, type Check } from "./check.ts";

export interface SamplesAsked {
  readonly config: Config;
  readonly sender: WebApiSender;
  readonly clock: Clock;
  readonly channel: { readonly id: string; readonly name: string };
}

const mark = "SAMPLE of sage-slack test, with made-up names and amounts";

/** Posts a sample message for each source that is followed, one a second as in a run. */
export async function sendSamples({ config, sender, clock, channel }: SamplesAsked): Promise<Check[]> {
  const checks: Check[] = [];
  for (const source of sources.filter(({ name }) => config.sources[name]?.enabled === true)) {
    if (checks.length > 0) await clock.sleep(config.slack.minIntervalMs);
    const outcome = await sender.post({
      channelId: channel.id,
      message: sampleOf(source, config),
      key: `sample-${randomBytes(16).toString("hex")}`,
    });
    checks.push(sentCheck(`sample ${source.name}`, outcome, channel.name));
  }
  return checks;
}

function sentCheck(name: string, outcome: Outcome, channel: string): Check {
  switch (outcome.kind) {
    case "sent":
      return passed(name, `posted in ${channel}`);
    case "refused-channel":
    case "refused-run":
      return failed(name, `Slack refuses it in ${channel}: ${outcome.code}`, outcome.hint);
    case "refused-content":
      return failed(name, `Slack refuses its content: ${outcome.code}`, "Please report this as a bug.");
    case "wait":
      return failed(name, `Slack asks to wait ${outcome.seconds} s`, "Try again then.");
    case "not-sent":
    case "ambiguous":
      return failed(
        name,
        `whether it arrived in ${channel} is not known: ${outcome.reason}`,
        "Look into the channel.",
      );
  }
}

/** The message of a batch with one entry, under a line that says what it is. */
function sampleOf(source: Source, { sage, sources: settings }: Config): SlackMessage {
  const record = sampleRecord(source, sage.companies[0] ?? "");
  const today = record.date ?? "";
  const announcement = announce(
    { records: [record], transactions: record.transactions, mentions: [], decidedBy: "sample" },
    {
      source,
      post: settings[source.name]?.post ?? "batch",
      today,
      days: { from: today, to: today },
      thresholds: [],
      link: null,
    },
  );
  const { text, blocks } = composeMessage({ notices: [announcement], rendering: "full" });
  const note = {
    type: "context",
    block_id: "sample",
    elements: [{ type: "plain_text", text: mark, emoji: false }],
  } as const;
  return { text: `${mark}: ${text}`, blocks: [note, ...blocks] };
}

function sampleRecord(source: Source, company: string): SageRecord {
  const [{ value }] = [source.selectors[0] ?? { value: "" }];
  const record = { company, source: source.name, record: source.recordOf(value, "0") };
  return {
    ...record,
    number: "SAMPLE",
    description: "Sample",
    date: "2026-01-15",
    lastEdited: "2026-01-15",
    status: { name: "Open", isFinal: false },
    facts: [],
    transactions: [sampleTransaction(source, transactionId(record, "1"))],
  };
}

function sampleTransaction({ has }: Source, id: string): Transaction {
  const amount = { amount: "1234.50", currency: "USD" };
  const account = { account: "6000", description: "Sample account" };
  const credit = {
    account: "2000",
    description: "Sample account",
    amount: { ...amount, amount: "-1234.50" },
  };
  return {
    id,
    entry: "1",
    documentNumber: "SAMPLE-1",
    documentKind: "invoice",
    counterparty:
      has.counterparty === null ? null : { kind: has.counterparty, code: "SAMPLE", name: "Sample Company" },
    description: "Sample",
    reference: "SAMPLE",
    date: "2026-01-15",
    dueDate: "2026-02-14",
    amount,
    accounts: has.accounts ? [{ ...account, amount }, ...(has.counterparty === null ? [credit] : [])] : [],
    appliedTo: [],
    orderLines: [],
    enteredBy: "SAMPLE",
    flags: flagsOf({}),
  };
}

import { join } from "node:path";

import { replaceFile } from "../runtime/durable-file.ts";
import type { Logger } from "../runtime/logger.ts";
import { temporaryFolder } from "../runtime/temporary-folder.ts";
import { keyInAMorning } from "../sandbox/sage/morning.ts";
import { SageSimulator } from "../sandbox/sage/sage-simulator.ts";
import { renderChannelPage } from "../sandbox/slack/channel-page.ts";
import { SlackSimulator } from "../sandbox/slack/slack-simulator.ts";
import { sourceNames } from "../sage/sources/index.ts";
import { assembleDryRun, assembleRun, type AssembleOptions } from "./assemble.ts";
import { dryRun, type Preview } from "./dry-run.ts";
import type { RunReport } from "./report.ts";
import { runOnce } from "./run-once.ts";
import { syncMaster, type SyncReport } from "./sync-master.ts";

export interface Demo {
  /** The names of both sides, read first. */
  readonly names: SyncReport;
  /** Takes note of what is there. */
  readonly baseline: RunReport;
  /** What a dry run shows after a morning's work in Sage. */
  readonly preview: Preview;
  /** The poll that follows. */
  readonly run: RunReport;
  /** The channels afterwards, as one HTML document. */
  readonly page: string;
}

/** Runs the main job against simulators of Sage 300 and Slack on this machine. No account is needed. */
export async function runDemo(options: { logger: Logger; signal: AbortSignal }): Promise<Demo> {
  await using sage = await SageSimulator.start();
  await using slack = await SlackSimulator.start();
  await using folder = await temporaryFolder("sage-slack-demo-");
  const configPath = join(folder.path, "sage-slack.json");
  await replaceFile(configPath, JSON.stringify(configFor(sage, slack), null, 2));
  const assembly: AssembleOptions = {
    env: {
      SAGE_SLACK_SAGE_USER: "WEBAPI",
      SAGE_SLACK_SAGE_PASSWORD: "WEBAPI",
      SAGE_SLACK_SLACK_TOKEN: slack.token,
    },
    cwd: folder.path,
    explicitPath: configPath,
    maxDurationSeconds: 120,
    remember: () => {},
    ...options,
  };
  const names = await syncMaster({ ...assembly, exportPath: null });
  const baseline = await poll(assembly);
  keyInAMorning(sage);
  const preview = await previewOf(assembly);
  const run = await poll(assembly);
  return { names, baseline, preview, run, page: renderChannelPage(slack, { title: "sage-slack demo" }) };
}

const selection = { sources: sourceNames, ignoreSchedules: true, firstRun: "seed", backfill: null } as const;

async function poll(assembly: AssembleOptions): Promise<RunReport> {
  const run = await assembleRun(assembly);
  try {
    return await runOnce(run.ports, selection);
  } finally {
    await run.finish(0);
  }
}

async function previewOf(assembly: AssembleOptions): Promise<Preview> {
  const run = await assembleDryRun(assembly);
  try {
    return await dryRun(run.ports, selection);
  } finally {
    await run.finish(0);
  }
}

function configFor(sage: SageSimulator, slack: SlackSimulator) {
  return {
    // The simulator's calendar is in UTC: elsewhere what it calls today is the future for some hours.
    sage: { url: sage.url, companies: ["SAMINC", "SAMLTD"], timeZone: "UTC" },
    slack: { channel: "#finance", opsChannel: "#finance-ops", apiUrl: slack.url },
    sources: {
      "ap-invoices": { channel: "#accounts-payable" },
      "ap-payments": { channel: "#treasury" },
      "gl-journals": { channel: "#accounting-leadership" },
      "ar-receipts": { channel: "#collections" },
      "purchase-orders": { channel: "#procurement" },
    },
    routes: [
      {
        name: "large invoices",
        when: { source: "ap-invoices", amount: { atLeast: "25000", currency: "USD" } },
        channel: "#ap-approvals",
        mention: ["cfo@example.com"],
      },
      {
        name: "unbalanced journals",
        when: { source: "gl-journals", flag: "out-of-balance" },
        channel: "#controllers",
        mention: ["@controllers"],
        copy: true,
      },
    ],
  };
}

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";
import { SlackSimulator } from "../../src/sandbox/slack/slack-simulator.ts";
import type { Chance } from "./chance.ts";

/** Slack's clock runs so much faster than ours: a quarantine of 40 s is over after one. */
const clockSpeed = 40;

export interface InstallationOptions {
  /** Folder that holds `bin` and `dist`. */
  readonly program: string;
  readonly onUncertain?: "resend" | "hold";
  /** Whether the app may read the history of its channels. */
  readonly isHistoryReadable?: boolean;
}

export interface RunOptions {
  /** Module loaded into the program before it starts. */
  readonly preload?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** SIGKILL after so many milliseconds. */
  readonly killAfterMs?: number;
}

export interface Ended {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a document is announced, by what it is. */
const channelOf = {
  invoice: "accounts-payable",
  payment: "treasury",
  journal: "accounting-leadership",
  receipt: "collections",
  order: "procurement",
} as const;

type Kind = keyof typeof channelOf;

/** A Sage, a Slack, a state folder, and everything that was ever keyed into the books. */
export class Installation implements AsyncDisposable {
  readonly slack: SlackSimulator;
  readonly directory: string;
  /** Each document with the channel in which it belongs. */
  readonly documents = new Map<string, string>();
  readonly #sage: SageSimulator;
  readonly #program: string;
  #count = 0;

  static async start(options: InstallationOptions): Promise<Installation> {
    const began = Date.now();
    const sage = await SageSimulator.start({ companies: ["SAMINC"], history: "empty" });
    const slack = await SlackSimulator.start({
      rateLimits: "off",
      clock: () => began + (Date.now() - began) * clockSpeed,
    });
    if (options.isHistoryReadable === false) {
      const token = slack.tokenRecord();
      Object.assign(token, { scopes: token.scopes.filter((scope) => !scope.endsWith(":history")) });
    }
    const directory = await mkdtemp(join(tmpdir(), "sage-slack-loop-"));
    const installation = new Installation({ sage, slack, directory, program: options.program });
    await installation.#configure(options);
    return installation;
  }

  private constructor(parts: {
    sage: SageSimulator;
    slack: SlackSimulator;
    directory: string;
    program: string;
  }) {
    this.#sage = parts.sage;
    this.slack = parts.slack;
    this.directory = parts.directory;
    this.#program = parts.program;
  }

  async #configure({ onUncertain = "resend" }: InstallationOptions): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const config = {
      sage: { url: this.#sage.url, companies: ["SAMINC"] },
      slack: {
        channel: "#finance",
        apiUrl: this.slack.url,
        minIntervalMs: 0,
        quarantineSeconds: clockSpeed,
        onUncertain,
      },
      sources: {
        "ap-invoices": { channel: "#accounts-payable" },
        "ap-payments": { channel: "#treasury" },
        "gl-journals": { channel: "#accounting-leadership", post: "batch" },
        "ar-receipts": { channel: "#collections" },
        "purchase-orders": { channel: "#procurement" },
      },
    };
    await writeFile(join(this.directory, "sage-slack.json"), JSON.stringify(config), { mode: 0o600 });
  }

  /** One new batch or order with one to three documents. */
  keyIn(chance: Chance): void {
    const books = this.#sage.company("SAMINC");
    const kind = chance.oneOf(["invoice", "invoice", "payment", "journal", "receipt", "order"] as const);
    const numbers = Array.from({ length: kind === "order" ? 1 : chance.whole(1, 3) }, () =>
      this.#number(kind),
    );
    const amount = "12.50";
    switch (kind) {
      case "invoice":
        books.addInvoiceBatch({
          invoices: numbers.map((documentNumber) => ({ vendor: "1200", amount, documentNumber })),
        });
        break;
      case "payment":
        books.addPaymentBatch({
          payments: numbers.map((checkNumber) => ({ vendor: "1200", amount, checkNumber })),
        });
        break;
      case "journal":
        books.addJournalBatch({
          entries: numbers.map((description) => ({
            description,
            lines: [
              { account: "6260", amount },
              { account: "2015", amount: `-${amount}` },
            ],
          })),
        });
        break;
      case "receipt":
        books.addReceiptBatch({
          receipts: numbers.map((checkNumber) => ({ customer: "1100", amount, checkNumber })),
        });
        break;
      case "order":
        books.addPurchaseOrder({
          vendor: "1400",
          number: numbers[0] ?? "",
          lines: [{ item: "A1-103/0", quantity: "1", unitCost: amount }],
        });
    }
  }

  #number(kind: Kind): string {
    this.#count += 1;
    const number = `DOC-${this.#count}.`;
    this.documents.set(number, channelOf[kind]);
    return number;
  }

  poll(options: RunOptions = {}): Promise<Ended> {
    return this.#run(["poll"], options);
  }

  /** What the program says that it has not delivered. */
  async undelivered(): Promise<readonly { readonly status: string; readonly transactions: string[] }[]> {
    const { stdout } = await this.#run(["outbox", "--json"], {});
    return (JSON.parse(stdout) as { messages: { status: string; transactions: string[] }[] }).messages;
  }

  #run(args: readonly string[], { preload, env, killAfterMs }: RunOptions): Promise<Ended> {
    const imported = preload === undefined ? [] : ["--import", pathToFileURL(preload).href];
    const child = spawn(process.execPath, [...imported, join(this.#program, "bin/sage-slack.js"), ...args], {
      cwd: this.directory,
      env: {
        PATH: process.env["PATH"],
        HOME: this.directory,
        SAGE_SLACK_SAGE_USER: "WEBAPI",
        SAGE_SLACK_SAGE_PASSWORD: "WEBAPI",
        SAGE_SLACK_SLACK_TOKEN: this.slack.token,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
    const timer =
      killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        clearTimeout(timer);
        resolve({ code, ...output });
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#sage.stop(), this.slack.stop()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

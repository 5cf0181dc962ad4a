import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";
import { SlackSimulator } from "../../src/sandbox/slack/slack-simulator.ts";
import { everySourceBothWays } from "../support/sources.ts";
import type { Chance } from "./chance.ts";
import { Lateness } from "./lateness.ts";

/** Slack's clock runs so much faster than ours: a quarantine of 40 s is over after one. */
export const clockSpeed = 40;

class FastClock {
  readonly #began = { date: Date.now(), moment: performance.now() };

  /** Unix milliseconds. */
  now(): number {
    return this.#began.date + (performance.now() - this.#began.moment) * clockSpeed;
  }

  /** When it showed this time, by `performance.now()`. */
  momentOf(time: number): number {
    return this.#began.moment + (time - this.#began.date) / clockSpeed;
  }
}

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
  /** With what it ran, for a story: `KILL_AT=post.sent:2`. */
  readonly how: string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Undelivered {
  readonly key: string;
  readonly status: "pending" | "inflight" | "dead";
  readonly reason: string | null;
  /** `#treasury` */
  readonly channel: string;
  readonly transactions: readonly string[];
}

/** Where a document is announced, by what it is: its source's channel, and the one of a route that copies. */
const channelsOf = {
  invoice: ["accounts-payable", "controllers"],
  payment: ["treasury"],
  journal: ["accounting-leadership"],
  receipt: ["collections", "controllers"],
  order: ["procurement"],
} as const;

/** Where the program tells about itself. */
export const opsChannel = "finance-ops";

export type Kind = keyof typeof channelsOf;

export interface Document {
  readonly kind: Kind;
  /** Which of its kind's batches it was keyed in, in the order of keying. */
  readonly batch: number;
  /** Which of its batch's entries it is, from 1. */
  readonly entry: number;
  readonly channels: readonly string[];
  /** Begins the program's ids of it: `v1:SAMINC:ap-invoices:28:1@`. */
  readonly id: string;
}

/** Between two posts to one channel, milliseconds: a tenth of the real pace. */
export const minIntervalMs = 100;

/** A Sage, a Slack, a state folder, and everything that was ever keyed into the books. */
export class Installation implements AsyncDisposable {
  readonly slack: SlackSimulator;
  readonly directory: string;
  /** By document number, in the order of keying. */
  readonly documents = new Map<string, Document>();
  /** What a power cut may take: `state` is in it. */
  readonly disk: string;
  readonly stateFolder: string;
  readonly #sage: SageSimulator;
  readonly #program: string;
  readonly #clock: FastClock;
  readonly #lateness = new Lateness();
  #batches = 0;
  /** Purchase orders cannot be read for now. */
  isRestricted = false;

  static async start(options: InstallationOptions): Promise<Installation> {
    const clock = new FastClock();
    const sage = await SageSimulator.start({ companies: ["SAMINC"], history: "empty" });
    const slack = await SlackSimulator.start({
      rateLimits: "off",
      clock: () => clock.now(),
    });
    if (options.isHistoryReadable === false) {
      const token = slack.tokenRecord();
      Object.assign(token, { scopes: token.scopes.filter((scope) => !scope.endsWith(":history")) });
    }
    const directory = await mkdtemp(join(tmpdir(), "sage-slack-loop-"));
    const installation = new Installation({ sage, slack, clock, directory, program: options.program });
    await installation.#configure(options);
    return installation;
  }

  private constructor(parts: {
    sage: SageSimulator;
    slack: SlackSimulator;
    clock: FastClock;
    directory: string;
    program: string;
  }) {
    this.#sage = parts.sage;
    this.slack = parts.slack;
    this.directory = parts.directory;
    this.disk = join(parts.directory, "disk");
    this.stateFolder = join(this.disk, "state");
    this.#program = parts.program;
    this.#clock = parts.clock;
  }

  async #configure({ onUncertain = "resend" }: InstallationOptions): Promise<void> {
    await mkdir(this.disk);
    const config = {
      sage: { url: this.#sage.url, companies: ["SAMINC"] },
      slack: {
        channel: "#finance",
        opsChannel: `#${opsChannel}`,
        apiUrl: this.slack.url,
        minIntervalMs,
        quarantineSeconds: clockSpeed,
        onUncertain,
      },
      sources: everySourceBothWays,
      routes: [
        {
          name: "controllers see all",
          when: { source: ["ap-invoices", "ar-receipts"] },
          channel: "#controllers",
          copy: true,
        },
      ],
      stateDir: this.stateFolder,
    };
    await writeFile(join(this.directory, "sage-slack.json"), JSON.stringify(config), { mode: 0o600 });
  }

  /** One new batch or order: of a few documents mostly, sometimes of more than one message shows. */
  keyIn(chance: Chance): void {
    const kind = chance.oneOf(["invoice", "invoice", "payment", "journal", "receipt", "order"] as const);
    const isLong = chance.happens(0.2);
    const count = kind === "order" ? 1 : isLong ? chance.whole(30, 60) : chance.whole(1, 3);
    this.#batches += 1;
    const numbers = Array.from({ length: count }, (_number, index) => `DOC-${this.#batches}-${index + 1}.`);
    const record = this.#add(kind, numbers);
    for (const [index, number] of numbers.entries()) {
      this.documents.set(number, {
        kind,
        batch: this.#batches,
        entry: index + 1,
        channels: channelsOf[kind],
        id: `v1:SAMINC:${record}:${kind === "order" ? 0 : index + 1}@`,
      });
    }
  }

  /** Keys a batch of these documents into the books; tells its record as the program names it. */
  #add(kind: Kind, numbers: readonly string[]): string {
    const books = this.#sage.company("SAMINC");
    const amount = "12.50";
    switch (kind) {
      case "invoice": {
        const invoices = numbers.map((documentNumber) => ({ vendor: "1200", amount, documentNumber }));
        return `ap-invoices:${textOf(books.addInvoiceBatch({ invoices })["BatchNumber"])}`;
      }
      case "payment": {
        const payments = numbers.map((checkNumber) => ({ vendor: "1200", amount, checkNumber }));
        return `ap-payments:PY-${textOf(books.addPaymentBatch({ payments })["BatchNumber"])}`;
      }
      case "journal": {
        const lines = [
          { account: "6260", amount },
          { account: "2015", amount: `-${amount}` },
        ];
        const entries = numbers.map((description) => ({ description, lines }));
        return `gl-journals:${textOf(books.addJournalBatch({ entries })["BatchNumber"])}`;
      }
      case "receipt": {
        const receipts = numbers.map((checkNumber) => ({ customer: "1100", amount, checkNumber }));
        return `ar-receipts:CA-${textOf(books.addReceiptBatch({ receipts })["BatchNumber"])}`;
      }
      case "order": {
        const lines = [{ item: "A1-103/0", quantity: "1", unitCost: amount }];
        const order = books.addPurchaseOrder({ vendor: "1400", number: numbers[0] ?? "", lines });
        return `purchase-orders:${textOf(order["PurchaseOrderSequenceKey"])}`;
      }
    }
  }

  /** Takes a right away, which is news for the operators, or gives it back, which is too. */
  restrict(isRestricted: boolean): void {
    this.isRestricted = isRestricted;
    const modules = isRestricted ? { modules: ["AP", "AR", "GL"] } : {};
    this.#sage.addUser({ id: "WEBAPI", password: "WEBAPI", ...modules });
  }

  poll(options: RunOptions = {}): Promise<Ended> {
    this.#lateness.forget(performance.now());
    return this.#run(["poll"], options);
  }

  /** Milliseconds by which a post that arrived at this time of Slack's, in the last run, may have come earlier. */
  latenessAt(at: number): number {
    return this.#lateness.at(this.#clock.momentOf(at));
  }

  /** What the program says that it has not delivered. */
  async undelivered(): Promise<readonly Undelivered[]> {
    const { code, stdout, stderr } = await this.#run(["outbox", "--json"], {});
    if (code !== 0) throw new Error(`outbox ended with ${code}: ${stdout}${stderr}`);
    return (JSON.parse(stdout) as { messages: Undelivered[] }).messages;
  }

  /** Makes what a killed process began to write for its lock look as if that were long ago. */
  async age(): Promise<void> {
    const names = await readdir(this.stateFolder).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(".lock.")))
      await utimes(join(this.stateFolder, name), 0, 0);
  }

  /** What somebody does about a message whose fate the program cannot know. */
  async decide(change: "retry" | "drop", key: string): Promise<void> {
    const { code, stderr } = await this.#run(["outbox", change, key], {});
    if (code !== 0) throw new Error(`outbox ${change} ended with ${code}: ${stderr}`);
  }

  #run(args: readonly string[], options: RunOptions): Promise<Ended> {
    const { preload, env, killAfterMs } = options;
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
        resolve({ code, how: howOf(args, options), ...output });
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lateness.stop();
    await Promise.all([this.#sage.stop(), this.slack.stop()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

function howOf([command = ""]: readonly string[], { env = {}, killAfterMs }: RunOptions): string {
  const at = Object.entries(env)
    .filter(([name]) => /^(?:KILL_AT|CUT_AFTER)$/.test(name))
    .map(([name, value]) => `${name}=${value}`);
  return [command, ...at, ...(killAfterMs === undefined ? [] : [`killed after ${killAfterMs} ms`])].join(" ");
}

/** A key of Sage's as the program writes it. */
function textOf(key: unknown): string {
  return typeof key === "number" || typeof key === "string" ? String(key) : "";
}

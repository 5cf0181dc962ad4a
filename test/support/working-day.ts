import { join } from "node:path";

import { acquireRunLock } from "../../src/state/run-lock.ts";
import { installWithKeychain } from "./installation.ts";
import { runProgram } from "./program.ts";
import { schedulerTools } from "./scheduler-tools.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { startWorld, type World } from "./world.ts";

/** What a command printed with `--json`, by the heading under which docs/json.md describes it. */
export type Documents = Map<string, unknown[]>;

/**
 * Calls every command with `--json` on a day on which everything happens: something new, changed, refused, uncertain,
 * given up, forbidden, unknown. Needs the built program.
 */
export async function workingDay(): Promise<Documents> {
  const documents: Documents = new Map();
  await using world = await startWorld({
    sources: {
      "ap-invoices": { channel: "#accounts-payable", schedule: "* * * * *" },
      "ap-payments": { channel: "#treasury" },
      "gl-journals": { channel: "#controllers", post: "summary", schedule: "0 7 1 1 *" },
    },
    routes: [
      {
        name: "large",
        when: { amount: { atLeast: "25000" } },
        channel: "#ap-approvals",
        mention: "cfo@example.com",
      },
    ],
    directory: "vendor,1350,,,#no-such-channel,nobody@example.com",
    routeTests: [
      { given: { source: "ap-invoices", vendor: "1200", amount: "1.00" }, expect: { channel: "#finance" } },
      {
        given: { source: "ap-invoices", vendor: "1200", amount: "31400.00" },
        expect: { channel: "#ap-approvals", mention: "cfo@example.com" },
      },
    ],
    slack: { quarantineSeconds: 3600, opsChannel: "#controllers" },
  });
  const note = async (heading: string, ...argv: string[]): Promise<unknown> => {
    const { stdout } = await world.run(...argv, "--json");
    return keep(documents, heading, stdout);
  };
  await secretsOf(world, documents);
  await note("init", "init", "--config", join(world.directory, "other", "sage-slack.json"));
  await note("completion", "completion", "bash");
  await note("Errors", "poll", "--no-such-flag");
  await note("test", "test");
  await namesOf(world, note);
  await booksOf(world, note);
  await schedulesOf(world, note);
  await note("demo", "demo", "--page", join(world.directory, "demo.html"));
  return documents;
}

type Note = (heading: string, ...argv: string[]) => Promise<unknown>;

function keep(documents: Documents, heading: string, stdout: string): unknown {
  const document = JSON.parse(stdout) as unknown;
  documents.set(heading, [...(documents.get(heading) ?? []), document]);
  return document;
}

/** With a keychain that is a file. */
async function secretsOf({ directory: cwd, slack }: World, documents: Documents): Promise<void> {
  await using installed = await temporaryDirectory();
  const binary = await installWithKeychain(installed.path);
  const call = async (heading: string, input: string, ...argv: string[]) => {
    const { stdout } = await runProgram([...argv, "--json"], { cwd, binary, input });
    keep(documents, heading, stdout);
  };
  await call("login --status", "", "login", "--status");
  await call("login", "webapi\n", "login", "sage", "--user", "webapi", "--password-stdin");
  await call("login", `${slack.token}\n`, "login", "slack", "--token-stdin");
  await call("login --status", "", "login", "--status");
  await call("logout", "", "logout");
}

/** As a user who has no right in one module. */
async function withoutLedger({ sage, env }: World, work: () => Promise<unknown>): Promise<void> {
  sage.addUser({ id: "CLERK", password: "CLERK", modules: ["AP", "AR"] });
  const before = { ...env };
  Object.assign(env, { SAGE_SLACK_SAGE_USER: "CLERK", SAGE_SLACK_SAGE_PASSWORD: "CLERK" });
  await work();
  Object.assign(env, before);
}

async function namesOf(world: World, note: Note): Promise<void> {
  const { sage, slack, directory } = world;
  await note("sync-master", "sync-master");
  const books = sage.company("SAMINC");
  const DateLastMaintained = `${sage.today}T00:00:00Z`;
  const vendor = (number: string) => books.vendors.find((row) => row["VendorNumber"] === number) ?? {};
  books.addVendor({ VendorNumber: "3000", VendorName: "New Ltd." });
  Object.assign(vendor("1200"), { Terms: "N15", DateLastMaintained });
  Object.assign(books.customers[0] ?? {}, { Status: "Inactive", DateLastMaintained });
  books.customers.splice(1, 1);
  slack.channel("treasury").name = "cash";
  slack.addChannel({ name: "treasury" });
  slack.channel("procurement").isArchived = true;
  await withoutLedger(world, () =>
    note("sync-master", "sync-master", "--export", join(directory, "names.csv")),
  );
}

async function booksOf(world: World, note: Note): Promise<void> {
  const { slack, directory } = world;
  const books = world.sage.company("SAMINC");
  await note("status", "status");
  await note("poll", "poll");
  books.addInvoiceBatch({
    invoices: [{ vendor: "1200", amount: "12.99", documentNumber: "INV-1" }],
  });
  await note("poll", "poll", "--all");
  books.setStatus("ap-invoices", "1", "Ready To Post");
  books.addPaymentBatch({ payments: [{ vendor: "1200", amount: "5.00", checkNumber: "CHK-1" }] });
  books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "31400.00", documentNumber: "INV-2" }] });
  books.addInvoiceBatch({ invoices: [{ vendor: "1350", amount: "1.00", documentNumber: "INV-3" }] });
  await withoutLedger(world, () => note("dry-run", "dry-run", "--all"));
  await note("dry-run --route-tests", "dry-run", "--route-tests");
  slack.channel("ap-approvals").isArchived = true;
  slack.queueFault({ method: "chat.postMessage", channel: "#treasury", kind: "reset", accept: true });
  await note("poll", "poll", "--all");
  world.sage.queueFault({ kind: "delay", ms: 3000, match: "APPayment" });
  await note("poll", "poll", "--since", "2020-01-01", "--only", "ap-payments", "--max-duration", "1");
  const { messages } = (await note("outbox", "outbox")) as { messages: { key: string; status: string }[] };
  await note("status", "status");
  await note("status ID", "status", "1");
  await note("status ID", "status", "INV-2");
  await note("status ID", "status", "no-such-document");
  const lock = await acquireRunLock({ directory });
  await note("status", "status");
  await note("Errors", "poll");
  await lock.release();
  const uncertain = messages.find(({ status }) => status === "inflight");
  const waiting = messages.find(({ status }) => status === "pending");
  await note("outbox retry", "outbox", "retry", uncertain?.key ?? "");
  await note("outbox drop", "outbox", "drop", waiting?.key ?? "");
  await note("outbox drop COMPANY/SOURCE", "outbox", "drop", "SAMINC/ap-payments");
}

async function schedulesOf(world: World, note: Note): Promise<void> {
  const tools = await schedulerTools(world.directory);
  Object.assign(world.env, { PATH: tools.path, HOME: world.directory });
  for (const scheduler of ["cron", "systemd", "windows", "launchd"]) {
    await note("schedule", "schedule", "--for", scheduler);
  }
  await note("schedule", "schedule", "--for", "cron", "--install");
  await note("schedule --remove", "schedule", "--for", "cron", "--remove");
  await note("schedule --remove", "schedule", "--for", "cron", "--remove");
}

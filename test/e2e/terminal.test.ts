import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { installWithKeychain } from "../support/installation.ts";
import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { Terminal, type Answer, type Shown } from "../support/terminal.ts";
import { startWorld, type World } from "../support/world.ts";

interface Step {
  readonly argv: readonly string[];
  readonly answers?: readonly Answer[];
  /** What happens before it is typed. */
  readonly before?: (world: World) => unknown;
}

const wrong = "wrong-but-secret";

/** A day in front of the terminal, from nothing to a message that needs somebody. */
const steps: readonly Step[] = [
  { argv: [] },
  { argv: ["poll", "--help"] },
  { argv: ["schedule", "--help"] },
  { argv: ["pol"] },
  { argv: ["poll"] },
  { argv: ["init", "--config", "finance.json"] },
  { argv: ["poll", "--config", "finance.json"], before: (world) => world.configure({}) },
  {
    argv: ["login", "sage", "--user", "FINANCE"],
    answers: [{ to: "Password of FINANCE:", typed: wrong }],
    before: ({ sage }) => sage.addUser({ id: "FINANCE", password: "LEDGER-77" }),
  },
  {
    argv: ["login", "sage", "--user", "FINANCE"],
    answers: [{ to: "Password of FINANCE:", typed: "LEDGER-77" }],
  },
  { argv: ["login", "slack"], answers: [{ to: "Bot token:", typed: "TOKEN" }] },
  { argv: ["login", "--status"] },
  { argv: ["test"] },
  {
    argv: ["dry-run", "--first-run", "post"],
    before: ({ sage }) =>
      sage.company("SAMINC").addInvoiceBatch({
        invoices: [
          { vendor: "1200", amount: "31400.00", documentNumber: "INV-1" },
          { vendor: "1350", amount: "12.99", documentNumber: "INV-2" },
        ],
      }),
  },
  { argv: ["poll"] },
  {
    argv: ["poll", "--all"],
    before: ({ sage, slack }) => {
      const books = sage.company("SAMINC");
      books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "99.00", documentNumber: "INV-3" }] });
      books.addPaymentBatch({ payments: [{ vendor: "1200", amount: "5.00", checkNumber: "CHK-1" }] });
      slack.channel("treasury").isArchived = true;
    },
  },
  { argv: ["status"] },
  { argv: ["status", "2"] },
  { argv: ["outbox"] },
  { argv: ["outbox", "drop", "0000"] },
  { argv: ["sync-master"] },
  { argv: ["test", "--quiet"] },
  { argv: ["schedule", "--for", "cron"] },
  { argv: ["completion", "fish"] },
  { argv: ["logout"] },
  { argv: ["poll", "--all"] },
  {
    argv: ["poll"],
    before: (world) => world.configure({ slack: { chanel: "#finance" }, sage: { timeZone: "Mars/Olympus" } }),
  },
];

type Run = (step: Step, world: World) => Promise<Shown>;

/** Every step, as it was typed and as it was answered. */
async function transcriptOf(
  columns: number,
  open: (world: World, binary: string) => Promise<{ run: Run } & AsyncDisposable>,
): Promise<{ text: string; raw: string }> {
  await using installed = await temporaryDirectory();
  const binary = await installWithKeychain(installed.path);
  await using world = await startWorld();
  await using screen = await open(world, binary);
  await world.configure({ slack: { channel: "#finance" } });
  const parts: string[] = [];
  let raw = "";
  for (const step of steps) {
    await step.before?.(world);
    const shown = await screen.run(step, world);
    raw += shown.coloured;
    const text = steady(shown.text, { world, installed: installed.path });
    parts.push(`$ sage-slack ${step.argv.join(" ")}\n${wrapped(text, columns)}\n(exit code ${shown.code})\n`);
  }
  return { text: parts.join("\n"), raw };
}

/** What differs from run to run and from machine to machine, as wide as it was where it decides where lines break. */
function steady(text: string, { world, installed }: { world: World; installed: string }): string {
  return (
    text
      .replaceAll(world.directory, "/srv/sage-slack-of-finance")
      .replaceAll(`${installed}/bin/sage-slack.js`, "/usr/lib/node_modules/sage-slack/bin/sage-slack.js")
      .replaceAll(process.execPath, "/usr/bin/node")
      .replaceAll(/(127\.0\.0\.1:)\d{5}/g, "$100000")
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g, "2026-11-24T08:05:00")
      .replaceAll(/\.\d{3}Z/g, ".000Z")
      .replaceAll(/\b20\d\d-\d\d-\d\d\b(?!T)/g, "2026-11-24")
      .replaceAll(/\b\d{10}\.\d{6}\b|p\d{16}\b/g, (found) => found.replaceAll(/\d/g, "0"))
      .replaceAll(/^[a-z2-7]{12}(?= {2}#)|(?<=outbox (?:retry|drop) )[a-z2-7]{12}\b/gm, "abcdefghijkl")
      // Only where tests run as root.
      .replaceAll(
        /^warning {2}user: this runs as root[^]*?->[^]*?\n(?=\w)|\nNote: it runs as root[^]*$/gm,
        "",
      )
      .replaceAll(/^\d+ checks: \d+ passed, \d+ warnings?/gm, "NN checks: NN passed, N warnings")
      .replaceAll(/^(# fish completion[^]*?\n(?:.*\n){4})[^]*$/gm, "$1(and so on)")
  );
}

/** As the terminal breaks what is too long for a line: anywhere. */
function wrapped(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => line.match(new RegExp(`.{1,${columns}}`, "gu"))?.join("\n") ?? "")
    .join("\n");
}

function environmentOf({ directory }: World): Record<string, string> {
  return { HOME: directory, PATH: process.env["PATH"] ?? "", USER: "finance", LOGNAME: "finance" };
}

function argvOf(step: Step): string[] {
  return [...step.argv];
}

/** The token is another one in each world. */
function typedIn({ answers = [] }: Step, { slack }: World): Answer[] {
  return answers.map(({ to, typed }) => ({ to, typed: typed === "TOKEN" ? slack.token : typed }));
}

describe.each([80, 120])("in a terminal of %i columns", (columns) => {
  test("each command tells what it did and what comes next", async () => {
    const { text, raw } = await transcriptOf(columns, async (world, binary) => {
      const terminal = await Terminal.open({
        columns,
        cwd: world.directory,
        env: environmentOf(world),
        socket: join(world.directory, "tmux"),
      });
      return {
        run: (step) => terminal.run([process.execPath, binary, ...argvOf(step)], typedIn(step, world)),
        [Symbol.asyncDispose]: () => terminal[Symbol.asyncDispose](),
      };
    });

    await expect(text).toMatchFileSnapshot(`../golden/terminal/${columns}-columns.txt`);
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
    expect(text).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/); // the spinner is gone
    expect(text).not.toContain(wrong);
    expect(text).not.toContain("xoxb-");
    expect(raw).toContain("\u001B[31m"); // what failed is red
  });
});

test("through a pipe there is no colour, no spinner and no question", async () => {
  const { text, raw } = await transcriptOf(1000, (world, binary) =>
    Promise.resolve({
      run: async (step) => {
        const [answer] = typedIn(step, world);
        const flag = step.argv.includes("slack") ? "--token-stdin" : "--password-stdin";
        const argv = [...argvOf(step), ...(answer === undefined ? [] : [flag])];
        const { code, stdout, stderr } = await runProgram(argv, {
          cwd: world.directory,
          env: environmentOf(world),
          binary,
          input: answer === undefined ? "" : `${answer.typed}\n`,
        });
        const errors = stderr === "" ? "" : `--- on standard error\n${stderr}`;
        return { code, text: `${stdout}${errors}`.trimEnd(), coloured: `${stdout}${stderr}` };
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  );

  await expect(text).toMatchFileSnapshot("../golden/terminal/pipe.txt");
  expect(raw).not.toContain("\u001B");
  expect(text).not.toContain(wrong);
  expect(text).not.toContain("xoxb-");
});

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { shownIn, startWorld } from "../support/world.ts";

const run = promisify(execFile);
const binary = join(import.meta.dirname, "../../bin/sage-slack.js");

describe("the program as a process", () => {
  test("tells its version and help without a configuration", async () => {
    await using directory = await temporaryDirectory();
    const { version } = JSON.parse(
      await readFile(join(import.meta.dirname, "../../package.json"), "utf8"),
    ) as { version: string };

    const shown = await runProgram(["--version"], { cwd: directory.path });
    const help = await runProgram(["poll", "--help"], { cwd: directory.path });

    expect(shown).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
    expect(help.code).toBe(0);
    expect(help.stdout).toContain("Examples:");
  });

  test.each([
    { name: "an unknown command", args: ["pol"], says: "poll" },
    { name: "an unknown flag", args: ["poll", "--al"], says: "--all" },
    { name: "no configuration", args: ["poll"], says: "there is no configuration" },
  ])("ends with 2 and a sentence after $name", async ({ args, says }) => {
    await using directory = await temporaryDirectory();

    const { code, stdout, stderr } = await runProgram(args, { cwd: directory.path });

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
  });

  test("posts what is new once, with nothing on standard error", async () => {
    await using world = await startWorld();
    const { directory: cwd, env, sage, slack } = world;
    await runProgram(["poll"], { cwd, env });
    sage.company("SAMINC").addInvoiceBatch({
      invoices: [{ vendor: "1200", amount: "12.99", documentNumber: "INV-1" }],
    });

    const first = await runProgram(["poll"], { cwd, env });
    const second = await runProgram(["poll"], { cwd, env });

    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toContain("Posted 1 message.");
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(shownIn(slack, "accounts-payable").match(/INV-1/g)?.length).toBe(1);
  });

  test("stopped by SIGTERM it ends with 143, and the next run posts the rest once", async () => {
    await using world = await startWorld();
    const { directory: cwd, env, sage, slack } = world;
    await runProgram(["poll"], { cwd, env });
    sage.company("SAMINC").addInvoiceBatch({
      invoices: [{ vendor: "1200", amount: "12.99", documentNumber: "INV-1" }],
    });
    sage.company("SAMINC").addPaymentBatch({
      payments: [{ vendor: "1200", amount: "5.00", checkNumber: "CHK-1" }],
    });
    const asked = new Promise<void>((resolve) => {
      sage.onRequest = ({ path }) => (path.includes("APPayment") ? resolve() : undefined);
    });
    sage.queueFault({ kind: "delay", ms: 3000, match: "APPayment" });

    const stopped = await runProgram(["poll"], {
      cwd,
      env,
      kill: { signal: "SIGTERM", when: asked },
    });
    const next = await runProgram(["poll"], { cwd, env });

    expect(stopped.code).toBe(143);
    expect(next.code).toBe(0);
    expect(shownIn(slack, "accounts-payable").match(/INV-1/g)?.length).toBe(1);
    expect(shownIn(slack, "treasury").match(/CHK-1/g)?.length).toBe(1);
  });

  test.each([
    { command: "test", says: "passed" },
    { command: "dry-run --first-run post", says: "#accounts-payable" },
  ])("shows $command in a terminal that does not tell its width", async ({ command, says }) => {
    await using world = await startWorld();
    const { directory: cwd, env, sage } = world;
    sage.company("SAMINC").addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "12.99" }] });

    // Without a terminal of its own, `script` leaves the width of the one it makes at 0.
    const line = ["--quiet", "--return", "--command", `${binary} ${command}`, "/dev/null"];
    const { stdout } = await run("script", line, {
      cwd,
      env: { ...process.env, ...env, TERM: "xterm" },
      timeout: 20_000,
    });

    expect(stdout).toContain(says);
  });
});

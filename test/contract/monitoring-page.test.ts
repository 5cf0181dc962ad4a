import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { exitCodeOf, exitCodes, meaningOf } from "../../src/cli/exit-code.ts";
import { signalOf } from "../../src/monitor/run-monitor.ts";
import { wordsFor } from "../../src/pipeline/ops-lines.ts";
import { mayPass, troubleKinds } from "../../src/state/troubles.ts";
import { startWorld } from "../support/world.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/monitoring.md"), "utf8");

/** The rows of the table with this first column, without backticks and emphasis. */
function table(first: string): string[][] {
  const lines = page.split("\n");
  const head = lines.findIndex((line) => line.startsWith(`| ${first} `));
  const rows = lines.slice(head + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith("|")),
    )
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.replaceAll("`", "").trim()),
    );
}

describe("docs/monitoring.md", () => {
  test("tells of each exit code of poll what it means and what the monitor is told", () => {
    const told = table("exit code").map(([code = "", meaning = "", signal = ""]) => [
      Number(code),
      meaning,
      signal,
    ]);
    const { failedCheck: _ofTest, partly: _three, refused: _four, ...own } = exitCodes;
    const codes = [...new Set([...Object.values(exitCodeOf), ...Object.values(own)])];

    expect(told).toEqual(
      codes
        .toSorted((left, right) => left - right)
        .map((code) => [code, meaningOf(code), signalOf(code) ?? "nothing"]),
    );
  });

  test("has each kind of line in its words, and when it is told", () => {
    const rows = table("kind").map(([kind = "", line = "", when = ""]) => ({ kind, line, when }));

    expect(rows.map(({ kind }) => kind).toSorted()).toEqual(troubleKinds.toSorted());
    for (const kind of troubleKinds) {
      const row = rows.find((one) => one.kind === kind);
      expect(row?.line.replace(" _What to do._", "")).toBe(wordsFor("SAMINC/ap-invoices", { kind }));
      expect(row?.when).toBe(mayPass(kind) ? "by the third run" : "at once");
    }
  });

  test("has each field of the log", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    world.slack.channel("finance").isArchived = true;
    await world.run("poll", "--log-file", "run.jsonl");
    const log = await readFile(join(world.directory, "run.jsonl"), "utf8");
    const fields = new Set(
      log
        .trimEnd()
        .split("\n")
        .flatMap((line) => Object.keys(JSON.parse(line) as object)),
    );

    expect(table("field").map(([field]) => field)).toEqual([...fields]);
  });
});

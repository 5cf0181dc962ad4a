import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { array, assert, boolean, constantFrom, property, string as anyText } from "fast-check";
import { describe, expect, test } from "vitest";

import { cronEntry, withEntry, withoutEntry } from "../../src/schedule/cron.ts";
import { isEvenInterval } from "../../src/schedule/scheduled-run.ts";
import { scheduledRun, special } from "../support/scheduled-run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const name = anyText({ unit: constantFrom(...special), minLength: 1, maxLength: 12 });

/** The command of the line below the comment. */
function commandOf(content: string): string {
  const [comment = "", line = ""] = content.split("\n");
  expect(comment).toMatch(/^# /);
  return /^(?:\S+ ){5}(.*)$/.exec(line)?.[1] ?? "";
}

/**
 * What cron hands to the shell: everything before the first `%` without a backslash. Vixie's cron, and so Debian's,
 * also takes one of two backslashes away; cronie does not.
 */
function readByCron(command: string, { halves }: { halves: boolean }): string {
  let read = "";
  for (let at = 0; at < command.length; at += 1) {
    const [one = "", next = ""] = [command[at], command[at + 1]];
    if (one === "%") break;
    if (one === "\\" && (next === "%" || (halves && next === "\\"))) read += next;
    else if (one === "\\" && next !== "") read += one + next;
    else read += one;
    if (one === "\\") at += 1;
  }
  return read;
}

describe("the line for cron", () => {
  test("the reader of this test ends a command where cron does", () => {
    expect(readByCron("date +%H", { halves: true })).toBe("date +");
    expect(readByCron(String.raw`date +\%H '\\'`, { halves: true })).toBe(String.raw`date +%H '\'`);
    expect(readByCron(String.raw`date +\%H '\\'`, { halves: false })).toBe(String.raw`date +%H '\\'`);
  });

  test("calls poll with these paths, letter by letter, whatever is in them", async () => {
    await using directory = await temporaryDirectory();
    const folder = join(directory.path, `it's 50% "of" \\ $HOME`);
    mkdirSync(folder);
    const script = join(folder, "print it.sh");
    writeFileSync(script, `printf '%s\\0' "$@" "$SAGE_SLACK_SLACK_TOKEN_FILE"`);
    const outputFile = join(folder, "out\\%put.log");

    assert(
      property(name, name, boolean(), (config, secret, halves) => {
        const run = { node: "/bin/sh", script, config: `/a/${config}`, outputFile };
        const entry = cronEntry(
          scheduledRun({ ...run, secretFiles: { SAGE_SLACK_SLACK_TOKEN_FILE: `/b/${secret}` } }),
        );
        const command = readByCron(commandOf(entry.files[0]?.content ?? ""), { halves });
        rmSync(outputFile, { force: true });
        execFileSync("/bin/sh", ["-c", command], { env: {} });

        expect(readFileSync(outputFile, "utf8").split("\0")).toEqual([
          "poll",
          "--config",
          `/a/${config}`,
          "--quiet",
          `/b/${secret}`,
          "",
        ]);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [1, "* * * * * "],
    [5, "*/5 * * * * "],
    [60, "0 * * * * "],
    [120, "0 */2 * * * "],
    [1440, "0 0 * * * "],
  ])("every %i minutes", (everyMinutes, times) => {
    const [, line = ""] = (cronEntry(scheduledRun({ everyMinutes })).files[0]?.content ?? "").split("\n");

    expect(line.startsWith(times)).toBe(true);
  });

  test("there are no intervals that the clock would make uneven", () => {
    const even = Array.from({ length: 1441 }, (_minute, minutes) => minutes).filter(isEvenInterval);

    expect(even).toEqual([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440]);
    expect([0.5, -5, Number.NaN, Number.POSITIVE_INFINITY].some(isEvenInterval)).toBe(false);
  });

  test("that cron would cut off is refused, with another way (config)", () => {
    const run = scheduledRun({ config: `/${"long".repeat(250)}` });

    expect(() => cronEntry(run)).toThrow(
      expect.objectContaining({ kind: "config", hint: expect.stringContaining("--for systemd") as string }),
    );
  });
});

describe("the table of cron", () => {
  const line = anyText({ unit: constantFrom(...Array.from("*/5 #abä\t%\r\\")) }).map((text) => `${text}\n`);
  const table = array(line).map((lines) => Buffer.from(lines.join(""), "latin1").toString("latin1"));
  const ours = cronEntry(scheduledRun());
  const theirs = cronEntry(scheduledRun({ config: "/srv/finance/sage-slack.json" }));

  test("keeps every other byte, holds an entry once, and loses it without a trace", () => {
    assert(
      property(table, table, (before, after) => {
        const both = withEntry(before, ours, "/etc/sage-slack/sage-slack.json") + after;

        expect(withoutEntry(both, "/etc/sage-slack/sage-slack.json")).toBe(before + after);
        expect(withEntry(both, ours, "/etc/sage-slack/sage-slack.json")).toBe(
          before + after + (ours.files[0]?.content ?? ""),
        );
      }),
    );
  });

  test("has an entry for each configuration, and loses one of them", () => {
    const one = withEntry("MAILTO=it\n", ours, "/etc/sage-slack/sage-slack.json");
    const two = withEntry(one, theirs, "/srv/finance/sage-slack.json");

    expect(two.match(/ poll --config /g)?.length).toBe(2);
    expect(withoutEntry(two, "/srv/finance/sage-slack.json")).toBe(one);
    expect(withoutEntry(two, "/srv/finance/sage-slack")).toBe(two);
  });

  test("without a newline at its end gets one before the entry", () => {
    expect(withEntry("0 3 * * * backup", ours, "/etc/sage-slack/sage-slack.json")).toMatch(
      /^0 3 \* \* \* backup\n# sage-slack schedule/,
    );
  });

  test("keeps a line that somebody put in the place of ours", () => {
    const [marker = ""] = (ours.files[0]?.content ?? "").split("\n");
    const edited = `${marker}\n0 3 * * * backup\n`;

    expect(withoutEntry(edited, "/etc/sage-slack/sage-slack.json")).toBe("0 3 * * * backup\n");
  });

  test("loses a line of ours whose times somebody has changed", () => {
    const changed = (ours.files[0]?.content ?? "").replace("*/5 * * * *", "*/7 8-18 * * 1-5");

    expect(withoutEntry(`A=1\n${changed}`, "/etc/sage-slack/sage-slack.json")).toBe("A=1\n");
  });

  test("finds a configuration whose name is not ASCII among lines in another encoding", () => {
    const config = "/srv/Buchführung 漢/sage-slack.json";
    const latin = "# B\xfccher\n";
    const added = withEntry(latin, cronEntry(scheduledRun({ config })), config);

    expect(Buffer.from(added, "latin1").toString("utf8")).toContain(`--config '${config}'`);
    expect(withoutEntry(added, config)).toBe(latin);
  });
});

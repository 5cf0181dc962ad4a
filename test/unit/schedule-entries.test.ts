import { assert, constantFrom, integer, property, string as anyText } from "fast-check";
import { describe, expect, test } from "vitest";

import { entryFor } from "../../src/schedule/entry.ts";
import { launchdEntry } from "../../src/schedule/launchd.ts";
import { reachOf, secretFilesIn } from "../../src/schedule/secrets-reach.ts";
import {
  isEvenInterval,
  nameOf,
  schedulers,
  timeLimitSeconds,
  type ScheduledRun,
} from "../../src/schedule/scheduled-run.ts";
import { systemdEntry } from "../../src/schedule/systemd.ts";
import { createArguments, taskEntry, taskFileBytes } from "../../src/schedule/task-scheduler.ts";
import { scheduledRun, special } from "../support/scheduled-run.ts";

const name = anyText({ unit: constantFrom(...special), minLength: 1, maxLength: 12 });
const windowsName = anyText({
  unit: constantFrom(...special.filter((one) => !'"<>|*?\\'.includes(one))),
  minLength: 1,
  maxLength: 12,
});
/** What systemd takes for a program. */
const plainName = name.filter((one) => !/["'\\]/.test(one));
/** No more than one `%`: two are refused. */
const oneSign = windowsName.filter((one) => !/%.*%/.test(one));
const polled = (config: string) => ["poll", "--config", config, "--quiet"];
const intervals = Array.from({ length: 1441 }, (_minute, minutes) => minutes).filter(isEvenInterval);

function contentOf(entry: { files: readonly { content: string }[] }, index = 0): string {
  return entry.files[index]?.content ?? "";
}

/** The value of a setting of a unit. */
function setting(unit: string, key: string): string {
  return new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1] ?? "";
}

/** As systemd.syntax(7) and systemd.service(5) have it: words in quotes with C escapes, `%%`, and `$$` in arguments. */
function readBySystemd(line: string): string[] {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = ""]) => word);
  expect(words.map((word) => `"${word}"`).join(" ")).toBe(line);
  return words.map((word, index) => {
    const plain = word.replaceAll(/\\(.)/g, "$1").replaceAll(/%(.)/g, (_whole, next: string) => {
      expect(next).toBe("%");
      return "%";
    });
    if (index === 0) return plain;
    expect(plain.replaceAll("$$", "")).not.toContain("$");
    return plain.replaceAll("$$", "$");
  });
}

function readXml(text: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' };
  expect(text).toMatch(/^(?:(?![&<>])[\x20-\x7E]|&(?:#x[0-9A-F]+|amp|lt|gt|quot);)*$/);
  return text.replaceAll(/&(?:#x([0-9A-F]+)|(\w+));/g, (_whole, code?: string, entity?: string) =>
    code === undefined ? (entities[entity ?? ""] ?? "?") : String.fromCodePoint(Number.parseInt(code, 16)),
  );
}

/**
 * What a program gets from `cmd /s /c "..."`: variables are replaced first, then quotes protect all but quotes, and the C
 * runtime takes them away.
 */
function readByCmd(line: string, variables: readonly string[] = []): { words: string[]; output: string } {
  const inner = /^\/d \/s \/c "(.*)"$/.exec(line)?.[1] ?? "";
  const replaced = inner.replaceAll(/%([^%]+)%/g, (whole, variable: string) =>
    variables.includes(variable.toLowerCase()) ? "REPLACED" : whole,
  );
  expect(replaced.replace(/ 2>&1$/, "").replaceAll(/"[^"]*"/g, "")).toMatch(/^[\w -]* >> $/);
  const [, call = "", output = ""] = /^((?:"[^"]*"|[^">])*) >> "([^"]*)" 2>&1$/.exec(replaced) ?? [];
  const words = [...call.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ""));
  return { words, output };
}

/** The arguments of `cmd` in the task. */
function argumentsIn(run: Partial<ScheduledRun>): string {
  return readXml(/<Arguments>(.*)<\/Arguments>/.exec(contentOf(taskEntry(scheduledRun(run))))?.[1] ?? "");
}

describe("the units of systemd", () => {
  test("call poll with these paths, letter by letter, whatever is in them", () => {
    assert(
      property(plainName, name, name, (node, config, secret) => {
        const secretFiles = { SAGE_SLACK_SLACK_TOKEN_FILE: `/s/${secret}` };
        const unit = contentOf(
          systemdEntry(scheduledRun({ node: `/n/${node}`, config: `/a/${config}`, secretFiles })),
        );

        const [program, , ...args] = readBySystemd(setting(unit, "ExecStart"));
        expect([program, ...args]).toEqual([`/n/${node}`, ...polled(`/a/${config}`)]);
        expect(readBySystemd(setting(unit, "Environment"))).toEqual([
          `SAGE_SLACK_SLACK_TOKEN_FILE=/s/${secret}`,
        ]);
        expect(unit.split("\n").filter((line) => line.endsWith("\\"))).toEqual([]);
      }),
    );
  });

  test.each(['"', "'", "\\"])("are not made for a node that systemd refuses: %s (config)", (character) => {
    const node = `/opt/no${character}de/bin/node`;

    expect(() => systemdEntry(scheduledRun({ node }))).toThrow(
      expect.objectContaining({ kind: "config", hint: expect.stringContaining("--for cron") as string }),
    );
  });

  test("make up for a missed run, and end none before it would end", () => {
    const [service, timer] = systemdEntry(scheduledRun({ maxDuration: 1000 })).files;

    expect(setting(timer?.content ?? "", "Persistent")).toBe("true");
    expect(Number(setting(service?.content ?? "", "TimeoutStartSec"))).toBeGreaterThan(1000);
    expect(setting(service?.content ?? "", "ExecStart")).toContain('"--max-duration" "1000"');
    const endless = contentOf(systemdEntry(scheduledRun({ maxDuration: Number.POSITIVE_INFINITY })));
    expect(setting(endless, "TimeoutStartSec")).toBe("infinity");
    expect(setting(endless, "ExecStart")).toContain('"--max-duration" "none"');
  });
});

describe("the agent of launchd", () => {
  test("calls poll with these paths, letter by letter, whatever is in them", () => {
    assert(
      property(name, name, (config, secret) => {
        const secretFiles = { SAGE_SLACK_SLACK_TOKEN_FILE: `/s/${secret}` };
        const list = contentOf(launchdEntry(scheduledRun({ config: `/a/${config}`, secretFiles })));

        const strings = [...list.matchAll(/<string>(.*)<\/string>/g)].map(([, text = ""]) => readXml(text));
        expect(strings.slice(3, 8)).toEqual([...polled(`/a/${config}`), `/s/${secret}`]);
      }),
    );
  });

  test.each(intervals)("starts by the clock every %i minutes", (everyMinutes) => {
    const list = contentOf(launchdEntry(scheduledRun({ everyMinutes })));
    const count = (key: string) => list.split(`<key>${key}</key>`).length - 1;

    expect(count("Minute")).toBe(1440 / everyMinutes / (everyMinutes < 60 ? 24 : 1));
    expect(count("Hour")).toBe(everyMinutes < 60 ? 0 : 1440 / everyMinutes);
  });
});

describe("the task of Windows", () => {
  test("calls poll with these paths, letter by letter, whatever is in them", () => {
    assert(
      property(oneSign, oneSign, (config, output) => {
        const run = {
          node: String.raw`C:\Program Files\nodejs\node.exe`,
          script: String.raw`C:\Users\J&J\npm\sage-slack.js`,
          config: `C:\\${config}.json`,
          outputFile: `D:\\${output}.log`,
        };

        expect(readByCmd(argumentsIn(run), ["temp", config.toLowerCase()])).toEqual({
          words: [run.node, run.script, ...polled(run.config)],
          output: run.outputFile,
        });
      }),
    );
  });

  test("the reader of this test replaces a variable, and splits where quotes are missing", () => {
    expect(readByCmd(String.raw`/d /s /c ""C:\%TEMP%\x" a b >> "y" 2>&1"`, ["temp"])).toEqual({
      words: [String.raw`C:\REPLACED\x`, "a", "b"],
      output: "y",
    });
  });

  test("names the files of secrets before it calls", () => {
    const secretFiles = { SAGE_SLACK_SLACK_TOKEN_FILE: String.raw`C:\Secret Files\a&b` };

    expect(argumentsIn({ secretFiles })).toContain(
      String.raw`/c "set "SAGE_SLACK_SLACK_TOKEN_FILE=C:\Secret Files\a&b"&& "`,
    );
  });

  test.each([
    { secretFiles: { SAGE_SLACK_SLACK_TOKEN_FILE: String.raw`C:\%TEMP%\token` } },
    { config: String.raw`C:\%TEMP%\sage-slack.json` },
    { outputFile: '/a/"b".log' },
  ])("refuses what its command line cannot hold: %j (config)", (run) => {
    expect(() => taskEntry(scheduledRun(run))).toThrow(
      expect.objectContaining({ kind: "config", hint: expect.stringContaining("Rename") as string }),
    );
  });

  test("is a file in UTF-16 with a mark, and declares it", () => {
    const content = contentOf(taskEntry(scheduledRun({ config: "C:\\Bücher\\x.json" }), "FIRMA\\jürgen"));
    const bytes = taskFileBytes(content);

    expect([...bytes.subarray(0, 2)]).toEqual([0xff, 0xfe]);
    expect(bytes.toString("utf16le").slice(1)).toBe(
      content.replace('version="1.0"?', 'version="1.0" encoding="UTF-16"?'),
    );
    expect(content).toContain("<UserId>FIRMA\\j&#xFC;rgen</UserId>");
  });

  test.each([
    ["password", "Password", true],
    ["no-password", "S4U", false],
    ["logged-on", "InteractiveToken", false],
  ] as const)("logs on as --logon %s says", (logon, type, asks) => {
    const args = createArguments({ name: "sage-slack-1", file: "x.xml", logon, account: "FIRMA\\j" });

    expect(contentOf(taskEntry(scheduledRun({ logon })))).toContain(`<LogonType>${type}</LogonType>`);
    expect(args.slice(0, 5)).toEqual(["/Create", "/TN", "sage-slack-1", "/XML", "x.xml"]);
    expect(args.join(" ").includes("/RU FIRMA\\j /RP *")).toBe(asks);
    expect(args.at(-1)).toBe("/F");
  });
});

describe("an entry", () => {
  test("has a name for each configuration, on Windows whatever the case of its letters", () => {
    expect(nameOf("/etc/a.json")).toMatch(/^sage-slack-[0-9a-f]{8}$/);
    expect(nameOf("/etc/a.json")).not.toBe(nameOf("/etc/A.json"));
    expect(nameOf(String.raw`C:\Books\a.json`)).toBe(nameOf(String.raw`c:\books\A.json`));
  });

  test("gives a run more time than it takes itself", () => {
    assert(
      property(integer({ min: 1, max: 9_999_999 }), (maxDuration) => {
        const limit = timeLimitSeconds(scheduledRun({ maxDuration })) ?? 0;

        expect(limit).toBeGreaterThanOrEqual(maxDuration + 300);
        expect(limit % 60).toBe(0);
      }),
    );
    expect(timeLimitSeconds(scheduledRun({ maxDuration: Number.POSITIVE_INFINITY }))).toBeNull();
  });

  test.each(["/a/b\nc.json", "/a/\u202Eb.json", "/a/\uFEFF.json", "/a/\u001B[2J"])(
    "is not made for a path that nobody can see: %j",
    (config) => {
      for (const scheduler of schedulers) {
        expect(() => entryFor(scheduler, scheduledRun({ config }), {})).toThrow(
          expect.objectContaining({ kind: "config" }),
        );
      }
    },
  );

  test("takes over where secrets are, in full, and never a secret", () => {
    const env = {
      SAGE_SLACK_SAGE_USER: "webapi",
      SAGE_SLACK_SAGE_USER_FILE: "ignored, as by a run",
      SAGE_SLACK_SAGE_PASSWORD_FILE: "secrets/password",
      SAGE_SLACK_SLACK_TOKEN_FILE: "/run/secrets/token",
      SAGE_SLACK_SIGNING_SECRET_FILE: "",
    };

    expect(secretFilesIn(env, "/srv")).toEqual({
      SAGE_SLACK_SAGE_PASSWORD_FILE: "/srv/secrets/password",
      SAGE_SLACK_SLACK_TOKEN_FILE: "/run/secrets/token",
    });
  });

  test.each([
    ["windows", "password", "yes"],
    ["windows", "no-password", "no"],
    ["windows", "logged-on", "yes"],
    ["cron", "password", "no"],
    ["systemd", "password", "while logged on"],
    ["launchd", "password", "while logged on"],
  ] as const)("tells for %s (%s) whether the keychain can be read: %s", (scheduler, logon, keychain) => {
    const reach = reachOf(scheduler, scheduledRun({ logon }));

    expect(reach.keychain).toBe(keychain);
    expect(keychain === "yes" || reach.advice.includes("SAGE_SLACK_SLACK_TOKEN_FILE")).toBe(true);
  });
});

import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { launchdEntry } from "../../src/schedule/launchd.ts";
import { isEvenInterval, logons, type ScheduledRun } from "../../src/schedule/scheduled-run.ts";
import { systemdEntry } from "../../src/schedule/systemd.ts";
import { taskEntry, taskFileBytes } from "../../src/schedule/task-scheduler.ts";
import { scheduledRun, special } from "../support/scheduled-run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const examples = join(import.meta.dirname, "../../examples");
const schema = join(import.meta.dirname, "../fixtures/task-scheduler.xsd");
const intervals = Array.from({ length: 1441 }, (_minute, minutes) => minutes).filter(isEvenInterval);
const awkward = special.join("");

/** Whether a tool is there; says so when it is not. */
function has(tool: string, version: string): boolean {
  const isThere = spawnSync(tool, [version]).error === undefined;
  if (!isThere) process.stderr.write(`nothing is checked by ${tool}, which is not installed\n`);
  return isThere;
}

function call(tool: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(tool, args, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], TZ: "UTC", LC_ALL: "C.UTF-8" },
  });
  return { status, said: `${stdout}${stderr}` };
}

describe.runIf(has("systemd-analyze", "--version"))("systemd-analyze", () => {
  let node = process.execPath;
  let folder = "";

  beforeAll(async () => {
    const directory = await temporaryDirectory();
    folder = directory.path;
    node = join(folder, `node %n ${awkward.replaceAll(/["'\\/]/g, "")}`);
    await symlink(process.execPath, node);
    return () => directory[Symbol.asyncDispose]();
  });

  async function verify(run: Partial<ScheduledRun>, change = (unit: string) => unit) {
    const { name, files } = systemdEntry(scheduledRun({ node, ...run }));
    const at = join(folder, `units-${(await readdir(folder)).length}`);
    await mkdir(at);
    const paths = files.map(({ path }) => join(at, path?.split("/").at(-1) ?? ""));
    for (const [index, { content }] of files.entries())
      await writeFile(paths[index] ?? "", change(content), { mode: 0o644 });
    expect(paths).toEqual([join(at, `${name}.service`), join(at, `${name}.timer`)]);
    return call("systemd-analyze", "verify", "--man=no", ...paths);
  }

  test.each(intervals)(
    "takes the units for every %i minutes, and calls them as often",
    async (everyMinutes) => {
      expect(await verify({ everyMinutes })).toEqual({ status: 0, said: "" });
      const [, calendar = ""] =
        /^OnCalendar=(.*)$/m.exec(systemdEntry(scheduledRun({ everyMinutes })).files[1]?.content ?? "") ?? [];
      const { said } = call("systemd-analyze", "calendar", "--iterations=3", calendar);
      const times = [...said.matchAll(/(?:\(in UTC\)|Next elapse|Iter(?:ation|\.) #\d): \w+ (\S+ \S+) UTC/g)];
      const [first, second] = times
        .slice(-2)
        .map(([, time = ""]) => Date.parse(`${time.replace(" ", "T")}Z`));
      expect((second ?? 0) - (first ?? 0)).toBe(everyMinutes * 60_000);
    },
  );

  test("takes the units of paths with everything in them, and finds the program", async () => {
    const run = {
      config: `/etc/${awkward}/sage-slack.json`,
      secretFiles: { SAGE_SLACK_SLACK_TOKEN_FILE: `/etc/${awkward}/token` },
    };

    expect(await verify(run)).toEqual({ status: 0, said: "" });
    expect((await verify(run, (unit) => unit.replaceAll("%%", "%"))).said).not.toBe("");
    expect((await verify(run, (unit) => unit.replaceAll('"', ""))).said).not.toBe("");
  });

  test("SR-59 takes the units of a server, and finds them little exposed", async () => {
    const [service, timer] = ["sage-slack.service", "sage-slack.timer"].map((name) => join(folder, name));
    const text = await readFile(join(examples, "systemd-system.service"), "utf8");
    await writeFile(service ?? "", text.replace("/usr/bin/node", process.execPath), { mode: 0o644 });
    await copyFile(join(examples, "systemd-system.timer"), timer ?? "");

    expect(call("systemd-analyze", "verify", "--man=no", service ?? "", timer ?? "")).toEqual({
      status: 0,
      said: "",
    });
    const exposure = (file: string) =>
      call("systemd-analyze", "security", "--offline=true", "--threshold=30", file).status;
    expect(exposure(service ?? "")).toBe(0);
    const bare = join(folder, "bare.service");
    await writeFile(bare, text.slice(0, text.indexOf("UMask=")), { mode: 0o644 });
    expect(exposure(bare)).not.toBe(0);
  });
});

/** The exit status of xmllint for a file with this content. */
async function check(content: string | Buffer, ...args: string[]) {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "file.xml");
  await writeFile(file, content);
  return call("xmllint", "--nonet", "--noout", ...args, file).status;
}

describe.runIf(has("xmllint", "--version"))("xmllint", () => {
  const windows = { config: "C:\\Büro & Söhne\\漢 100%.json" };
  const tasks = [
    ...logons.map((logon) => ({ logon })),
    ...intervals.map((everyMinutes) => ({ everyMinutes })),
    { maxDuration: Number.POSITIVE_INFINITY },
    { maxDuration: 9_999_999 },
    { secretFiles: { SAGE_SLACK_SLACK_TOKEN_FILE: "C:\\a & b\\token" } },
  ];

  test.each(tasks)("takes the task of %j by the transcription of Microsoft's schema", async (parts) => {
    const content =
      taskEntry(scheduledRun({ ...windows, ...parts }), "FIRMA\\jürgen").files[0]?.content ?? "";

    expect(await check(content, "--schema", schema)).toBe(0);
    expect(await check(taskFileBytes(content), "--schema", schema)).toBe(0);
  });

  test.each([
    ["a policy that there is not", "IgnoreNew", "Ignore"],
    [
      "an order that the schema does not have",
      /(\s+<Enabled>true<\/Enabled>)(\s+<StartBoundary>.*?<\/StartBoundary>)/s,
      "$2$1",
    ],
    ["an interval that is too short", "PT5M", "PT30S"],
    ["a duration that is none", "PT9M", "9 minutes"],
    ["an account that nobody declared", 'Context="Author"', 'Context="System"'],
    ["an element of another kind", "<RunLevel>", "<RunLevel><!-- --></RunLevel><Level>"],
    ["no action", /<Exec>.*<\/Exec>/s, ""],
  ])("refuses a task with %s", async (_name, part, other) => {
    const content = taskEntry(scheduledRun(windows)).files[0]?.content ?? "";

    expect(content.replace(part, other)).not.toBe(content);
    expect(await check(content.replace(part, other), "--schema", schema)).not.toBe(0);
  });

  test("takes the example of the task, and every list for launchd", async () => {
    expect(await check(await readFile(join(examples, "task-scheduler.xml")), "--schema", schema)).toBe(0);
    for (const everyMinutes of intervals) {
      const run = scheduledRun({ everyMinutes, config: `/Users/${awkward}/x.json` });
      expect(await check(launchdEntry(run).files[0]?.content ?? "")).toBe(0);
    }
  });
});

describe.runIf(has("python3", "--version"))("the reader of property lists that comes with Python", () => {
  test("reads what was meant", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "agent.plist");
    const run = scheduledRun({
      everyMinutes: 720,
      config: `/Users/${awkward}/x.json`,
      secretFiles: { SAGE_SLACK_SLACK_TOKEN_FILE: `/Users/${awkward}/token` },
    });
    await writeFile(file, launchdEntry(run).files[0]?.content ?? "");
    const script = "import json,plistlib,sys; print(json.dumps(plistlib.load(open(sys.argv[1],'rb'))))";

    expect(JSON.parse(call("python3", "-c", script, file).said)).toMatchObject({
      ProgramArguments: [run.node, run.script, "poll", "--config", run.config, "--quiet"],
      EnvironmentVariables: run.secretFiles,
      StartCalendarInterval: [
        { Hour: 0, Minute: 0 },
        { Hour: 12, Minute: 0 },
      ],
      StandardOutPath: run.outputFile,
    });
  });
});

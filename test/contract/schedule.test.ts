import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { entryFor } from "../../src/schedule/entry.ts";
import { installEntry, removeEntry } from "../../src/schedule/install.ts";
import { nameOf, type Logon } from "../../src/schedule/scheduled-run.ts";
import { scheduledRun } from "../support/scheduled-run.ts";
import { schedulerTools } from "../support/scheduler-tools.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { startWorld, type World } from "../support/world.ts";

async function scheduledWorld(missing: readonly string[] = []) {
  const world = await startWorld();
  for (const name of Object.keys(world.env)) delete world.env[name];
  const tools = await schedulerTools(world.directory, missing);
  Object.assign(world.env, { PATH: tools.path, HOME: world.directory });
  return { world, tools, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

function configOf({ directory }: World): string {
  return join(directory, "sage-slack.json");
}

describe("schedule", () => {
  test("prints the entry on standard output, and what to do with it on standard error", async () => {
    await using scene = await scheduledWorld();
    const { world, tools } = scene;

    const { code, stdout, stderr } = await world.run("schedule", "--for", "cron");

    expect(code).toBe(0);
    const [comment, line, ...rest] = stdout.split("\n");
    expect(comment).toBe(`# sage-slack schedule, the line below, for ${configOf(world)}`);
    expect(line).toMatch(
      /^\*\/5 \* \* \* \* umask 077; .*\/bin\/sage-slack\.js poll --config .* --quiet >> /,
    );
    expect(line).toContain(process.execPath);
    expect(rest).toEqual([""]);
    expect(stderr).toContain('Next: add both lines with "crontab -e"');
    expect(stderr).toContain(`Output of the runs: ${world.directory}/sage-slack.output.log`);
    expect(stderr).toContain("Secrets: cron has no D-Bus session");
    expect(await tools.calls()).toEqual([]);
    expect((await world.run("schedule", "--for", "cron", "--quiet")).stderr).toBe("");
  });

  test.each([
    ["windows", expect.any(String) as unknown],
    ["cron", null],
    ["systemd", expect.any(String) as unknown],
    ["launchd", expect.any(String) as unknown],
  ])("prints the entry of %s on every system, and as JSON", async (scheduler, runNow) => {
    await using scene = await scheduledWorld();
    const { world } = scene;

    const plain = await world.run("schedule", "--for", scheduler);
    const { code, stdout, stderr } = await world.run("schedule", "--for", scheduler, "--json");

    expect({ plain: plain.code, code, stderr }).toEqual({ plain: 0, code: 0, stderr: "" });
    const document = JSON.parse(stdout) as { files: { content: string }[] };
    expect(document).toEqual({
      scheduler,
      name: nameOf(configOf(world)),
      config: configOf(world),
      done: "printed",
      everyMinutes: 5,
      files: expect.any(Array) as unknown,
      commands: {
        install: expect.any(Array) as unknown,
        remove: expect.any(Array) as unknown,
        runNow,
      },
      output: expect.any(String) as unknown,
      secrets: {
        keychain: expect.any(String) as unknown,
        advice: expect.any(String) as unknown,
        files: {},
      },
      notes: expect.any(Array) as unknown,
    });
    for (const { content } of document.files) expect(plain.stdout).toContain(content.trimEnd());
  });

  test("takes the paths of secrets over and tells of what it does not", async () => {
    await using scene = await scheduledWorld();
    const { world } = scene;
    Object.assign(world.env, {
      SAGE_SLACK_SLACK_TOKEN: "xoxb-not-to-be-seen",
      SAGE_SLACK_SAGE_PASSWORD_FILE: "secret/password",
      HTTPS_PROXY: "http://proxy.example.com:3128",
    });
    await world.configure({ sage: { url: "https://erp.example.com/Sage300WebApi" } });

    const { stdout, stderr } = await world.run("schedule", "--for", "cron");

    expect(stdout).toContain(`SAGE_SLACK_SAGE_PASSWORD_FILE=${world.directory}/secret/password `);
    expect(stderr).toContain("SAGE_SLACK_SLACK_TOKEN: set here, and no entry takes a secret over.");
    expect(stderr).toContain('name it in "sage.proxy" and "slack.proxy"');
    expect(stdout + stderr).not.toContain("xoxb-not");
  });

  test.each([
    [["--for", "cron", "--logon", "password"], "--logon belongs to --for windows"],
    [["--for", "windows", "--install"], "Windows Task Scheduler is not on this machine"],
    [["--for", "launchd", "--remove"], "launchd is not on this machine"],
    [["--install", "--remove"], "cannot be used with"],
    [["--every", "7"], "It takes minutes that divide"],
    [["--every", "0"], "It takes minutes that divide"],
    [["--max-duration", "soon"], 'It takes a number of seconds, or "none"'],
    [["--for", "corn"], "Allowed choices are windows, cron, systemd, launchd."],
    [["--instal"], "(Did you mean --install?)"],
  ])("refuses %j (2)", async (flags, words) => {
    await using scene = await scheduledWorld();
    const { world, tools } = scene;

    const { code, stdout, stderr } = await world.run("schedule", ...flags);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(await tools.calls()).toEqual([]);
  });

  test("makes no entry for a configuration that a run would refuse (2)", async () => {
    await using scene = await scheduledWorld();
    const { world, tools } = scene;
    await writeFile(configOf(world), "{}", { mode: 0o600 });

    expect((await world.run("schedule", "--for", "cron", "--install")).code).toBe(2);
    expect(await tools.calls()).toEqual([]);
  });
});

describe("schedule --install for cron", () => {
  test("adds its lines once, byte by byte beside the others, and --remove takes them away again", async () => {
    await using scene = await scheduledWorld();
    const { world, tools } = scene;
    const others = Buffer.from("MAILTO=it@example.com\n# B\xfccher\n0 3 * * * backup --all \\%d", "latin1");
    await tools.keep("table", others);
    const flags = ["schedule", "--for", "cron", "--every", "15"];

    const first = await world.run(...flags, "--install");
    const table = await tools.kept("table");
    const second = await world.run(...flags, "--install");

    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/^Installed sage-slack-[0-9a-f]{8} in cron: every 15 minutes, for /);
    expect(first.stdout).toContain('Next: after 15 minutes "sage-slack status" shows the first run.');
    expect(second).toEqual(first);
    expect(await tools.kept("table")).toEqual(table);
    expect(table.subarray(0, others.length)).toEqual(others);
    expect(table.toString("latin1")).toContain("\n*/15 * * * * umask 077;");

    const removed = await world.run("schedule", "--for", "cron", "--remove");

    expect(removed.stdout).toMatch(/^Removed sage-slack-[0-9a-f]{8} from cron\.\n$/);
    expect(await tools.kept("table")).toEqual(Buffer.concat([others, Buffer.from("\n")]));
    const again = await world.run("schedule", "--for", "cron", "--remove", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ done: "not there", config: configOf(world) });
  });

  test("of two configurations makes two entries, and removes one of them, also when its file is gone", async () => {
    await using scene = await scheduledWorld();
    const { world, tools } = scene;
    const other = join(world.directory, "it's 100% other.json");
    await writeFile(other, await readFile(configOf(world)), { mode: 0o600 });
    await world.run("schedule", "--for", "cron", "--install");
    const one = await tools.kept("table");

    await world.run("schedule", "--for", "cron", "--install", "--config", other);
    const two = (await tools.kept("table")).toString();
    await rm(other);
    const { code } = await world.run("schedule", "--for", "cron", "--remove", "--config", other);

    expect(two.match(/^# sage-slack schedule/gm)?.length).toBe(2);
    expect(code).toBe(0);
    expect(await tools.kept("table")).toEqual(one);
  });

  test("SR-6 makes the folder that the output goes to, and gives no secret to the tools", async () => {
    await using scene = await scheduledWorld();
    const { world, tools } = scene;
    const config = JSON.parse(await readFile(configOf(world), "utf8")) as object;
    await writeFile(configOf(world), JSON.stringify({ ...config, stateDir: "state/here" }), { mode: 0o600 });
    Object.assign(world.env, { SAGE_SLACK_SLACK_TOKEN: "xoxb-1", HTTPS_PROXY: "http://u:p@proxy" });

    const { code } = await world.run("schedule", "--for", "cron", "--install");

    expect(code).toBe(0);
    expect((await stat(join(world.directory, "state/here"))).mode & 0o777).toBe(0o700);
    const environment = (await tools.kept("environment")).toString();
    expect(environment).toContain("HOME=");
    expect(environment).not.toMatch(/xoxb-1|proxy/);
  });

  test.each([
    ["the table cannot be read", [], "must be privileged", "must be privileged"],
    ["there is no crontab", ["crontab"], null, 'there is no "crontab" on this machine'],
  ])("where %s, says so, and writes nothing (2)", async (_name, missing, refusal, words) => {
    await using scene = await scheduledWorld(missing);
    const { world, tools } = scene;
    await tools.keep("table", "0 3 * * * backup\n");
    if (refusal !== null) await tools.keep("refusal", refusal);

    const { code, stdout, stderr } = await world.run("schedule", "--for", "cron", "--install");

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr).toMatch(/\n {2}(?:May this user have a crontab|Install cron)/);
    expect((await tools.kept("table")).toString()).toBe("0 3 * * * backup\n");
  });
});

describe("schedule --install for systemd", () => {
  test("writes two units of the user and starts the timer; --remove stops and removes them", async () => {
    await using scene = await scheduledWorld();
    const { world, tools } = scene;
    const name = nameOf(configOf(world));
    const folder = join(world.directory, ".config/systemd/user");

    const first = await world.run("schedule", "--for", "systemd", "--install");
    const printed = await world.run("schedule", "--for", "systemd");
    const units = await readdir(folder);

    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toContain(`"systemctl --user start ${name}.service" starts it now.`);
    expect(first.stdout).toContain("loginctl enable-linger");
    expect(units.toSorted()).toEqual([`${name}.service`, `${name}.timer`]);
    for (const unit of units)
      expect(printed.stdout).toContain((await readFile(join(folder, unit), "utf8")).trimEnd());
    expect(await tools.calls()).toEqual([
      "systemctl --user daemon-reload",
      `systemctl --user enable ${name}.timer`,
      `systemctl --user restart ${name}.timer`,
    ]);

    await writeFile(join(folder, "other.timer"), "");
    const removed = await world.run("schedule", "--for", "systemd", "--remove");
    const again = await world.run("schedule", "--for", "systemd", "--remove");

    expect(removed.stdout).toContain("Removed");
    expect(again.stdout).toContain("Nothing is scheduled");
    expect(await readdir(folder)).toEqual(["other.timer"]);
    expect(await tools.calls()).toContain(`systemctl --user disable --now ${name}.timer`);
  });

  test("without systemd of this user says what to do (2)", async () => {
    await using scene = await scheduledWorld();
    await scene.tools.keep("refusal", "Failed to connect to bus: No medium found");

    const { code, stderr } = await scene.world.run("schedule", "--for", "systemd", "--install");

    expect(code).toBe(2);
    expect(stderr).toContain(
      '"systemctl --user daemon-reload" failed: Failed to connect to bus: No medium found',
    );
    expect(stderr).toContain("loginctl enable-linger");
  });

  test("without systemctl, or without a folder that can be written to, says so (2)", async () => {
    await using scene = await scheduledWorld(["systemctl"]);
    const { world } = scene;

    expect((await world.run("schedule", "--for", "systemd", "--install")).stderr).toContain(
      'there is no "systemctl" on this machine\n  This system has no systemd: use --for cron.',
    );
    await rm(join(world.directory, ".config"), { recursive: true });
    await writeFile(join(world.directory, ".config"), "a file");
    const { code, stderr } = await world.run("schedule", "--for", "systemd", "--install");
    expect(code).toBe(2);
    expect(stderr).toContain("cannot make ");
  });
});

/** An order for a scheduler that is not of this system, and its tools. */
async function elsewhere(scheduler: "windows" | "launchd", logon: Logon = "no-password") {
  const directory = await temporaryDirectory();
  const tools = await schedulerTools(directory.path);
  const env = { PATH: tools.path, HOME: directory.path, USERDOMAIN: "FIRMA", USERNAME: "jürgen" };
  const run = scheduledRun({ logon });
  const entry = entryFor(scheduler, run, env);
  return {
    tools,
    entry,
    config: run.config,
    home: directory.path,
    install: (isTerminal = true) =>
      installEntry(scheduler, { entry, config: run.config, logon }, { env, isTerminal }),
    remove: () => removeEntry(scheduler, run.config, { env, isTerminal: false }),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe("the installer for Windows", () => {
  test("gives schtasks a file in UTF-16 and removes what it made", async () => {
    await using place = await elsewhere("windows");

    await place.install();
    await place.install();
    const task = (await place.tools.kept("task.xml")).toString("utf16le");
    const calls = await place.tools.calls();

    expect(task).toMatch(/^\uFEFF<\?xml version="1\.0" encoding="UTF-16"\?>\n<Task /);
    expect(task).toContain("<UserId>FIRMA\\j&#xFC;rgen</UserId>");
    expect(calls[1]).toMatch(new RegExp(`^schtasks /Create /TN ${place.entry.name} /XML \\S+\\.xml /F$`));
    await expect(stat(calls[0]?.split(" ")[5] ?? "")).rejects.toThrow("ENOENT");
    expect([await place.remove(), await place.remove()]).toEqual([true, false]);
  });

  test("asks for the password on the terminal, and nowhere else", async () => {
    await using place = await elsewhere("windows", "password");

    await expect(place.install(false)).rejects.toMatchObject({ kind: "usage" });
    expect(await place.tools.calls()).toEqual([]);
    await place.install();
    expect((await place.tools.calls())[0]).toContain("/RU FIRMA\\jürgen /RP * /F");
  });

  test("tells what schtasks said when it refuses", async () => {
    await using place = await elsewhere("windows");
    await place.tools.keep("refusal", "ERROR: Access is denied.");

    await expect(place.install()).rejects.toMatchObject({
      kind: "config",
      message: expect.stringMatching(/^"schtasks \/Create .*" failed: ERROR: Access is denied\.$/) as string,
      hint: expect.stringContaining("administrator") as string,
    });
  });
});

describe("the installer for launchd", () => {
  test("writes an agent, loads it anew, and removes it", async () => {
    await using place = await elsewhere("launchd");
    const file = join(place.home, "Library/LaunchAgents", `${place.entry.name}.plist`);

    await place.install();
    await place.install();

    expect(await readFile(file, "utf8")).toBe(place.entry.files[0]?.content);
    const calls = await place.tools.calls();
    expect(calls.slice(2)).toEqual(calls.slice(0, 2));
    expect(calls[1]).toMatch(new RegExp(`^launchctl bootstrap gui/\\d+ ${file}$`));
    expect([await place.remove(), await place.remove()]).toEqual([true, false]);
  });

  test("tells what launchctl said when it refuses", async () => {
    await using place = await elsewhere("launchd");
    await mkdir(join(place.home, "Library"), { recursive: true });
    await place.tools.keep("refusal", "Bootstrap failed: 125: Domain does not support specified action");

    await expect(place.install()).rejects.toMatchObject({
      kind: "config",
      message: expect.stringContaining("Bootstrap failed: 125") as string,
      hint: expect.stringContaining("Log on to the desktop") as string,
    });
  });
});

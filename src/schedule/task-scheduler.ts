import { AppError } from "../errors.ts";
import {
  nameOf,
  pollArguments,
  timeLimitSeconds,
  type Entry,
  type Logon,
  type ScheduledRun,
} from "./scheduled-run.ts";
import { xmlText } from "./xml-text.ts";

/** The file that the printed commands speak of. */
export const taskFile = "sage-slack-task.xml";

/**
 * A task of Windows, by https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema.
 *
 * @param account `DOMAIN\user` where it is known; else the one that `schtasks` is called with
 * @throws AppError `config` for a path that the command line of Windows cannot hold
 */
export function taskEntry(run: ScheduledRun, account?: string): Entry {
  return {
    name: nameOf(run.config),
    files: [{ path: taskFile, content: taskOf(run, account) }],
    output: run.outputFile,
  };
}

const logonTypes: Readonly<Record<Logon, string>> = {
  password: "Password",
  "no-password": "S4U",
  "logged-on": "InteractiveToken",
};

/**
 * A start that was missed is made up for, a second instance is not started, batteries do not matter, and nothing ends
 * a run before it would end by itself. The settings are the schema's; what they do not name has its default.
 */
function taskOf(run: ScheduledRun, account?: string): string {
  const limit = timeLimitSeconds(run);
  const user = account === undefined ? [] : [`      <UserId>${xmlText(account)}</UserId>`];
  return [
    '<?xml version="1.0"?>',
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    "  <RegistrationInfo>",
    "    <Source>sage-slack</Source>",
    `    <Description>${xmlText(`sage-slack poll for ${run.config}`)}</Description>`,
    "  </RegistrationInfo>",
    "  <Triggers>",
    "    <TimeTrigger>",
    "      <Enabled>true</Enabled>",
    "      <StartBoundary>2026-01-01T00:00:00</StartBoundary>",
    "      <Repetition>",
    `        <Interval>PT${run.everyMinutes}M</Interval>`,
    "      </Repetition>",
    "    </TimeTrigger>",
    "  </Triggers>",
    "  <Principals>",
    '    <Principal id="Author">',
    ...user,
    `      <LogonType>${logonTypes[run.logon]}</LogonType>`,
    "      <RunLevel>LeastPrivilege</RunLevel>",
    "    </Principal>",
    "  </Principals>",
    "  <Settings>",
    "    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>",
    "    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>",
    "    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>",
    "    <StartWhenAvailable>true</StartWhenAvailable>",
    "    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>",
    "    <Enabled>true</Enabled>",
    `    <ExecutionTimeLimit>${limit === null ? "PT0S" : `PT${limit / 60}M`}</ExecutionTimeLimit>`,
    "  </Settings>",
    '  <Actions Context="Author">',
    "    <Exec>",
    String.raw`      <Command>%SystemRoot%\System32\cmd.exe</Command>`,
    `      <Arguments>${xmlText(argumentsOf(run))}</Arguments>`,
    "    </Exec>",
    "  </Actions>",
    "</Task>",
    "",
  ].join("\n");
}

/** The task of Windows keeps nothing of what a program says, so `cmd` is asked to write it into a file. */
function argumentsOf(run: ScheduledRun): string {
  const files = Object.entries(run.secretFiles).map(([name, path]) => `set "${name}=${checked(path)}"&& `);
  const call = [run.node, run.script, ...pollArguments(run)].map(quoted).join(" ");
  return `/d /s /c "${files.join("")}${call} >> ${quoted(run.outputFile)} 2>&1"`;
}

function quoted(word: string): string {
  return /^[\w-]+$/.test(word) ? word : `"${checked(word)}"`;
}

/**
 * Within quotes all is harmless but another quote and what lies between two `%`: the name of a variable, which the
 * Task Scheduler and `cmd` would replace. From the `%` of one path to that of another there are quotes, and no
 * variable has them in its name.
 */
function checked(path: string): string {
  if (!/"|%.*%/.test(path)) return path;
  throw new AppError("config", `the command line of Windows cannot hold this path: ${path}`, {
    hint: 'Rename what has a quotation mark or two "%" in its name: Windows takes what is between them for a variable.',
  });
}

/** As `schtasks /XML` expects a file: UTF-16 with its mark. */
export function taskFileBytes(content: string): Buffer {
  const declared = content.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?>');
  return Buffer.from(`\uFEFF${declared}`, "utf16le");
}

export interface TaskCommand {
  readonly name: string;
  readonly file: string;
  readonly logon: Logon;
  readonly account: string | undefined;
}

/** The arguments of `schtasks` that make or replace the task; with `password` it asks for that. */
export function createArguments({ name, file, logon, account }: TaskCommand): string[] {
  const asking =
    logon === "password" ? ["/RU", account ?? String.raw`%USERDOMAIN%\%USERNAME%`, "/RP", "*"] : [];
  return ["/Create", "/TN", name, "/XML", file, ...asking, "/F"];
}

export function deleteArguments(name: string): string[] {
  return ["/Delete", "/TN", name, "/F"];
}

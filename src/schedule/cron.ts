import { AppError } from "../errors.ts";
import { nameOf, pollArguments, type Entry, type ScheduledRun } from "./scheduled-run.ts";

/** Vixie's cron and its descendants cut a longer command off, or refuse the whole table. */
const longestCommand = 998;

/** @throws AppError `config` for paths that are too long for cron */
export function cronEntry(run: ScheduledRun): Entry {
  const command = commandOf(run);
  if (Buffer.byteLength(command) > longestCommand) {
    throw new AppError("config", `the line is ${Buffer.byteLength(command)} bytes long, and cron takes 998`, {
      hint: "Give the configuration or the installation a shorter path, or use --for systemd.",
    });
  }
  return {
    name: nameOf(run.config),
    files: [{ path: null, content: `${markerOf(run.config)}\n${timesOf(run.everyMinutes)} ${command}\n` }],
    output: run.outputFile,
  };
}

function timesOf(minutes: number): string {
  if (minutes === 1) return "* * * * *";
  if (minutes < 60) return `*/${minutes} * * * *`;
  if (minutes === 60) return "0 * * * *";
  return minutes === 1440 ? "0 0 * * *" : `0 */${minutes / 60} * * *`;
}

/** The output is for the owner alone, like everything else that the program writes. */
function commandOf(run: ScheduledRun): string {
  const files = Object.entries(run.secretFiles).map(([name, path]) => `${name}=${quoted(path)} `);
  const call = [run.node, run.script, ...pollArguments(run)].map(quoted).join(" ");
  return `umask 077; ${files.join("")}${call} >> ${quoted(run.outputFile)} 2>&1`;
}

/**
 * For `sh`, by way of cron: that takes a `%` for the end of the command unless a backslash is before it, and some
 * crons halve a pair of backslashes. So no backslash of a path has another one, or a `%`, behind it.
 */
function quoted(word: string): string {
  if (/^[\w@+=:,./-]+$/.test(word)) return word;
  const inside = word.replaceAll(/['\\%]/g, (special) => replacements[special] ?? special);
  return `'${inside}'`;
}

const replacements: Readonly<Record<string, string>> = { "'": String.raw`'\''`, "\\": "\\''", "%": "\\%" };

/** The comment by which an entry is found again. */
function markerOf(config: string): string {
  return `# sage-slack schedule, the line below, for ${config}`;
}

/** The table with this entry in it, in place of the one that it may have had; every other line as it was. */
export function withEntry(table: string, entry: Entry, config: string): string {
  const others = withoutEntry(table, config);
  const separator = others === "" || others.endsWith("\n") ? "" : "\n";
  return `${others}${separator}${asBytes(entry.files[0]?.content ?? "")}`;
}

/**
 * The table without the entry of this configuration. A line is taken for ours when it is below our comment and calls
 * `poll` with our configuration: somebody may have put another in its place.
 */
export function withoutEntry(table: string, config: string): string {
  const [marker, call] = [asBytes(markerOf(config)), asBytes(`poll --config ${quoted(config)} `)];
  const lines = table.split(/(?<=\n)/);
  const isMarker = (index: number) => lines[index]?.replace(/\r?\n$/, "") === marker;
  const isOurs = (line: string, index: number) =>
    isMarker(index) || (isMarker(index - 1) && line.includes(call));
  return lines.filter((line, index) => !isOurs(line, index)).join("");
}

/** Tables are handled byte by byte: the other lines may be in any encoding. */
function asBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

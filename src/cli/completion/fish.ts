import type { CommandWords, Flag, Value } from "./vocabulary.ts";

export function fishCompletion(program: string, commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const none = `not __fish_seen_subcommand_from ${names}`;
  const lines = [
    `# fish completion for ${program}`,
    `complete -c ${program} -f`,
    `complete -c ${program} -n ${quoted(none)} -l help -d 'display help'`,
    `complete -c ${program} -n ${quoted(none)} -l version -d 'display the version'`,
    ...commands.flatMap((command) => linesOf(program, command, none)),
  ];
  return `${lines.join("\n")}\n`;
}

function linesOf(program: string, command: CommandWords, none: string): string[] {
  const { name, does, flags, arguments: all } = command;
  const start = `complete -c ${program} -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
  return [
    `complete -c ${program} -n ${quoted(none)} -a ${name} -d ${quoted(does)}`,
    ...all.flatMap(({ value }) => (value.kind === "words" ? [`${start} -a ${listOf(value.words)}`] : [])),
    ...flags.map((flag) => `${start} ${flagWords(flag)}`),
    ...flags.flatMap((flag) => furtherValues(program, name, flag)),
  ];
}

/** fish knows of one value a flag; those that follow are arguments to it. */
function furtherValues(program: string, command: string, { name, value, isVariadic }: Flag): string[] {
  if (!isVariadic || value?.kind !== "words") return [];
  const condition = `__fish_seen_subcommand_from ${command}; and __fish_contains_opt ${name.replace(/^--/, "")}`;
  return [`complete -c ${program} -n ${quoted(condition)} -a ${listOf(value.words)}`];
}

function flagWords({ name, does, value }: Flag): string {
  return `-l ${name.replace(/^--/, "")}${takenBy(value)} -d ${quoted(does)}`;
}

/** `-x`: a value and no file; `-r -F`: a value, files too. */
function takenBy(value: Value | null): string {
  if (value === null) return "";
  if (value.kind === "file") return " -r -F";
  return value.kind === "words" ? ` -x -a ${listOf(value.words)}` : " -x";
}

function listOf(words: readonly string[]): string {
  return quoted(words.join(" "));
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

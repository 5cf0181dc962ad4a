import type { CommandWords, Flag } from "./vocabulary.ts";

/** For bash 3.2 and later, which is what macOS still brings; without the bash-completion package. */
export function bashCompletion(program: string, commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name);
  const lists = new Set(
    commands.flatMap(({ flags }) => flags.filter(({ isVariadic }) => isVariadic).map(({ name }) => name)),
  );
  return `# bash completion for ${program}
_sage_slack() {
  local current="\${COMP_WORDS[COMP_CWORD]}" last="" asks="" index=$COMP_CWORD
  # The last flag before the cursor; --flag=value comes as three words.
  while ((--index > 1)); do
    if [[ \${COMP_WORDS[index]} == -* ]]; then last="\${COMP_WORDS[index]}"; break; fi
  done
  case "$((COMP_CWORD - index)) \${COMP_WORDS[index + 1]}" in 1\\ * | 2\\ =) asks="$last" ;; esac
  [[ $current == "=" ]] && current=""
  # These take one value after the other.
  case "$last" in ${[...lists].join(" | ")}) [[ $current == -* ]] || asks="$last" ;; esac
  if ((COMP_CWORD == 1)); then
    _sage_slack_offer "${[...names, "--help", "--version"].join(" ")}"
    return
  fi
  case "\${COMP_WORDS[1]} $asks" in
${commands.flatMap(branchesOf).join("\n")}
  esac
}
_sage_slack_offer() { COMPREPLY=($(compgen -W "$1" -- "$current")); }
# What is answered with nothing gets the names of files.
complete -o default -F _sage_slack ${program}
`;
}

function branchesOf({ name, flags, arguments: all }: CommandWords): string[] {
  const words = all.flatMap(({ value }) => (value.kind === "words" ? value.words : []));
  const offer = [...words, ...flags.map((flag) => flag.name)].join(" ");
  return [
    ...flags.flatMap((flag) => valueBranch(name, flag)),
    `    "${name} "*) _sage_slack_offer "${offer}" ;;`,
  ];
}

function valueBranch(command: string, { name, value }: Flag): string[] {
  switch (value?.kind) {
    case undefined:
      return [];
    case "words":
      return [`    "${command} ${name}") _sage_slack_offer "${value.words.join(" ")}" ;;`];
    case "file":
      return [`    "${command} ${name}") ;;`];
    case "other":
      return [`    "${command} ${name}") compopt +o default 2>/dev/null ;;`];
  }
}

import type { CommandWords, Flag, Value } from "./vocabulary.ts";

/** Works from a folder of `fpath` and when it is read by `source`. */
export function zshCompletion(program: string, commands: readonly CommandWords[]): string {
  return `#compdef ${program}
# zsh completion for ${program}
_sage_slack() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C '(- *)--help[display help]' '(- *)--version[display the version]' \\
    '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, does }) => `        ${quoted(`${escaped(name)}:${does}`)}`).join("\n")}
      )
      _describe command commands
      ;;
    argument)
      case $words[1] in
${commands.map(branchOf).join("\n")}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _sage_slack ]]; then _sage_slack "$@"; else compdef _sage_slack ${program}; fi
`;
}

function branchOf({ name, flags, arguments: all }: CommandWords): string {
  const specs = [
    ...flags.map(flagSpec),
    ...all.map((argument, index) => quoted(`${index + 1}::${argument.name}:${actionOf(argument.value)}`)),
  ];
  return `        ${name}) _arguments ${specs.map((spec) => `\\\n          ${spec}`).join(" ")} ;;`;
}

function flagSpec({ name, does, value, isVariadic }: Flag): string {
  const text = `[${escaped(does)}]`;
  if (value === null) return quoted(`${name}${text}`);
  // All words up to the next flag.
  if (isVariadic) return quoted(`*${name}${text}:*-*:value:${actionOf(value)}`);
  return quoted(`${name}=${text}:value:${actionOf(value)}`);
}

function actionOf(value: Value): string {
  if (value.kind === "words") return `(${value.words.join(" ")})`;
  return value.kind === "file" ? "_files" : " ";
}

function escaped(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, String.raw`\$&`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

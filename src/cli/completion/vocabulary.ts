import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** What follows a flag or stands as an argument: one of some words, a file, or something only the user knows. */
export type Value =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "file" }
  | { readonly kind: "other" };

export interface Flag {
  /** `--only`, without a value. */
  readonly name: string;
  readonly does: string;
  /** Null for a switch. */
  readonly value: Value | null;
  /** Takes one value after the other. */
  readonly isVariadic: boolean;
}

/** What can be typed after a command's name. */
export interface CommandWords {
  readonly name: string;
  readonly does: string;
  readonly arguments: readonly { readonly name: string; readonly value: Value }[];
  readonly flags: readonly Flag[];
}

/** Read off the commands themselves, so that nothing is completed that they would refuse. */
export function vocabularyOf(commands: readonly CommandUnknownOpts[]): CommandWords[] {
  return commands.map((command) => ({
    name: command.name(),
    does: command.description(),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      value: valueOf(argument.argChoices, argument.name()),
    })),
    flags: [...command.options.filter(({ hidden }) => !hidden).map(flagOf), help],
  }));
}

const help: Flag = { name: "--help", does: "display help for command", value: null, isVariadic: false };

type Option = CommandUnknownOpts["options"][number];

function flagOf({ long, flags, description, argChoices, variadic, required, optional }: Option): Flag {
  const [, valueName = ""] = /[<[]([\w-]+)/.exec(flags) ?? [];
  return {
    name: long ?? flags,
    does: description,
    value: required || optional ? valueOf(argChoices, valueName) : null,
    isVariadic: variadic,
  };
}

function valueOf(choices: readonly string[] | undefined, name: string): Value {
  if (choices !== undefined) return { kind: "words", words: choices };
  return { kind: name === "file" ? "file" : "other" };
}

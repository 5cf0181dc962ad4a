import type { CommandWords, Flag, Value } from "./vocabulary.ts";

/** For Windows PowerShell 5.1 and PowerShell 7. Where nothing is answered, PowerShell offers the names of files. */
export function powershellCompletion(program: string, commands: readonly CommandWords[]): string {
  return `# PowerShell completion for ${program}
Register-ArgumentCompleter -Native -CommandName ${program} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $typed = @($commandAst.CommandElements |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $command = if ($typed.Count -gt 1) { $typed[1] } else { '' }
  $flag = if ($typed.Count -gt 2) { $typed[-1] } else { '' }
  $offers = switch ($command) {
    '' {
${offersOf([...commands, ...programFlags], 6)}
    }
${commands.map(branchOf).join("\n")}
  }
  $offers | ForEach-Object {
    $name, $does = $_ -split '\\|', 2
    if ($name -like "$wordToComplete*") {
      [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $does)
    }
  }
}
`;
}

interface Offer {
  readonly name: string;
  readonly does: string;
}

const programFlags: readonly Offer[] = [
  { name: "--help", does: "display help" },
  { name: "--version", does: "display the version" },
];

function branchOf({ name, flags, arguments: all }: CommandWords): string {
  const words = all.flatMap(({ value }) => offersIn(value));
  return `    ${quoted(name)} {
      switch ($flag) {
${flags.map(valueBranch).join("")}        default {
${offersOf([...words, ...flags], 10)}
        }
      }
    }`;
}

function valueBranch({ name, value }: Flag): string {
  if (value === null) return "";
  return `        ${quoted(name)} {\n${offersOf(offersIn(value), 10)}\n        }\n`;
}

function offersIn(value: Value): Offer[] {
  return value.kind === "words" ? value.words.map((name) => ({ name, does: name })) : [];
}

function offersOf(offers: readonly Offer[], indent: number): string {
  return offers.map(({ name, does }) => `${" ".repeat(indent)}${quoted(`${name}|${does}`)}`).join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

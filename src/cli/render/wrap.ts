import { stripVTControlCharacters } from "node:util";

import type { Host } from "../host.ts";

/**
 * Lines as a terminal shows them without breaking a word; what goes on is indented below its beginning. Into a pipe
 * or a file a line goes whole. A command on a line of its own is left as it is, because people copy it.
 *
 * @param hang by how many columns more than its beginning the rest of a line is indented
 */
export function wrapLines(text: string, { isTTY, columns = 0 }: Host["stdout"], hang = 2): string {
  if (isTTY !== true || columns === 0) return text;
  return text
    .split("\n")
    .map((line) => (isCommand(line) ? line : wrapLine(line, columns, hang)))
    .join("\n");
}

function isCommand(line: string): boolean {
  return /^ *sage-slack /.test(line);
}

function wrapLine(line: string, columns: number, hang: number): string {
  if (widthOf(line) <= columns) return line;
  const [indent = ""] = /^ */.exec(line) ?? [];
  const rest = `\n${indent}${" ".repeat(hang)}`;
  let wrapped = "";
  let width = 0;
  for (const { word, space } of wordsOf(line)) {
    const isFull = width > 0 && width + space.length + widthOf(word) > columns;
    wrapped += isFull ? rest + word : space + word;
    width = isFull ? rest.length - 1 + widthOf(word) : width + space.length + widthOf(word);
  }
  return wrapped;
}

/** A command in quotes is one word where it fits into a line: it is to be typed as it stands. */
function wordsOf(line: string): { word: string; space: string }[] {
  return [...line.matchAll(/(\s*)("sage-slack [^"]{1,50}"\S*|\S+)/g)].map(([, space = "", word = ""]) => ({
    word,
    space,
  }));
}

/** Of what can be seen; a wide character counts as one column, which at worst breaks its line late. */
function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

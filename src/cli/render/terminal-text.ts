/** Characters that show nothing and change how others are read: bidirectional marks, zero width, tags, separators. */
const invisible = /\p{Default_Ignorable_Code_Point}|[\u2028\u2029\uFFF9-\uFFFB]/gu;

/**
 * Text from outside as one line, safe for a terminal: control characters and escape sequences become visible and what
 * cannot be seen vanishes, so that a vendor's name can neither move the cursor, nor swap amounts, nor forge a line.
 */
export function terminalText(text: string): string {
  return visible(text, " ");
}

/** Text of several lines, of which all but the first are indented: none passes for a line of its own. */
export function terminalLines(text: string): string {
  return visible(text, "\n  ");
}

function visible(text: string, newline: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, (control) => {
      if (control === "\n") return newline;
      return control === "\t" ? " " : `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;
    })
    .replaceAll(invisible, "");
}

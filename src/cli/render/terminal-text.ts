/**
 * Text from outside, safe for a terminal: control characters, escape sequences, bidirectional marks and zero-width
 * characters become visible or vanish, so that a vendor's name cannot move the cursor or swap amounts.
 */
export function terminalText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g, (control) =>
      control === "\t" ? " " : `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`,
    )
    .replaceAll(/[\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]|[\u{E0000}-\u{E007F}]/gu, "");
}

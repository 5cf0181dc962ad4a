import type { Redact } from "../../runtime/redact.ts";

/** What `JSON.stringify` leaves raw and a terminal, a log or a reader takes for something else. */
const risky = /[\u007F-\u009F\u2028\u2029\uFFF9-\uFFFB]|\p{Default_Ignorable_Code_Point}/gu;

/** The one JSON document of a command, on one line of visible characters; secrets go from the values, never from the syntax. */
export function jsonText(document: object, redact: Redact): string {
  const text = JSON.stringify(document, (_key, value: unknown) =>
    typeof value === "string" ? redact(value) : value,
  );
  return `${text.replaceAll(risky, escaped)}\n`;
}

function escaped(character: string): string {
  return character
    .split("") // into the two halves of a surrogate pair
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Text for XML in ASCII, so that it reads the same in whatever encoding a shell or an editor saves it. */
export function xmlText(text: string): string {
  return text
    .replaceAll(/[&<>"]/g, (special) => entities[special] ?? special)
    .replaceAll(/[^\x20-\x7E]/gu, (character) => `&#x${codeOf(character)};`);
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
}

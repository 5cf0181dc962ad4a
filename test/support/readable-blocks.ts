interface Json {
  readonly [name: string]: unknown;
}

/** Blocks as lines of text, roughly as a screen shows them: what a golden file is read and compared by. */
export function readableBlocks(blocks: readonly unknown[]): string {
  return blocks.map((block) => linesOf(objectOf(block)).join("\n")).join("\n\n");
}

function linesOf(block: Json): string[] {
  switch (block["type"]) {
    case "header":
      return [`# ${textOf(block["text"])}`];
    case "section":
      return block["fields"] === undefined
        ? [textOf(block["text"])]
        : listOf(block["fields"]).map((field) => textOf(field).replace("\n", ": "));
    case "context":
      return [`_${listOf(block["elements"]).map(textOf).join(" | ")}_`];
    case "actions":
      return listOf(block["elements"]).map(
        (button) => `[${textOf(objectOf(button)["text"])}] ${String(objectOf(button)["url"])}`,
      );
    case "table":
      return tableLines(block);
    case "rich_text":
      return listOf(block["elements"]).flatMap(richLines);
    default:
      throw new TypeError(`nobody knows how ${JSON.stringify(block["type"])} looks`);
  }
}

function richLines(part: unknown): string[] {
  const { type, elements } = objectOf(part);
  if (type === "rich_text_list")
    return listOf(elements)
      .flatMap(richLines)
      .map((line) => `- ${line}`);
  return [listOf(elements).map(elementText).join("")];
}

function elementText(element: unknown): string {
  const { type, text, style, user_id: user, usergroup_id: group } = objectOf(element);
  if (type === "user") return `<@${String(user)}>`;
  if (type === "usergroup") return `<@${String(group)}>`;
  return style === undefined ? String(text) : `**${String(text)}**`;
}

function tableLines({ rows, column_settings: settings }: Json): string[] {
  const cells = listOf(rows).map((row) => listOf(row).map(textOf));
  const widths = (cells[0] ?? []).map((_cell, index) =>
    Math.max(...cells.map((row) => row[index]?.length ?? 0)),
  );
  return cells.map((row) =>
    row
      .map((cell, index) => {
        const isRight = objectOf(listOf(settings)[index])["align"] === "right";
        return isRight ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0);
      })
      .join(" | ")
      .trimEnd(),
  );
}

function textOf(value: unknown): string {
  const { text } = objectOf(value);
  return typeof text === "string" ? text : "";
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

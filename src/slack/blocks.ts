import type { Announcement, Mention } from "../transactions/notice.ts";
import { limits } from "./limits.ts";
import type { Block, PlainText, RichElement, RichList, RichSection } from "./message.ts";
import { readable, shorten } from "./mrkdwn.ts";

/** Plain text is shown as it is: neither markup nor emoji codes nor mentions are looked for in it. */
export function plain(text: string): PlainText {
  return { type: "plain_text", text: text === "" ? "—" : text, emoji: false };
}

export function richSection(elements: readonly RichElement[]): RichSection {
  return { type: "rich_text_section", elements };
}

export function titleSection(text: string): RichSection {
  return richSection([{ type: "text", text: text === "" ? "—" : text, style: { bold: true } }]);
}

export function bulletList(lines: readonly string[]): RichList {
  const items = lines.map((text) => richSection([{ type: "text", text: text === "" ? "—" : text }]));
  return { type: "rich_text_list", style: "bullet", elements: items };
}

/** The block that an update of the message looks for. */
export function headerBlock(text: string): Block {
  return { type: "header", block_id: "header", text: plain(shorten(text, limits.header)) };
}

export function contextBlock(parts: readonly string[], blockId = "context"): Block[] {
  const elements = [...new Set(parts.map(readable))]
    .filter((part) => part !== "")
    .slice(0, limits.contextElements)
    .map((part) => plain(shorten(part, 150)));
  return elements.length === 0 ? [] : [{ type: "context", block_id: blockId, elements }];
}

/** Everybody whom any of the announcements asks to notify, each once. */
export function mentionBlocks(announcements: readonly Announcement[]): Block[] {
  const mentions = new Map(
    announcements.flatMap((one) => one.mentions).map((mention) => [JSON.stringify(mention), mention]),
  );
  if (mentions.size === 0) return [];
  const elements = [...mentions.values()].flatMap((mention, index): RichElement[] =>
    index === 0 ? [mentionElement(mention)] : [{ type: "text", text: " " }, mentionElement(mention)],
  );
  return [{ type: "rich_text", block_id: "mentions", elements: [richSection(elements)] }];
}

function mentionElement(mention: Mention): RichElement {
  switch (mention.kind) {
    case "user":
      return { type: "user", user_id: mention.id };
    case "group":
      return { type: "usergroup", usergroup_id: mention.id };
    case "unresolved":
      return { type: "text", text: shorten(readable(mention.name), 80) || "—" };
  }
}

export function linkBlocks({ link }: Announcement): Block[] {
  if (link === undefined || link.length > limits.url || !URL.canParse(link)) return [];
  if (!["http:", "https:"].includes(new URL(link).protocol)) return [];
  const button = { type: "button", text: plain("Open in Sage 300"), url: link } as const;
  return [{ type: "actions", block_id: "link", elements: [button] }];
}

/** Lines of text in as few sections as hold them. */
export function textSections(lines: readonly string[]): Block[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    const longer = last === undefined ? line : `${last}\n${line}`;
    if (last !== undefined && longer.length <= limits.textObject) texts[texts.length - 1] = longer;
    else texts.push(shorten(line, limits.textObject));
  }
  return texts.map((text, index) => ({ type: "section", block_id: `lines-${index}`, text: plain(text) }));
}

import type { Announcement, Panel } from "../transactions/notice.ts";
import { bulletList, titleSection } from "./blocks.ts";
import type { Block, RichList, RichSection } from "./message.ts";
import { readable, shorten } from "./mrkdwn.ts";
import { rowLines, type Rows, type Width } from "./rows.ts";
import { tableBlock } from "./table.ts";

/** What needs somebody, before everything else. */
export function attentionParts({ summary }: Announcement, width: Width): (RichSection | RichList)[] {
  const lines = attentionLines(summary?.attention ?? [], width);
  return lines.length === 0 ? [] : [titleSection("⚠ Needs attention"), bulletList(lines)];
}

function attentionLines(attention: readonly string[], width: Width): string[] {
  return attention.map((line) => shorten(readable(line), width.text + width.identifier));
}

/** The figures of a summary, each under its title; the one that asks for it as a table. */
export function panelBlocks({ summary }: Announcement, width: Width): Block[] {
  const panels = filledPanels(summary);
  const table = panels.find(({ isTable }) => isTable);
  return panels.flatMap((panel, index): Block[] => {
    const blockId = `panel-${index}`;
    if (panel !== table)
      return [{ type: "rich_text", block_id: blockId, elements: panelParts(panel, width) }];
    return [
      { type: "rich_text", block_id: `${blockId}-title`, elements: [panelTitle(panel)] },
      tableBlock(rowsOf(panel), blockId, width),
    ];
  });
}

/** The same in lines, where there is no room for more. */
export function panelLists({ summary }: Announcement, width: Width): (RichSection | RichList)[] {
  return filledPanels(summary).flatMap((panel) => panelParts(panel, width));
}

function filledPanels(summary: Announcement["summary"]): readonly Panel[] {
  return summary?.panels.filter(({ rows }) => rows.length > 0) ?? [];
}

function panelParts(panel: Panel, width: Width): (RichSection | RichList)[] {
  return [panelTitle(panel), bulletList(rowLines(rowsOf(panel), width))];
}

/** `Accounts by movement (12 more in the thread)`. */
function panelTitle({ title, inThread }: Panel): RichSection {
  const name = shorten(readable(title), 100);
  return titleSection(inThread === undefined ? name : `${name} (${inThread} in the thread)`);
}

function rowsOf({ columns, rows }: Panel): Rows {
  return { columns, rows: rows.map((cells) => ({ transaction: "", cells })) };
}

/** All of it as lines of text. */
export function figureLines({ summary }: Announcement, width: Width): string[] {
  if (summary === undefined) return [];
  const attention = attentionLines(summary.attention, width);
  return [
    ...(attention.length === 0 ? [] : ["⚠ Needs attention", ...attention.map((line) => `• ${line}`)]),
    ...filledPanels(summary).flatMap((panel) => [
      shorten(readable(panel.title), 100),
      ...rowLines(rowsOf(panel), width).map((line) => `• ${line}`),
    ]),
  ];
}

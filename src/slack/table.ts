import type { Announcement, MoreRows } from "../transactions/notice.ts";
import { limits } from "./limits.ts";
import type { Block, RawText } from "./message.ts";
import { shorten } from "./readable.ts";
import { cellText } from "./words.ts";

/** A table of rows under their column titles; no block where there is no row. */
export function tableBlock(
  { columns, rows }: Pick<Announcement | MoreRows, "columns" | "rows">,
  blockId: string,
): Block[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, limits.tableRows - 1);
  const texts = [columns.map(({ title }) => title), ...shown.map(({ cells }) => cells.map(cellText))];
  const most = widestCell(texts);
  return [
    {
      type: "table",
      block_id: blockId,
      column_settings: columns.map(({ align }) => ({ align, is_wrapped: align === "left" })),
      rows: texts.map((row) => row.map((text) => rawText(shorten(text, most)))),
    },
  ];
}

/** How long a cell may be so that all of them together stay within the limit; long names give way, numbers do not. */
function widestCell(texts: readonly (readonly string[])[]): number {
  const lengths = texts.flat().map(({ length }) => length);
  for (const most of [300, 200, 150, 100, 80, 60, 50, 40]) {
    if (lengths.reduce((sum, length) => sum + Math.min(length, most), 0) <= limits.tableCells - 2500)
      return most;
  }
  return 30;
}

/** Slack refuses an empty cell. */
function rawText(text: string): RawText {
  return { type: "raw_text", text: text === "" ? "—" : text };
}

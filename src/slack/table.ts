import type { Cell } from "../transactions/notice.ts";
import { formatAmount } from "../transactions/money.ts";
import { bulletList } from "./blocks.ts";
import { limits } from "./limits.ts";
import type { Block, RawText, RichList } from "./message.ts";
import { readable } from "./mrkdwn.ts";
import { cellText, rowLines, type Rows, type Width } from "./rows.ts";

/** Whether the rows can be one table. */
function isTabular({ columns, rows }: Rows): boolean {
  return rows.length > 0 && rows.length < limits.tableRows && columns.length <= limits.tableColumns;
}

/** A table of rows under their column titles. A column of one currency names it in its title. */
export function tableBlock(rows: Rows, blockId: string, width: Width): Block {
  const columns = rows.columns.map((column, index) => {
    const currency = onlyCurrency(rows.rows.map(({ cells }) => cells[index] ?? null));
    return { ...column, column, index, width, currency, today: rows.today };
  });
  return {
    type: "table",
    block_id: blockId,
    column_settings: columns.map(({ align }) => ({ align, is_wrapped: align === "left" })),
    rows: [
      columns.map(({ title, currency }) =>
        rawText(currency === null ? readable(title) : `${readable(title)} (${currency})`),
      ),
      ...rows.rows.map(({ cells }) =>
        columns.map((column) => {
          const cell = cells[column.index] ?? null;
          const isBare = column.currency !== null && cell !== null && typeof cell !== "string";
          return rawText(isBare ? formatAmount(cell) : cellText(cell, column));
        }),
      ),
    ],
  };
}

/** The currency of every amount of a column, where it is one and the same. */
function onlyCurrency(cells: readonly Cell[]): string | null {
  const currencies = new Set(
    cells.map((cell) => (cell === null ? null : typeof cell === "string" ? "" : cell.currency)),
  );
  currencies.delete(null);
  const [currency] = currencies;
  return currencies.size === 1 && currency !== undefined && /^[A-Z]{3}$/.test(currency ?? "")
    ? currency
    : null;
}

/** Slack refuses an empty cell. */
function rawText(text: string): RawText {
  return { type: "raw_text", text: text === "" ? "—" : text };
}

interface RowPlace {
  readonly blockId: string;
  readonly width: Width;
  /** One table a message is all that Slack allows. */
  readonly mayHaveTable: boolean;
}

/** Rows as a table where there may be one, else as a list. */
export function rowBlock(rows: Rows, { blockId, width, mayHaveTable }: RowPlace): Block {
  if (mayHaveTable && isTabular(rows)) return tableBlock(rows, blockId, width);
  return { type: "rich_text", block_id: blockId, elements: [bulletsOf(rows, width)] };
}

export function bulletsOf(rows: Rows, width: Width): RichList {
  return bulletList(rowLines(rows, width));
}

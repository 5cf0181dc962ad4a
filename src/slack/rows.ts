import type { Cell, Column, NoticeRow } from "../transactions/notice.ts";
import { formatMoney } from "../transactions/money.ts";
import { readable, shorten } from "./mrkdwn.ts";
import { inSentence } from "./words.ts";

export interface Rows {
  readonly columns: readonly Column[];
  readonly rows: readonly NoticeRow[];
}

/** How long texts may be so that a message fits; amounts and dates are never cut. */
export interface Width {
  readonly text: number;
  /** Names and numbers by which people find a document. */
  readonly identifier: number;
}

/** From what is comfortable to what always fits; identifiers give way last. */
export const widths: readonly Width[] = [
  { text: 200, identifier: 500 },
  { text: 100, identifier: 500 },
  { text: 60, identifier: 500 },
  { text: 40, identifier: 350 },
  { text: 24, identifier: 250 },
  { text: 16, identifier: 100 },
  { text: 12, identifier: 40 },
];

/** Column titles that need no explanation beside the value. */
const plainTitles: ReadonlySet<string> = new Set([
  "Account",
  "Amount",
  "Batch",
  "Customer",
  "Date",
  "Document",
  "Entry",
  "Lines",
  "Order",
  "Payee",
  "Total",
  "Vendor",
]);

const identifierTitles: ReadonlySet<string> = new Set([
  "Batch",
  "Check",
  "Customer",
  "Document",
  "Entry",
  "Order",
  "Payee",
  "Receipt",
  "Vendor",
]);

export interface CellContext {
  readonly index: number;
  readonly title: string;
  readonly width: Width;
}

/** A cell as text; empty when Sage holds nothing. */
export function cellText(cell: Cell, { index, title, width }: CellContext): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return formatMoney(cell);
  const isIdentifier = index === 0 || identifierTitles.has(title);
  return shorten(readable(cell), isIdentifier ? width.identifier : width.text);
}

/** Each row as a line, with the column's title where the value does not speak for itself: `due 2026-12-01`. */
export function rowLines({ columns, rows }: Rows, width: Width): string[] {
  return rows.map(({ cells }) => {
    const parts = cells.map((cell, index) => {
      const title = columns[index]?.title ?? "";
      const text = cellText(cell, { index, title, width });
      return text === "" || index === 0 || title === "" || plainTitles.has(title)
        ? text
        : `${inSentence(title)} ${text}`;
    });
    return parts.filter((part) => part !== "").join(" · ") || "—";
  });
}

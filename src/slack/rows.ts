import type { IsoDate } from "../transactions/date.ts";
import type { Cell, Column, NoticeRow } from "../transactions/notice.ts";
import { formatMoney } from "../transactions/money.ts";
import { dueWords } from "./dates.ts";
import { readable, shorten } from "./mrkdwn.ts";
import { once } from "./once.ts";
import { statusSign } from "./status.ts";
import { inSentence } from "./words.ts";

export interface Rows {
  readonly today?: IsoDate;
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
  "Batches",
  "Cost",
  "Customer",
  "Date",
  "Document",
  "Entries",
  "Entry",
  "Item",
  "Lines",
  "Note",
  "Order",
  "Payee",
  "Status",
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
  readonly column: Pick<Column, "title" | "kind">;
  readonly width: Width;
  readonly today: IsoDate | undefined;
}

/** Below this there is no room for the days until something is due. */
const leastForHint = 24;

/** A cell as text; empty when Sage holds nothing. */
export function cellText(cell: Cell, { index, column, width, today }: CellContext): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return formatMoney(cell);
  const { title, kind } = column;
  if (kind === "status") return shorten(statusSign(cell), Math.max(width.text, leastForHint));
  if (kind === "due") return dueWords(cell, width.text < leastForHint ? undefined : today);
  const isIdentifier = index === 0 || identifierTitles.has(title);
  return shorten(readable(cell), isIdentifier ? width.identifier : width.text);
}

/** Each row as a line, with the column's title where the value does not speak for itself: `due 2026-12-01`. */
export const rowLines = once(({ columns, rows, today }: Rows, width: Width): readonly string[] =>
  rows.map(({ cells }) => {
    const parts = cells.map((cell, index) => {
      const column = columns[index] ?? { title: "" };
      const { title } = column;
      const text = cellText(cell, { index, column, width, today });
      return text === "" || index === 0 || title === "" || plainTitles.has(title)
        ? text
        : `${inSentence(title)} ${text}`;
    });
    return parts.filter((part) => part !== "").join(" · ") || "—";
  }),
);

import type { Column } from "../../transactions/notice.ts";

const gap = "  ";
/** No column of text is wider, however wide the terminal, nor narrower, however narrow. */
const [widest, narrowest] = [40, 8];

/** Rows of text as aligned lines that fit into `room` columns of a terminal: the widest texts are cut, amounts never. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  room: number,
): string[] {
  const table = [columns.map(({ title }) => title), ...rows];
  const widths = widthsFor(columns, table, room);
  return table.map((row) =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        const shown = cut(cell, width);
        return columns[index]?.align === "right" ? shown.padStart(width) : shown.padEnd(width);
      })
      .join(gap)
      .trimEnd(),
  );
}

function widthsFor(
  columns: readonly Column[],
  table: readonly (readonly string[])[],
  room: number,
): number[] {
  const widths = columns.map(({ align }, index) => {
    const longest = Math.max(...table.map((row) => row[index]?.length ?? 0));
    return align === "right" ? longest : Math.min(widest, longest);
  });
  const total = () => widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1);
  while (total() > room) {
    const texts = columns.flatMap(({ align }, index) => (align === "right" ? [] : [index]));
    const largest = texts.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (largest === undefined || (widths[largest] ?? 0) <= narrowest) return widths;
    widths[largest] = (widths[largest] ?? 0) - 1;
  }
  return widths;
}

function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return `${text.slice(0, width - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

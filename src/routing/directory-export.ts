import { stringify } from "csv-stringify/sync";

import { directoryColumns, type DirectoryTable } from "./directory-file.ts";
import { isPattern, plainAccount, type DirectoryKind } from "./directory.ts";
import { writtenAs } from "./spreadsheet-cell.ts";

/** A vendor, a customer or an account of Sage. */
export interface Listed {
  readonly kind: DirectoryKind;
  readonly code: string;
  readonly name: string;
  readonly group: string;
}

export interface Exported {
  readonly text: string;
  /** Rows below the header. */
  readonly rows: number;
  readonly added: number;
}

const newTable: DirectoryTable = {
  separator: ",",
  newline: "\r\n",
  columns: directoryColumns,
  records: [],
  rows: [],
};

const byteOrderMark = "\uFEFF";

/**
 * The directory as a file for a spreadsheet, which takes it for UTF-8 by its byte order mark. Every row of the table
 * stays where it is, patterns and columns of people's own included; of those for a code of Sage's the name is brought
 * up to date, and nothing else. What Sage has besides comes at the end, without channel and mention, which says
 * nothing: a pattern still holds for it.
 */
export function exportDirectory(known: DirectoryTable | null, listed: readonly Listed[]): Exported {
  const table = known ?? newTable;
  const missing = new Map(listed.toReversed().map((one) => [keyOf(one), one]));
  const names = new Map([...missing].map(([key, { name }]) => [key, name]));
  const records = table.records.map((cells) => [...cells]);
  for (const { row, ...read } of table.rows) {
    const cells = records[row - 2];
    const name = names.get(keyOf(read)) ?? "";
    if (cells !== undefined && name !== "") cells[placeOf(table, "name")] = name;
    missing.delete(keyOf(read));
  }
  const added = [...missing.values()].toSorted(inOrder).map((one) => cellsOf(one, table));
  const written = [table.columns, ...records, ...added].map((cells) => cells.map(writtenAs));
  const text = stringify(written, {
    delimiter: table.separator,
    record_delimiter: table.newline,
    quoted_match: /[\r\n]/,
  });
  return { text: byteOrderMark + text, rows: records.length + added.length, added: added.length };
}

/** What looks like a pattern may be a code of Sage's; then it is the same text. */
function keyOf({ kind, code }: Pick<Listed, "kind" | "code">): string {
  const isPlain = kind === "account" && !isPattern(code);
  return `${kind} ${isPlain ? plainAccount(code) : code.trim().toUpperCase()}`;
}

function placeOf({ columns }: DirectoryTable, wanted: (typeof directoryColumns)[number]): number {
  return columns.findIndex((column) => column.toLowerCase() === wanted);
}

function cellsOf(one: Listed, table: DirectoryTable): string[] {
  const cells = table.columns.map(() => "");
  for (const column of ["kind", "code", "name", "group"] as const)
    cells[placeOf(table, column)] = one[column];
  return cells;
}

const kinds: readonly DirectoryKind[] = ["vendor", "customer", "account"];

function inOrder(left: Listed, right: Listed): number {
  return kinds.indexOf(left.kind) - kinds.indexOf(right.kind) || (left.code < right.code ? -1 : 1);
}

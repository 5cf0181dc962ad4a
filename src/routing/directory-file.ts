import { CsvError, parse } from "csv-parse/sync";

import { AppError } from "../errors.ts";
import { looksLikeSecret } from "../runtime/redact.ts";
import { channelSpelling, mentionSpelling } from "../transactions/spelling.ts";
import { isPattern, plainAccount, type DirectoryKind, type DirectoryRow } from "./directory.ts";
import { meantBy } from "./spreadsheet-cell.ts";

export const directoryColumns = ["kind", "code", "name", "group", "channel", "mention"] as const;
type Column = (typeof directoryColumns)[number];

/** The directory spreadsheet as it is in its file. */
export interface DirectoryTable {
  readonly separator: Separator;
  readonly newline: "\n" | "\r\n";
  /** As written; columns of people's own are among them. */
  readonly columns: readonly string[];
  /** What the cells below the header mean, row by row, as many as there are columns; empty rows too. */
  readonly records: readonly (readonly string[])[];
  /** Every row that names something, filled in or not. */
  readonly rows: readonly DirectoryRow[];
}

type Separator = "," | ";" | "\t";

interface Problem {
  readonly row: number;
  readonly column: string;
  readonly message: string;
}

/**
 * Reads the directory: a table with the columns kind, code, name, group, channel and mention, in any order, and
 * others of people's own, which are left alone. Separated by commas, semicolons or tabs, whatever the header uses.
 * Mentions in one cell are separated by spaces; commas, semicolons and line ends do too. Empty rows are passed over.
 *
 * @param text without a byte order mark
 * @param path named in the errors
 * @throws AppError `config` that lists every problem with file, row (as a spreadsheet numbers it) and column
 */
export function readDirectory(text: string, path: string): DirectoryTable {
  const separator = separatorOf(text);
  const [header = [], ...below] = cellsOf(text, separator, path);
  const columns = header.map((cell) => cell.trim());
  const places = placesOf(columns);
  const headerProblems = problemsOfHeader(columns);
  if (headerProblems.length > 0) throw problemsError(headerProblems, path);
  const records = below.map((cells) => columns.map((_column, index) => cells[index] ?? ""));
  const reading = new Reading();
  for (const [index, cells] of below.entries()) {
    const row = index + 2;
    const problems = problemsOfCells(cells, columns).map((problem) => ({ row, ...problem }));
    reading.problems.push(...problems);
    if (problems.length === 0) readRow(row, (column) => (cells[places[column]] ?? "").trim(), reading);
  }
  if (reading.problems.length > 0) throw problemsError(reading.problems, path);
  return { separator, newline: /\r\n/.test(text) ? "\r\n" : "\n", columns, records, rows: reading.rows };
}

const noSecret = 'looks like a secret, which does not belong here: use "sage-slack login"';

/** By the first line; in Excel it depends on the language of the system. */
function separatorOf(text: string): Separator {
  const [line = ""] = text.split(/[\r\n]/, 1);
  const count = (separator: string) => line.split(separator).length;
  const [most = ","] = ([",", ";", "\t"] as const).toSorted((a, b) => count(b) - count(a));
  return most;
}

function cellsOf(text: string, separator: Separator, path: string): string[][] {
  if (text.trim() === "") throw problemsError([{ row: 1, column: "", message: "the file is empty" }], path);
  try {
    const records = parse(text, {
      delimiter: separator,
      record_delimiter: ["\r\n", "\n", "\r"],
      // As spreadsheets do: a quote in the middle of a cell is only a quote, as in ="00123".
      relax_quotes: true,
      relax_column_count: true,
    });
    return records.map((cells) => cells.map(meantBy));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw problemsError(
      [{ row: rowOf(error), column: "", message: messages[error.code] ?? error.code }],
      path,
    );
  }
}

const messages: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a cell begins with a quotation mark (") and does not end with one',
};

/** Of the record that was being read. */
function rowOf(error: CsvError): number {
  return typeof error["records"] === "number" ? error["records"] + 1 : 1;
}

function placesOf(columns: readonly string[]): Record<Column, number> {
  const names = columns.map((name) => name.toLowerCase());
  const placeOf = (column: Column) => names.indexOf(column);
  return {
    kind: placeOf("kind"),
    code: placeOf("code"),
    name: placeOf("name"),
    group: placeOf("group"),
    channel: placeOf("channel"),
    mention: placeOf("mention"),
  };
}

function problemsOfHeader(columns: readonly string[]): Problem[] {
  const names = columns.map((name) => name.toLowerCase());
  const expected = directoryColumns.join(",");
  return directoryColumns.flatMap((column) => {
    const count = names.filter((name) => name === column).length;
    if (count === 1) return [];
    const message =
      count === 0 ? `is missing in the header; expected ${expected}` : "is in the header more than once";
    return [{ row: 1, column, message }];
  });
}

/** What has been read so far, and what is wrong with it. */
class Reading {
  readonly rows: DirectoryRow[] = [];
  readonly problems: Problem[] = [];
  readonly seen = new Map<string, number>();
}

/** Wrong in any row, also in the columns of people's own. */
function problemsOfCells(cells: readonly string[], columns: readonly string[]): Omit<Problem, "row">[] {
  return cells.flatMap((cell, place) => {
    const column = columns[place] ?? `column ${place + 1}`;
    if (isSecret(column.toLowerCase(), cell.trim())) return [{ column, message: noSecret }];
    if (place < columns.length || cell === "") return [];
    return [{ column, message: "has no header; is the separator in a cell without quotes?" }];
  });
}

/** What Sage fills in may begin like a secret: there are vendors called Basic Supplies, and codes such as XAPP-1. */
function isSecret(column: string, cell: string): boolean {
  if (column === "name" || !looksLikeSecret(cell)) return false;
  return (column !== "code" && column !== "group") || cell.length >= 20;
}

type CellIn = (column: Column) => string;

function readRow(row: number, cell: CellIn, reading: Reading): void {
  if (directoryColumns.every((column) => cell(column) === "")) return;
  const kind = kindOf(cell("kind"));
  const [code, group, channel] = [cell("code"), cell("group"), cell("channel")];
  const mention = mentionsIn(cell("mention"));
  const checks: readonly (readonly [Column, boolean, string])[] = [
    ["kind", kind !== null, "must be vendor, customer or account"],
    ["code", code !== "", "is empty"],
    ["code", code.length <= longestCode, `is longer than ${longestCode} characters`],
    ["group", kind !== "account" || group === "" || !code.endsWith("*"), noAccountGroups],
    ["channel", channel === "" || channelSpelling.pattern.test(channel), channelSpelling.rule],
    ["mention", mention.every((one) => mentionSpelling.pattern.test(one)), mentionRule],
  ];
  const failed = checks.filter(([, isGood]) => !isGood);
  reading.problems.push(...failed.map(([column, , message]) => ({ row, column, message })));
  if (failed.length > 0 || kind === null) return;
  keepRow({ row, kind, code, group, channel: channel === "" ? null : channel, mention }, reading);
}

/** Sage's longest are accounts of 45. */
const longestCode = 60;

const noAccountGroups = "narrows a pattern, which it cannot do for accounts: leave it empty";
const mentionRule = `${mentionSpelling.rule}; several are separated by spaces`;

function keepRow(read: DirectoryRow, { rows, problems, seen }: Reading): void {
  const identity = identityOf(read);
  const first = seen.get(identity);
  const { row, kind, code } = read;
  if (first !== undefined)
    problems.push({ row, column: "code", message: `${kind} ${code} is in row ${first} too` });
  seen.set(identity, first ?? row);
  rows.push(read);
}

/** Rows that say something of the same codes. */
function identityOf({ kind, code, group }: Pick<DirectoryRow, "kind" | "code" | "group">): string {
  if (isPattern(code)) return JSON.stringify([kind, code.toUpperCase(), group.toUpperCase()]);
  return JSON.stringify([kind, kind === "account" ? plainAccount(code) : code.toUpperCase()]);
}

function kindOf(cell: string): DirectoryKind | null {
  const kind = cell.toLowerCase();
  return kind === "vendor" || kind === "customer" || kind === "account" ? kind : null;
}

/** None of the ways to spell a mention has any of these in it. An apostrophe keeps a spreadsheet from running it. */
function mentionsIn(cell: string): string[] {
  const names = cell.split(/[\s,;]+/).map((name) => name.replace(/^'(?=@)/, ""));
  return [...new Set(names.filter((name) => name !== ""))];
}

function problemsError(problems: readonly Problem[], path: string): AppError {
  const lines = problems.map(
    ({ row, column, message }) => `${path}: row ${row}${column === "" ? "" : `, ${column}`}: ${message}`,
  );
  const title = `the directory has ${lines.length} ${lines.length === 1 ? "problem" : "problems"}`;
  return new AppError("config", [title, ...lines].join("\n"), {
    hint: "Rows are counted as a spreadsheet does, the header being row 1. Nothing was read or sent.",
  });
}

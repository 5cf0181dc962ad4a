import type { BlockIssues } from "./block-issue.ts";
import { checkRichText } from "./block-rich-text.ts";
import { isList, listOf, objectOf, stringOf, type Json, type JsonObject } from "./json.ts";

const maxRows = 100;
const maxColumns = 20;
/** The heading counts. */
const maxDataRows = 201;
const maxPageSize = 100;

/** https://docs.slack.dev/reference/block-kit/blocks/table-block/ */
export function checkTable(issues: BlockIssues, block: JsonObject, at: string): void {
  issues.checkKeys(block, at, ["type", "block_id", "rows", "column_settings"]);
  issues
    .checkList(block, at, { field: "rows", max: maxRows })
    .forEach((row, index) => checkRow(issues, row, `${at}/rows/${index}`));
  if (block["column_settings"] === undefined) return;
  issues
    .checkList(block, at, { field: "column_settings", min: 0, max: maxColumns })
    .forEach((setting, index) => checkColumn(issues, setting, `${at}/column_settings/${index}`));
}

/** The first row is the heading: https://docs.slack.dev/reference/block-kit/blocks/data-table-block/ */
export function checkDataTable(issues: BlockIssues, block: JsonObject, at: string): void {
  if (block["caption"] === undefined) issues.missing(at, "caption");
  const rows = issues.checkList(block, at, { field: "rows", min: 2, max: maxDataRows });
  rows.forEach((row, index) => checkRow(issues, row, `${at}/rows/${index}`));
  const [heading] = rows;
  listOf(heading).forEach((cell, index) => {
    const isRich = objectOf(cell)["type"] === "rich_text";
    if (isRich) issues.add(`${at}/rows/0/${index}`, "unsupported_type", "unsupported type: rich_text");
  });
  if (rows.some((row) => listOf(row).length !== listOf(heading).length)) {
    issues.add(`${at}/rows`, "invalid_value", "must have rows of the same length");
  }
  const pageSize = block["page_size"] ?? 1;
  if (typeof pageSize !== "number" || pageSize < 1 || pageSize > maxPageSize) {
    issues.add(`${at}/page_size`, "invalid_value", `must be a number from 1 to ${maxPageSize}`);
  }
}

function checkRow(issues: BlockIssues, row: Json, at: string): void {
  if (!isList(row)) {
    issues.add(at, "invalid_type", "must provide an array");
    return;
  }
  if (row.length === 0) issues.add(at, "too_few", "no less than 1 items allowed");
  if (row.length > maxColumns) issues.add(at, "too_many", `no more than ${maxColumns} items allowed`);
  row.forEach((cell, index) => checkCell(issues, cell, `${at}/${index}`));
}

function checkCell(issues: BlockIssues, value: Json, at: string): void {
  const cell = issues.checkObject(value, at);
  if (!cell) return;
  switch (stringOf(cell["type"])) {
    case "raw_text":
      issues.checkKeys(cell, at, ["type", "text"]);
      issues.checkString(cell, at, { field: "text" });
      return;
    case "raw_number":
      issues.checkKeys(cell, at, ["type", "value", "text"]);
      if (typeof cell["value"] !== "number")
        issues.add(`${at}/value`, "invalid_type", "must provide a number");
      issues.checkString(cell, at, { field: "text" });
      return;
    case "rich_text":
      checkRichText(issues, cell, at);
      return;
    default:
      issues.add(at, "unsupported_type", `unsupported type: ${stringOf(cell["type"])}`);
  }
}

/** `null` leaves a column as it is. */
function checkColumn(issues: BlockIssues, value: Json, at: string): void {
  if (value === null) return;
  const setting = issues.checkObject(value, at);
  if (!setting) return;
  issues.checkKeys(setting, at, ["align", "is_wrapped"]);
  issues.checkOneOf(setting["align"], `${at}/align`, ["left", "center", "right"]);
  issues.checkOneOf(setting["is_wrapped"], `${at}/is_wrapped`, [true, false]);
}

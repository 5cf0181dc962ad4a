import type { BlockIssues } from "./block-issue.ts";
import { checkRichText } from "./block-rich-text.ts";
import { isList, stringOf, type Json, type JsonObject } from "./json.ts";

const maxRows = 100;
const maxColumns = 20;

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

import type { BlockIssues } from "./block-issue.ts";
import { stringOf, type Json, type JsonObject } from "./json.ts";

type ElementCheck = (issues: BlockIssues, element: JsonObject, at: string) => void;

/** https://docs.slack.dev/reference/block-kit/blocks/rich-text-block/ */
export function checkRichText(issues: BlockIssues, block: JsonObject, at: string): void {
  issues.checkKeys(block, at, ["type", "block_id", "elements"]);
  issues
    .checkList(block, at, { field: "elements", min: 0 })
    .forEach((element, index) => checkPart(issues, element, `${at}/elements/${index}`));
}

function checkPart(issues: BlockIssues, value: Json, at: string): void {
  const part = issues.checkObject(value, at);
  if (!part) return;
  switch (stringOf(part["type"])) {
    case "rich_text_list":
      issues.checkOneOf(part["style"] ?? null, `${at}/style`, ["bullet", "ordered"]);
      issues
        .checkList(part, at, { field: "elements" })
        .forEach((item, index) => checkPart(issues, item, `${at}/elements/${index}`));
      return;
    case "rich_text_section":
    case "rich_text_preformatted":
    case "rich_text_quote":
      issues
        .checkList(part, at, { field: "elements", min: 0 })
        .forEach((element, index) => checkElement(issues, element, `${at}/elements/${index}`));
      return;
    default:
      issues.add(at, "unsupported_type", `unsupported type: ${stringOf(part["type"])}`);
  }
}

function checkElement(issues: BlockIssues, value: Json, at: string): void {
  const element = issues.checkObject(value, at);
  if (!element) return;
  const type = typeof element["type"] === "string" ? element["type"] : "";
  const check = elementChecks.get(type);
  if (check) check(issues, element, at);
  else issues.add(at, "unsupported_type", `unsupported type: ${type}`);
}

function requires(field: string): ElementCheck {
  return (issues, element, at) => issues.checkString(element, at, { field });
}

const elementChecks: ReadonlyMap<string, ElementCheck> = new Map<string, ElementCheck>([
  ["text", requires("text")],
  ["link", requires("url")],
  ["emoji", requires("name")],
  ["user", requires("user_id")],
  ["usergroup", requires("usergroup_id")],
  ["channel", requires("channel_id")],
  ["color", requires("value")],
  ["date", requires("format")],
  [
    "broadcast",
    (issues, element, at) =>
      issues.checkOneOf(element["range"] ?? null, `${at}/range`, ["here", "channel", "everyone"]),
  ],
]);

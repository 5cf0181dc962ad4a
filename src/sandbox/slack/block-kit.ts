import { checkAccessory, checkAction, checkContextElement } from "./block-elements.ts";
import { BlockIssues, type BlockIssue } from "./block-issue.ts";
import { checkRichText } from "./block-rich-text.ts";
import { checkDataTable, checkTable } from "./block-table.ts";
import { checkText, checkTextObject } from "./block-text.ts";
import { isObject, stringOf, type Json, type JsonObject } from "./json.ts";

const maxMessageBlocks = 50;

type BlockCheck = (issues: BlockIssues, block: JsonObject, at: string) => void;

/** What is wrong with blocks, by default a message's: https://docs.slack.dev/reference/block-kit/blocks/ */
export function checkBlocks(blocks: readonly Json[], maxBlocks = maxMessageBlocks): readonly BlockIssue[] {
  const issues = new BlockIssues();
  if (blocks.length > maxBlocks) issues.add("", "too_many", `no more than ${maxBlocks} items allowed`);
  blocks.forEach((block, index) => checkBlock(issues, block, `/${index}`));
  checkUniqueIds(issues, blocks);
  return issues.found;
}

function checkBlock(issues: BlockIssues, value: Json, at: string): void {
  const block = issues.checkObject(value, at);
  if (!block) return;
  const { type } = block;
  if (type === undefined) {
    issues.missing(at, "type");
    return;
  }
  const check = typeof type === "string" ? blockChecks.get(type) : undefined;
  if (!check) {
    issues.add(at, "unsupported_type", `unsupported type: ${stringOf(type)}`);
    return;
  }
  issues.checkOptionalString(block, at, { field: "block_id", max: 255 });
  check(issues, block, at);
}

function checkUniqueIds(issues: BlockIssues, blocks: readonly Json[]): void {
  const seen = new Set<Json>();
  blocks.forEach((block, index) => {
    const id = isObject(block) ? block["block_id"] : undefined;
    if (id === undefined) return;
    if (seen.has(id)) issues.add(`/${index}/block_id`, "duplicate", "block_id must be unique");
    seen.add(id);
  });
}

function checkSection(issues: BlockIssues, block: JsonObject, at: string): void {
  issues.checkKeys(block, at, ["type", "block_id", "text", "fields", "accessory", "expand"]);
  if (block["text"] === undefined && block["fields"] === undefined) issues.missing(at, "text");
  if (block["text"] !== undefined) {
    checkTextObject(issues, { value: block, at }, { field: "text", max: 3_000 });
  }
  if (block["fields"] !== undefined) checkFields(issues, block, at);
  if (block["accessory"] !== undefined) checkAccessory(issues, block["accessory"], `${at}/accessory`);
}

/** Slack reports a bad field twice: what is wrong, and that the list fits no schema. */
function checkFields(issues: BlockIssues, block: JsonObject, at: string): void {
  issues.checkList(block, at, { field: "fields", max: 10 }).forEach((value, index) => {
    const before = issues.found.length;
    checkText(issues, { value, at: `${at}/fields/${index}` }, { max: 2_000 });
    if (issues.found.length > before) {
      issues.add(`${at}/fields/${index}`, "no_match", "failed to match all allowed schemas");
    }
  });
}

function checkHeader(issues: BlockIssues, block: JsonObject, at: string): void {
  issues.checkKeys(block, at, ["type", "block_id", "text", "level"]);
  checkTextObject(issues, { value: block, at }, { field: "text", max: 150, plainOnly: true });
  issues.checkOneOf(block["level"], `${at}/level`, [1, 2, 3, 4]);
}

function checkContext(issues: BlockIssues, block: JsonObject, at: string): void {
  issues.checkKeys(block, at, ["type", "block_id", "elements"]);
  issues
    .checkList(block, at, { field: "elements", max: 10 })
    .forEach((element, index) => checkContextElement(issues, element, `${at}/elements/${index}`));
}

function checkActions(issues: BlockIssues, block: JsonObject, at: string): void {
  issues.checkKeys(block, at, ["type", "block_id", "elements"]);
  issues
    .checkList(block, at, { field: "elements", max: 25 })
    .forEach((element, index) => checkAction(issues, element, `${at}/elements/${index}`));
}

function checkImage(issues: BlockIssues, block: JsonObject, at: string): void {
  issues.checkKeys(block, at, ["type", "block_id", "image_url", "slack_file", "alt_text", "title"]);
  issues.checkString(block, at, { field: "alt_text", max: 2_000 });
  if (block["slack_file"] === undefined) issues.checkString(block, at, { field: "image_url", max: 3_000 });
  if (block["title"] !== undefined) {
    checkTextObject(issues, { value: block, at }, { field: "title", max: 2_000, plainOnly: true });
  }
}

const blockChecks: ReadonlyMap<string, BlockCheck> = new Map<string, BlockCheck>([
  ["section", checkSection],
  ["header", checkHeader],
  ["context", checkContext],
  ["actions", checkActions],
  ["image", checkImage],
  ["rich_text", checkRichText],
  ["table", checkTable],
  ["data_table", checkDataTable],
  ["divider", (issues, block, at) => issues.checkKeys(block, at, ["type", "block_id"])],
  ["markdown", (issues, block, at) => issues.checkString(block, at, { field: "text", max: 12_000 })],
  ...[
    "call",
    "card",
    "carousel",
    "container",
    "context_actions",
    "data_visualization",
    "file",
    "input",
    "plan",
    "task_card",
    "video",
  ].map((type): [string, BlockCheck] => [type, () => undefined]),
]);

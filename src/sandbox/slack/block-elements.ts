import type { BlockIssues } from "./block-issue.ts";
import { checkText, checkTextObject } from "./block-text.ts";
import { stringOf, type Json, type JsonObject } from "./json.ts";

/** Interactive elements that are known but not looked into. */
const uncheckedElements = new Set([
  "checkboxes",
  "channels_select",
  "conversations_select",
  "datepicker",
  "datetimepicker",
  "external_select",
  "multi_channels_select",
  "multi_conversations_select",
  "multi_external_select",
  "multi_static_select",
  "multi_users_select",
  "overflow",
  "radio_buttons",
  "static_select",
  "timepicker",
  "users_select",
  "workflow_button",
]);

export function checkAction(issues: BlockIssues, value: Json, at: string): void {
  const element = issues.checkObject(value, at);
  if (!element) return;
  const type = stringOf(element["type"]);
  if (type === "button") checkButton(issues, element, at);
  else if (!uncheckedElements.has(type)) issues.add(at, "unsupported_type", `unsupported type: ${type}`);
}

export function checkAccessory(issues: BlockIssues, value: Json, at: string): void {
  const element = issues.checkObject(value, at);
  if (element?.["type"] === "image") checkImageElement(issues, element, at);
  else if (element) checkAction(issues, element, at);
}

export function checkContextElement(issues: BlockIssues, value: Json, at: string): void {
  const element = issues.checkObject(value, at);
  if (!element) return;
  if (element["type"] === "image") checkImageElement(issues, element, at);
  else checkText(issues, { value: element, at }, { max: 3_000 });
}

/** https://docs.slack.dev/reference/block-kit/block-elements/button-element/ */
function checkButton(issues: BlockIssues, button: JsonObject, at: string): void {
  issues.checkKeys(button, at, [
    "type",
    "text",
    "action_id",
    "url",
    "value",
    "style",
    "confirm",
    "accessibility_label",
  ]);
  checkTextObject(issues, { value: button, at }, { field: "text", max: 75, plainOnly: true });
  issues.checkOptionalString(button, at, { field: "action_id", max: 255 });
  issues.checkOptionalString(button, at, { field: "url", max: 3_000 });
  issues.checkOptionalString(button, at, { field: "value", max: 2_000 });
  issues.checkOptionalString(button, at, { field: "accessibility_label", max: 75 });
  issues.checkOneOf(button["style"], `${at}/style`, ["primary", "danger"]);
  if (typeof button["url"] === "string" && !URL.canParse(button["url"])) {
    issues.add(`${at}/url`, "invalid_value", "must be a valid url");
  }
}

function checkImageElement(issues: BlockIssues, image: JsonObject, at: string): void {
  issues.checkString(image, at, { field: "alt_text", max: 2_000 });
  if (image["slack_file"] === undefined) issues.checkString(image, at, { field: "image_url", max: 3_000 });
}

import type { BlockIssues } from "./block-issue.ts";
import { isObject, type JsonObject } from "./json.ts";

const keysOf: Readonly<Record<string, readonly string[]>> = {
  plain_text: ["type", "text", "emoji"],
  mrkdwn: ["type", "text", "verbatim"],
};

export interface TextObjectRules {
  readonly field: string;
  readonly max: number;
  /** Only `plain_text` is taken. */
  readonly plainOnly?: boolean;
}

/** https://docs.slack.dev/reference/block-kit/composition-objects/text-object/ */
export function checkTextObject(
  issues: BlockIssues,
  owner: { value: JsonObject; at: string },
  rules: TextObjectRules,
): void {
  const value = owner.value[rules.field];
  if (value === undefined || value === null) issues.missing(owner.at, rules.field);
  else checkText(issues, { value, at: `${owner.at}/${rules.field}` }, rules);
}

export function checkText(
  issues: BlockIssues,
  { value, at }: { value: unknown; at: string },
  rules: { max: number; plainOnly?: boolean },
): void {
  if (!isObject(value)) {
    issues.add(at, "invalid_type", "must provide an object");
    return;
  }
  const { type } = value;
  const keys = typeof type === "string" ? keysOf[type] : undefined;
  if (type === undefined) issues.missing(at, "type");
  else if (!keys || (rules.plainOnly && type !== "plain_text")) {
    issues.add(
      `${at}/type`,
      "invalid_value",
      `must be one of: ${rules.plainOnly ? "plain_text" : "plain_text, mrkdwn"}`,
    );
  } else issues.checkKeys(value, at, keys);
  issues.checkString(value, at, { field: "text", max: rules.max });
  issues.checkOneOf(value["emoji"], `${at}/emoji`, [true, false]);
  issues.checkOneOf(value["verbatim"], `${at}/verbatim`, [true, false]);
}

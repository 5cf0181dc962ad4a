/**
 * A second look at what Slack takes, written from the tables of its reference and sharing nothing with the sandbox or
 * the product: https://docs.slack.dev/reference/block-kit/blocks, `chat.postMessage`, and for the sum over all blocks
 * the measurements that others have published.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Fields = Readonly<Record<string, Json>>;

/** Least and most characters of a text, or items of a list. */
type Range = readonly [least: number, most: number];

/** What a value must be: a name of {@link shapes}, a literal, a text or list of a size, or one of several. */
type Rule =
  | { readonly is: string }
  | { readonly value: string | boolean | number }
  | { readonly text: Range }
  | { readonly list: Range; readonly of: Rule }
  | { readonly any: readonly Rule[] };

interface Shape {
  readonly needs: Readonly<Record<string, Rule>>;
  readonly takes?: Readonly<Record<string, Rule>>;
  /** At least one of these. */
  readonly oneOf?: readonly string[];
}

const text = (least: number, most: number): Rule => ({ text: [least, most] });
const list = (least: number, most: number, of: Rule): Rule => ({ list: [least, most], of });
const is = (name: string): Rule => ({ is: name });
const any = (...rules: readonly Rule[]): Rule => ({ any: rules });
const value = (only: string | boolean | number): Rule => ({ value: only });
const flag = any(value(true), value(false));
const many = Number.POSITIVE_INFINITY;
const id = { block_id: text(1, 255) };

const plainText = (most: number): Shape => ({
  needs: { type: value("plain_text"), text: text(1, most) },
  takes: { emoji: flag },
});

const shapes: Readonly<Record<string, Shape>> = {
  plain75: plainText(75),
  plain150: plainText(150),
  plain2000: plainText(2000),
  plain3000: plainText(3000),
  mrkdwn2000: { needs: { type: value("mrkdwn"), text: text(1, 2000) }, takes: { verbatim: flag } },
  mrkdwn3000: { needs: { type: value("mrkdwn"), text: text(1, 3000) }, takes: { verbatim: flag } },
  header: { needs: { type: value("header"), text: is("plain150") }, takes: id },
  section: {
    needs: { type: value("section") },
    takes: {
      ...id,
      text: any(is("plain3000"), is("mrkdwn3000")),
      fields: list(1, 10, any(is("plain2000"), is("mrkdwn2000"))),
    },
    oneOf: ["text", "fields"],
  },
  context: {
    needs: { type: value("context"), elements: list(1, 10, any(is("plain3000"), is("mrkdwn3000"))) },
    takes: id,
  },
  divider: { needs: { type: value("divider") }, takes: id },
  actions: { needs: { type: value("actions"), elements: list(1, 25, is("button")) }, takes: id },
  button: {
    needs: { type: value("button"), text: is("plain75") },
    takes: {
      action_id: text(1, 255),
      url: text(1, 3000),
      value: text(1, 2000),
      style: any(value("primary"), value("danger")),
    },
  },
  rich_text: {
    needs: {
      type: value("rich_text"),
      elements: list(0, many, any(is("rich_text_section"), is("rich_text_list"))),
    },
    takes: id,
  },
  rich_text_section: {
    needs: {
      type: value("rich_text_section"),
      elements: list(0, many, any(is("rich_text_run"), is("user"), is("usergroup"))),
    },
  },
  rich_text_list: {
    needs: {
      type: value("rich_text_list"),
      style: any(value("bullet"), value("ordered")),
      elements: list(1, many, is("rich_text_section")),
    },
    takes: { indent: any(value(0), value(1)), border: any(value(0), value(1)) },
  },
  rich_text_run: { needs: { type: value("text"), text: text(1, many) }, takes: { style: is("style") } },
  style: { needs: {}, takes: { bold: flag, italic: flag, strike: flag, code: flag } },
  user: { needs: { type: value("user"), user_id: text(1, many) }, takes: { style: is("style") } },
  usergroup: {
    needs: { type: value("usergroup"), usergroup_id: text(1, many) },
    takes: { style: is("style") },
  },
  table: {
    needs: { type: value("table"), rows: list(1, 100, list(1, 20, any(is("raw_text"), is("rich_text")))) },
    takes: { ...id, column_settings: list(0, 20, is("column")) },
  },
  raw_text: { needs: { type: value("raw_text"), text: text(1, many) } },
  column: {
    needs: {},
    takes: { align: any(value("left"), value("center"), value("right")), is_wrapped: flag },
  },
};

const blockTypes: ReadonlySet<string> = new Set([
  "header",
  "section",
  "context",
  "divider",
  "actions",
  "rich_text",
  "table",
]);

/** What is wrong with a message, each at the place where it is; nothing for one that Slack takes. */
export function problemsOf(message: {
  readonly text: string;
  readonly blocks: readonly unknown[];
}): string[] {
  const blocks = JSON.parse(JSON.stringify(message.blocks)) as readonly Json[];
  const tables = blocks.filter((block) => fieldsOf(block)["type"] === "table");
  const ids = blocks.flatMap((block) => fieldsOf(block)["block_id"] ?? []);
  return [
    ...(message.text.length > 4000 ? ["text: over 4,000 characters are split into several messages"] : []),
    ...(message.text === "" ? ["text: a message of blocks alone says nothing to a phone"] : []),
    ...(blocks.length > 50 ? ["blocks: over 50"] : []),
    ...(new Set(ids).size < ids.length ? ["blocks: a block_id twice"] : []),
    ...(tables.length > 1 ? ["blocks: over one table"] : []),
    ...(tables.some((table) => sizeOf(fieldsOf(table)["rows"] ?? null) > 10_000)
      ? ["table: over 10,000 characters"]
      : []),
    ...(sizeOf(blocks) > 13_200 ? ["blocks: over 13,200 characters in all"] : []),
    ...blocks.flatMap((block, index) => blockProblems(block, `blocks/${index}`)),
  ];
}

function blockProblems(block: Json, at: string): string[] {
  const { type } = fieldsOf(block);
  if (typeof type !== "string" || !blockTypes.has(type)) return [`${at}: no block of a message`];
  return check(block, is(type), at);
}

function check(found: Json, rule: Rule, at: string): string[] {
  if ("value" in rule) return found === rule.value ? [] : [`${at}: not ${String(rule.value)}`];
  if ("any" in rule) {
    const attempts = rule.any.map((one) => check(found, one, at));
    return attempts.some((problems) => problems.length === 0) ? [] : (attempts[0] ?? []);
  }
  if ("text" in rule)
    return typeof found === "string" && isWithin(found.length, rule.text)
      ? []
      : [`${at}: not a text of that size`];
  if ("list" in rule) {
    if (!Array.isArray(found) || !isWithin(found.length, rule.list))
      return [`${at}: not a list of that size`];
    return found.flatMap((item: Json, index) => check(item, rule.of, `${at}/${index}`));
  }
  return checkShape(found, rule.is, at);
}

function checkShape(found: Json, name: string, at: string): string[] {
  const shape = shapes[name];
  if (shape === undefined) throw new TypeError(`no shape is called ${name}`);
  if (typeof found !== "object" || found === null || Array.isArray(found)) return [`${at}: not an object`];
  const fields = fieldsOf(found);
  const known: Readonly<Record<string, Rule>> = { ...shape.needs, ...shape.takes };
  return [
    ...Object.keys(shape.needs).flatMap((field) =>
      fields[field] === undefined ? [`${at}/${field}: missing`] : [],
    ),
    ...(shape.oneOf?.every((field) => fields[field] === undefined) === true
      ? [`${at}: none of ${shape.oneOf.join(", ")}`]
      : []),
    ...Object.entries(fields).flatMap(([field, content]) => {
      const rule = known[field];
      return rule === undefined ? [`${at}/${field}: unknown`] : check(content, rule, `${at}/${field}`);
    }),
  ];
}

function isWithin(size: number, [least, most]: Range): boolean {
  return size >= least && size <= most;
}

function fieldsOf(found: Json | undefined): Fields {
  return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Fields) : {};
}

/** Characters of every text that people see. */
function sizeOf(found: Json): number {
  if (typeof found !== "object" || found === null) return 0;
  const own = fieldsOf(found)["text"];
  const parts = Array.isArray(found) ? (found as readonly Json[]) : Object.values(fieldsOf(found));
  return (
    (typeof own === "string" ? own.length : 0) + parts.reduce((sum: number, part) => sum + sizeOf(part), 0)
  );
}

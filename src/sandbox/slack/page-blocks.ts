import { isObject, listOf, objectOf, stringOf, type Json, type JsonObject } from "./json.ts";
import { escapeHtml, linkHtml, mrkdwnHtml, pill, userGroupPill, userPill, type Names } from "./page-text.ts";

type RenderBlock = (block: JsonObject, names: Names) => string;

/** A message's blocks as HTML; a kind of block that has no drawing is named instead. */
export function blocksHtml(blocks: readonly JsonObject[], names: Names): string {
  return blocks
    .map((block) => {
      const type = stringOf(block["type"]);
      return blockRenderers.get(type)?.(block, names) ?? `<p class="quiet">[${escapeHtml(type)}]</p>`;
    })
    .join("\n");
}

function textHtml(value: Json | undefined, names: Names): string {
  const text = stringOf(objectOf(value)["text"]);
  if (objectOf(value)["type"] === "mrkdwn") return mrkdwnHtml(text, names);
  return escapeHtml(text).replaceAll("\n", "<br>");
}

function section(block: JsonObject, names: Names): string {
  const text = block["text"] === undefined ? "" : `<p>${textHtml(block["text"], names)}</p>`;
  const fields = listOf(block["fields"]).map((field) => `<li>${textHtml(field, names)}</li>`);
  const accessory = block["accessory"] === undefined ? "" : `<p>${elementHtml(block["accessory"])}</p>`;
  return text + (fields.length > 0 ? `<ul class="fields">${fields.join("")}</ul>` : "") + accessory;
}

function context(block: JsonObject, names: Names): string {
  const parts = listOf(block["elements"]).map((element) =>
    objectOf(element)["type"] === "image" ? imageAlt(objectOf(element)) : textHtml(element, names),
  );
  return `<p class="context">${parts.map((part) => `<span>${part}</span>`).join(" ")}</p>`;
}

function elementHtml(value: Json): string {
  const element = objectOf(value);
  if (element["type"] === "image") return imageAlt(element);
  const label = stringOf(objectOf(element["text"])["text"]) || stringOf(element["type"]);
  const url = stringOf(element["url"]);
  return `<span class="button">${url === "" ? escapeHtml(label) : linkHtml(url, label)}</span>`;
}

/** The page loads nothing from elsewhere, so an image is its description. */
function imageAlt(image: JsonObject): string {
  return `<span class="quiet">[${escapeHtml(stringOf(image["alt_text"]))}]</span>`;
}

function richText(block: JsonObject, names: Names): string {
  return listOf(block["elements"])
    .filter(isObject)
    .map((part) => richPart(part, names))
    .join("");
}

function richPart(part: JsonObject, names: Names): string {
  const parts = listOf(part["elements"]).filter(isObject);
  if (part["type"] === "rich_text_list") {
    const items = parts.map((item) => `<li>${inlineHtml(item, names)}</li>`).join("");
    return part["style"] === "ordered" ? `<ol>${items}</ol>` : `<ul>${items}</ul>`;
  }
  const inline = inlineHtml(part, names);
  if (part["type"] === "rich_text_preformatted") return `<pre>${inline}</pre>`;
  return part["type"] === "rich_text_quote" ? `<blockquote>${inline}</blockquote>` : `<p>${inline}</p>`;
}

function inlineHtml(part: JsonObject, names: Names): string {
  return listOf(part["elements"])
    .map((value) => {
      const element = objectOf(value);
      const render = inlineRenderers.get(stringOf(element["type"]));
      return styled(render?.(element, names) ?? "", objectOf(element["style"]));
    })
    .join("");
}

const inlineRenderers: ReadonlyMap<string, RenderBlock> = new Map<string, RenderBlock>([
  ["text", ({ text }) => escapeHtml(stringOf(text)).replaceAll("\n", "<br>")],
  ["link", ({ url, text }) => linkHtml(stringOf(url), stringOf(text) || stringOf(url))],
  ["emoji", ({ name }) => escapeHtml(`:${stringOf(name)}:`)],
  ["user", ({ user_id }, names) => userPill(stringOf(user_id), names)],
  ["usergroup", ({ usergroup_id }, names) => userGroupPill(stringOf(usergroup_id), names)],
  ["broadcast", ({ range }) => pill(`@${stringOf(range)}`)],
  ["channel", ({ channel_id }, names) => mrkdwnHtml(`<#${stringOf(channel_id)}>`, names)],
]);

function styled(html: string, style: JsonObject): string {
  let result = html;
  for (const [name, tag] of [
    ["code", "code"],
    ["bold", "strong"],
    ["italic", "em"],
    ["strike", "s"],
  ] as const) {
    if (style[name] === true) result = `<${tag}>${result}</${tag}>`;
  }
  return result;
}

/** The first row is the heading, as Slack shows it. Wide tables scroll by themselves, by keyboard too. */
function table(block: JsonObject, names: Names): string {
  const settings = listOf(block["column_settings"]).map((setting) => stringOf(objectOf(setting)["align"]));
  const [head, ...body] = listOf(block["rows"]);
  const row = (cells: Json | undefined, tag: string) =>
    `<tr>${listOf(cells)
      .map(
        (cell, column) =>
          `<${tag}${alignment(settings[column])}>${cellHtml(cell, names)}</${tag.split(" ", 1)[0]}>`,
      )
      .join("")}</tr>`;
  return `<div class="scroll" tabindex="0" role="group" aria-label="Table"><table><thead>${row(head, 'th scope="col"')}</thead><tbody>${body
    .map((cells) => row(cells, "td"))
    .join("")}</tbody></table></div>`;
}

function alignment(align: string | undefined): string {
  return align === "right" || align === "center" ? ` class="${align}"` : "";
}

function cellHtml(value: Json, names: Names): string {
  const cell = objectOf(value);
  if (cell["type"] !== "rich_text") return escapeHtml(stringOf(cell["text"]));
  return listOf(cell["elements"])
    .filter(isObject)
    .map((part) => inlineHtml(part, names))
    .join("<br>");
}

const blockRenderers: ReadonlyMap<string, RenderBlock> = new Map<string, RenderBlock>([
  ["header", (block, names) => `<h4>${textHtml(block["text"], names)}</h4>`],
  ["section", section],
  ["context", context],
  ["divider", () => "<hr>"],
  ["actions", ({ elements }) => `<p class="actions">${listOf(elements).map(elementHtml).join(" ")}</p>`],
  ["image", (block) => `<p>${imageAlt(block)}</p>`],
  ["rich_text", richText],
  ["table", table],
  ["markdown", ({ text }, names) => `<p>${mrkdwnHtml(stringOf(text), names)}</p>`],
]);

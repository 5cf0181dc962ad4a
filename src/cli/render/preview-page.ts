import type { Preview } from "../../pipeline/dry-run.ts";
import type { Redact } from "../../runtime/redact.ts";
import type { Block, PlainText, RichElement, RichList, RichSection } from "../../slack/message.ts";
import { builderLink, payloadOf } from "./payload.ts";
import { previewStyle } from "./preview-style.ts";
import { terminalText } from "./terminal-text.ts";

type Message = Preview["messages"][number];

/**
 * What would be posted as one page that looks like Slack: channel by channel, replies below what they answer. It loads
 * nothing from anywhere and runs no script; everything in it that came from outside is text.
 */
export function previewPage({ messages, failures }: Preview, redact: Redact): string {
  const problems = failures.map(
    ({ scope, message }) =>
      `<p class="failure"><strong>${escape(scope)}</strong>: ${escape(redact(message))}</p>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>What sage-slack would post</title>
<style>${previewStyle}</style>
</head>
<body>
<main>
<h1>What sage-slack would post</h1>
<p class="quiet">${countOf(messages)} Nothing has been sent.</p>
${[...problems, ...byChannel(messages, redact)].join("\n")}
</main>
</body>
</html>
`;
}

function countOf({ length }: readonly Message[]): string {
  if (length === 0) return "Nothing would be posted.";
  return `${length} ${length === 1 ? "message" : "messages"} would be posted.`;
}

function byChannel(messages: readonly Message[], redact: Redact): string[] {
  const channels = new Map<string, Message[]>();
  for (const message of messages) {
    const { name } = message.channel;
    channels.set(name, [...(channels.get(name) ?? []), message]);
  }
  return [...channels].map(([name, some]) => {
    const keys = new Set(some.map(({ key }) => key));
    const isReply = ({ parent }: Message) => parent !== undefined && keys.has(parent);
    const articles = some.filter((one) => !isReply(one)).map((one) => article(one, { all: some, redact }));
    return `<section>\n<h2>${escape(name)}</h2>\n${articles.join("\n")}\n</section>`;
  });
}

function article(
  message: Message,
  context: { readonly all: readonly Message[]; readonly redact: Redact },
): string {
  const { all, redact } = context;
  const { text, blocks } = payloadOf(message, redact);
  const replies = all.filter(({ parent }) => parent === message.key);
  const isInThread = message.parent !== undefined || message.threadTs !== undefined;
  return `<article>
<div class="avatar" aria-hidden="true">S</div>
<div>
<p><strong>sage-slack</strong> <span class="app">APP</span>${isInThread && replies.length === 0 ? ' <span class="quiet">in the thread</span>' : ""}</p>
${blocks.length === 0 ? `<p>${escape(text)}</p>` : blocks.map(blockHtml).join("\n")}
<p class="quiet">Phones and screen readers: ${escape(text)}</p>
<p class="quiet"><a href="${escape(builderLink(blocks))}" rel="noreferrer">Open in Block Kit Builder</a></p>
${replies.length === 0 ? "" : `<div class="thread">\n${replies.map((one) => article(one, context)).join("\n")}\n</div>`}
</div>
</article>`;
}

function blockHtml(block: Block): string {
  switch (block.type) {
    case "header":
      return `<h3>${escape(block.text.text)}</h3>`;
    case "section":
      return "fields" in block
        ? `<ul class="fields">${block.fields.map((field) => `<li>${lines(field)}</li>`).join("")}</ul>`
        : `<p>${lines(block.text)}</p>`;
    case "rich_text":
      return block.elements.map(richHtml).join("");
    case "context":
      return `<p class="quiet">${block.elements.map(lines).join(" · ")}</p>`;
    case "actions":
      return block.elements
        .map(
          ({ url, text }) =>
            `<p><a class="button" href="${escape(url)}" rel="noreferrer">${lines(text)}</a></p>`,
        )
        .join("");
    case "table":
      return tableHtml(block);
  }
}

function tableHtml({ rows, column_settings: columns }: Extract<Block, { type: "table" }>): string {
  const cell = (tag: "th" | "td", text: string, index: number) => {
    const side = columns[index]?.align === "right" ? ' class="right"' : "";
    return `<${tag}${tag === "th" ? ' scope="col"' : ""}${side}>${escape(text)}</${tag}>`;
  };
  const row = (tag: "th" | "td", cells: readonly { text: string }[]) =>
    `<tr>${cells.map(({ text }, index) => cell(tag, text, index)).join("")}</tr>`;
  const [head = [], ...body] = rows;
  return `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table><thead>${row("th", head)}</thead><tbody>${body.map((cells) => row("td", cells)).join("")}</tbody></table></div>`;
}

function richHtml(element: RichSection | RichList): string {
  if (element.type === "rich_text_section") return `<p>${element.elements.map(pieceHtml).join("")}</p>`;
  const items = element.elements.map(({ elements }) => `<li>${elements.map(pieceHtml).join("")}</li>`);
  return `<ul>${items.join("")}</ul>`;
}

function pieceHtml(piece: RichElement): string {
  switch (piece.type) {
    case "text":
      return piece.style === undefined ? escape(piece.text) : `<strong>${escape(piece.text)}</strong>`;
    case "user":
      return `<span class="mention">@${escape(piece.user_id)}</span>`;
    case "usergroup":
      return `<span class="mention">@${escape(piece.usergroup_id)}</span>`;
  }
}

function lines({ text }: PlainText): string {
  return text.split("\n").map(escape).join("<br>");
}

function escape(text: string): string {
  return terminalText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

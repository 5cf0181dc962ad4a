import type { Announcement, Line, Mention, MoreRows, Notice } from "../transactions/notice.ts";
import { limits } from "./limits.ts";
import type { Block, PlainText, RichElement, RichSection, SlackMessage } from "./message.ts";
import { escapeMrkdwn, readable, shorten } from "./readable.ts";
import { tableBlock } from "./table.ts";
import { cellText, headline, sentence, statusWords, sumOf } from "./words.ts";

export interface Composition {
  readonly notices: readonly Notice[];
  /** `compact` has neither table nor fields, `plain` is lines of text alone. No form leaves a document out. */
  readonly rendering: "full" | "compact" | "plain";
}

/**
 * Renders notices as one message. Text from Sage never becomes markup: in blocks it is plain or rich text, which
 * Slack does not parse, and in `text` it is escaped.
 */
export function composeMessage({ notices, rendering }: Composition): SlackMessage {
  const announcements = notices.filter((notice) => notice.kind === "announcement");
  const [first] = announcements;
  if (first === undefined) return composeSmall(notices, rendering);
  if (rendering === "plain") return { text: textOf(announcements), blocks: plainBlocks(announcements) };
  const blocks =
    announcements.length === 1 && rendering === "full" ? singleBlocks(first) : mergedBlocks(announcements);
  return { text: textOf(announcements), blocks };
}

function textOf(announcements: readonly Announcement[]): string {
  const [first] = announcements;
  const said =
    announcements.length === 1 && first !== undefined
      ? sentence(first)
      : `${headline(announcements)}. ${announcements.map(({ title }) => title).join(", ")}.`;
  return shorten(escapeMrkdwn(readable(said)), limits.text);
}

function singleBlocks(announcement: Announcement): Block[] {
  const left = announcement.countInRecord - announcement.count;
  return [
    headerBlock(headline([announcement])),
    ...mentionBlocks([announcement]),
    { type: "section", block_id: "facts", fields: fieldsOf(announcement) },
    ...descriptionBlocks(announcement),
    ...tableBlock(announcement, "rows"),
    contextBlock([
      announcement.company,
      announcement.title,
      ...(left === 0 ? [] : [`${announcement.count} of ${announcement.countInRecord} in the batch`]),
      announcement.decidedBy,
    ]),
    ...linkBlocks(announcement),
  ];
}

function fieldsOf(announcement: Announcement): PlainText[] {
  const { company, status, date, dueDate, facts, totals } = announcement;
  const fields = [
    { label: "Company", value: company },
    { label: "Status", value: statusWords(status) },
    ...(totals.length === 0 ? [] : [{ label: "Total", value: sumOf(totals) }]),
    ...(date === null ? [] : [{ label: "Date", value: date }]),
    ...(dueDate === null ? [] : [{ label: "Earliest due", value: dueDate }]),
    ...facts,
  ];
  return fields
    .slice(0, limits.fields)
    .map(({ label, value }) => plain(`${label}\n${shorten(readable(value), limits.fieldText)}`));
}

function descriptionBlocks({ description }: Announcement): Block[] {
  const text = shorten(readable(description), 500);
  return text === "" ? [] : [{ type: "section", block_id: "description", text: plain(text) }];
}

/** Each record a line of its own and its rows as bullets: one table a message is all that Slack allows. */
function mergedBlocks(announcements: readonly Announcement[]): Block[] {
  return [
    headerBlock(headline(announcements)),
    ...mentionBlocks(announcements),
    ...announcements.map((announcement, index): Block => ({
      type: "rich_text",
      block_id: `record-${index}`,
      elements: [
        section([{ type: "text", text: titleLine(announcement), style: { bold: true } }]),
        {
          type: "rich_text_list",
          style: "bullet",
          elements: rowLines(announcement).map((line) => section([{ type: "text", text: line }])),
        },
      ],
    })),
    contextBlock([...new Set(announcements.flatMap(({ company, decidedBy }) => [company, decidedBy]))]),
  ];
}

function titleLine({
  company,
  title,
  status,
  description,
  totals,
  count,
  countInRecord,
}: Announcement): string {
  const part = count < countInRecord ? `${count} of ${countInRecord}` : "";
  const parts = [
    `${title} of ${company}`,
    statusWords(status),
    part,
    sumOf(totals),
    shorten(readable(description), 120),
  ];
  return parts.filter((words) => words !== "").join(" · ");
}

/** The cells of each row with the column's name where the cell does not speak for itself. */
function rowLines({ columns, rows }: Pick<Announcement, "columns" | "rows">): string[] {
  return rows.map(({ cells }) =>
    cells
      .map((cell, index) => {
        if (cell === null || cell === "") return "";
        const shown = shorten(cellText(cell), limits.listCell);
        const title = columns[index]?.title ?? "";
        return ["Due", "Unapplied", "Debit", "Credit", "Date"].includes(title)
          ? `${title.toLowerCase()} ${shown}`
          : shown;
      })
      .filter((shown) => shown !== "")
      .join(" · "),
  );
}

/** Sections of nothing but text, as many as it takes. */
function plainBlocks(announcements: readonly Announcement[]): Block[] {
  const lines = announcements.flatMap((announcement) => [titleLine(announcement), ...rowLines(announcement)]);
  return [...mentionBlocks(announcements), ...sectionsOf(lines)];
}

function sectionsOf(lines: readonly string[]): Block[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    const longer = last === undefined ? line : `${last}\n${line}`;
    if (last !== undefined && longer.length <= limits.sectionText) texts[texts.length - 1] = longer;
    else texts.push(shorten(line, limits.sectionText));
  }
  return texts.map((text, index) => ({ type: "section", block_id: `lines-${index}`, text: plain(text) }));
}

function composeSmall(notices: readonly Notice[], rendering: Composition["rendering"]): SlackMessage {
  const lines = notices
    .filter((notice): notice is Line => notice.kind === "line")
    .map(({ text }) => readable(text));
  const more = notices.filter((notice): notice is MoreRows => notice.kind === "more-rows");
  const titles = more.map(({ title, from, to, of }) => `${title}: rows ${from} to ${to} of ${of}.`);
  const tables = more.flatMap((notice, index) =>
    rendering === "full" ? tableBlock(notice, `rows-${index}`) : sectionsOf(rowLines(notice)),
  );
  const text = shorten(escapeMrkdwn([...lines, ...titles].join(" ")), limits.text);
  return { text, blocks: [...sectionsOf([...lines, ...titles]), ...tables] };
}

function headerBlock(text: string): Block {
  return { type: "header", block_id: "header", text: plain(shorten(text, limits.header)) };
}

function contextBlock(parts: readonly string[]): Block {
  const elements = parts
    .map(readable)
    .filter((part) => part !== "")
    .slice(0, limits.contextElements)
    .map((part) => plain(shorten(part, 150)));
  return { type: "context", block_id: "context", elements };
}

function mentionBlocks(announcements: readonly Announcement[]): Block[] {
  const mentions = new Map(
    announcements.flatMap((one) => one.mentions).map((mention) => [JSON.stringify(mention), mention]),
  );
  if (mentions.size === 0) return [];
  const elements = [...mentions.values()].flatMap((mention, index): RichElement[] =>
    index === 0 ? [mentionElement(mention)] : [{ type: "text", text: " " }, mentionElement(mention)],
  );
  return [{ type: "rich_text", block_id: "mentions", elements: [section(elements)] }];
}

function mentionElement(mention: Mention): RichElement {
  switch (mention.kind) {
    case "user":
      return { type: "user", user_id: mention.id };
    case "group":
      return { type: "usergroup", usergroup_id: mention.id };
    case "unresolved":
      return { type: "text", text: readable(mention.name) };
  }
}

function linkBlocks({ link }: Announcement): Block[] {
  if (link === undefined || !/^https?:\/\//.test(link) || link.length > limits.url) return [];
  return [
    {
      type: "actions",
      block_id: "link",
      elements: [{ type: "button", text: plain("Open in Sage 300"), url: link }],
    },
  ];
}

function section(elements: readonly RichElement[]): RichSection {
  return { type: "rich_text_section", elements };
}

function plain(text: string): PlainText {
  return { type: "plain_text", text: text === "" ? "—" : text, emoji: false };
}

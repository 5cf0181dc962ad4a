import type { Announcement, Notice } from "../transactions/notice.ts";
import {
  contextBlock,
  headerBlock,
  linkBlocks,
  mentionBlocks,
  plain,
  richSection,
  textSections,
  titleSection,
} from "./blocks.ts";
import { daysWords, dueWords } from "./dates.ts";
import { attentionParts, figureLines, panelBlocks, panelLists } from "./figures.ts";
import { fits, limits } from "./limits.ts";
import type { Block, PlainText, RichList, RichSection, SlackMessage } from "./message.ts";
import { escapeMrkdwn, escapeWithin, readable, shorten } from "./mrkdwn.ts";
import { once } from "./once.ts";
import { rowLines, widths, type Rows, type Width } from "./rows.ts";
import { statusSign } from "./status.ts";
import { bulletsOf, rowBlock } from "./table.ts";
import { updateBlocks, updateLines, updateSentence } from "./updates.ts";
import {
  addedWords,
  dueTitle,
  headerWords,
  dueOf,
  headline,
  isItsOwnRecord,
  partOf,
  sentence,
  sumOf,
  threadNote,
  titleOf,
  titleOfRows,
} from "./words.ts";

export interface Composition {
  readonly notices: readonly Notice[];
  /** `compact` has neither table nor fields, `plain` is lines of text alone. No form leaves a document out. */
  readonly rendering: "full" | "compact" | "plain";
  readonly channel?: { readonly name: string };
  /** The channel that stands in for `channel`; the message says for which. */
  readonly via?: { readonly name: string };
  /** The message may already be in the channel; it says so. */
  readonly isRepeat?: boolean;
  /** Posted for trying out; it says so. */
  readonly isTrial?: boolean;
}

/**
 * Renders notices as one message, long texts shortened as far as it takes to fit. Text from Sage never becomes markup:
 * in blocks it is plain or rich text, which Slack does not parse, and in `text` it is escaped.
 */
export function composeMessage(composition: Composition): SlackMessage {
  let message: SlackMessage = { text: "", blocks: [] };
  for (const width of widths) {
    message = renderAt(composition, width);
    if (fits(message)) return message;
  }
  return message;
}

/** The message as it is with texts up to this width, whether it fits or not. */
export function renderAt(composition: Composition, width: Width): SlackMessage {
  const { notices, rendering } = composition;
  const notes = notesOf(composition);
  const text = escapeWithin([...notes, textOf(notices)].join(" "), limits.text);
  if (rendering === "plain") return plainMessage({ notices, notes, text }, width);
  const noteBlocks = notes.flatMap((note, index) => contextBlock([note], `note-${index}`));
  return { text, blocks: [...blocksOf(notices, rendering, width), ...noteBlocks] };
}

/** What the reader must know about this message besides its content. */
function notesOf({ channel, via, isRepeat, isTrial }: Composition): string[] {
  return [
    ...(isTrial === true ? ["Trial: posted for trying out."] : []),
    ...(via === undefined || channel === undefined
      ? []
      : [`Meant for ${readable(channel.name)}, which takes no messages.`]),
    // One message is better read twice than never; the reader must be able to tell.
    ...(isRepeat === true ? ["Possible repeat: whether this arrived before could not be looked up."] : []),
  ];
}

function blocksOf(notices: readonly Notice[], rendering: "full" | "compact", width: Width): Block[] {
  const announcements = announcementsOf(notices);
  const [first] = announcements;
  if (rendering === "full" && notices.length === 1 && first !== undefined) return singleBlocks(first, width);
  return [
    ...(announcements.length === 0 ? [] : [headerBlock(headerWords(announcements, limits.header))]),
    ...mentionBlocks(announcements),
    ...bodyBlocks(notices, rendering, width),
    ...contextBlock(announcements.flatMap(({ company, decidedBy }) => [company, decidedBy])),
  ];
}

function announcementsOf(notices: readonly Notice[]): Announcement[] {
  return notices.filter((notice) => notice.kind === "announcement");
}

function textOf(notices: readonly Notice[]): string {
  const announcements = announcementsOf(notices);
  const [first] = announcements;
  const parts: string[] = [];
  if (announcements.length === 1 && first !== undefined) parts.push(sentence(first));
  else if (announcements.length > 1) parts.push(headline(announcements), ...namesOf(announcements));
  for (const notice of notices) {
    if (notice.kind === "more-rows") parts.push(titleOfRows(notice));
    if (notice.kind === "update") parts.push(updateSentence(notice));
    if (notice.kind === "line") parts.push(readable(notice.text));
  }
  return parts.join(notices.every(({ kind }) => kind === "line") ? " " : "; ");
}

/** Each record that a message is about, or each document where it is announced by itself. */
function namesOf(announcements: readonly Announcement[]): string[] {
  const names = announcements.map((one) =>
    one.document === undefined ? titleOf(one) : `${readable(one.document.name)} of ${readable(one.company)}`,
  );
  return [...new Set(names)];
}

function singleBlocks(announcement: Announcement, width: Width): Block[] {
  const { company, decidedBy } = announcement;
  const note = threadNote(announcement);
  const description = shorten(readable(announcement.description), width.text * 2);
  const attention = attentionParts(announcement, width);
  return [
    headerBlock(headerWords([announcement], limits.header)),
    titleBlock({ name: readable(announcement.title), details: whereOf(announcement) }, "record"),
    ...mentionBlocks([announcement]),
    ...(attention.length === 0
      ? []
      : [{ type: "rich_text", block_id: "attention", elements: attention } as const]),
    { type: "section", block_id: "facts", fields: fieldsOf(announcement, width) },
    ...(description === ""
      ? []
      : [{ type: "section", block_id: "description", text: plain(description) } as const]),
    ...panelBlocks(announcement, width),
    ...rowBlocks(announcement, width),
    ...(note === "" ? [] : [{ type: "section", block_id: "more", text: plain(note) } as const]),
    ...contextBlock([company, announcement.title, decidedBy, idOf(announcement)]),
    ...linkBlocks(announcement),
  ];
}

/** As `status` takes it: of the one document, or of the record. */
function idOf({ company, source, record, rows, summary }: Announcement): string {
  const ids = new Set(rows.map(({ transaction }) => transaction));
  const [only] = ids;
  if (ids.size !== 1 && summary !== undefined) return "";
  return ids.size === 1 && only !== undefined ? only : `v1:${company}:${source}:${record}`;
}

function titleBlock(
  { name, details }: { name: string; details: string },
  blockId: string,
  lists: readonly (RichSection | RichList)[] = [],
): Block {
  const section = richSection([
    { type: "text", text: name || "—", style: { bold: true } },
    ...(details === "" ? [] : [{ type: "text", text: ` · ${details}` } as const]),
  ]);
  return { type: "rich_text", block_id: blockId, elements: [section, ...lists] };
}

/** What the title says beside the record; what may change is in the header, which is brought up to date. */
function whereOf(announcement: Announcement): string {
  const { company, summary } = announcement;
  const days = summary === undefined ? "" : daysWords(summary.days);
  return joined([readable(company), days, partOf(announcement)]);
}

/** The name of a record or document and what a line says after it, where several share a message. */
function lineOf(announcement: Announcement, width: Width): { name: string; details: string } {
  const { title, description, document, totals, highlights = [] } = announcement;
  const text = shorten(readable(description), width.text);
  const sign = statusSign(announcement.status);
  const remarks = highlights.map((words) => shorten(readable(words), Math.max(width.text, 40)));
  const note = threadNote(announcement);
  if (document === undefined) {
    const details = [whereOf(announcement), sign, sumOf(totals), ...remarks, text, note];
    return { name: readable(title), details: joined(details) };
  }
  const party = shorten(readable(document.party), width.identifier);
  const place = isItsOwnRecord(announcement) ? "" : readable(title);
  const what = [party, sumOf(totals), ...remarks, dueOf(announcement), sign];
  return {
    name: shorten(readable(document.name), width.identifier),
    details: joined([...what, place, whereOf(announcement), text, note]),
  };
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}

function fieldsOf(announcement: Announcement, width: Width): PlainText[] {
  const { company, date, dueDate, totals, facts, document, today } = announcement;
  const fields = [
    { label: "Company", value: company },
    // One total is in the header.
    { label: "Totals", value: totals.length > 1 ? sumOf(totals) : "" },
    { label: document === undefined ? "Batch date" : "Date", value: date ?? "" },
    { label: dueTitle(announcement), value: dueDate === null ? "" : dueWords(dueDate, today) },
    ...facts,
  ];
  return fields
    .map(({ label, value }) => ({ label: shorten(readable(label), 40), value: readable(value) }))
    .filter(({ value }) => value !== "")
    .slice(0, limits.fields)
    .map(({ label, value }) => plain(`${label}\n${shorten(value, width.text)}`));
}

/** The rows as a table, or as a list under a title where the figures of a summary are the table. */
function rowBlocks(announcement: Announcement, width: Width): Block[] {
  if (announcement.rows.length === 0) return [];
  const { summary, noun } = announcement;
  if (summary?.panels.some(({ isTable }) => isTable) !== true)
    return [rowBlock(announcement, { blockId: "rows", width, mayHaveTable: true })];
  const title = `${noun.many.charAt(0).toUpperCase()}${noun.many.slice(1)}`;
  const elements = [titleSection(title), bulletsOf(announcement, width)];
  return [{ type: "rich_text", block_id: "rows", elements }];
}

/** A record among others: a title and its rows. */
const recordBlock = once((announcement: Announcement, width: Width): Block => {
  const lists = [
    ...attentionParts(announcement, width),
    ...panelLists(announcement, width),
    ...(announcement.rows.length === 0 ? [] : [bulletsOf(announcement, width)]),
  ];
  return titleBlock(lineOf(announcement, width), "record", lists);
});

/** Each record a title and its rows. */
function bodyBlocks(notices: readonly Notice[], rendering: "full" | "compact", width: Width): Block[] {
  const mayHaveTable = rendering === "full" && notices.length === 1;
  return notices.flatMap((notice, index): Block[] => {
    switch (notice.kind) {
      case "announcement":
        return [{ ...recordBlock(notice, width), block_id: `record-${index}` }];
      case "more-rows": {
        const title = plain(shorten(titleOfRows(notice), limits.textObject));
        return [
          { type: "section", block_id: `title-${index}`, text: title },
          rowBlock(notice, { blockId: `rows-${index}`, width, mayHaveTable }),
        ];
      }
      case "update":
        return updateBlocks(notice, { index, width, mayHaveTable });
      case "line":
        return [
          {
            type: "section",
            block_id: `line-${index}`,
            text: plain(shorten(readable(notice.text), limits.textObject)),
          },
        ];
    }
  });
}

interface PlainParts {
  readonly notices: readonly Notice[];
  readonly notes: readonly string[];
  readonly text: string;
}

/** All in `text` when it holds everything; a mention, or more than that, takes blocks. */
function plainMessage({ notices, notes, text }: PlainParts, width: Width): SlackMessage {
  const lines = [...notes, ...notices.flatMap((notice) => plainLines(notice, width))];
  const mentions = mentionBlocks(announcementsOf(notices));
  const whole = escapeMrkdwn(lines.join("\n"));
  if (mentions.length === 0 && whole.length <= limits.text) return { text: whole, blocks: [] };
  return { text, blocks: [...mentions, ...textSections(lines)] };
}

const plainLines = once((notice: Notice, width: Width): string[] => {
  switch (notice.kind) {
    case "announcement": {
      const title = [sentence(notice), shorten(readable(notice.description), width.text), threadNote(notice)];
      return [
        title.filter((part) => part !== "").join(" · "),
        ...figureLines(notice, width),
        ...bulleted(notice, width),
      ];
    }
    case "more-rows":
      return [titleOfRows(notice), ...bulleted(notice, width)];
    case "update":
      return [
        titleOf(notice),
        ...updateLines(notice, width).map((line) => `• ${line}`),
        ...(notice.rows.length === 0 ? [] : [addedWords(notice), ...bulleted(notice, width)]),
      ];
    case "line":
      return [readable(notice.text)];
  }
});

function bulleted(rows: Rows, width: Width): string[] {
  return rowLines(rows, width).map((line) => `• ${line}`);
}

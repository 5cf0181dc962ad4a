import type { Block, RichList, RichSection, SlackMessage } from "./message.ts";

/**
 * What Slack takes: https://docs.slack.dev/reference/block-kit/blocks and
 * https://docs.slack.dev/reference/methods/chat.postMessage. Where only practice is known, the number keeps clear of it.
 */
export const limits = {
  /** Blocks of a message. */
  blocks: 50,
  /** Characters of `text`: Slack advises 4,000, and splits what is longer into several messages. */
  text: 3900,
  /** Characters over all blocks: not documented; `msg_blocks_too_long` is seen above about 13,200. */
  allBlocks: 12_000,
  /** What a header is seen to weigh in that sum, besides its text. */
  headerWeight: 100,
  /** Characters of a text object. */
  textObject: 3000,
  header: 150,
  fields: 10,
  fieldText: 2000,
  contextElements: 10,
  url: 3000,
  /** The header row counts. */
  tableRows: 100,
  tableColumns: 20,
  /** Characters over all cells. */
  tableCells: 10_000,
  /** Our own: rows that an announcement shows before the rest goes to its thread. */
  shownRows: 25,
  /** Our own: rows of a table of figures in a summary. */
  shownFigures: 10,
} as const;

/** Whether Slack takes a message, as far as sizes go. */
export function fits({ text, blocks }: SlackMessage): boolean {
  return (
    text.length <= limits.text &&
    blocks.length <= limits.blocks &&
    blocks.filter(({ type }) => type === "table").length <= 1 &&
    blocks.every(isWithinOwnLimits) &&
    sum(blocks.map(charactersOf)) <= limits.allBlocks
  );
}

function isWithinOwnLimits(block: Block): boolean {
  switch (block.type) {
    case "header":
      return isBetween(block.text.text.length, 1, limits.header);
    case "section":
      return "fields" in block
        ? isBetween(block.fields.length, 1, limits.fields) &&
            block.fields.every(({ text }) => isBetween(text.length, 1, limits.fieldText))
        : isBetween(block.text.text.length, 1, limits.textObject);
    case "context":
      return (
        isBetween(block.elements.length, 1, limits.contextElements) &&
        block.elements.every(({ text }) => isBetween(text.length, 1, limits.textObject))
      );
    case "actions":
      return block.elements.every(({ url }) => url.length <= limits.url);
    case "table":
      return (
        isBetween(block.rows.length, 1, limits.tableRows) &&
        block.rows.every((row) => isBetween(row.length, 1, limits.tableColumns)) &&
        charactersOf(block) <= limits.tableCells
      );
    case "rich_text":
      return block.elements.every(({ elements }) => elements.length > 0);
  }
}

function isBetween(size: number, least: number, most: number): boolean {
  return size >= least && size <= most;
}

/** Every character that a block shows. */
function charactersOf(block: Block): number {
  switch (block.type) {
    case "header":
      return block.text.text.length + limits.headerWeight;
    case "section":
      return "fields" in block ? sum(block.fields.map(({ text }) => text.length)) : block.text.text.length;
    case "context":
      return sum(block.elements.map(({ text }) => text.length));
    case "actions":
      return sum(block.elements.map(({ text, url }) => text.text.length + url.length));
    case "table":
      return sum(block.rows.flat().map(({ text }) => text.length));
    case "rich_text":
      return sum(block.elements.map(charactersOfRichText));
  }
}

function charactersOfRichText(part: RichSection | RichList): number {
  if (part.type === "rich_text_list") return sum(part.elements.map(charactersOfRichText));
  return sum(
    part.elements.map((element) => {
      switch (element.type) {
        case "text":
          return element.text.length;
        case "user":
          return element.user_id.length;
        case "usergroup":
          return element.usergroup_id.length;
      }
    }),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/**
 * What Slack takes, from https://docs.slack.dev/reference/block-kit and chat.postMessage. Where only practice is
 * known (`text`, `allBlocks`) the number keeps clear of what others have measured.
 */
export const limits = {
  blocks: 50,
  /** Characters of `text`; beyond 4,000 Slack splits the message. */
  text: 3900,
  /** Characters over all blocks; measured: refused above about 13,200. */
  allBlocks: 12_000,
  sectionText: 3000,
  header: 150,
  fields: 10,
  /** Slack takes 2,000; ten of those would fill the message. */
  fieldText: 200,
  contextElements: 10,
  url: 1000,
  tableRows: 100,
  tableCells: 10_000,
  /** Our own: rows shown before the rest goes to the thread. */
  shownRows: 25,
  /** Our own: a cell in a list line. */
  listCell: 200,
} as const;

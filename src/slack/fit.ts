import type { Announcement, MoreRows, Notice, NoticeRow } from "../transactions/notice.ts";
import { composeMessage } from "./compose.ts";
import { limits } from "./limits.ts";
import type { Block, SlackMessage } from "./message.ts";

/** Whether Slack takes a message, as far as sizes go. */
export function fits({ text, blocks }: SlackMessage): boolean {
  return (
    text.length <= limits.text &&
    blocks.length <= limits.blocks &&
    blocks.filter(({ type }) => type === "table").length <= 1 &&
    blocks.reduce((sum, block) => sum + charactersOf(block), 0) <= limits.allBlocks
  );
}

/** Whether several notices may be one message: none of them has a thread of its own to fill. */
export function mergeable(notices: readonly Notice[]): boolean {
  const isWhole = notices.every(
    (notice) => notice.kind !== "announcement" || notice.rows.length <= limits.shownRows,
  );
  return (
    isWhole &&
    fits(composeMessage({ notices, rendering: "compact" })) &&
    fits(composeMessage({ notices, rendering: "full" }))
  );
}

/** The announcement with the rows it has room for, and the others in portions for its thread. */
export function splitRows(announcement: Announcement): { first: Announcement; rest: MoreRows[] } {
  const portions = portionsOf(announcement.rows);
  const [first = []] = portions;
  let from = first.length + 1;
  const rest = portions.slice(1).map((rows): MoreRows => {
    const to = from + rows.length - 1;
    const portion: MoreRows = {
      kind: "more-rows",
      title: announcement.title,
      from,
      to,
      of: announcement.rows.length,
      columns: announcement.columns,
      rows,
    };
    from = to + 1;
    return portion;
  });
  return { first: { ...announcement, rows: first }, rest };
}

function portionsOf(rows: readonly NoticeRow[]): NoticeRow[][] {
  const portions: NoticeRow[][] = [];
  for (let start = 0; start < rows.length; start += limits.shownRows) {
    portions.push(rows.slice(start, start + limits.shownRows));
  }
  return portions;
}

/** Every character that the block shows, counted as Slack is known to count. */
function charactersOf(block: Block): number {
  switch (block.type) {
    case "header":
      return block.text.text.length + 100; // measured by others: a header weighs about a hundred more
    case "section":
      return "fields" in block
        ? block.fields.reduce((sum, { text }) => sum + text.length, 0)
        : block.text.text.length;
    case "context":
      return block.elements.reduce((sum, { text }) => sum + text.length, 0);
    case "actions":
      return block.elements.reduce((sum, { text, url }) => sum + text.text.length + url.length, 0);
    case "table":
      return block.rows.flat().reduce((sum, { text }) => sum + text.length, 0);
    case "rich_text":
      return (
        JSON.stringify(block.elements)
          .match(/"text":"(?:[^"\\]|\\.)*"/g)
          ?.join("").length ?? 0
      );
  }
}

import type { Update } from "../transactions/notice.ts";
import { bulletList, contextBlock, plain, richSection } from "./blocks.ts";
import type { Block } from "./message.ts";
import { readable, shorten } from "./mrkdwn.ts";
import type { Width } from "./rows.ts";
import { rowBlock } from "./table.ts";
import { addedWords, changeWords, titleOf } from "./words.ts";

/** `A/P invoice batch 28 of SAMINC: status Open → Posted; 2 added`. */
export function updateSentence(update: Update): string {
  const narrow = { text: 60, identifier: 40 };
  const said = [...updateLines(update, narrow), ...(update.rows.length === 0 ? [] : [addedWords(update)])];
  return `${titleOf(update)}: ${said.join("; ")}`;
}

/** What has changed, a line each, and the entries that were keyed in since. */
export function updateBlocks(
  update: Update,
  { index, width, mayHaveTable }: { index: number; width: Width; mayHaveTable: boolean },
): Block[] {
  const lines = updateLines(update, width);
  const title = richSection([{ type: "text", text: readable(update.title) || "—", style: { bold: true } }]);
  const elements = lines.length === 0 ? [title] : [title, bulletList(lines)];
  const rows = update.rows.length === 0 ? [] : addedRows(update, { index, width, mayHaveTable });
  return [
    { type: "rich_text", block_id: `update-${index}`, elements },
    ...rows,
    ...contextBlock([update.company]),
  ];
}

function addedRows(
  update: Update,
  { index, width, mayHaveTable }: { index: number; width: Width; mayHaveTable: boolean },
): Block[] {
  const title = plain(addedWords(update));
  return [
    { type: "section", block_id: `added-${index}`, text: title },
    rowBlock(update, { blockId: `rows-${index}`, width, mayHaveTable }),
  ];
}

/** `INV-77: due 2026-12-31 → 2027-01-15`. */
export function updateLines({ changes }: Update, width: Width): string[] {
  return changes.map((change) => {
    const subject = shorten(readable(change.subject), width.identifier);
    const words = changeWords(change, width.text);
    return subject === "" ? words : `${subject}: ${words}`;
  });
}

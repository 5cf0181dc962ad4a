import type { Announcement, MoreRows, Notice, NoticeRow, Panel } from "../transactions/notice.ts";
import { renderAt } from "./compose.ts";
import { fits, limits } from "./limits.ts";
import { widths } from "./rows.ts";
import { inSentence } from "./words.ts";

/**
 * Whether several notices may be one message: announcements without a thread to fill, or lines; and nothing has to be
 * shortened for it, in any rendering that the message may come to need.
 */
export function mergeable(notices: readonly Notice[]): boolean {
  const [width] = widths;
  if (width === undefined || notices.length > limits.blocks) return false;
  // The figures of a summary are worth a message of their own.
  if (notices.some((notice) => notice.kind === "announcement" && notice.summary !== undefined)) return false;
  const areLines = notices.every(({ kind }) => kind === "line");
  const areWhole = notices.every(
    (notice) => notice.kind === "announcement" && notice.rows.length <= limits.shownRows,
  );
  if (!areLines && !areWhole) return false;
  return (["full", "plain"] as const).every((rendering) =>
    fits(renderAt({ notices, rendering, ...everyNote }, width)),
  );
}

/** Room for whatever may have to be said about the message later. */
const everyNote = {
  channel: { name: "#".padEnd(81, "x") },
  via: { name: "" },
  isRepeat: true,
  isTrial: true,
} as const;

/** The announcement with the rows it has room for, and the others in portions for its thread. */
export function splitRows(announcement: Announcement): { first: Announcement; rest: MoreRows[] } {
  const { rows, title, columns } = announcement;
  const hasFigures = announcement.summary?.panels.some(({ isTable }) => isTable) === true;
  const [first = [], ...portions] = portionsOf(rows, hasFigures ? limits.shownFigures : limits.shownRows);
  const about = { title, columns, today: announcement.today };
  const rest = moreRows(portions, about, { after: first.length, of: rows.length });
  const whole = { ...announcement, rows: first };
  const shown = rest.length === 0 ? whole : { ...whole, inThread: leftOut(rows, first) };
  if (shown.summary === undefined) return { first: shown, rest };
  const panels = shown.summary.panels.map((panel) => splitPanel(panel, title));
  return {
    first: { ...shown, summary: { ...shown.summary, panels: panels.map((panel) => panel.first) } },
    rest: [...rest, ...panels.flatMap((panel) => panel.rest)],
  };
}

/** A summary shows the first rows of a table of figures; all of them would hide what matters. */
function splitPanel(panel: Panel, title: string): { first: Panel; rest: MoreRows[] } {
  const { rows, columns } = panel;
  if (!panel.isTable || rows.length <= limits.shownFigures) return { first: panel, rest: [] };
  const others = rows.slice(limits.shownFigures).map((cells) => ({ transaction: "", cells }));
  const name = inSentence(panel.title);
  const rest = moreRows(
    chunksOf(others),
    { title: `${title}, ${name}`, columns, today: undefined },
    { after: limits.shownFigures, of: rows.length },
  );
  const inThread = `${others.length} more`;
  return { first: { ...panel, rows: rows.slice(0, limits.shownFigures), inThread }, rest };
}

function moreRows(
  portions: readonly NoticeRow[][],
  { title, columns, today }: Pick<MoreRows, "title" | "columns"> & { today: string | undefined },
  { after, of }: { after: number; of: number },
): MoreRows[] {
  let shown = after;
  return portions.map((rows): MoreRows => {
    const from = shown + 1;
    shown += rows.length;
    const day = today === undefined ? {} : { today };
    return { kind: "more-rows", title, from, to: shown, of, ...day, columns, rows };
  });
}

/** `12 more`, or the number of rows when they all belong to documents of which something is shown. */
function leftOut(rows: readonly NoticeRow[], shown: readonly NoticeRow[]): string {
  const documents = documentsOf(rows).size - documentsOf(shown).size;
  return documents > 0 ? `${documents} more` : `${rows.length - shown.length} more rows`;
}

function documentsOf(rows: readonly NoticeRow[]): Set<string> {
  return new Set(rows.map(({ transaction }) => transaction));
}

/**
 * Portions that fit a message, the first with so many rows at most; the rows of one document stay together unless they
 * are more than a portion.
 */
function portionsOf(rows: readonly NoticeRow[], inFirst: number): NoticeRow[][] {
  const portions: NoticeRow[][] = [];
  for (const group of groupsOf(rows)) {
    const last = portions.at(-1);
    const most = portions.length === 1 ? inFirst : limits.shownRows;
    const isRoom = last !== undefined && last.length + group.length <= most;
    if (isRoom) last.push(...group);
    else portions.push(...chunksOf(group));
  }
  return portions;
}

function groupsOf(rows: readonly NoticeRow[]): NoticeRow[][] {
  const groups: NoticeRow[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last?.[0]?.transaction === row.transaction) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

function chunksOf(rows: readonly NoticeRow[]): NoticeRow[][] {
  const chunks: NoticeRow[][] = [];
  for (let start = 0; start < rows.length; start += limits.shownRows) {
    chunks.push(rows.slice(start, start + limits.shownRows));
  }
  return chunks;
}

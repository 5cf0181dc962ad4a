import type { DocumentStatus, LinkedPost, StatusOf } from "../../pipeline/status-of.ts";

/** What became of each document that may be meant. */
export function explanationLines({ documents, note }: StatusOf): string[] {
  return [...(note === null ? [] : [note]), ...documents.flatMap(linesOf)];
}

function linesOf(document: DocumentStatus): string[] {
  const { read, posts, waiting, why } = document;
  return [
    titleOf(document),
    ...(read === null ? [] : [`  source last read  ${read}`]),
    ...posts.map((post) => `  announced         ${postWords(post)}`),
    ...waiting.map(
      ({ channel, decidedBy, key, status, reason, happens }) =>
        `  ${words[status]}  in ${channel}${decidedBy === null ? "" : ` by ${decidedBy}`}, message ${key.slice(0, 12)}` +
        `${reason === null ? "" : ` (${reason})`}. ${happens}`,
    ),
    ...(why === null ? [] : [`  not announced     ${why}`]),
  ];
}

const words = {
  pending: "waiting         ",
  inflight: "uncertain       ",
  dead: "dead letter     ",
} as const;

function titleOf({ company, source, record, entry, documentNumber, status }: DocumentStatus): string {
  const parts = [
    `${company} ${source} ${record}`,
    ...(entry === null ? [] : [`entry ${entry}`]),
    ...(documentNumber === null ? [] : [`document ${documentNumber}`]),
  ];
  return `${parts.join(", ")}${status === null ? "" : ` (${status})`}`;
}

function postWords({ channel, ts, at, entries, decidedBy, permalink }: LinkedPost): string {
  if (ts === null) return `nowhere: somebody gave up the message for ${channel}, ${at}`;
  const by = decidedBy === null ? "" : ` by ${decidedBy}`;
  const which = entries.length === 1 && entries[0] === "0" ? "" : `, ${entriesWords(entries)}`;
  return `in ${channel}${by}${which}, ${at}: ${permalink ?? `message ${ts}`}`;
}

function entriesWords(entries: readonly string[]): string {
  const shown = entries.slice(0, 20).join(", ");
  const more = entries.length > 20 ? ` and ${entries.length - 20} more` : "";
  return `${entries.length === 1 ? "entry" : "entries"} ${shown}${more}`;
}

import type { Preview } from "../../pipeline/dry-run.ts";
import { isOnlyName } from "../../pipeline/places.ts";
import { redactor, type Redact } from "../../runtime/redact.ts";
import { composeMessage } from "../../slack/compose.ts";
import type { Announcement, Cell, MoreRows, Notice, Update } from "../../transactions/notice.ts";
import { formatMoney } from "../../transactions/money.ts";
import { endingCode } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { jsonText } from "./json-text.ts";
import { builderLink, payloadOf } from "./payload.ts";
import { paintFor } from "./paint.ts";
import { renderFailures } from "./run.ts";
import { terminalText } from "./terminal-text.ts";
import { wrapLines } from "./wrap.ts";
import { textTable } from "./text-table.ts";

interface PreviewOptions {
  readonly format: "text" | "blocks";
  /** The file of the page that was written; null without one. */
  readonly page: string | null;
}

/** Shows each message with its channel and what decided it; with `--json` the payloads as Slack would get them. */
export function renderPreview(preview: Preview, context: Context, { format, page }: PreviewOptions): void {
  const { host, secrets } = context;
  const redact = redactor(secrets);
  if (host.argv.includes("--json")) {
    const exitCode = endingCode(host.signal, context.exitCode);
    host.stdout.write(jsonText(documentOf(preview, exitCode), redact));
    return;
  }
  renderFailures(preview.failures, context);
  if (format === "blocks") {
    host.stdout.write(`${JSON.stringify(payloadsOf(preview, redact), null, 2)}\n`);
    return;
  }
  const paint = paintFor(host, host.stdout);
  const lines = preview.messages.flatMap((message) => [
    `${paint.cyan(terminalText(message.channel.name))}${placeNote(message)}`,
    wrapLines(`  ${paint.bold(terminalText(redact(composeMessage(message).text)))}`, host.stdout, 0),
    ...message.notices
      .flatMap((notice) => noticeLines(notice, roomIn(host)))
      .map((line) => `  ${terminalText(line)}`),
    "",
  ]);
  const count = preview.messages.length;
  lines.push(
    count === 0
      ? "Nothing would be posted."
      : `${count} ${count === 1 ? "message" : "messages"} would be posted.`,
    ...(page === null ? [] : [`As a page: ${terminalText(page)}`]),
    ...(count === 0 ? [] : [wrapLines(nextStep(host.argv), host.stdout)]),
  );
  host.stdout.write(redact(lines.map((line) => `${line}\n`).join("")));
}

/** Samples of what is there are not what a first run does. */
function nextStep(argv: readonly string[]): string {
  return /--first-run[ =]post/.test(argv.join(" "))
    ? 'Next: "sage-slack poll" takes note of what is there, and posts from then on what is new.'
    : 'Next: "sage-slack poll", with the same flags, posts just that.';
}

function placeNote({ channel, parent }: Preview["messages"][number]): string {
  return `${isOnlyName(channel) ? " (not found in Slack yet)" : ""}${parent === undefined ? "" : " (in the thread)"}`;
}

/** Payloads as Slack would get them, each with its channel and a link that shows it in Slack's Block Kit Builder. */
function payloadsOf({ messages }: Preview, redact: Redact) {
  return messages.map((message) => {
    const payload = payloadOf(message, redact);
    return { channel: message.channel.name, payload, builder: builderLink(payload.blocks) };
  });
}

function documentOf({ messages, sources, failures }: Preview, exitCode: number) {
  return {
    exitCode,
    messages: messages.map((message) => ({
      key: message.key,
      kind: message.kind,
      channel: message.channel,
      parent: message.parent ?? null,
      transactions: message.transactions,
      payload: composeMessage(message),
    })),
    sources,
    failures,
  };
}

/** Columns for a table, indented; without a terminal as many as a page has. */
function roomIn({ stdout }: Context["host"]): number {
  return (stdout.isTTY === true ? stdout.columns || 80 : 120) - 2;
}

function noticeLines(notice: Notice, room: number): string[] {
  if (notice.kind === "line") return [];
  if (notice.kind === "update") return [...changeLines(notice), ...tableLines(notice, room)];
  const decided = notice.kind === "announcement" ? decisionLines(notice) : [];
  return [...decided, ...tableLines(notice, room)];
}

function decisionLines({ decidedBy, mentions }: Announcement): string[] {
  const who = mentions.map((mention) =>
    mention.kind === "unresolved" ? `${mention.name} (unknown)` : mention.id,
  );
  return [`by ${decidedBy}${who.length === 0 ? "" : `, mentions ${who.join(", ")}`}`];
}

/** The text says it all up to its limit; here each change has its line. */
function changeLines({ changes }: Update): string[] {
  return changes.map(({ subject, label, from, to }) =>
    [subject, `${label}: ${from ?? "—"} → ${to ?? "—"}`].filter((part) => part !== "").join("  "),
  );
}

function tableLines({ columns, rows }: Announcement | MoreRows | Update, room: number): string[] {
  if (rows.length === 0) return [];
  return textTable(
    columns,
    rows.map(({ cells }) => cells.map(cellText)),
    room,
  );
}

function cellText(cell: Cell): string {
  if (cell === null) return "—";
  return terminalText(typeof cell === "string" ? cell : formatMoney(cell));
}

const ellipsis = "…";

/**
 * Text from the books, fit to be shown on one line: control characters, bidirectional and zero-width marks and lone
 * surrogates go, so that nothing hides in it and no amount can swap places with a name.
 */
export function readable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\s\u0000-\u001F\u007F-\u009F]+/g, " ")
    .replaceAll(
      /[\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]/gu,
      "",
    )
    .trim();
}

/** At most so many UTF-16 units, cut between what people see as characters. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const segments = new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text.slice(0, most * 2));
  let kept = "";
  for (const { segment } of segments) {
    if (kept.length + segment.length > most - ellipsis.length) break;
    kept += segment;
  }
  return `${kept.toWellFormed()}${ellipsis}`;
}

/** Slack asks for these three in `text` and in mrkdwn, and for no others: https://docs.slack.dev/messaging/formatting-message-text */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const ellipsis = "…";

/** More than a message can show; whatever comes later in a text need not be looked at. */
const longestShown = 20_000;

/** Joiners belong between letters of scripts that need them and in emoji; beside ASCII they only hide. */
const strayJoiners = /[\u200C\u200D](?![^\u0000-\u007F])|(?<![^\u0000-\u007F])[\u200C\u200D]/g;

/** Bidirectional marks, zero-width characters, tags, fillers; joiners and the two emoji selectors stay. */
const invisible = /(?!\u200C|\u200D|\uFE0E|\uFE0F)\p{Default_Ignorable_Code_Point}|\uFFF9|\uFFFA|\uFFFB/gu;

/** Printable ASCII words with single blanks between them: most of what the books hold, and fit to be shown as it is. */
const plainWords = /^(?:[!-~]+(?: [!-~]+)*)?$/;

/**
 * Text from the books, fit to be shown on one line: control characters, bidirectional and zero-width marks and lone
 * surrogates go, so that nothing hides in it and no amount can swap places with a name.
 */
export function readable(text: string): string {
  if (text.length <= longestShown && plainWords.test(text)) return text;
  return text
    .slice(0, longestShown)
    .toWellFormed()
    .replaceAll(strayJoiners, "")
    .replaceAll(invisible, "")
    .replaceAll(/[\s\u0000-\u001F\u007F-\u009F]+/g, " ")
    .trim();
}

/** At most so many UTF-16 units, cut between what people see as characters. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const near = text.slice(0, most + 1);
  const end = isAscii(near) ? most - 1 : lastBoundary(near, most - 1);
  return `${near.slice(0, end)}${ellipsis}`;
}

function isAscii(text: string): boolean {
  return /^[\u0000-\u007F]*$/.test(text);
}

let graphemes: Intl.Segmenter | undefined;

function lastBoundary(text: string, most: number): number {
  let end = 0;
  // Made where it is needed: it costs every program that starts several milliseconds, and few texts need it.
  graphemes ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  for (const { index, segment } of graphemes.segment(text)) {
    if (index + segment.length > most) break;
    end = index + segment.length;
  }
  // One letter under a thousand accents: better cut it than show nothing.
  if (end === 0) return /[\uD800-\uDBFF]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return end;
}

/** Slack asks for these three in `text` and in mrkdwn, and for no others: https://docs.slack.dev/messaging/formatting-message-text */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Escaped and still at most so long, without a cut inside of an escape. */
export function escapeWithin(text: string, most: number): string {
  let kept = shorten(text, most);
  while (escapeMrkdwn(kept).length > most) kept = shorten(kept, Math.floor(kept.length * 0.9));
  return escapeMrkdwn(kept);
}

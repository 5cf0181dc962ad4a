import { statusLetters } from "../transactions/transaction.ts";
import { readable, shorten } from "./mrkdwn.ts";

/** How far along a record is, at a glance. None of these turns into an emoji, and none stands without its word. */
const glyphs: ReadonlyMap<string, string> = new Map([
  ["open", "○"],
  ["readytopost", "◔"],
  ["postinprogress", "◑"],
  ["checkcreationinprogress", "◑"],
  ["provpostinprogress", "◑"],
  ["provisionalpostinprogress", "◑"],
  ["provposted", "◕"],
  ["provisionalposted", "◕"],
  ["posted", "●"],
  ["partlyreceived", "◐"],
  ["received", "●"],
  ["completed", "✓"],
  ["onhold", "‖"],
  ["deleted", "✕"],
]);

/** `ReadyToPost` -> `Ready to post`. */
export function statusWords(status: string): string {
  return shorten(readable(status), 120).replaceAll(
    /([a-z])([A-Z])/g,
    (_match, end: string, start: string) => `${end} ${start.toLowerCase()}`,
  );
}

/** `◔ Ready to post`; a status that is not known has a sign of its own. */
export function statusSign(status: string): string {
  const words = statusWords(status);
  if (words === "") return "";
  return `${glyphs.get(statusLetters(status)) ?? "◇"} ${words}`;
}

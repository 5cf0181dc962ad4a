import type { SyncReport } from "../../pipeline/sync-master.ts";

type MasterReport = SyncReport["sage"][number];
type SlackReport = SyncReport["slack"][number];

/** What has changed since the last time, a line each; long lists are cut short here, and whole with `--json`. */
export function syncLines({ sage, slack, unresolved, exported }: SyncReport): string[] {
  return [
    ...sage.flatMap(masterLines),
    ...slack.flatMap(slackLines),
    ...(unresolved.length === 0
      ? []
      : [`${unresolved.length} ${unresolved.length === 1 ? "name leads" : "names lead"} nowhere:`]),
    ...shortened(
      unresolved.map(({ name, places, reason }) => `  ${name} (${placesInWords(places)}): ${reason}`),
    ),
    ...(exported === null ? [] : [`${exported.path}: ${exported.rows} rows, ${exported.added} added.`]),
  ];
}

function masterLines({ company, kind, read, count, ...lists }: MasterReport): string[] {
  const { added, changed, inactive, gone } = lists;
  const title = `${company} ${kind}`;
  if (read === "failed") return [`${title}: not read; ${count} known from before.`];
  if (read === "not installed") return [`${title}: the module is not installed.`];
  if (read === "first") return [`${title}: ${count}, read for the first time.`];
  return [
    `${title}: ${count}. ${countsInWords({ added, changed, inactive, gone })}`,
    ...section("added", added.map(named)),
    ...section(
      "changed",
      changed.map((one) => `${named(one)}: ${one.changes.map(changeInWords).join("; ")}`),
    ),
    ...section("inactive", inactive.map(named)),
    ...section("gone", gone.map(named)),
  ];
}

function named({ code, name }: { code: string; name: string }): string {
  return `${code}  ${name}`;
}

function slackLines({ kind, read, count, added, renamed, inactive, gone }: SlackReport): string[] {
  const title = `Slack ${kind}`;
  if (read === "not needed") return [`${title}: only mail addresses are used; each was looked up.`];
  if (read === "not allowed") return [`${title}: the app has no right to list them.`];
  if (read === "first") return [`${title}: ${count}, read for the first time.`];
  return [
    `${title}: ${count}. ${countsInWords({ added, renamed, inactive, gone })}`,
    ...section("added", added),
    ...section(
      "renamed",
      renamed.map(({ from, to }) => `${from} -> ${to}`),
    ),
    ...section("inactive", inactive),
    ...section("gone", gone),
  ];
}

function countsInWords(lists: Readonly<Record<string, readonly unknown[]>>): string {
  const parts = Object.entries(lists)
    .filter(([, list]) => list.length > 0)
    .map(([word, list]) => `${list.length} ${word}`);
  return parts.length === 0 ? "Nothing has changed." : `${parts.join(", ")}.`;
}

function changeInWords({ label, from, to }: MasterReport["changed"][number]["changes"][number]): string {
  return `${label} ${from === "" ? "—" : from} -> ${to === "" ? "—" : to}`;
}

function section(word: string, lines: readonly string[]): string[] {
  return shortened(lines.map((line) => `  ${word.padEnd(8)}  ${line}`));
}

const mostLines = 20;

function shortened(lines: readonly string[]): string[] {
  const others = lines.length - mostLines;
  return others > 0 ? [...lines.slice(0, mostLines), `  and ${others} more; --json lists all`] : [...lines];
}

const mostPlaces = 3;

function placesInWords(places: readonly string[]): string {
  const others = places.length - mostPlaces;
  return places.slice(0, mostPlaces).join(", ") + (others > 0 ? ` and ${others} more` : "");
}

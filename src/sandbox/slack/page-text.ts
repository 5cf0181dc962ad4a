import type { UserGroupRecord, UserRecord, ChannelRecord } from "./records.ts";

/** The names a page shows instead of ids. */
export interface Names {
  readonly channels: readonly ChannelRecord[];
  readonly users: readonly UserRecord[];
  readonly userGroups: readonly UserGroupRecord[];
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** mrkdwn as HTML: mentions as pills, links, bold, italic, strike, code and line ends. */
export function mrkdwnHtml(text: string, names: Names): string {
  return text
    .split(/(<[^<>\n]*>)/)
    .map((part) => (/^<[^<>\n]*>$/.test(part) ? reference(part.slice(1, -1), names) : formatted(part)))
    .join("");
}

export function pill(text: string): string {
  return `<span class="pill">${escapeHtml(text)}</span>`;
}

export function userPill(id: string, { users }: Names): string {
  return pill(`@${users.find((user) => user.id === id)?.realName ?? id}`);
}

export function userGroupPill(id: string, { userGroups }: Names): string {
  return pill(`@${userGroups.find((group) => group.id === id)?.handle ?? id}`);
}

/** Only http(s) addresses become links, so that no message can run anything in the page. */
export function linkHtml(url: string, label: string): string {
  const text = escapeHtml(label);
  return /^https?:\/\//i.test(url) ? `<a href="${escapeHtml(url)}" rel="noreferrer">${text}</a>` : text;
}

function reference(inside: string, names: Names): string {
  const [target = "", label] = unescapeSlack(inside).split("|", 2);
  if (target.startsWith("@")) return userPill(target.slice(1), names);
  if (target.startsWith("#")) {
    const id = target.slice(1);
    return pill(`#${names.channels.find((channel) => channel.id === id)?.name ?? id}`);
  }
  if (target.startsWith("!subteam^")) return userGroupPill(target.split("^")[1] ?? "", names);
  if (target.startsWith("!date^")) return escapeHtml(label ?? target);
  if (target.startsWith("!")) return pill(`@${target.slice(1)}`);
  return linkHtml(target, label ?? target);
}

const styles: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w*])\*([^*\n]+)\*(?![\w*])/g, "strong"],
  [/(?<!\w)_([^_\n]+)_(?!\w)/g, "em"],
  [/(?<![\w~])~([^~\n]+)~(?![\w~])/g, "s"],
];

function formatted(text: string): string {
  return unescapeSlack(text)
    .split(/(`[^`\n]+`)/)
    .map((part) => {
      if (/^`[^`\n]+`$/.test(part)) return `<code>${escapeHtml(part.slice(1, -1))}</code>`;
      let html = escapeHtml(part);
      for (const [pattern, tag] of styles) html = html.replace(pattern, `<${tag}>$1</${tag}>`);
      return html.replaceAll("\n", "<br>");
    })
    .join("");
}

/** Slack escapes three characters and no more. */
function unescapeSlack(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

import { blocksHtml } from "./page-blocks.ts";
import { pageStyle } from "./page-style.ts";
import { escapeHtml, mrkdwnHtml, type Names } from "./page-text.ts";
import type { ChannelMessage, ChannelRecord } from "./records.ts";

/** The channels as people would see them: one HTML document that loads nothing and runs nothing. */
export function renderChannelPage(simulator: Names, { title }: { readonly title: string }): string {
  const used = simulator.channels.filter(({ messages }) => messages.length > 0);
  const shown = used.length > 0 ? used : simulator.channels;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<div class="page">
<header class="side">
<h1>${escapeHtml(title)}</h1>
<nav aria-label="Channels"><ul>
${shown.map((channel) => navItem(channel, simulator)).join("\n")}
</ul></nav>
</header>
<main>
${shown.map((channel) => channelHtml(channel, simulator)).join("\n")}
</main>
</div>
</body>
</html>
`;
}

function navItem(channel: ChannelRecord, names: Names): string {
  const count = channel.messages.length;
  return `<li><a href="#${escapeHtml(channel.id)}"><span>${channelName(channel, names)}</span><span aria-label="${count} messages" role="img">${count}</span></a></li>`;
}

function channelName(channel: ChannelRecord, { users }: Names): string {
  const { directMessageWith } = channel;
  if (directMessageWith === undefined)
    return escapeHtml(`${channel.isPrivate ? "🔒 " : "# "}${channel.name}`);
  return escapeHtml(users.find(({ id }) => id === directMessageWith)?.realName ?? directMessageWith);
}

function channelHtml(channel: ChannelRecord, names: Names): string {
  const id = escapeHtml(channel.id);
  const topLevel = channel.messages.filter(({ threadTs }) => threadTs === undefined);
  const messages = topLevel.map((message) => messageHtml(message, channel, names)).join("\n");
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${channelName(channel, names)}</h2>
${messages || '<p class="empty">No messages yet.</p>'}
</section>`;
}

function messageHtml(message: ChannelMessage, channel: ChannelRecord, names: Names): string {
  const replies = channel.messages.filter(({ threadTs }) => threadTs === message.ts);
  const thread = replies.map((reply) => messageHtml(reply, channel, names)).join("\n");
  const author = message.author.appName;
  const avatar = escapeHtml(author.slice(0, 1).toUpperCase());
  const edited = message.editedTs === undefined ? "" : ' <span class="quiet">(edited)</span>';
  return `<article>
<div class="avatar" aria-hidden="true">${avatar}</div>
<div>
<h3>${escapeHtml(author)}</h3><span class="app">APP</span>${timeHtml(message.ts)}${edited}
${bodyHtml(message, names)}
${thread === "" ? "" : `<div class="thread"><p class="quiet">${replies.length === 1 ? "1 reply" : `${replies.length} replies`}</p>${thread}</div>`}
</div>
</article>`;
}

function bodyHtml(message: ChannelMessage, names: Names): string {
  if (message.blocks.length > 0) return blocksHtml(message.blocks, names);
  return `<p>${mrkdwnHtml(message.text, names)}</p>`;
}

function timeHtml(ts: string): string {
  const iso = new Date(Number.parseFloat(ts) * 1000).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}

const slackTokens = /(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[\w.-]+/gi;
const authorization = /\b(Basic|Bearer)\s+[\w+/=.~-]+/gi;
const userInfo = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]+@/gi;
const hidden = "[redacted]";

/** Takes secrets out of text that is about to be shown or logged. */
export type Redact = (text: string) => string;

/**
 * Hides the given secrets in every encoding in which they travel or in which a server may repeat them, and whatever
 * has the shape of a Slack token or an Authorization header.
 */
export function redactor(secrets: Iterable<string>): Redact {
  const spellings = [...new Set([...secrets].flatMap(spellingsOf))].toSorted((a, b) => b.length - a.length);
  const known = new RegExp(spellings.map(literally).join("|") || "(?!)", "g");
  return (text) =>
    text
      .replaceAll(known, hidden)
      .replaceAll(slackTokens, hidden)
      .replaceAll(authorization, `$1 ${hidden}`)
      .replaceAll(userInfo, `$1${hidden}@`);
}

/** Whether a value has the shape of a Slack token or an Authorization header. */
export function looksLikeSecret(value: string): boolean {
  return /^(?:xox[a-z]|xapp|xwfp)[-.]|^(?:Basic|Bearer)\s+\S/i.test(value);
}

/** An address as it may be shown: without its query, which may hold a ticket, and not endless. */
export function shownAddress(address: string, redact: Redact): string {
  return redact(address)
    .replace(/[?#].*$/s, "")
    .slice(0, 200);
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** Hiding every "a" would hide the message, not the secret. */
const shortest = 4;

function spellingsOf(secret: string): string[] {
  return [secret, secret.toUpperCase()]
    .flatMap(encodingsOf)
    .flatMap(asHeader)
    .filter(({ length }) => length >= shortest);
}

/** Node reads headers byte by byte. */
function asHeader(text: string): string[] {
  return [text, Buffer.from(text, "utf8").toString("latin1")];
}

function encodingsOf(secret: string): string[] {
  if (secret.length < shortest) return [];
  const hex = Buffer.from(secret, "utf8").toString("hex");
  const url = encodeURIComponent(secret.toWellFormed());
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    hex,
    hex.toUpperCase(),
    url,
    url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    url.replaceAll("%20", "+"),
    strictlyEncoded(url),
    json,
    json.replaceAll("/", "\\/"),
    secret.replaceAll("'", "\\'"),
    inAscii(json),
    inHtml(secret).replaceAll("'", "&#39;"),
    inHtml(secret).replaceAll("'", "&#x27;"),
    ...inBase64(secret),
  ];
}

/** `encodeURIComponent` leaves five characters that other languages encode. */
function strictlyEncoded(url: string): string {
  return url.replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** As serialisers write JSON that is to be safe in a page or an old encoding. */
function inAscii(json: string): string {
  return json.replaceAll(
    /[&<>'+]|[^\x20-\x7E]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function inHtml(secret: string): string {
  return secret
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/**
 * Alone, and as it looks inside of something longer (a header, a body): by where it begins among three bytes, without
 * the digits that it shares with its neighbours.
 */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  const inside = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
    return text.slice(before === 0 ? 0 : before + 1, text.length - shared);
  });
  const standard = [bytes.toString("base64"), ...inside];
  return [...standard, ...standard.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))];
}

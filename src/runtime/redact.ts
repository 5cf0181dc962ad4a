const slackTokens = /(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[\w.-]+/g;
const authorization = /\b(Basic|Bearer)\s+[\w+/=.~-]+/g;
const userInfo = /\b(https?:\/\/)[^\s/@]+@/g;
const hidden = "[redacted]";

/** Takes secrets out of text that is about to be shown or logged. */
export type Redact = (text: string) => string;

/**
 * Hides the given secrets in every encoding in which they travel (as they are, base64, URL, JSON), and whatever
 * has the shape of a Slack token or an Authorization header.
 */
export function redactor(secrets: Iterable<string>): Redact {
  const spellings = [...new Set([...secrets].flatMap(spellingsOf))].toSorted((a, b) => b.length - a.length);
  return (text) => {
    let shown = text;
    for (const spelling of spellings) shown = shown.replaceAll(spelling, hidden);
    return shown
      .replaceAll(slackTokens, hidden)
      .replaceAll(authorization, `$1 ${hidden}`)
      .replaceAll(userInfo, `$1${hidden}@`);
  };
}

function spellingsOf(secret: string): string[] {
  if (secret.length < 4) return []; // hiding every "a" would hide the message, not the secret
  const bytes = Buffer.from(secret, "utf8");
  return [
    secret,
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ];
}

import { join } from "node:path";

import { filesBelow } from "./installation.ts";
import type { Result } from "./world.ts";

/** Secrets that occur nowhere else, with every character that some encoding changes. */
export const canary = {
  user: "WEBAPI",
  password: `C4nary:"&<pass>'w0rd/+%\\é(1)`,
  token: "xoxb-4242-5353-CANARYtoken9f8e7d",
  signingSecret: "c0ffee5ec4e7canary00112233445566",
};

const html = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const ascii = (text: string) =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[&<>'+]|[^\x20-\x7E]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** How a server, a library or a log may spell a text. Written apart from the product's own list. */
export const encodings: Readonly<Record<string, (text: string) => string>> = {
  plain: String,
  "upper case": (text) => text.toUpperCase(),
  base64,
  base64url: (text) => Buffer.from(text).toString("base64url"),
  "base64 inside of something": (text) => base64(`{"authorization":"${text}"}`),
  "base64 a byte later": (text) => base64(`-{"authorization":"${text}"}`),
  "base64 two bytes later": (text) => base64(`--{"authorization":"${text}"}`),
  hex: (text) => Buffer.from(text).toString("hex"),
  "hex in capitals": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  url: encodeURIComponent,
  form: (text) => new URLSearchParams({ "": text }).toString().slice(1),
  JSON: (text) => JSON.stringify(text).slice(1, -1),
  "JSON in ASCII": ascii,
  HTML: (text) => html(text).replaceAll("'", "&#39;"),
  "HTML with hexadecimal": (text) => html(text).replaceAll("'", "&#x27;"),
};

/** A part is a leak too: no run of so many characters of any spelling of a secret may be anywhere. */
const longestPart = 12;

const parts: ReadonlyMap<string, string> = new Map(
  [canary.password, canary.token, canary.signingSecret]
    .flatMap((secret) => [secret, secret.toUpperCase()])
    .flatMap((spelled) =>
      Object.entries(encodings).flatMap(([encoding, encode]) =>
        partsOf(withoutSurroundings(encode(spelled))).map((part) => [part, encoding] as const),
      ),
    ),
);

function partsOf(text: string): string[] {
  const count = Math.max(1, text.length - longestPart + 1);
  return Array.from({ length: count }, (_part, at) => text.slice(at, at + longestPart));
}

/** What is around a secret in base64 is none; it shares a digit with it on each side. */
function withoutSurroundings(encoded: string): string {
  return encoded.length > 40 && /^(?:LX|LS|eyJ)/.test(encoded) ? encoded.slice(26, -6) : encoded;
}

/** The encodings in which a secret, or a part of one, is in the text. */
export function leaksIn(text: string): string[] {
  return [...new Set([...parts].filter(([part]) => text.includes(part)).map(([, encoding]) => encoding))];
}

/** Where a secret is to be found: in what was printed, or in any file below the folder but the stand-in keychain. */
export async function leaksOf(
  results: Readonly<Record<string, Result>>,
  directory: string,
): Promise<string[]> {
  const printed = Object.entries(results).flatMap(([name, { stdout, stderr }]) => [
    [`standard output of ${name}`, stdout] as const,
    [`standard error of ${name}`, stderr] as const,
  ]);
  const files = [...(await filesBelow(directory))].filter(
    ([path]) => path !== join(directory, "keychain.json") && !path.includes("node_modules"),
  );
  return [...printed, ...files].flatMap(([place, text]) => leaksIn(text).map((leak) => `${place}: ${leak}`));
}

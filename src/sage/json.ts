import { AppError } from "../errors.ts";
import type { Redact } from "../runtime/redact.ts";

const numbers = /-?\d[\d.eE+-]*/g;
const longNumber = /[\d.]{16}|\d[eE][+-]?\d/;

/** Sage nests a dozen levels; what is nested by the thousand breaks whoever walks through it. */
const deepest = 64;

/**
 * Reads an answer of Sage: UTF-8 with or without a byte order mark. A number with more digits than a double holds
 * arrives as a string of its digits, so that no amount is rounded on the way in.
 *
 * @throws AppError `unreadable` when the bytes are not UTF-8, not JSON, or nested without end
 */
export function parseJson(bytes: Uint8Array, from: string, redact: Redact = asItIs): unknown {
  const source = decode(bytes, from);
  const parsed = parse(source);
  if (parsed === undefined) {
    throw new AppError(
      "unreadable",
      `${from} did not answer with JSON but with: ${excerpt(source, redact)}`,
      {
        hint: "Open the address in a browser on this machine: a proxy or a login page may be in between.",
      },
    );
  }
  if (depthOf(source) > deepest) {
    throw new AppError("unreadable", `${from} answered with JSON nested more than ${deepest} levels deep`);
  }
  return longNumber.test(source) ? parse(withExactNumbers(source)) : parsed;
}

/** Undefined, which JSON cannot hold, when the text is not JSON: the error would quote the answer. */
function parse(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return undefined;
  }
}

function decode(bytes: Uint8Array, from: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new AppError("unreadable", `${from} answered in an encoding other than UTF-8`, { cause: error });
  }
}

/** Takes valid JSON: every string in it ends. */
function depthOf(json: string): number {
  let depth = 0;
  let most = 0;
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charAt(at);
    if (character === '"') at = endOfString(json, at);
    else if (character === "{" || character === "[") most = Math.max(most, (depth += 1));
    else if (character === "}" || character === "]") depth -= 1;
  }
  return most;
}

function withExactNumbers(json: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < json.length) {
    const opening = json.indexOf('"', at);
    if (opening < 0) break;
    const closing = endOfString(json, opening);
    parts.push(json.slice(at, opening).replaceAll(numbers, exact), json.slice(opening, closing + 1));
    at = closing + 1;
  }
  return [...parts, json.slice(at).replaceAll(numbers, exact)].join("");
}

/** By hand: a regular expression for it takes minutes over a long string of escapes, or runs out of stack. */
function endOfString(json: string, opening: number): number {
  let quote = json.indexOf('"', opening + 1);
  while (quote >= 0) {
    let slashes = 0;
    while (json.charAt(quote - 1 - slashes) === "\\") slashes += 1;
    if (slashes % 2 === 0) return quote;
    quote = json.indexOf('"', quote + 1);
  }
  return json.length;
}

function exact(token: string): string {
  const digits = token.replaceAll(/[^\d]/g, "").replace(/^0+/, "");
  return digits.length > 15 || /[eE]/.test(token) ? `"${token}"` : token;
}

/**
 * The beginning of an answer, safe to show: one line of printable characters. Secrets that the server repeats go
 * first, while they are whole.
 */
export function excerpt(answer: string, redact: Redact = asItIs): string {
  const shown = redact(answer.slice(0, 16_000))
    .slice(0, 2000)
    .replaceAll(/<(?:style|script)[\s\S]*?<\/(?:style|script)>/gi, " ")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/[^\x20-\x7E\u00A0-\u02FF]+/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 200);
  return shown === "" ? "nothing" : `"${shown}"`;
}

function asItIs(text: string): string {
  return text;
}

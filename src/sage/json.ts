import { AppError } from "../errors.ts";
import type { Redact } from "../runtime/redact.ts";

const numbers = /-?\d[\d.eE+-]*/g;
/** Sage's answers are five levels deep; a tower of brackets would cost more memory than its bytes. */
const deepest = 64;
/** Names that mean something to JavaScript itself, and nothing to Sage. */
const forbiddenKeys = ["__proto__", "constructor", "prototype", "toString", "valueOf"];
const longNumber = /[\d.]{16}|\d[eE][+-]?\d/;

/**
 * Reads an answer of Sage: UTF-8 with or without a byte order mark. A number with more digits than a double holds
 * arrives as a string of its digits, so that no amount is rounded on the way in.
 *
 * @throws AppError `unreadable` when the bytes are not UTF-8, not JSON, or made to do harm
 */
export function parseJson(bytes: Uint8Array, from: string, redact: Redact = asItIs): unknown {
  const source = decode(bytes, from);
  if (isTower(source)) throw hostile(from);
  const value = parse(source, from, redact);
  if (holdsForbiddenKey(value)) throw hostile(from);
  return value;
}

function parse(source: string, from: string, redact: Redact): unknown {
  try {
    const value = JSON.parse(source) as unknown;
    return longNumber.test(source) ? (JSON.parse(withExactNumbers(source)) as unknown) : value;
  } catch {
    // The error would quote the answer. What begins like JSON holds amounts and names, which have no place in a log.
    const isBroken = /^\s*[[{]/.test(source);
    const what = isBroken
      ? `${source.length} characters that break off or go wrong`
      : excerpt(source, redact);
    throw new AppError("unreadable", `${from} did not answer with JSON but with ${what}`, {
      hint: "Open the address in a browser on this machine: a proxy or a login page may be in between.",
    });
  }
}

function hostile(from: string): AppError {
  return new AppError("unreadable", `${from} answered with JSON that no Sage server would send`, {
    hint: "Nothing of it was used. Find out what answers at this address.",
  });
}

function isTower(source: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if (isInString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) isInString = false;
    } else if (code === 0x22) isInString = true;
    else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    if (depth > deepest) return true;
  }
  return false;
}

function holdsForbiddenKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!Array.isArray(value) && forbiddenKeys.some((key) => Object.hasOwn(value, key))) return true;
  return Object.values(value).some(holdsForbiddenKey);
}

function decode(bytes: Uint8Array, from: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new AppError("unreadable", `${from} answered in an encoding other than UTF-8`, {
      hint: "Nothing of it was used: names would be wrong. Is there a proxy that rewrites answers?",
      cause: error,
    });
  }
}

/** Takes valid JSON: every string in it ends. */
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

import { AppError } from "../errors.ts";
import type { Redact } from "../runtime/redact.ts";

/** Sage's answers are five levels deep, and have names longer than the punctuation between them. */
const most = { depth: 64, values: 1_000_000, longNumbers: 200_000 };
/** Names that mean something to JavaScript itself, and nothing to Sage. */
const forbiddenKeys = ["__proto__", "constructor", "prototype", "toString", "valueOf"];
/** Only then is every object worth a look; a name may be spelled with escapes. */
const mayHoldForbiddenKey = /\\u|__proto__|constructor|prototype|toString|valueOf/;
/** UTF-16 units by which the parts of an answer are told apart. */
const unit = {
  quote: 0x22,
  comma: 0x2c,
  zero: 0x30,
  nine: 0x39,
  openArray: 0x5b,
  closeArray: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;
/** What a number holds besides digits. */
const inNumbers = new Set(Array.from(".eE+-", (character) => character.charCodeAt(0)));
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Reads an answer of Sage: UTF-8 with or without a byte order mark. A number with more digits than a double holds
 * arrives as a string of its digits, so that no amount is rounded on the way in.
 *
 * @throws AppError `unreadable` when the bytes are not UTF-8, not JSON, or made to do harm
 */
export function parseJson(bytes: Uint8Array, from: string, redact: Redact = asItIs): unknown {
  const source = decode(bytes, from);
  const long = longNumbersIn(source);
  if (long === null) throw hostile(from);
  const value = parse(quoted(source, long));
  if (value === undefined) refuse(source, from, redact);
  if (mayHoldForbiddenKey.test(source) && holdsForbiddenKey(value)) throw hostile(from);
  return value;
}

/** Undefined, which JSON cannot hold, when the text is not JSON: the error would quote the answer. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What begins like JSON holds amounts and names, which have no place in a log. */
function refuse(source: string, from: string, redact: Redact): never {
  const isBroken = /^\s*[[{]/.test(source);
  const what = isBroken ? `${source.length} characters that break off or go wrong` : excerpt(source, redact);
  throw new AppError("unreadable", `${from} did not answer with JSON but with ${what}`, {
    hint: "Open the address in a browser on this machine: a proxy or a login page may be in between.",
  });
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where numbers stand that a double may not hold, found in one pass over the text. Null for a tower of brackets or a
 * heap of crumbs, which would cost many times the memory of their bytes.
 */
function longNumbersIn(source: string): readonly Span[] | null {
  const spans: Span[] = [];
  let depth = 0;
  let values = 0;
  for (let at = 0; at < source.length; at += 1) {
    // Codes instead of characters: an answer has a million, and this is half of the time.
    const code = source.charCodeAt(at);
    if (code === unit.quote) at = endOfString(source, at);
    else if (code === unit.comma) values += 1;
    else if (isDigit(code)) {
      const start = source[at - 1] === "-" ? at - 1 : at;
      const end = endOfNumber(source, at);
      // Most are a single digit.
      if (end - start > 1 && isLong(source.slice(start, end))) spans.push({ start, end });
      at = end - 1;
    } else depth += nestingOf(code);
    if (depth > most.depth || values > most.values || spans.length > most.longNumbers) return null;
  }
  return spans;
}

function nestingOf(code: number): number {
  if (code === unit.openObject || code === unit.openArray) return 1;
  return code === unit.closeObject || code === unit.closeArray ? -1 : 0;
}

/** Of its closing quote; the end of the text where there is none. */
function endOfString(source: string, start: number): number {
  let at = source.indexOf('"', start + 1);
  while (at >= 0 && isEscaped(source, at)) at = source.indexOf('"', at + 1);
  return at < 0 ? source.length : at;
}

function isEscaped(source: string, at: number): boolean {
  let before = at;
  while (source[before - 1] === "\\") before -= 1;
  return (at - before) % 2 === 1;
}

function endOfNumber(source: string, start: number): number {
  let at = start + 1;
  while (at < source.length && isOfNumber(source.charCodeAt(at))) at += 1;
  return at;
}

function isOfNumber(code: number): boolean {
  return isDigit(code) || inNumbers.has(code);
}

function isDigit(code: number): boolean {
  return code >= unit.zero && code <= unit.nine;
}

function isLong(token: string): boolean {
  const hasExponent = /e/i.test(token);
  if (token.length <= 15 && !hasExponent) return false;
  const digits = token.replaceAll(/\D/g, "").replace(/^0+/, "");
  return (digits.length > 15 || hasExponent) && jsonNumber.test(token);
}

function quoted(source: string, spans: readonly Span[]): string {
  if (spans.length === 0) return source;
  let at = 0;
  const pieces = spans.map(({ start, end }) => {
    const piece = `${source.slice(at, start)}"${source.slice(start, end)}"`;
    at = end;
    return piece;
  });
  return `${pieces.join("")}${source.slice(at)}`;
}

function hostile(from: string): AppError {
  return new AppError("unreadable", `${from} answered with JSON that no Sage server would send`, {
    hint: "Nothing of it was used. Find out what answers at this address.",
  });
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

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The beginning of an answer, safe to show: one line of printable characters. Secrets that the server repeats go
 * first, while they are whole.
 */
export function excerpt(answer: string, redact: Redact = asItIs): string {
  const text = redact(answer.slice(0, 16_000))
    .slice(0, 2000)
    .replaceAll(/<(?:style|script)[\s\S]*?<\/(?:style|script)>/gi, " ")
    .replaceAll(/<[^>]*>/g, " ");
  const shown = oneLine(text).replaceAll(/\s+/g, " ").trim().slice(0, 200);
  return shown === "" ? "nothing" : `"${shown}"`;
}

/** Printable characters alone, of the scripts that every terminal and log shows. */
export function oneLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7E\u00A0-\u02FF]+/g, " ");
}

function asItIs(text: string): string {
  return text;
}

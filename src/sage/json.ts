import { AppError } from "../errors.ts";

const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/gs;
const longNumber = /[\d.]{16}|\d[eE][+-]?\d/;

/**
 * Reads an answer of Sage: UTF-8 with or without a byte order mark. A number with more digits than a double holds
 * arrives as a string of its digits, so that no amount is rounded on the way in.
 *
 * @throws AppError `unreadable` when the bytes are not UTF-8 or not JSON
 */
export function parseJson(bytes: Uint8Array, from: string): unknown {
  const source = decode(bytes, from);
  try {
    return JSON.parse(longNumber.test(source) ? source.replaceAll(tokens, exact) : source) as unknown;
  } catch (error) {
    throw new AppError("unreadable", `${from} did not answer with JSON but with: ${excerpt(source)}`, {
      hint: "Open the address in a browser on this machine: a proxy or a login page may be in between.",
      cause: error,
    });
  }
}

function decode(bytes: Uint8Array, from: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new AppError("unreadable", `${from} answered in an encoding other than UTF-8`, { cause: error });
  }
}

function exact(token: string): string {
  if (token.startsWith('"')) return token;
  const digits = token.replaceAll(/[^\d]/g, "").replace(/^0+/, "");
  return digits.length > 15 || /[eE]/.test(token) ? `"${token}"` : token;
}

/** The beginning of an answer, safe to show: one line of printable characters. */
export function excerpt(answer: string): string {
  const shown = answer
    .slice(0, 2000)
    .replaceAll(/<(?:style|script)[\s\S]*?<\/(?:style|script)>/gi, " ")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/[^\x20-\x7E\u00A0-\u02FF]+/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 200);
  return shown === "" ? "nothing" : `"${shown}"`;
}

import { findNodeAtLocation, type Node } from "jsonc-parser";

import { looksLikeSecret } from "../runtime/redact.ts";
import type { z } from "../runtime/zod.ts";

/** Something wrong in the configuration file. */
export interface Problem {
  readonly offset: number;
  readonly key: string;
  readonly message: string;
  /** What follows from it would only be noise. */
  readonly isFatal?: boolean;
}

/** `12:5`, both counted from 1. */
export function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return `${line}:${offset - before.lastIndexOf("\n")}`;
}

/** The place of a value; of the deepest one that exists when a key is missing. */
export function nodeAt(
  tree: Node,
  path: readonly PropertyKey[],
): { offset: number; keyOffset: number } | null {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const segments = path.slice(0, depth).map((key) => (typeof key === "number" ? key : String(key)));
    const node = findNodeAtLocation(tree, segments);
    if (node !== undefined) {
      return {
        offset: node.offset,
        keyOffset: node.parent?.type === "property" ? node.parent.offset : node.offset,
      };
    }
  }
  return null;
}

const backslash = 'in text a backslash is written twice: "C:\\\\folder", or use /';
const cures: Readonly<Record<string, string>> = {
  InvalidUnicode: backslash,
  InvalidSymbol: 'text stands in "quotes", and a comment begins with //',
  InvalidEscapeCharacter: backslash,
};

/** What the parser of the file complains of, by its name for it: `ValueExpected`. */
export function syntaxWords(code: string): string {
  const words = code
    .replaceAll(/([A-Z])/g, " $1")
    .trim()
    .toLowerCase();
  const cure = cures[code];
  return cure === undefined ? words : `${words}: ${cure}`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text in "quotes"',
  number: "a number without quotes",
  int: "a whole number without quotes",
  boolean: "true or false",
  array: "a list in [ ]",
  object: "a group in { }",
  record: "a group in { }",
};

/** zod speaks of types; a configuration is written by people who keep books. */
export function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type") return issue.message;
  if (issue.message.endsWith("received undefined")) return "is missing";
  const kind = kinds[issue.expected];
  return kind === undefined ? issue.message : `must be ${kind}`;
}

const secretKey = /pass(?:word)?$|token|secret/i;
const allowedKeys = new Set(["passwordCase"]);

/** Secrets do not belong in a file that is copied and shown around. */
export function secretsIn(node: Node): Problem[] {
  const problems: Problem[] = [];
  const visit = (current: Node, key: string): void => {
    if (current.type === "property") {
      const [name, value] = current.children ?? [];
      const property = String(name?.value);
      if (secretKey.test(property) && !allowedKeys.has(property))
        problems.push(noSecret(current.offset, property));
      if (value !== undefined) visit(value, property);
      return;
    }
    if (current.type === "string" && looksLikeSecret(String(current.value)))
      problems.push(noSecret(current.offset, key));
    for (const child of current.children ?? []) visit(child, key);
  };
  visit(node, "");
  return problems;
}

function noSecret(offset: number, key: string): Problem {
  return {
    offset,
    key,
    message: 'looks like a secret, which does not belong here: use "sage-slack login"',
    isFatal: true,
  };
}

/** No key of the file comes near. */
const longestWord = 60;

/** The word that was probably meant: it contains the given one, or is at most a third of its letters away. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  if (word.length > longestWord) return null;
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    // A part of the word, like "invoices", says more than letters in common.
    if (word.length >= 4 && candidate.toLowerCase().includes(word.toLowerCase())) return candidate;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_cell, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

import type { AccountLine, Counterparty, Transaction } from "../transactions/transaction.ts";
import { codePattern, holdsFor, type CodePattern } from "./rule.ts";

export type DirectoryKind = Counterparty["kind"] | "account";

/** A row of the directory spreadsheet that says something: a channel, mentions, or both. */
export interface DirectoryRow {
  /** As a spreadsheet numbers it; the header is row 1. */
  readonly row: number;
  readonly kind: DirectoryKind;
  /** Exact, `12*`, or `4000-4999`. */
  readonly code: string;
  /** Empty, or the vendor or customer group to which a pattern is narrowed; of an exact code it means nothing. */
  readonly group: string;
  readonly channel: string | null;
  readonly mention: readonly string[];
}

/** What the directory says of a transaction. */
export interface DirectoryAnswer {
  /** The row that decides the channel. */
  readonly channel: DirectoryRow | null;
  /** Whom to mention besides. */
  readonly mention: readonly string[];
}

const silent: DirectoryAnswer = { channel: null, mention: [] };

/**
 * The directory spreadsheet, ready to be asked about many transactions.
 *
 * The counterparty's rows come first, then those of the accounts, the one with the largest amount (debit or credit)
 * first. Of several rows that fit a code the most exact decides: the code itself, then the pattern with the longest
 * fixed beginning (`120*` before `12*`, `4000-4099` before `4000-4999`), one for a group before one for all, a range
 * before a beginning, the upper row. An empty cell says nothing: channel and mentions each come from the first row
 * that has them, so a vendor's row without a channel leaves that to the pattern around it.
 */
export class Directory {
  readonly rows: readonly DirectoryRow[];
  readonly #channels: Index;
  readonly #mentions: Index;

  constructor(rows: readonly DirectoryRow[]) {
    this.rows = rows;
    this.#channels = new Index(rows.filter(({ channel }) => channel !== null));
    this.#mentions = new Index(rows.filter(({ mention }) => mention.length > 0));
  }

  about(transaction: Transaction): DirectoryAnswer {
    if (this.rows.length === 0) return silent;
    return {
      channel: this.#channels.find(transaction),
      mention: this.#mentions.find(transaction)?.mention ?? [],
    };
  }
}

export function isPattern(code: string): boolean {
  return codePattern(code).kind !== "exact";
}

/** Accounts are written with and without the marks between their segments: `4000-100`, `4000100`. */
export function plainAccount(code: string): string {
  return code.replaceAll(/[^\p{L}\p{N}]/gu, "").toUpperCase();
}

/** By kind and code: what is asked for a transaction does not depend on how many rows there are. */
class Index {
  readonly #kinds: Readonly<Record<DirectoryKind, KindIndex>>;

  constructor(rows: readonly DirectoryRow[]) {
    const of = (kind: DirectoryKind) => new KindIndex(rows.filter((row) => row.kind === kind));
    this.#kinds = { vendor: of("vendor"), customer: of("customer"), account: of("account") };
  }

  find({ counterparty, accounts }: Transaction): DirectoryRow | null {
    if (counterparty !== null) {
      const { kind, code, group = "" } = counterparty;
      const row = this.#kinds[kind].find(code.toUpperCase(), group.toUpperCase());
      if (row !== null) return row;
    }
    return this.#kinds.account.isEmpty ? null : this.#findAccount(accounts);
  }

  #findAccount(accounts: Transaction["accounts"]): DirectoryRow | null {
    const largestFirst = accounts.length < 2 ? accounts : accounts.toSorted((a, b) => sizeOf(b) - sizeOf(a));
    for (const { account } of largestFirst) {
      const row = this.#kinds.account.find(plainAccount(account), "", account.toUpperCase());
      if (row !== null) return row;
    }
    return null;
  }
}

function sizeOf({ amount }: AccountLine): number {
  return Math.abs(Number(amount.amount));
}

interface Pattern {
  readonly pattern: CodePattern;
  readonly group: string;
  readonly row: DirectoryRow;
}

class KindIndex {
  readonly #exact = new Map<string, DirectoryRow>();
  /** By the letters with which every code that fits begins. */
  readonly #patterns = new Map<string, Pattern[]>();
  #longest = -1;

  constructor(rows: readonly DirectoryRow[]) {
    for (const row of rows) this.#add(row);
    for (const patterns of this.#patterns.values()) patterns.sort(byExactness);
  }

  get isEmpty(): boolean {
    return this.#exact.size === 0 && this.#patterns.size === 0;
  }

  /** All in capitals; accounts plain, and as they are spelled for the ranges of their first segment. */
  find(code: string, group: string, spelled = code): DirectoryRow | null {
    const exact = this.#exact.get(code);
    if (exact !== undefined) return exact;
    for (let length = Math.min(code.length, this.#longest); length >= 0; length -= 1) {
      const found = this.#patterns
        .get(code.slice(0, length))
        ?.find(
          ({ pattern, group: wanted }) =>
            (wanted === "" || wanted === group) && (holdsFor(pattern, code) || holdsFor(pattern, spelled)),
        );
      if (found !== undefined) return found.row;
    }
    return null;
  }

  #add(row: DirectoryRow): void {
    const pattern = patternOf(row);
    if (pattern.kind !== "beginning") this.#addExact(pattern, row);
    if (pattern.kind === "exact") return;
    const beginning = pattern.kind === "range" ? shared(pattern.low, pattern.high) : pattern.beginning;
    const patterns = this.#patterns.get(beginning) ?? [];
    patterns.push({ pattern, group: row.group.toUpperCase(), row });
    this.#patterns.set(beginning, patterns);
    this.#longest = Math.max(this.#longest, beginning.length);
  }

  /** What looks like a range may be a code with a hyphen, or an account with two segments. */
  #addExact(pattern: Exclude<CodePattern, { kind: "beginning" }>, row: DirectoryRow): void {
    const code = pattern.kind === "exact" ? pattern.code : pattern.text;
    const key = row.kind === "account" ? plainAccount(code) : code;
    if (!this.#exact.has(key)) this.#exact.set(key, row);
  }
}

function patternOf({ kind, code }: DirectoryRow): CodePattern {
  const pattern = codePattern(code);
  if (kind !== "account") return pattern;
  switch (pattern.kind) {
    case "exact":
      return { ...pattern, code: plainAccount(pattern.code) };
    case "beginning":
      return { ...pattern, beginning: plainAccount(pattern.beginning) };
    case "range":
      return pattern;
  }
}

function byExactness(left: Pattern, right: Pattern): number {
  return (
    Number(left.group === "") - Number(right.group === "") ||
    Number(left.pattern.kind === "beginning") - Number(right.pattern.kind === "beginning") ||
    left.row.row - right.row.row
  );
}

function shared(low: string, high: string): string {
  let length = 0;
  while (length < low.length && low[length] === high[length]) length += 1;
  return low.slice(0, length);
}

import type { Model } from "./model.ts";
import { refuse } from "./refusal.ts";
import type { SageRow, SageValue } from "./rows.ts";

export interface FilterOptions {
  readonly model: Model;
  /** The model's full name, for messages. */
  readonly typeName: string;
  /** A server that knows only the operators of Sage's documentation, where `ge` is missing. */
  readonly geRefused: boolean;
  readonly dateLiterals: "unquoted" | "quoted" | "either";
  readonly unknownEnumMember: "400" | "no-match";
  readonly maxFilterNodes: number | undefined;
}

type Predicate = (row: SageRow) => boolean;
type Scalar = string | number | boolean | null;

interface Operand {
  readonly kind: "text" | "number" | "date" | "flag" | "enum" | "null";
  readonly members: readonly string[];
  readonly literal: Scalar | undefined;
  readonly of: (row: SageRow) => Scalar;
}

interface Token {
  readonly kind: "word" | "string" | "number" | "date" | "punctuation";
  readonly text: string;
}

/** In this order: string, date, number, word, punctuation. The letters of v3 literals (`99m`) are refused. */
const tokenPattern =
  /\s*(?:'((?:[^']|'')*)'|(\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?)(?!\w)|(-?\d+(?:\.\d+)?)(?![\w'])|([A-Za-z_]\w*)(?![\w'])|([(),]))/y;

/** Recursive descent over the part of OData 4 that Sage documents or that programs use against it. */
export function parseFilter(text: string, options: FilterOptions): Predicate {
  const parser = new Parser(tokenize(text), options);
  return parser.parse();
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(tokenPattern);
  for (let at = 0; text.slice(at).trim() !== ""; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) refuse("InvalidParameters", `Syntax error at position ${at} in '${text}'.`);
    tokens.push(tokenOf(match));
  }
  return tokens;
}

function tokenOf([, string, date, number, word, punctuation = ""]: RegExpExecArray): Token {
  if (string !== undefined) return { kind: "string", text: string.replaceAll("''", "'") };
  if (date !== undefined) return { kind: "date", text: date };
  if (number !== undefined) return { kind: "number", text: number };
  return word === undefined ? { kind: "punctuation", text: punctuation } : { kind: "word", text: word };
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #options: FilterOptions;
  #at = 0;
  #nodes = 0;

  constructor(tokens: readonly Token[], options: FilterOptions) {
    this.#tokens = tokens;
    this.#options = options;
  }

  parse(): Predicate {
    const predicate = this.#or();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) refuse("InvalidParameters", `Syntax error near '${rest.text}'.`);
    return predicate;
  }

  #or(): Predicate {
    let left = this.#and();
    while (this.#takeWord("or")) {
      this.#countNode();
      const [before, right] = [left, this.#and()];
      left = (row) => before(row) || right(row);
    }
    return left;
  }

  #and(): Predicate {
    let left = this.#primary();
    while (this.#takeWord("and")) {
      this.#countNode();
      const [before, right] = [left, this.#primary()];
      left = (row) => before(row) && right(row);
    }
    return left;
  }

  #primary(): Predicate {
    if (this.#takeWord("not")) {
      this.#countNode();
      const inner = this.#primary();
      return (row) => !inner(row);
    }
    if (this.#take("(")) {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    return this.#textFunction() ?? this.#comparison();
  }

  #textFunction(): Predicate | null {
    const token = this.#tokens[this.#at];
    const test = token?.kind === "word" ? textFunctions.get(token.text) : undefined;
    if (test === undefined || this.#tokens[this.#at + 1]?.text !== "(") return null;
    this.#at += 2;
    this.#countNode();
    const left = this.#operand();
    this.#expect(",");
    const right = this.#operand();
    this.#expect(")");
    return (row) => test(String(left.of(row) ?? ""), String(right.of(row) ?? ""));
  }

  #comparison(): Predicate {
    const left = this.#operand();
    const operator = this.#next();
    const test = operator.kind === "word" ? comparisons.get(operator.text) : undefined;
    if (test === undefined || (operator.text === "ge" && this.#options.geRefused)) {
      return refuse("InvalidParameters", `Syntax error: '${operator.text}' is not an operator.`);
    }
    this.#countNode();
    const right = this.#operand();
    const [a, b] = this.#aligned(left, right);
    return (row) => test(a(row), b(row));
  }

  /** Both sides as values that compare; a date and its literal as milliseconds. */
  #aligned(left: Operand, right: Operand): [(row: SageRow) => Scalar, (row: SageRow) => Scalar] {
    if (left.kind === "date" || right.kind === "date") return [this.#moment(left), this.#moment(right)];
    this.#checkMember(left, right);
    this.#checkMember(right, left);
    const kinds = new Set([left.kind, right.kind].map((kind) => (kind === "enum" ? "text" : kind)));
    kinds.delete("null");
    if (kinds.size > 1) refuse("InvalidParameters", incompatibleTypes);
    return [left.of, right.of];
  }

  #checkMember(property: Operand, other: Operand): void {
    const { members } = property;
    if (property.kind !== "enum" || members.length === 0 || other.literal == null) return;
    if (members.includes(String(other.literal)) || this.#options.unknownEnumMember === "no-match") return;
    refuse(
      "InvalidParameters",
      `The string '${String(other.literal)}' is not a valid enumeration type constant.`,
    );
  }

  /** A date compares with a date, an empty one, or a date in quotes where the server takes those. */
  #moment(operand: Operand): (row: SageRow) => Scalar {
    const { dateLiterals } = this.#options;
    const isLiteral = operand.literal !== undefined;
    const isQuoted =
      operand.kind === "text" && isLiteral && /^\d{4}-\d{2}-\d{2}/.test(String(operand.literal));
    const isBare = operand.kind === "date" && isLiteral;
    const isRefused =
      (isQuoted && dateLiterals === "unquoted") ||
      (isBare && dateLiterals === "quoted") ||
      !(isQuoted || operand.kind === "date" || operand.kind === "null");
    if (isRefused) refuse("InvalidParameters", incompatibleTypes);
    return (row) => millisecondsOf(operand.of(row));
  }

  #operand(): Operand {
    this.#countNode();
    const token = this.#next();
    switch (token.kind) {
      case "string":
        return literal("text", token.text);
      case "number":
        return literal("number", Number(token.text));
      case "date":
        return literal("date", token.text);
      case "word":
        return this.#wordOperand(token.text);
      case "punctuation":
        return refuse("InvalidParameters", `Syntax error near '${token.text}'.`);
    }
  }

  #wordOperand(word: string): Operand {
    if (word === "true" || word === "false") return literal("flag", word === "true");
    if (word === "null") return literal("null", null);
    if (word === "length" && this.#take("(")) {
      const inner = this.#operand();
      this.#expect(")");
      return { ...literal("number", 0), literal: undefined, of: (row) => String(inner.of(row) ?? "").length };
    }
    if (this.#take("(")) refuse("InvalidParameters", `An unknown function with name '${word}' was found.`);
    const field = this.#options.model.fields.get(word);
    if (field === undefined || field.kind === "list") {
      return refuse(
        "InvalidParameters",
        `Could not find a property named '${word}' on type '${this.#options.typeName}'.`,
      );
    }
    const kind = field.kind === "amount" ? "number" : field.kind === "time" ? "date" : field.kind;
    return {
      kind,
      members: field.members,
      literal: undefined,
      of: (row) => scalar(row[word], kind),
    };
  }

  #countNode(): void {
    this.#nodes += 1;
    if (this.#nodes > (this.#options.maxFilterNodes ?? Number.POSITIVE_INFINITY)) {
      refuse("InvalidParameters", "The node count limit has been exceeded.");
    }
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token ?? refuse("InvalidParameters", "Syntax error: the expression ends too early.");
  }

  #takeWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "word" || token.text !== word) return false;
    this.#at += 1;
    return true;
  }

  #take(punctuation: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "punctuation" || token.text !== punctuation) return false;
    this.#at += 1;
    return true;
  }

  #expect(punctuation: string): void {
    if (!this.#take(punctuation)) refuse("InvalidParameters", `Syntax error: '${punctuation}' expected.`);
  }
}

const textFunctions: ReadonlyMap<string, (value: string, part: string) => boolean> = new Map([
  ["contains", (value, part) => value.includes(part)],
  ["startswith", (value, part) => value.startsWith(part)],
  ["endswith", (value, part) => value.endsWith(part)],
]);

/** Nothing is greater or less than an empty value. */
const comparisons: ReadonlyMap<string, (left: Scalar, right: Scalar) => boolean> = new Map([
  ["eq", (left, right) => left === right],
  ["ne", (left, right) => left !== right],
  ["gt", (left, right) => left !== null && right !== null && left > right],
  ["ge", (left, right) => left !== null && right !== null && left >= right],
  ["lt", (left, right) => left !== null && right !== null && left < right],
  ["le", (left, right) => left !== null && right !== null && left <= right],
]);

const incompatibleTypes = "A binary operator with incompatible types was detected.";

function literal(kind: Operand["kind"], value: Scalar): Operand {
  return { kind, members: [], literal: value, of: () => value };
}

function scalar(value: SageValue | undefined, kind: string): Scalar {
  if (value == null || typeof value === "object") return null;
  return kind === "number" ? Number(value) : value;
}

function millisecondsOf(value: Scalar): number | null {
  if (value === null) return null;
  const text = String(value);
  return Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text);
}

import { decimal } from "./decimal.ts";
import { rowsOf, type SageRow, type SageValue } from "./rows.ts";

export type Kind = "text" | "amount" | "number" | "date" | "time" | "flag" | "enum" | "list";

export interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly initial: SageValue;
  /** All members of an enum; empty where they are not known. */
  readonly members: readonly string[];
  readonly child: Model | undefined;
}

/** One entity or complex type: its fields in the order in which they are written. */
export interface Model {
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
}

const kinds: ReadonlySet<string> = new Set([
  "text",
  "amount",
  "number",
  "date",
  "time",
  "flag",
  "enum",
  "list",
] satisfies Kind[]);

const updateOperation = "UpdateOperation:enum=Unspecified|Insert|Update|Delete";

/**
 * Reads fields written as `Name:kind=initial`, apart by white space. The kind is text if none is given, `Name1-5`
 * stands for five fields, `enum=Open|Posted` lists an enum's members, the first being the initial one, and a `list`
 * takes its model from `children`.
 */
export function defineModel(name: string, notation: string, children: Record<string, Model> = {}): Model {
  const words = `${notation} ${updateOperation}`.trim().split(/\s+/);
  const fields = words.flatMap((word) => fieldsOf(word, children));
  return { name, fields: new Map(fields.map((field) => [field.name, field])) };
}

function fieldsOf(word: string, children: Record<string, Model>): Field[] {
  const match = /^([A-Za-z0-9]+?)(?:1-(\d+))?(?::([a-z]+))?(?:=(.*))?$/.exec(word);
  if (!match) throw new TypeError(`not a field: ${word}`);
  const [, name = "", last, kind = "text", value = ""] = match;
  if (!isKind(kind)) throw new TypeError(`not a kind of field: ${word}`);
  const members = kind === "enum" ? value.split("|") : [];
  const shape = {
    kind,
    initial: initialOf(kind, members[0] ?? value),
    members: members.length > 1 ? members : [],
    child: children[name],
  };
  if (last === undefined) return [{ name, ...shape }];
  return Array.from({ length: Number(last) }, (_, index) => ({ name: `${name}${index + 1}`, ...shape }));
}

function isKind(text: string): text is Kind {
  return kinds.has(text);
}

function initialOf(kind: Kind, value: string): SageValue {
  switch (kind) {
    case "text":
    case "enum":
      return value;
    case "amount":
      return value === "" ? "0" : value;
    case "number":
      return Number(value);
    case "date":
      return null;
    case "time":
      return "1899-12-30T00:00:00Z";
    case "flag":
      return value === "true";
    case "list":
      return [];
  }
}

/** A record with every field of its model, in order. Amounts may be given as numbers; they are kept as text. */
export function newRow(model: Model, values: SageRow): SageRow {
  const row: SageRow = {};
  for (const field of model.fields.values()) row[field.name] = field.kind === "list" ? [] : field.initial;
  return assign(row, model, values);
}

/** Changes fields of a record, the amounts among them turned into decimal text. */
export function assign(row: SageRow, model: Model, values: SageRow): SageRow {
  for (const [name, value] of Object.entries(values)) {
    const isNumber = typeof value === "number" && model.fields.get(name)?.kind === "amount";
    row[name] = isNumber ? decimal(value) : value;
    const child = model.fields.get(name)?.child;
    if (child) row[name] = rowsOf(row, name).map((element) => assign({ ...element }, child, element));
  }
  return row;
}

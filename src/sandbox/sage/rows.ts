/** A record in the API's own shape. Amounts are decimal text, because a double would lose digits of Sage's money. */
export interface SageRow {
  [property: string]: SageValue;
}

export type SageValue = string | number | boolean | null | SageRow | SageRow[];

type Letter =
  | ("A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K" | "L" | "M")
  | ("N" | "O" | "P" | "Q" | "R" | "S" | "T" | "U" | "V" | "W" | "X" | "Y" | "Z");

/** Fields by the API's own names; they win over whatever the sandbox would have put there. */
export type Overrides = { [field in `${Letter}${string}`]?: SageValue };

export type Amount = string | number;

/** The fields among a description's properties: the API's names begin with a capital, the sandbox's do not. */
export function overridesOf(description: object): SageRow {
  const overrides: SageRow = {};
  for (const [name, value] of Object.entries(description)) {
    if (/^[A-Z]/.test(name) && isSageValue(value)) overrides[name] = value;
  }
  return overrides;
}

export function rowsOf(row: SageRow, collection: string): SageRow[] {
  const value = row[collection];
  return Array.isArray(value) ? value : [];
}

export function isRow(value: unknown): value is SageRow {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a field holds as text; an absent one is empty. */
export function textIn(row: SageRow, field: string): string {
  const value = row[field];
  return value == null || typeof value === "object" ? "" : String(value);
}

export function numberIn(row: SageRow, field: string): number {
  return Number(textIn(row, field));
}

function isSageValue(value: unknown): value is SageValue {
  if (value === null || isRow(value)) return true;
  if (Array.isArray(value)) return value.every((element) => isRow(element));
  return ["string", "number", "boolean"].includes(typeof value);
}

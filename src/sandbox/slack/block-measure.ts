import { isList, isObject, listOf, stringOf, type Json, type JsonObject } from "./json.ts";

/** The characters people would see: every text of every block, at any depth. */
export function charactersOf(value: Json | undefined): number {
  if (isList(value)) return sum(value.map(charactersOf));
  if (!isObject(value)) return 0;
  const own = stringOf(value["text"]).length;
  return own + sum(Object.values(value).map((part) => (typeof part === "object" ? charactersOf(part) : 0)));
}

export function tablesOf(blocks: readonly Json[]): readonly JsonObject[] {
  return blocks
    .filter(isObject)
    .filter((block) => block["type"] === "table" || block["type"] === "data_table");
}

export function cellCharactersOf(table: JsonObject): number {
  return charactersOf(listOf(table["rows"]));
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

import { jsonSchema } from "./json-schema.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: { readonly enum?: readonly string[] };
  readonly items?: Schema;
}

/** What a key at this path may have been meant to be: first the keys that belong there, then those of other places. */
export function knownKeysAt(path: readonly PropertyKey[]): string[] {
  const whole: Schema = jsonSchema();
  const here = path.reduce<Schema>((schema, step) => inside(schema, step), whole);
  return [...keysOf(here), ...keysBelow(whole)];
}

function inside({ properties = {}, additionalProperties, items }: Schema, step: PropertyKey): Schema {
  if (typeof step === "number") return items ?? {};
  const others = typeof additionalProperties === "object" ? additionalProperties : {};
  return properties[String(step)] ?? others;
}

/** Of a map only some names may be keys. */
function keysOf({ properties = {}, propertyNames }: Schema): string[] {
  return [...Object.keys(properties), ...(propertyNames?.enum ?? [])];
}

function keysBelow(schema: Schema): string[] {
  const { properties = {}, additionalProperties, items } = schema;
  const parts = [
    ...Object.values(properties),
    ...(typeof additionalProperties === "object" ? [additionalProperties] : []),
    ...(items === undefined ? [] : [items]),
  ];
  return [...keysOf(schema), ...parts.flatMap(keysBelow)];
}

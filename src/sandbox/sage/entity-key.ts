import { refuse } from "./refusal.ts";
import type { Resource } from "./resources.ts";
import { textIn, type SageRow } from "./rows.ts";

/** `name = 'value'`, `'value'` or `value`; a quote within quotes is doubled. */
const segmentPattern = /\s*(?:([A-Za-z]\w*)\s*=\s*)?(?:'((?:[^']|'')*)'|([^',=\s]+))\s*(?:,|$)/y;

interface Segment {
  readonly name: string | undefined;
  readonly value: string;
  readonly isQuoted: boolean;
}

/**
 * Whether a row has this key: positional in the order of the metadata, or named in any order. Numbers take no quotes,
 * strings may do without.
 */
export function matcherOf(key: string, resource: Resource): (row: SageRow) => boolean {
  const segments = segmentsOf(key);
  const { keys, model } = resource;
  if (/,\s*$/.test(key) || segments.length !== keys.length)
    return refuse("InvalidEntityKey", "Every segment of the key is required.");
  const wanted = keys.map((name, index) => {
    const isNamed = segments.some((segment) => segment.name !== undefined);
    const segment = isNamed ? segments.find((one) => one.name === name) : segments[index];
    if (segment === undefined) return refuse("InvalidEntityKey", `The key has no segment '${name}'.`);
    const isNumber = model.fields.get(name)?.kind === "number";
    if (isNumber && (segment.isQuoted || !/^\d+$/.test(segment.value))) {
      return refuse("InvalidEntityKey", `'${segment.value}' is not a number.`);
    }
    return { name, value: isNumber ? String(Number(segment.value)) : segment.value };
  });
  return (row) => wanted.every(({ name, value }) => textIn(row, name) === value);
}

function segmentsOf(key: string): Segment[] {
  const segments: Segment[] = [];
  const pattern = new RegExp(segmentPattern);
  while (pattern.lastIndex < key.length) {
    const match = pattern.exec(key);
    if (match === null) return refuse("InvalidEntityKey", "The key is malformed.");
    const [, name, quoted, bare = ""] = match;
    segments.push({ name, value: quoted?.replaceAll("''", "'") ?? bare, isQuoted: quoted !== undefined });
  }
  return segments;
}

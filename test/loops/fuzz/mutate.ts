import type { Chance } from "../chance.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Values that have broken parsers before. */
const oddTexts: readonly string[] = [
  "",
  " ",
  "\u0000",
  "\u001B[2J\u0007",
  "\u202Egnp.exe",
  "\uD800",
  "<!channel> & <@U1>",
  "__proto__",
  "constructor",
  "toString",
  "NaN",
  "Infinity",
  "-",
  "--1",
  "+1",
  "0x10",
  "1e5",
  "1e400",
  "1e-400",
  "1e99999999",
  "1e-99999999",
  "9".repeat(400),
  "1.2.3",
  "1,5",
  "\u0661\u0662",
  "2026-02-30T00:00:00Z",
  "0000-00-00",
  "9999-99-99T99:99:99Z",
  "-000001-01-01",
  "2026-11-24\n<script>",
  "x".repeat(70_000),
  "a b ".repeat(5000),
];
const oddValues: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  0.1,
  1e21,
  1e308,
  -1e-300,
  Number.MAX_SAFE_INTEGER,
  [],
  {},
  [[[[]]]],
  { value: [] },
];

/** A JSON text that is nearly the given one: fields changed, gone, doubled or added, then perhaps its characters. */
export function nearlyJson(sample: Json, chance: Chance): string {
  let value = sample;
  for (let changes = chance.whole(1, 4); changes > 0; changes -= 1) value = changed(value, chance);
  const text = JSON.stringify(value);
  return chance.happens(0.3) ? nearlyText(text, chance) : text;
}

function changed(value: Json, chance: Chance): Json {
  // Deeper places are more, so most changes go down.
  if (typeof value !== "object" || value === null || chance.happens(0.1)) return odd(value, chance);
  if (Array.isArray(value)) return changedList(value as readonly Json[], chance);
  return changedObject(value as { readonly [key: string]: Json }, chance);
}

function changedList(list: readonly Json[], chance: Chance): Json {
  if (list.length === 0) return [odd(null, chance)];
  const at = chance.whole(0, list.length - 1);
  if (chance.happens(0.1)) return list.toSpliced(at, 1);
  if (chance.happens(0.1)) return [...list, ...list];
  return list.with(at, changed(list[at] ?? null, chance));
}

function changedObject(object: { readonly [key: string]: Json }, chance: Chance): Json {
  const entries = Object.entries(object);
  if (entries.length === 0 || chance.happens(0.05)) {
    // An own property of that name, as JSON.parse makes it.
    const key = JSON.stringify(chance.oneOf(oddTexts.slice(0, 10)));
    return { ...object, ...(JSON.parse(`{${key}: {"polluted": true}}`) as object) };
  }
  const [key, value] = chance.oneOf(entries);
  if (chance.happens(0.1)) return Object.fromEntries(entries.filter(([name]) => name !== key));
  return { ...object, [key]: changed(value, chance) };
}

function odd(value: Json, chance: Chance): Json {
  if (typeof value === "string" && chance.happens(0.4)) return nearlyText(value, chance);
  if (typeof value === "number" && chance.happens(0.4)) return String(value);
  return chance.happens(0.6) ? chance.oneOf(oddTexts) : chance.oneOf(oddValues);
}

/** A text that is nearly the given one: characters changed, gone, doubled, moved or added. */
export function nearlyText(text: string, chance: Chance): string {
  let result = text;
  for (let changes = chance.whole(1, 3); changes > 0; changes -= 1) {
    const from = chance.whole(0, result.length);
    const to = Math.min(result.length, from + chance.whole(0, 20));
    const [before, part, after] = [result.slice(0, from), result.slice(from, to), result.slice(to)];
    result = chance.oneOf([
      () => before + after,
      () => before,
      () => before + part + part + after,
      () => before + chance.oneOf(oddTexts) + after,
      () => before + String.fromCharCode(chance.whole(0, 0x2fff)) + after,
      () => before + chance.oneOf(['"', "{", "[", "}", ",", ":", "\\", "\uFEFF", "-", "."]) + part + after,
      () => before + "[".repeat(chance.whole(1, 20_000)) + after,
      () => after + part + before,
    ])();
  }
  return result;
}

/** The same with its bytes: not always UTF-8. */
export function nearlyBytes(bytes: Buffer, chance: Chance): Buffer {
  const result = Buffer.from(bytes);
  for (let changes = chance.whole(1, 3); changes > 0 && result.length > 0; changes -= 1)
    result[chance.whole(0, result.length - 1)] = chance.whole(0, 255);
  return chance.happens(0.2) ? result.subarray(0, chance.whole(0, result.length)) : result;
}

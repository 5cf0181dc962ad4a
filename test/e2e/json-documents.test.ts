import { readFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { workingDay, type Documents } from "../support/working-day.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/json.md"), "utf8");

interface Row {
  /** `posted[].key` */
  readonly key: string;
  readonly kinds: readonly string[];
  readonly isOptional: boolean;
}

const kindsOf: Readonly<Record<string, readonly string[]>> = {
  text: ["string"],
  number: ["number"],
  "true or false": ["boolean"],
  true: ["boolean"],
  list: ["list"],
  object: ["object"],
  anything: ["anything"],
  null: ["null"],
};

/** The rows of a section, with those of the parts that it names in their places. */
function rowsOf(heading: string): Row[] {
  const [, section = ""] = page.split(new RegExp(`^##+ \`?${heading.replaceAll("/", "\\/")}\`?$`, "m"));
  const [own = ""] = section.split(/^##/m);
  const rows = [...own.matchAll(/^\| `([^`]+)`\s*\| ([^|]+?)\s*\|/gm)];
  expect({ heading, rows: rows.length > 0 }).toEqual({ heading, rows: true });
  return rows.flatMap(([, key = "", is = ""]) => {
    const isOptional = is.includes("may lack");
    const words = is.replace(/, may lack$/, "");
    const kinds = kindsOf[words] ?? words.split(" or ").flatMap((word) => kindsOf[word] ?? [word]);
    if (kinds.every((kind) => Object.values(kindsOf).flat().includes(kind)))
      return [{ key, kinds, isOptional }];
    const part = rowsOf(words.replaceAll("`", "")).filter((row) => row.key !== "exitCode");
    return [
      { key, kinds: ["object"], isOptional },
      ...part.map((row) => ({ ...row, key: `${key}.${row.key}` })),
    ];
  });
}

interface Seen {
  readonly key: string;
  readonly kind: string;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

/** Every key of a document as the page writes it; what the page leaves open is not looked into. */
function keysIn(value: unknown, rows: readonly Row[], key = ""): Seen[] {
  const row = rows.find((one) => one.key === key);
  if (row?.kinds.includes("anything") === true) return [{ key, kind: "anything" }];
  const own = key === "" ? [] : [{ key, kind: kindOf(value) }];
  if (Array.isArray(value)) return [...own, ...value.flatMap((one) => keysIn(one, rows, `${key}[]`))];
  if (typeof value !== "object" || value === null) return own;
  const isMap = rows.some((one) => one.key === `${key}.*`);
  return [
    ...own,
    ...Object.entries(value).flatMap(([name, one]) =>
      keysIn(one, rows, `${key === "" ? "" : `${key}.`}${isMap ? "*" : name}`),
    ),
  ];
}

/** `messages[].next` is described by the rows below it. */
function isDescribed({ key, kind }: Seen, rows: readonly Row[]): boolean {
  const row = rows.find((one) => one.key === key);
  if (row !== undefined) return row.kinds.includes(kind);
  return kind === "object" && rows.some((one) => one.key.startsWith(`${key}.`));
}

/** Rows whose key no document holds, though every one must. */
function missing(documents: readonly unknown[], rows: readonly Row[]): string[] {
  const seen = new Set(documents.flatMap((document) => keysIn(document, rows)).map(({ key }) => key));
  return rows.filter(({ key, isOptional }) => !isOptional && !seen.has(key)).map(({ key }) => key);
}

describe("docs/json.md", () => {
  let day: Documents = new Map();
  beforeAll(async () => {
    day = await workingDay();
  }, 60_000);

  const headings = [...page.matchAll(/^## (?!Parts)`?([^`\n]+)`?$/gm)].map(([, heading = ""]) => heading);

  test("describes every command that there is", () => {
    expect(headings.toSorted()).toEqual([...day.keys()].toSorted());
  });

  test.each(headings)("%s: every key that is shown is described, with its kind", (heading) => {
    const rows = rowsOf(heading);

    const undescribed = (day.get(heading) ?? [])
      .flatMap((document) => keysIn(document, rows))
      .filter((seen) => !isDescribed(seen, rows));

    expect([...new Set(undescribed.map(({ key, kind }) => `${key} (${kind})`))]).toEqual([]);
  });

  test.each(headings.filter((heading) => heading !== "demo"))(
    "%s: every key that is described is shown",
    (heading) => {
      expect(missing(day.get(heading) ?? [], rowsOf(heading))).toEqual([]);
    },
  );
});

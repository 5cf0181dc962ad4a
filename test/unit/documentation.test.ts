import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { exitCodeOf, exitCodes } from "../../src/cli/exit-code.ts";
import { jsonSchema } from "../../src/config/json-schema.ts";
import { sourceNames, sources } from "../../src/sage/sources/index.ts";
import { allFlags } from "../../src/transactions/transaction.ts";

const root = join(import.meta.dirname, "../..");
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter(isPage)
    .map((name) => `docs/${name}`),
];

function isPage(name: string): boolean {
  return name.endsWith(".md");
}

function page(name: string): string {
  return readFileSync(join(root, name), "utf8");
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly default?: unknown;
}

interface Key {
  readonly name: string;
  /** As JSON; null for none. */
  readonly value: string | null;
}

/** Every key that holds a value, as the documentation writes it: `sources.*.channel`, `routes[].name`. */
function keysOf(schema: Schema, name = ""): Key[] {
  const { properties = {}, additionalProperties, items } = schema;
  const inside = [
    ...Object.entries(properties).flatMap(([key, one]) => keysOf(one, name === "" ? key : `${name}.${key}`)),
    ...(typeof additionalProperties === "object" ? keysOf(additionalProperties, `${name}.*`) : []),
    ...(items?.properties === undefined ? [] : keysOf(items, `${name}[]`)),
  ];
  if (inside.length > 0) return inside;
  return [{ name, value: schema.default === undefined ? null : JSON.stringify(schema.default) }];
}

/** The rows of every table whose first cell is code: that cell and the next. */
function rowsOf(text: string): Key[] {
  return [...text.matchAll(/^\| `([^`]+)`\s*\| (?:`([^`]*)`|—)\s*\|/gm)].map(([, name = "", value]) => ({
    name,
    value: value ?? null,
  }));
}

const keys = keysOf(jsonSchema() as Schema).filter(({ name }) => name !== "$schema");

/** In routing.md, which explains what they mean. */
const isCondition = /^(?:routes\[\]\.when|routeTests\[\]\.given)\./;

/** The exit codes in the first cells of a table. */
function codesIn(text: string): number[] {
  return [...text.matchAll(/^\| ([\d, ]+?) *\|/gm)].flatMap(([, cell = ""]) => cell.split(", ").map(Number));
}

describe("the documentation", () => {
  test("names every key of the configuration with its default, and no other", () => {
    expect(rowsOf(page("docs/configuration.md")).toSorted(byName)).toEqual(
      keys.filter(({ name }) => !isCondition.test(name)).toSorted(byName),
    );
  });

  test("names every condition of a route and every flag", () => {
    const conditions = keys.flatMap(({ name }) => /^routes\[\]\.when\.(\w+)/.exec(name)?.[1] ?? []);
    const [table = ""] = /\| key[^]*?\n\n/.exec(page("docs/routing.md")) ?? [];
    const named = [...table.matchAll(/^\| ([^|]+)\|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );

    expect(new Set(named)).toEqual(new Set(conditions));
    for (const flag of allFlags) expect(table).toContain(`\`${flag}\``);
  });

  test("names every source with its resource", () => {
    const rows = [...page("docs/sage.md").matchAll(/^\| `([\w-]+)`\s*\| (\S+)/gm)];

    expect(rows.map(([, name, resource]) => `${name} ${resource}`)).toEqual(
      sources.map(({ name, resource }) => `${name} ${resource}`),
    );
    for (const name of sourceNames) expect(page("docs/configuration.md")).toContain(`\`${name}\``);
  });

  test("names every exit code, twice: what it means, and what to do", () => {
    const codes = [...new Set<number>([...Object.values(exitCodes), ...Object.values(exitCodeOf)])].toSorted(
      (a, b) => a - b,
    );
    const [, meanings = "", ways = ""] = page("README.md").split(/^## (?:Exit codes|Troubleshooting)$/m);

    expect(codesIn(meanings)).toEqual(codes);
    expect(codesIn(ways.split("\n## ")[0] ?? "")).toEqual(codes.filter((code) => code !== 0));
  });

  test("asks for the scopes that the app's manifest has", () => {
    const manifest = JSON.parse(page("examples/slack-app-manifest.json")) as {
      oauth_config: { scopes: { bot: string[] } };
    };
    const rows = [...page("docs/slack.md").matchAll(/^\| `([\w:.]+)`/gm)].map(([, scope]) => scope);

    expect(rows).toEqual(manifest.oauth_config.scopes.bot);
  });

  test.each(pages)("%s links to what there is", (name) => {
    const links = [...page(name).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = ""]) =>
      join(name, "..", target),
    );
    const known = new Set([
      ...readdirSync(root, { encoding: "utf8" }),
      ...["docs", "examples"].flatMap((folder) =>
        readdirSync(join(root, folder)).map((file) => `${folder}/${file}`),
      ),
    ]);

    expect(links.filter((link) => !known.has(link))).toEqual([]);
  });
});

function byName(one: Key, other: Key): number {
  return one.name < other.name ? -1 : 1;
}

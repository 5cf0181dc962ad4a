import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, test } from "vitest";
import { getLanguageService, type Diagnostic } from "vscode-json-languageservice";
import { TextDocument } from "vscode-languageserver-textdocument";

import { startingConfig } from "../../src/config/starting-config.ts";

const root = join(import.meta.dirname, "../..");
const schema = readFileSync(join(root, "schema.json"), "utf8");

/** What VS Code makes of the text of a configuration that names the published schema. */
function editorWith(text: string) {
  const uri = pathToFileURL(join(root, "examples/sage-slack.json")).href;
  const asked: string[] = [];
  const service = getLanguageService({
    workspaceContext: { resolveRelativePath: (path, from) => new URL(path, from).href },
    schemaRequestService: async (address) => {
      asked.push(address);
      return Promise.resolve(schema);
    },
  });
  const document = TextDocument.create(uri, "json", 1, text);
  const json = service.parseJSONDocument(document);
  /** Of the place where `|` would stand: just behind this text. */
  const behind = (words: string) => document.positionAt(text.indexOf(words) + words.length);
  return {
    asked,
    problems: async () =>
      (await service.doValidation(document, json)).map(({ message, range }: Diagnostic) => ({
        message: typeof message === "string" ? message : message.value,
        at: document.getText(range),
      })),
    proposals: async (words: string) =>
      ((await service.doComplete(document, behind(words), json))?.items ?? []).map(({ label }) => label),
    hover: async (words: string) => {
      const position = document.positionAt(text.indexOf(words) + 1);
      return JSON.stringify((await service.doHover(document, position, json))?.contents ?? null);
    },
  };
}

function config(parts: object = {}): string {
  const whole = {
    $schema: "../schema.json",
    sage: { url: "https://erp.example.com/Sage300WebApi", companies: ["SAMINC"] },
    slack: { channel: "#finance" },
    sources: { "ap-invoices": {} },
    ...parts,
  };
  return JSON.stringify(whole, null, 2);
}

describe("the schema in an editor", () => {
  test.each(["sage-slack.json", "minimal.json"])("finds nothing wrong with examples/%s", async (name) => {
    const editor = editorWith(readFileSync(join(root, "examples", name), "utf8"));

    await expect(editor.problems()).resolves.toEqual([]);
    expect(editor.asked).toEqual([pathToFileURL(join(root, "schema.json")).href]);
  });

  test("finds nothing wrong with what init writes, comments and trailing commas included", async () => {
    const text = startingConfig({ schema: "../schema.json", timeZone: "America/Los_Angeles" });

    await expect(editorWith(text).problems()).resolves.toEqual([]);
  });

  test.each([
    { name: "a key that is not known", parts: { slak: {} }, at: '"slak"', says: "slak" },
    {
      name: "a value of another kind",
      parts: { sources: { "ap-invoices": { lookbackDays: "7" } } },
      at: '"7"',
      says: "type",
    },
    {
      name: "a word that is none of those",
      parts: { sources: { "ap-invoices": { post: "day" } } },
      at: '"day"',
      says: "batch",
    },
    {
      name: "a channel without its #",
      parts: { slack: { channel: "two words" } },
      at: '"two words"',
      says: "pattern",
    },
    {
      name: "a source that does not exist",
      parts: { sources: { "ap-invoice": {} } },
      at: '"ap-invoice"',
      says: "ap-invoice",
    },
  ])("marks $name", async ({ parts, at, says }) => {
    const problems = await editorWith(config(parts)).problems();

    expect(problems.map((problem) => problem.at)).toContain(at);
    expect(problems.map(({ message }) => message).join("\n")).toContain(says);
  });

  test("marks what is missing", async () => {
    const problems = await editorWith(config({ sage: { url: "https://erp.example.com/x" } })).problems();

    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('"companies"')]);
  });

  test("proposes keys and values, and tells what a key does", async () => {
    const editor = editorWith(config({ sources: { "ap-invoices": { post: "batch" } } }));

    await expect(editor.proposals('"channel": "#finance"')).resolves.toEqual([]);
    await expect(editor.proposals('"slack": {')).resolves.toEqual(
      expect.arrayContaining(["opsChannel", "fallbackChannel", "quarantineSeconds"]),
    );
    await expect(editor.proposals('"post": ')).resolves.toEqual(
      expect.arrayContaining(['"batch"', '"document"', '"summary"']),
    );
    await expect(editor.hover('"post"')).resolves.toContain("One message a batch");
  });
});

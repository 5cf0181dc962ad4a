import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { checkBlocks } from "../../src/sandbox/slack/block-kit.ts";
import { cellCharactersOf, charactersOf, tablesOf } from "../../src/sandbox/slack/block-measure.ts";
import type { JsonObject } from "../../src/sandbox/slack/json.ts";
import { defaultSwitches } from "../../src/sandbox/slack/switches.ts";
import { composeMessage } from "../../src/slack/compose.ts";
import { announcement } from "../support/messages.ts";
import { problemsOf } from "../support/slack-facts.ts";

const of = (length: number) => "x".repeat(length);
const items = <Item>(count: number, item: Item) => Array.from({ length: count }, () => item);
const plain = (length: number) => ({ type: "plain_text", text: of(length), emoji: false });
const button = (text: number, url = 30) => ({
  type: "button",
  text: plain(text),
  url: `https://a.example/${of(url - 18)}`,
});
const cell = (length: number) => ({ type: "raw_text", text: of(length) });
const table = (rows: number, columns: number, length = 1) => ({
  type: "table",
  rows: items(rows, items(columns, cell(length))),
});
const header = (length: number) => ({ type: "header", text: plain(length) });
const section = (length: number) => ({ type: "section", text: plain(length) });
const fields = (count: number, length: number) => ({ type: "section", fields: items(count, plain(length)) });
const context = (count: number, length = 10) => ({ type: "context", elements: items(count, plain(length)) });
const actions = (count: number, text = 10, url = 30) => ({
  type: "actions",
  elements: items(count, button(text, url)),
});
const rich = (...elements: readonly object[]) => ({ type: "rich_text", elements });
const run = (text: string) => ({ type: "rich_text_section", elements: [{ type: "text", text }] });

/** At the limit, and one beyond it. */
const pairs: readonly (readonly [name: string, taken: readonly object[], refused: readonly object[]])[] = [
  ["blocks", items(50, section(1)), items(51, section(1))],
  ["a header", [header(150)], [header(151)]],
  ["a header's text", [header(1)], [header(0)]],
  ["a header's type", [header(5)], [{ type: "header", text: { type: "mrkdwn", text: "*x*" } }]],
  ["a section", [section(3000)], [section(3001)]],
  ["a section's content", [section(1)], [{ type: "section" }]],
  ["fields", [fields(10, 5)], [fields(11, 5)]],
  ["a field", [fields(1, 2000)], [fields(1, 2001)]],
  ["a context's elements", [context(10)], [context(11)]],
  ["no context", [context(1)], [context(0)]],
  ["buttons", [actions(25)], [actions(26)]],
  ["a button's text", [actions(1, 75)], [actions(1, 76)]],
  ["a button's address", [actions(1, 5, 3000)], [actions(1, 5, 3001)]],
  ["a block's id", [{ ...section(1), block_id: of(255) }], [{ ...section(1), block_id: of(256) }]],
  [
    "ids",
    [
      { ...section(1), block_id: "a" },
      { ...section(1), block_id: "b" },
    ],
    items(2, { ...section(1), block_id: "a" }),
  ],
  ["rows of a table", [table(100, 1)], [table(101, 1)]],
  ["columns of a table", [table(1, 20)], [table(1, 21)]],
  ["a cell", [table(1, 1, 1)], [table(1, 1, 0)]],
  ["the cells", [table(10, 10, 100)], [table(10, 10, 101)]],
  ["tables", [table(1, 1)], [table(1, 1), table(1, 1)]],
  [
    "an alignment",
    [{ ...table(1, 1), column_settings: [{ align: "right", is_wrapped: true }] }],
    [{ ...table(1, 1), column_settings: [{ align: "justify" }] }],
  ],
  ["a run of rich text", [rich(run("x"))], [rich(run(""))]],
  [
    "a list's style",
    [rich({ type: "rich_text_list", style: "bullet", elements: [run("x")] })],
    [rich({ type: "rich_text_list", elements: [run("x")] })],
  ],
  [
    "a list's items",
    [rich({ type: "rich_text_list", style: "ordered", elements: [run("x")] })],
    [rich({ type: "rich_text_list", style: "bullet", elements: [] })],
  ],
  ["a type", [{ type: "divider" }], [{ type: "marquee" }]],
  ["a key", [section(1)], [{ ...section(1), colour: "red" }]],
  ["all characters", items(4, section(3000)), [...items(4, section(3000)), section(1201)]],
];

/** What the sandbox would answer, as an opinion on blocks alone. */
function isTakenBySandbox(blocks: readonly object[]): boolean {
  const sent = JSON.parse(JSON.stringify(blocks)) as JsonObject[];
  const tables = tablesOf(sent);
  return (
    checkBlocks(sent).length === 0 &&
    tables.length <= 1 &&
    tables.every((one) => cellCharactersOf(one) <= 10_000) &&
    charactersOf(sent) <= defaultSwitches.blocksMaxCharacters
  );
}

describe("the sandbox and the facts of the reference agree", () => {
  test.each(pairs)("on %s", (_name, taken, refused) => {
    expect(problemsOf({ text: "x", blocks: taken })).toEqual([]);
    expect(isTakenBySandbox(taken)).toBe(true);
    expect(problemsOf({ text: "x", blocks: refused })).not.toEqual([]);
    expect(isTakenBySandbox(refused)).toBe(false);
  });

  test("on a message whose parts were damaged at random", () => {
    const { blocks } = composeMessage({
      notices: [announcement({ link: "https://erp.example.com/28", highlights: ["1 above 25,000"] })],
      rendering: "full",
    });
    const whole = JSON.stringify(blocks);
    const damages: readonly (readonly [RegExp, string])[] = [
      [/"type":"\w+"/g, '"type":"nothing"'],
      [/"text":"[^"]*"/g, '"text":""'],
      [/"text":"[^"]*"/g, `"text":"${of(3100)}"`],
      [/"text":"[^"]*"/g, '"text":7'],
      [/"elements":\[/g, '"elements":[{},'],
      [/"emoji":false/g, '"emoji":"no"'],
      [/"align":"\w+"/g, '"align":"middle"'],
      [/"block_id":"\w+"/g, '"block_id":""'],
      [/"block_id":"\w+"/g, '"block_id":"context"'],
    ];
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...damages), fc.nat(40), ([pattern, replacement], which) => {
        let index = -1;
        const damaged = whole.replaceAll(pattern, (found) => {
          index += 1;
          return index === which ? replacement : found;
        });
        const sent = JSON.parse(damaged) as object[];
        const isTaken = problemsOf({ text: "x", blocks: sent }).length === 0;
        if (!isTaken) refused += 1;
        expect(isTaken).toBe(isTakenBySandbox(sent));
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(50);
  });
});

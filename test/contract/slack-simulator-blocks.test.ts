import { describe, expect, test } from "vitest";

import { SlackSimulator, type SlackSimulatorOptions } from "../../src/sandbox/slack/slack-simulator.ts";

async function start(options: SlackSimulatorOptions = {}): Promise<SlackSimulator> {
  return await SlackSimulator.start({ rateLimits: "off", ...options });
}

async function call(slack: SlackSimulator, method: string, args: object): Promise<object> {
  const response = await fetch(slack.url + method, {
    method: "POST",
    headers: { authorization: `Bearer ${slack.token}`, "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(args),
  });
  return (await response.json()) as object;
}

function post(slack: SlackSimulator, args: object): Promise<object> {
  return call(slack, "chat.postMessage", { channel: "general", text: "hi", ...args });
}

/** As anyone may, without a token. */
async function validate(slack: SlackSimulator, args: Record<string, string>): Promise<unknown> {
  const response = await fetch(`${slack.url}blocks.validate`, {
    method: "POST",
    body: new URLSearchParams(args),
  });
  return await response.json();
}

/** The body of a refusal, in which every finding stands twice. */
function refusal(error: string, ...findings: string[]): object {
  return {
    ok: false,
    error,
    errors: findings,
    response_metadata: { messages: findings.map((finding) => `[ERROR] ${finding}`) },
  };
}

function times<Item>(count: number, item: Item): Item[] {
  return Array.from({ length: count }, () => item);
}

const letters = (count: number) => "x".repeat(count);
const plain = (text: string) => ({ type: "plain_text", text });
const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
const cell = (text: string) => ({ type: "raw_text", text });
const section = (text: string) => ({ type: "section", text: plain(text) });
const table = (rows: readonly (readonly object[])[]) => ({ type: "table", rows });
const dataTable = (rows: readonly (readonly object[])[]) => ({ type: "data_table", caption: "Due", rows });
const oneTable = table([[cell("x")]]);
const richText = (text: string) => ({
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }],
});
const button = (parts: object) => ({ type: "button", text: plain("Open"), ...parts });
const actions = (parts: object) => ({ type: "actions", elements: [button(parts)] });
const attached = (...blocks: object[]) => ({ attachments: [{ blocks }] });
const urlOf = (length: number) => "https://a.example/".padEnd(length, "x");

describe("a block", () => {
  test.each([
    ["a section of 3,000 characters", section(letters(3_000))],
    ["10 fields of 2,000", { type: "section", fields: times(5, plain(letters(2_000))) }],
    ["a header of 150", { type: "header", text: plain(letters(150)), level: 4 }],
    ["a context of 10", { type: "context", elements: times(10, mrkdwn("x")) }],
    ["25 buttons", { type: "actions", elements: times(25, button({ text: plain(letters(75)) })) }],
    ["a button with an address of 3,000", actions({ url: urlOf(3_000), value: letters(2_000) })],
    ["a divider", { type: "divider", block_id: letters(255) }],
    ["12,000 characters of markdown", { type: "markdown", text: letters(12_000) }],
    ["an image", { type: "image", image_url: urlOf(3_000), alt_text: letters(2_000) }],
    ["a table of 100 rows and 20 columns", table(times(100, times(20, cell("-"))))],
    ["a table with columns", { ...oneTable, column_settings: [null, { align: "right", is_wrapped: true }] }],
    ["a table with numbers", table([[{ type: "raw_number", value: 12.5, text: "12.50" }]])],
    ["a table with rich text", table([[richText("x")]])],
    ["a data table of 201 rows", { ...dataTable(times(201, [cell("-")])), page_size: 100 }],
  ])("may be %s", async (_, block) => {
    await using slack = await start();

    expect(await post(slack, { blocks: [block] })).toMatchObject({ ok: true });
  });

  test.each([
    ["missing required field: type", "", {}],
    ["unsupported type: alert", "", { type: "alert", text: plain("x") }],
    ["invalid additional property: color", "", { type: "divider", color: "red" }],
    ["must be less than 256 characters", "/block_id", { type: "divider", block_id: letters(256) }],
    ["must be less than 3001 characters", "/text/text", section(letters(3_001))],
    ["must be more than 0 characters", "/text/text", section("")],
    ["missing required field: text", "", { type: "section" }],
    ["no more than 10 items allowed", "/fields", { type: "section", fields: times(11, plain("x")) }],
    ["must be less than 151 characters", "/text/text", { type: "header", text: plain(letters(151)) }],
    ["must be one of: plain_text", "/text/type", { type: "header", text: mrkdwn("x") }],
    ["must be one of: 1, 2, 3, 4", "/level", { type: "header", text: plain("x"), level: 5 }],
    ["no more than 10 items allowed", "/elements", { type: "context", elements: times(11, plain("x")) }],
    ["no less than 1 items allowed", "/elements", { type: "context", elements: [] }],
    ["no more than 25 items allowed", "/elements", { type: "actions", elements: times(26, button({})) }],
    ["must be less than 76 characters", "/elements/0/text/text", actions({ text: plain(letters(76)) })],
    ["must be less than 3001 characters", "/elements/0/url", actions({ url: urlOf(3_001) })],
    ["must be less than 2001 characters", "/elements/0/value", actions({ value: letters(2_001) })],
    ["missing required field: alt_text", "", { type: "image", image_url: urlOf(100) }],
    ["must be less than 12001 characters", "/text", { type: "markdown", text: letters(12_001) }],
    ["no more than 100 items allowed", "/rows", table(times(101, [cell("x")]))],
    ["no more than 20 items allowed", "/rows/0", table([times(21, cell("x"))])],
    ["must be more than 0 characters", "/rows/0/0/text", table([[cell("")]])],
    ["no more than 20 items allowed", "/column_settings", { ...oneTable, column_settings: times(21, null) }],
    ["missing required field: caption", "", { type: "data_table", rows: times(2, [cell("x")]) }],
    ["no less than 2 items allowed", "/rows", dataTable([[cell("x")]])],
    ["no more than 201 items allowed", "/rows", dataTable(times(202, [cell("x")]))],
    ["must have rows of the same length", "/rows", dataTable([[cell("x")], times(2, cell("x"))])],
  ])('is refused with "%s" at "%s"', async (finding, pointer, block) => {
    await using slack = await start();

    expect(await post(slack, { blocks: [{ type: "divider" }, block] })).toEqual(
      refusal("invalid_blocks", `${finding} [json-pointer:/blocks/1${pointer}]`),
    );
    expect(slack.posts).toEqual([]);
  });

  test("with a field too long is refused for the length and for fitting no schema", async () => {
    await using slack = await start();
    const block = { type: "section", fields: [plain(letters(2_001))] };

    expect(await post(slack, { blocks: [block] })).toEqual(
      refusal(
        "invalid_blocks",
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
        "failed to match all allowed schemas [json-pointer:/blocks/0/fields/0]",
      ),
    );
  });
});

describe("the blocks of a message", () => {
  test("may be 50, not 51", async () => {
    await using slack = await start();

    expect(await post(slack, { blocks: times(50, { type: "divider" }) })).toMatchObject({ ok: true });
    expect(await post(slack, { blocks: times(51, { type: "divider" }) })).toEqual(
      refusal("invalid_blocks", "no more than 50 items allowed [json-pointer:/blocks]"),
    );
  });

  test("have ids of their own", async () => {
    await using slack = await start();

    expect(await post(slack, { blocks: times(2, { type: "divider", block_id: "line" }) })).toEqual(
      refusal("invalid_blocks", "block_id must be unique [json-pointer:/blocks/1/block_id]"),
    );
  });

  test.each([
    ["its blocks", { blocks: [oneTable, oneTable] }, "/blocks"],
    ["its attachments", attached(oneTable, oneTable), "/attachments"],
    ["both", { blocks: [oneTable], ...attached(oneTable) }, "/attachments"],
  ])("hold one table, not two in %s", async (_, args, pointer) => {
    await using slack = await start();

    expect(await post(slack, args)).toEqual(
      refusal("invalid_attachments", `only_one_table_allowed [json-pointer:${pointer}]`),
    );
  });

  test.each([
    [10_000, "table", table],
    [20_000, "data table", dataTable],
  ])("hold %i characters in the cells of a %s", async (max, _, make) => {
    await using slack = await start({ switches: { blocksMaxCharacters: Infinity } });
    const sized = (length: number) => ({ blocks: [make([[cell("x")], [cell(letters(length - 1))]])] });

    expect(await post(slack, sized(max))).toMatchObject({ ok: true });
    expect(await post(slack, sized(max + 1))).toEqual(
      refusal(
        "invalid_blocks",
        `table cells must be less than ${max + 1} characters in total [json-pointer:/blocks]`,
      ),
    );
  });

  test("hold 13,200 characters, those of the attachments included", async () => {
    await using slack = await start();
    const blocks = times(4, section(letters(3_000)));

    expect(await post(slack, { blocks: [...blocks, section(letters(1_200))] })).toMatchObject({ ok: true });
    for (const args of [
      { blocks: [...blocks, section(letters(1_201))] },
      { blocks, ...attached(section(letters(1_201))) },
    ]) {
      expect(await post(slack, args)).toEqual({ ok: false, error: "msg_blocks_too_long" });
    }
  });
});

describe("blocks.validate", () => {
  test("needs no token and finds good blocks good", async () => {
    await using slack = await start();

    expect(await validate(slack, { blocks: JSON.stringify([section("x")]) })).toEqual({ ok: true });
  });

  test.each([
    ["blocks", "[{}]", "/0"],
    ["message", '{"blocks":[{}]}', "/blocks/0"],
    ["view", '{"type":"modal","blocks":[{}]}', "/blocks/0"],
  ])("says what is wrong with %s %s", async (name, value, pointer) => {
    await using slack = await start();

    expect(await validate(slack, { [name]: value })).toEqual({
      ok: false,
      error: `invalid_${name}`,
      errors: [{ code: "missing_field", message: "missing required field: type", field: "type", pointer }],
    });
  });

  test("allows a view 100 blocks", async () => {
    await using slack = await start();
    const [most, tooMany] = [100, 101].map((count) => ({ blocks: times(count, { type: "divider" }) }));

    expect(await validate(slack, { view: JSON.stringify(most) })).toEqual({ ok: true });
    expect(await validate(slack, { view: JSON.stringify(tooMany) })).toMatchObject({ error: "invalid_view" });
  });

  test("wants one thing at a time", async () => {
    await using slack = await start();

    expect(await validate(slack, { blocks: "[]", message: "{}" })).toEqual({
      ok: false,
      error: "invalid_arguments",
    });
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { composeMessage } from "../../src/slack/compose.ts";
import { mergeable, splitRows } from "../../src/slack/fit.ts";
import { fits } from "../../src/slack/limits.ts";
import { escapeMrkdwn, readable, shorten } from "../../src/slack/mrkdwn.ts";
import type { Announcement, NoticeRow } from "../../src/transactions/notice.ts";
import { announcement } from "../support/messages.ts";

const renderings = ["full", "compact", "plain"] as const;
const hostile = "<!channel> & <@U123> *x* @here";

function rowsOf(count: number, vendor = "Chloride Systems (1200)"): NoticeRow[] {
  return Array.from({ length: count }, (_item, index) => ({
    transaction: `v1:SAMINC:ap-invoices:28:${index + 1}`,
    cells: [vendor, `DOC-${index + 1}.`, "2026-12-20", { amount: "12.99", currency: "USD" }],
  }));
}

function blockTypesOf(notice: Announcement): string[] {
  return composeMessage({ notices: [notice], rendering: "full" }).blocks.map(({ type }) => type);
}

function payments(currency: string): Announcement {
  return announcement({
    source: "ap-payments",
    record: `PY-${currency}`,
    title: "A/P payment batch PY-1",
    noun: { one: "payment", many: "payments" },
    totals: [{ amount: "70.00", currency }],
  });
}

function headerOf(notices: Announcement[]): string {
  return JSON.stringify(composeMessage({ notices, rendering: "full" }).blocks[0]);
}

describe("composeMessage", () => {
  test("says what, how much, who and by when", () => {
    expect(composeMessage({ notices: [announcement()], rendering: "full" })).toMatchInlineSnapshot(`
      {
        "blocks": [
          {
            "block_id": "header",
            "text": {
              "emoji": false,
              "text": "1 invoice, USD 12.99 · ○ Open",
              "type": "plain_text",
            },
            "type": "header",
          },
          {
            "block_id": "record",
            "elements": [
              {
                "elements": [
                  {
                    "style": {
                      "bold": true,
                    },
                    "text": "A/P invoice batch 28",
                    "type": "text",
                  },
                  {
                    "text": " · SAMINC",
                    "type": "text",
                  },
                ],
                "type": "rich_text_section",
              },
            ],
            "type": "rich_text",
          },
          {
            "block_id": "facts",
            "fields": [
              {
                "emoji": false,
                "text": "Company
      SAMINC",
                "type": "plain_text",
              },
              {
                "emoji": false,
                "text": "Batch date
      2026-11-20",
                "type": "plain_text",
              },
              {
                "emoji": false,
                "text": "Due
      2026-12-20",
                "type": "plain_text",
              },
              {
                "emoji": false,
                "text": "Entered by
      ADMIN",
                "type": "plain_text",
              },
            ],
            "type": "section",
          },
          {
            "block_id": "description",
            "text": {
              "emoji": false,
              "text": "Monday's mail",
              "type": "plain_text",
            },
            "type": "section",
          },
          {
            "block_id": "rows",
            "column_settings": [
              {
                "align": "left",
                "is_wrapped": true,
              },
              {
                "align": "left",
                "is_wrapped": true,
              },
              {
                "align": "left",
                "is_wrapped": true,
              },
              {
                "align": "right",
                "is_wrapped": false,
              },
            ],
            "rows": [
              [
                {
                  "text": "Vendor",
                  "type": "raw_text",
                },
                {
                  "text": "Document",
                  "type": "raw_text",
                },
                {
                  "text": "Due",
                  "type": "raw_text",
                },
                {
                  "text": "Amount (USD)",
                  "type": "raw_text",
                },
              ],
              [
                {
                  "text": "Chloride Systems (1200)",
                  "type": "raw_text",
                },
                {
                  "text": "INV-1",
                  "type": "raw_text",
                },
                {
                  "text": "2026-12-20",
                  "type": "raw_text",
                },
                {
                  "text": "12.99",
                  "type": "raw_text",
                },
              ],
            ],
            "type": "table",
          },
          {
            "block_id": "context",
            "elements": [
              {
                "emoji": false,
                "text": "SAMINC",
                "type": "plain_text",
              },
              {
                "emoji": false,
                "text": "A/P invoice batch 28",
                "type": "plain_text",
              },
              {
                "emoji": false,
                "text": "channel of ap-invoices",
                "type": "plain_text",
              },
              {
                "emoji": false,
                "text": "v1:SAMINC:ap-invoices:28:1",
                "type": "plain_text",
              },
            ],
            "type": "context",
          },
        ],
        "text": "1 invoice, USD 12.99, in A/P invoice batch 28 of SAMINC (Open), due 2026-12-20",
      }
    `);
  });

  test("merges records into lines under one header", () => {
    const notices = [
      announcement(),
      announcement({ record: "29", title: "A/P invoice batch 29", description: "" }),
    ];

    expect(composeMessage({ notices, rendering: "full" })).toMatchInlineSnapshot(`
      {
        "blocks": [
          {
            "block_id": "header",
            "text": {
              "emoji": false,
              "text": "2 batches, 2 invoices, USD 25.98",
              "type": "plain_text",
            },
            "type": "header",
          },
          {
            "block_id": "record-0",
            "elements": [
              {
                "elements": [
                  {
                    "style": {
                      "bold": true,
                    },
                    "text": "A/P invoice batch 28",
                    "type": "text",
                  },
                  {
                    "text": " · SAMINC · ○ Open · USD 12.99 · Monday's mail",
                    "type": "text",
                  },
                ],
                "type": "rich_text_section",
              },
              {
                "elements": [
                  {
                    "elements": [
                      {
                        "text": "Chloride Systems (1200) · INV-1 · due 2026-12-20 · USD 12.99",
                        "type": "text",
                      },
                    ],
                    "type": "rich_text_section",
                  },
                ],
                "style": "bullet",
                "type": "rich_text_list",
              },
            ],
            "type": "rich_text",
          },
          {
            "block_id": "record-1",
            "elements": [
              {
                "elements": [
                  {
                    "style": {
                      "bold": true,
                    },
                    "text": "A/P invoice batch 29",
                    "type": "text",
                  },
                  {
                    "text": " · SAMINC · ○ Open · USD 12.99",
                    "type": "text",
                  },
                ],
                "type": "rich_text_section",
              },
              {
                "elements": [
                  {
                    "elements": [
                      {
                        "text": "Chloride Systems (1200) · INV-1 · due 2026-12-20 · USD 12.99",
                        "type": "text",
                      },
                    ],
                    "type": "rich_text_section",
                  },
                ],
                "style": "bullet",
                "type": "rich_text_list",
              },
            ],
            "type": "rich_text",
          },
          {
            "block_id": "context",
            "elements": [
              {
                "emoji": false,
                "text": "SAMINC",
                "type": "plain_text",
              },
              {
                "emoji": false,
                "text": "channel of ap-invoices",
                "type": "plain_text",
              },
            ],
            "type": "context",
          },
        ],
        "text": "2 batches, 2 invoices, USD 25.98; A/P invoice batch 28 of SAMINC; A/P invoice batch 29 of SAMINC",
      }
    `);
  });

  test.each(renderings)("shows hostile text as typed and notifies nobody (%s)", (rendering) => {
    const message = composeMessage({
      notices: [
        announcement({
          description: hostile,
          rows: rowsOf(1, hostile),
          facts: [{ label: "Bank", value: hostile }],
        }),
      ],
      rendering,
    });

    const shown = message.blocks.length === 0 ? message.text : JSON.stringify(message.blocks);
    expect(shown).toContain(message.blocks.length === 0 ? escapeMrkdwn(hostile) : hostile);
    expect(JSON.stringify(message.blocks)).not.toContain('"mrkdwn"');
    expect(message.text).not.toMatch(/<[!@#]/);
  });

  test("adds up what is of one kind, and never what is paid, received and booked", () => {
    const journals = announcement({
      source: "gl-journals",
      title: "G/L journal batch 000001",
      noun: { one: "journal entry", many: "journal entries" },
      totals: [{ amount: "12.50", currency: "USD" }],
      totalTitle: "debits",
    });
    const manyCurrencies = Array.from({ length: 15 }, (_each, index) => payments(`C${index + 10}`));

    expect(headerOf([announcement(), announcement({ record: "29" }), payments("USD"), journals])).toContain(
      "4 batches: 2 invoices (USD 25.98), 1 payment (USD 70.00), 1 journal entry (debits USD 12.50)",
    );
    expect(headerOf([announcement(), ...manyCurrencies])).toContain('"16 batches: 1 invoice, 15 payments"');
    expect(headerOf([journals, { ...journals, record: "2" }])).toContain(
      "2 batches, 2 journal entries, debits USD 25.00",
    );
  });

  test("pings whom the configuration names, and shows who could not be found", () => {
    const message = composeMessage({
      notices: [
        announcement({
          mentions: [
            { kind: "user", id: "U1" },
            { kind: "group", id: "S1" },
            { kind: "unresolved", name: "gone@example.com" },
          ],
        }),
      ],
      rendering: "full",
    });

    expect(message.blocks.find(({ block_id }) => block_id === "mentions")).toMatchObject({
      elements: [
        {
          elements: [
            { type: "user", user_id: "U1" },
            { type: "text" },
            { type: "usergroup", usergroup_id: "S1" },
            { type: "text" },
            { type: "text", text: "gone@example.com" },
          ],
        },
      ],
    });
  });

  test("links to the record, but to no other kind of address", () => {
    expect(blockTypesOf(announcement({ link: "https://erp.example.com/28" }))).toContain("actions");
    expect(blockTypesOf(announcement({ link: "javascript:alert(1)" }))).not.toContain("actions");
  });

  test("says when only a part of the batch goes to this channel", () => {
    const message = composeMessage({
      notices: [announcement({ count: 3, countInRecord: 7 })],
      rendering: "full",
    });

    expect(message.text).toContain("3 of 7 in the batch");
    expect(JSON.stringify(message.blocks)).toContain("3 of 7 in the batch");
  });
});

/** Anything that somebody could type into Sage. */
const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 80 }),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.constantFrom(hostile, "\u202Eevil", "a".repeat(5000), "", "`*_~", "\u0000\u001b[2J", "👩‍👩‍👧‍👦".repeat(40)),
);

const anyAnnouncement = fc
  .record({
    vendor: anyText,
    description: anyText,
    status: anyText,
    fact: anyText,
    rows: fc.integer({ min: 0, max: 25 }),
  })
  .map(({ vendor, description, status, fact, rows }): Announcement =>
    announcement({
      description,
      status,
      facts: Array.from({ length: 8 }, () => ({ label: "Bank", value: fact })),
      rows: rowsOf(rows, vendor),
    }),
  );

test("every message of any announcement fits, and no document is missing in any form", () => {
  fc.assert(
    fc.property(anyAnnouncement, (notice) => {
      for (const rendering of renderings) {
        const message = composeMessage({ notices: [notice], rendering });
        const shown = JSON.stringify(message);

        expect(fits(message)).toBe(true);
        expect(notice.rows.filter((_row, index) => !shown.includes(`DOC-${index + 1}.`))).toEqual([]);
        expect(message.text).not.toMatch(/<[!@#]/);
      }
    }),
    { numRuns: 200 },
  );
});

describe("splitRows", () => {
  test("puts 25 rows first and the others into the thread, each row once", () => {
    const whole = announcement({ rows: rowsOf(60) });

    const { first, rest } = splitRows(whole);

    expect(first.rows.length).toBe(25);
    expect(rest.map(({ from, to, of }) => [from, to, of])).toEqual([
      [26, 50, 60],
      [51, 60, 60],
    ]);
    expect([...first.rows, ...rest.flatMap(({ rows }) => rows)]).toEqual(whole.rows);
  });
});

describe("mergeable", () => {
  test("is so as long as Slack takes the whole", () => {
    const batch = announcement({ rows: rowsOf(10) });

    expect(mergeable([batch, batch])).toBe(true);
    expect(mergeable(Array.from({ length: 60 }, () => batch))).toBe(false);
  });

  test("is not so for an announcement whose rows go on in its thread", () => {
    expect(mergeable([announcement(), announcement({ rows: rowsOf(26) })])).toBe(false);
  });
});

describe("text from the books", () => {
  test("loses what hides in it and keeps the rest", () => {
    expect(readable("A\u202Ecme\u0000\r\n\tLtd\u200B.\u{E0041} \uD800é")).toBe("Acme Ltd. \uFFFDé");
  });

  test("is cut between what people see as characters", () => {
    const family = "👩‍👩‍👧‍👦";

    expect(shorten(family.repeat(3), family.length + 5)).toBe(`${family}…`);
    expect(shorten("short", 10)).toBe("short");
  });

  test("is escaped once, three characters and no others", () => {
    expect(escapeMrkdwn(`&lt; <b> & "it's"`)).toBe(`&amp;lt; &lt;b&gt; &amp; "it's"`);
  });
});

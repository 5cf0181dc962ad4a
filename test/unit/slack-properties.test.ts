import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { checkBlocks } from "../../src/sandbox/slack/block-kit.ts";
import { cellCharactersOf, charactersOf, tablesOf } from "../../src/sandbox/slack/block-measure.ts";
import type { JsonObject } from "../../src/sandbox/slack/json.ts";
import { audienceOf } from "../../src/sandbox/slack/mentions.ts";
import { defaultSwitches } from "../../src/sandbox/slack/switches.ts";
import { Workspace } from "../../src/sandbox/slack/workspace.ts";
import { composeMessage } from "../../src/slack/compose.ts";
import { mergeable, splitRows } from "../../src/slack/fit.ts";
import { outcomeOfCode, outcomeOfFact, rules, waitSeconds } from "../../src/slack/failure.ts";
import { escapeMrkdwn, escapeWithin, readable } from "../../src/slack/mrkdwn.ts";
import type { Announcement, Mention, Notice, NoticeRow } from "../../src/transactions/notice.ts";
import { announcement } from "../support/messages.ts";
import { problemsOf } from "../support/slack-facts.ts";

const hostile = [
  "<!channel>",
  "<!here|hi>",
  "<!subteam^S0SBX000001>",
  "<@U0SBX000001>",
  "@here @channel @everyone @cfo",
  "<https://evil.example|Pay here>",
  "https://evil.example/pay",
  "<mailto:a@b.example|x>",
  "&lt;!channel&gt;",
  "&amp;lt;!channel>",
  "*b* _i_ ~s~ `c` ```d``` > q",
  "\u202Eevil\u200B\u2066",
  "a".repeat(5000),
  "&".repeat(3000),
  "👩‍👩‍👧‍👦".repeat(300),
  "e\u0301".repeat(2000),
  "\u0000\u001B[2J\r\n",
  "\uD800",
  "",
];

/** Anything that somebody could type into Sage. */
const anyText = fc.oneof(
  fc.constantFrom(...hostile),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(fc.constantFrom(...hostile), { maxLength: 4 }).map((parts) => parts.join(" ")),
);

/** What a reader of Slack sees of text with Slack's markup: the documented order is `<…>` first, then the escapes. */
function parseMarkup(text: string): { tokens: string[]; shown: string } {
  const tokens = [...text.matchAll(/<(.*?)>/gs)].map(([, inside = ""]) => inside);
  const shown = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  return { tokens, shown };
}

describe("text from the books in Slack's markup", () => {
  test("is shown as it is, and is neither a mention nor a link", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeMrkdwn(text)).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
        expect(parseMarkup(escapeMrkdwn(text))).toEqual({ tokens: [], shown: text });
        expect(parseMarkup(escapeMrkdwn(readable(text)))).toEqual({ tokens: [], shown: readable(text) });
      }),
      { numRuns: 500 },
    );
  });

  test("is still so when it was shortened, and never longer than allowed", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 10, max: 4000 }), (text, most) => {
        const escaped = escapeWithin(readable(text), most);
        const { tokens, shown } = parseMarkup(escaped);

        expect(escaped.length).toBeLessThanOrEqual(most);
        expect(tokens).toEqual([]);
        expect(readable(text).startsWith(shown.replace(/…$/, ""))).toBe(true);
        expect(shown.isWellFormed()).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("hides nothing: no control character, no mark that turns or joins", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(readable(text)).not.toMatch(/[\p{Cc}\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/u);
        expect(readable(readable(text))).toBe(readable(text));
      }),
      { numRuns: 500 },
    );
  });
});

const anyMention: fc.Arbitrary<Mention> = fc.oneof(
  fc.record({ kind: fc.constant("user" as const), id: fc.constantFrom("U0SBX000001", "U0SBX000002") }),
  fc.record({ kind: fc.constant("group" as const), id: fc.constantFrom("S0SBX000003") }),
  fc.record({ kind: fc.constant("unresolved" as const), name: anyText }),
);

/** What makes a summary of an announcement, or the announcement of a document. */
const anyForm: fc.Arbitrary<Partial<Announcement>> = fc.oneof(
  fc.constant({}),
  fc.record({ document: fc.record({ name: anyText, party: anyText }) }),
  fc
    .record({
      cells: fc.tuple(anyText, anyText),
      rows: fc.integer({ min: 0, max: 30 }),
      attention: fc.array(anyText, { maxLength: 11 }),
    })
    .map(({ cells: [first, second], rows, attention }) => {
      const columns = [
        { title: "Source ledger", align: "left" },
        { title: "Status", align: "left", kind: "status" },
        { title: "Debits", align: "right" },
      ] as const;
      const row = [first, second, { amount: "12345678901234567.89", currency: "USD" }];
      const panel = (isTable: boolean, count: number) => ({
        title: second,
        columns,
        rows: Array.from({ length: count }, () => row),
        isTable,
      });
      const days = { from: "2026-11-20", to: "2026-11-23" };
      const panels = [panel(false, Math.min(rows, 15)), panel(true, rows)];
      return { summary: { days, batches: 3, panels, attention } };
    }),
);

const anyAnnouncement: fc.Arbitrary<Announcement> = fc
  .record({
    cells: fc.tuple(anyText, anyText, anyText),
    count: fc.integer({ min: 0, max: 70 }),
    company: fc.constantFrom("SAMINC", "A", "SAMLTD"), // an id, as the configuration checks
    description: anyText,
    status: anyText,
    decidedBy: anyText,
    facts: fc.array(fc.record({ label: anyText, value: anyText }), { maxLength: 12 }),
    mentions: fc.array(anyMention, { maxLength: 5 }),
    form: anyForm,
    highlights: fc.array(anyText, { maxLength: 6 }),
    today: fc.constantFrom("2026-11-25", "2027-01-01"),
    link: fc.constantFrom(
      undefined,
      "https://erp.example.com/28",
      `https://erp.example.com/${"x".repeat(4000)}`,
    ),
  })
  .map(({ cells, count, link, form, ...parts }) =>
    announcement({ ...parts, ...form, rows: rowsOf(count, cells), ...(link === undefined ? {} : { link }) }),
  );

function rowsOf(count: number, cells: readonly string[]): NoticeRow[] {
  return Array.from({ length: count }, (_row, index) => ({
    transaction: `v1:SAMINC:ap-invoices:28:${index + 1}` as const,
    cells: [...cells, { amount: "12345678901234567.89", currency: "USD" }],
  }));
}

/** Every message that a run could make of these announcements: first parts, replies, and several in one. */
function messagesOf(announcements: readonly Announcement[]): (readonly Notice[])[] {
  const parts = announcements.map(splitRows);
  const alone = parts.flatMap(({ first, rest }): (readonly Notice[])[] => [
    [first],
    ...rest.map((rows) => [rows]),
  ]);
  const together = parts.map(({ first }) => first);
  return mergeable(together) ? [...alone, together] : alone;
}

const workspace = new Workspace(() => 0);

test("every message is within Slack's limits and notifies those alone whom the configuration names", () => {
  const anyLine = anyText.map((text): Notice => ({ kind: "line", text }));
  fc.assert(
    fc.property(
      fc.array(anyAnnouncement, { minLength: 1, maxLength: 4 }),
      anyLine,
      fc.boolean(),
      (announcements, line, isElsewhere) => {
        const place = isElsewhere
          ? { channel: { name: "#<!here>" }, via: { name: "#finance-ops" }, isRepeat: true }
          : {};
        for (const notices of [...messagesOf(announcements), [line]]) {
          for (const rendering of ["full", "compact", "plain"] as const) {
            const { text, blocks } = composeMessage({ notices, rendering, ...place });
            const sent = JSON.parse(JSON.stringify(blocks)) as JsonObject[];
            const parts = { text, blocks: sent, attachments: [], names: "none", leavesUrls: true } as const;
            const audience = audienceOf(parts, workspace, defaultSwitches);

            expect(checkBlocks(sent)).toEqual([]);
            // Lines are the program's own, and none is empty.
            expect(problemsOf({ text: text || "—", blocks: sent })).toEqual([]);
            expect(text.length).toBeLessThanOrEqual(3900);
            expect(charactersOf(sent)).toBeLessThanOrEqual(12_000);
            expect(tablesOf(sent).length).toBeLessThanOrEqual(1);
            expect(tablesOf(sent).every((table) => cellCharactersOf(table) <= 10_000)).toBe(true);
            expect(audience.links).toEqual([]);
            expect([...audience.notified].toSorted()).toEqual(namedIn(notices));
          }
        }
      },
    ),
    // To make texts of thousands of letters smaller takes longer than anybody waits.
    { numRuns: 25, endOnFailure: true },
  );
}, 20_000);

/** Those whom the configuration names for these notices, each once. */
function namedIn(notices: readonly Notice[]): string[] {
  const mentions = notices.flatMap((notice) => (notice.kind === "announcement" ? notice.mentions : []));
  return [...new Set(mentions.flatMap((mention) => ("id" in mention ? [mention.id] : [])))].toSorted();
}

const kinds = ["sent", "wait", "not-sent", "refused-content", "refused-channel", "refused-run", "ambiguous"];

describe("what Slack or the network may say", () => {
  const anyCode = fc.oneof(fc.string(), fc.constantFrom(...rules.keys(), "__proto__", "constructor", ""));

  test("has an outcome, whatever it is, and is a definite no only by the table", () => {
    fc.assert(
      fc.property(anyCode, fc.string(), (code, needed) => {
        const { kind } = outcomeOfCode(code, needed);

        expect(kinds).toContain(kind);
        expect(kind === "ambiguous" || rules.has(code)).toBe(true);
        expect(kind).not.toBe("sent");
      }),
      { numRuns: 1000 },
    );
  });

  test("asks to wait for one second up to an hour, whatever the header says", () => {
    const anyHeader = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.double().map(String),
      fc.constant(null),
    );
    fc.assert(
      fc.property(anyHeader, anyCode, (retryAfter, code) => {
        const seconds = waitSeconds(retryAfter);
        const outcome = outcomeOfFact({ kind: "rate-limited", retryAfter, code });

        expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600).toBe(true);
        expect(["wait", "refused-run"]).toContain(outcome.kind);
      }),
      { numRuns: 1000 },
    );
  });

  test("names the scopes that Slack names, and nothing that is none", () => {
    fc.assert(
      fc.property(fc.string(), (needed) => {
        const outcome = outcomeOfCode("missing_scope", needed);

        expect(outcome).toMatchObject({ kind: "refused-run", exit: "auth" });
        expect("hint" in outcome ? outcome.hint : "").toMatch(
          /^Add the (?:missing scope|scope [a-z._: or]+) to the app/,
        );
      }),
    );
    expect(outcomeOfCode("missing_scope", "channels:history,groups:history")).toMatchObject({
      hint: expect.stringContaining("channels:history or groups:history") as string,
    });
  });
});

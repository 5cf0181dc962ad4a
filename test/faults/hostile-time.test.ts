import { describe, expect, test } from "vitest";

import { jsonText } from "../../src/cli/render/json-text.ts";
import { renderError } from "../../src/cli/render/error.ts";
import { terminalLines, terminalText } from "../../src/cli/render/terminal-text.ts";
import { AppError } from "../../src/errors.ts";
import { matchesCode } from "../../src/routing/rule.ts";
import { redactor } from "../../src/runtime/redact.ts";
import { amount, number, text } from "../../src/sage/field.ts";
import { excerpt, parseJson } from "../../src/sage/json.ts";
import { fingerprint } from "../../src/transactions/fingerprint.ts";
import { composeMessage } from "../../src/slack/compose.ts";
import { fits } from "../../src/slack/limits.ts";
import { escapeMrkdwn, escapeWithin, readable, shorten } from "../../src/slack/mrkdwn.ts";
import { formatMoney } from "../../src/transactions/money.ts";
import { announcement } from "../support/messages.ts";

const million = 1024 * 1024;

/** Texts of a megabyte that are slow for a careless expression. */
const slowTexts: readonly (readonly [string, string])[] = [
  ["one letter", "a".repeat(million)],
  ["100,000 lines", "line\r\n".repeat(100_000)],
  ["spaces", " ".repeat(million)],
  ["spaces before an end", `x${" ".repeat(million)}x`],
  ["nested brackets", "(<[{".repeat(million / 8) + "}]>)".repeat(million / 8)],
  ["escapes without end", '\\"'.repeat(million / 2)],
  ["quotes", '"'.repeat(million)],
  ["digits", "1".repeat(million)],
  ["combining marks", `e${"\u0301".repeat(million)}`],
  ["joined emoji", "\u{1F468}\u200D".repeat(million / 3)],
  ["almost credentials", "Basic Bearer xoxb https://a ".repeat(million / 28)],
  ["an address without end", `https://${"a".repeat(million)}`],
  ["tags without end", "<style<".repeat(million / 7)],
  ["capitals and small letters", "aB".repeat(million / 2)],
];

const secrets = redactor(["p\"ass'wörd&/1", "xoxb-0000-canary", "WEBAPI:P\"ASS'WÖRD&/1"]);

const formatters: Readonly<Record<string, (typed: string) => unknown>> = {
  readable,
  shorten: (typed) => shorten(typed, 3000),
  escapeMrkdwn,
  escapeWithin: (typed) => escapeWithin(typed, 3900),
  terminalText,
  terminalLines,
  jsonText: (typed) => jsonText({ typed }, secrets),
  renderError: (typed) =>
    renderError(new AppError("temporary", typed, { hint: typed }), { isVerbose: true, redact: secrets }),
  redact: secrets,
  excerpt: (typed) => excerpt(typed, secrets),
  parseJson: (typed) =>
    parseJson(Buffer.from(`{"a":${JSON.stringify(typed)},"b":12345678901234567}`), "Sage"),
  "parseJson of a broken answer": (typed) => {
    try {
      return parseJson(Buffer.from(`["12345678901234567${typed}`), "Sage", secrets);
    } catch (error) {
      return error;
    }
  },
  "field.text": (typed) => text.parse(typed),
  "field.amount": (typed) => amount.safeParse(typed),
  "field.number": (typed) => number.safeParse(typed),
  formatMoney: (typed) => formatMoney({ amount: "1", currency: typed }),
  matchesCode: (typed) => matchesCode(typed, typed),
  fingerprint,
  composeMessage: (typed) => composed(typed),
};

/** A message with the text in all that comes from Sage, as the border lets it through. */
function composed(typed: string) {
  const read = text.parse(typed);
  const money = { amount: "1", currency: read };
  const shown = announcement({
    status: read,
    description: read,
    facts: [{ label: "Bank", value: read }],
    totals: [money],
    rows: [{ transaction: "v1:SAMINC:ap-invoices:28:1", cells: [read, read, read, money] }],
  });
  return (["full", "compact", "plain"] as const).map((rendering) =>
    composeMessage({ notices: [shown], rendering }),
  );
}

/** What these show was cut before; here they only have to be linear. Everything else has 50 ms. */
const budgets: Readonly<Record<string, number>> = { jsonText: 300, renderError: 300 };

/** The least of three, because other work on the machine only adds. */
function cpuMilliseconds(work: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

describe("H07 H14 SR-31 a megabyte of hostile text", () => {
  test.each(Object.entries(formatters))(
    "takes %s less than its time",
    (formatter, format) => {
      const slow = slowTexts.flatMap(([name, typed]) => {
        const time = cpuMilliseconds(() => format(typed));
        return time < (budgets[formatter] ?? 50) ? [] : [`${name}: ${time} ms`];
      });

      expect(slow).toEqual([]);
    },
    30_000,
  );

  test.each(slowTexts)("of %s fits every limit in every rendering", (_name, typed) => {
    expect(composed(typed).map((message) => fits(message))).toEqual([true, true, true]);
  });
});

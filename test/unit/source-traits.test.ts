import { describe, expect, test } from "vitest";

import { CompanyBooks } from "../../src/sandbox/sage/company-books.ts";
import { addSampleHistory } from "../../src/sandbox/sage/sample-history.ts";
import { parseJson } from "../../src/sage/json.ts";
import { isOneOf } from "../../src/sage/source.ts";
import { sources } from "../../src/sage/sources/index.ts";

const today = "2026-11-24";
const books = new CompanyBooks("SAMINC", { today: () => today, postingTouchesLastEdited: () => false });
addSampleHistory(books, today);

describe.each(sources)("what $name has", ({ name, has, toRecord }) => {
  const records = books
    .rows(name as Parameters<typeof books.rows>[0])
    .map((row) => parseJson(new TextEncoder().encode(JSON.stringify(row)), "Sage"))
    .map((row) => toRecord(row as Record<string, unknown>, "SAMINC"));
  const all = records.flatMap(({ transactions }) => transactions);

  test("is what its records are found to have", () => {
    expect(records.length).toBeGreaterThan(5);
    expect(new Set(all.map(({ counterparty }) => counterparty?.kind ?? null))).toEqual(
      new Set([has.counterparty]),
    );
    expect(has.accounts || all.every(({ accounts }) => accounts.length === 0)).toBe(true);
    expect(
      all.flatMap(({ flags }) => flags).filter((flag) => !has.flags.some((one) => one === flag)),
    ).toEqual([]);
    expect(
      records.map(({ status }) => status.name).filter((status) => !isOneOf(status, has.statuses)),
    ).toEqual([]);
  });
});

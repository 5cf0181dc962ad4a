import { describe, expect, test } from "vitest";

import { isDue } from "../../src/pipeline/due.ts";

const at = (iso: string) => Date.parse(iso);
const morning = "0 7 * * *";

describe("isDue", () => {
  const timeZone = "America/Los_Angeles";

  test("is always so without a schedule, and on the first run", () => {
    expect(isDue(null, { lastRead: 0, now: 0, timeZone })).toBe(true);
    expect(isDue(morning, { lastRead: null, now: 0, timeZone })).toBe(true);
  });

  test("is so from the due time on, in the company's time zone", () => {
    const lastRead = at("2026-11-23T15:00:00Z"); // 07:00 on the 23rd in Los Angeles

    expect(isDue(morning, { lastRead, now: at("2026-11-24T14:59:59Z"), timeZone })).toBe(false);
    expect(isDue(morning, { lastRead, now: at("2026-11-24T15:00:00Z"), timeZone })).toBe(true);
    expect(isDue(morning, { lastRead, now: at("2026-11-29T00:00:00Z"), timeZone })).toBe(true);
  });

  test("L52 is so when the last read lies in the future: the clock was wrong, and nobody waits for that day", () => {
    const now = at("2026-11-24T14:00:00Z");

    expect(isDue(morning, { lastRead: at("2027-11-24T14:00:00Z"), now, timeZone })).toBe(true);
  });

  test("follows the night when clocks change", () => {
    const lastRead = at("2026-03-07T15:00:00Z"); // 07:00 PST; the next 07:00 is PDT

    expect(isDue(morning, { lastRead, now: at("2026-03-08T13:59:00Z"), timeZone })).toBe(false);
    expect(isDue(morning, { lastRead, now: at("2026-03-08T14:00:00Z"), timeZone })).toBe(true);
  });
});

import { describe, expect, test } from "vitest";

import { addDays, calendarDate, dateOf, daysBetween } from "../../src/transactions/date.ts";

describe("dateOf", () => {
  test.each([
    ["2019-06-13T00:00:00Z", "2019-06-13"],
    ["2026-03-08T02:30:00-05:00", "2026-03-08"],
    ["2020-01-18", "2020-01-18"],
    ["2038-02-29T00:00:00Z", "2038-02-29"],
    ["1899-12-30T00:00:00Z", null],
    ["0001-01-01T00:00:00Z", null],
    ["9999-12-31T00:00:00Z", null],
    ["", null],
    [null, null],
    [undefined, null],
  ])("reads %s as %s, whatever the time zone of this machine", (stamp, expected) => {
    expect(dateOf(stamp)).toBe(expected);
  });
});

describe("calendarDate", () => {
  test("is the day of the company, not of this machine", () => {
    const moment = new Date("2026-11-24T05:00:00Z");

    expect(calendarDate(moment, "America/Los_Angeles")).toBe("2026-11-23");
    expect(calendarDate(moment, "Pacific/Kiritimati")).toBe("2026-11-24");
  });
});

test("addDays and daysBetween cross months, years and nights when clocks change", () => {
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
  expect(daysBetween("2026-03-07", "2026-03-09")).toBe(2);
  expect(daysBetween("2026-11-24", "2026-11-18")).toBe(-6);
});

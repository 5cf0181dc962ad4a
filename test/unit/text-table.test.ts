import { expect, test } from "vitest";

import { textTable } from "../../src/cli/render/text-table.ts";

const columns = [
  { title: "Vendor", align: "left" },
  { title: "Document", align: "left" },
  { title: "Amount", align: "right" },
] as const;
const rows = [
  ["Gould Manufacturing Ltd. of Tacoma, Washington (1500)", "IN1003", "USD 31,400.00"],
  ["Chloride Systems (1200)", "IN1004 (credit note)", "USD -250.00"],
];

test.each([120, 80, 60, 44])("a table fits into %i columns, and no amount is cut", (room) => {
  const lines = textTable(columns, rows, room);

  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(room);
  expect(lines.slice(1).map((line) => line.slice(-13))).toEqual(["USD 31,400.00", "  USD -250.00"]);
  expect(lines[1]?.startsWith("Gould M")).toBe(true);
});

test("a terminal too narrow for anything still gets every amount", () => {
  expect(textTable(columns, rows, 10).every((line) => line.length > 10)).toBe(true);
  expect(textTable(columns, rows, 10).join("\n")).toContain("USD 31,400.00");
});

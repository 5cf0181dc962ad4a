import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { exportDirectory, type Listed } from "../../src/routing/directory-export.ts";
import { readDirectory } from "../../src/routing/directory-file.ts";
import { meantBy, writtenAs } from "../../src/routing/spreadsheet-cell.ts";

const sage: readonly Listed[] = [
  { kind: "account", code: "6000", name: "Wages", group: "55" },
  { kind: "vendor", code: "1350", name: "Excide", group: "INV" },
  { kind: "vendor", code: "0012", name: '=HYPERLINK("http://x","y")', group: "" },
];

function reread(text: string) {
  return readDirectory(text.replace(/^\uFEFF/, ""), "directory.csv");
}

describe("exportDirectory", () => {
  test("writes a row for each vendor, customer and account, for a spreadsheet", () => {
    expect(exportDirectory(null, sage)).toEqual({
      rows: 3,
      added: 3,
      text: [
        "\uFEFFkind,code,name,group,channel,mention",
        `vendor,'0012,"'=HYPERLINK(""http://x"",""y"")",,,`,
        "vendor,1350,Excide,INV,,",
        "account,6000,Wages,55,,",
        "",
      ].join("\r\n"),
    });
  });

  test("keeps what people filled in, their rows, patterns, columns, order and separator, and adds what is new", () => {
    const edited = [
      "Note;Kind;Code;Name;Group;Channel;Mention",
      "mine;vendor;13*;by hand;INV;#batteries;@buyer",
      ";;;;;;",
      "ours;Account;600-0;Pay;changed;#payroll;x@example.com @y",
      'gone;vendor;7777;"left; long ago";;#old;',
      "",
    ].join("\n");

    expect(exportDirectory(reread(edited), sage).text.split("\n")).toEqual([
      "\uFEFFNote;Kind;Code;Name;Group;Channel;Mention",
      "mine;vendor;13*;by hand;INV;#batteries;'@buyer",
      ";;;;;;",
      "ours;Account;600-0;Wages;changed;#payroll;x@example.com @y",
      'gone;vendor;7777;"left; long ago";;#old;',
      `;vendor;'0012;"'=HYPERLINK(""http://x"",""y"")";;;`,
      ";vendor;1350;Excide;INV;;",
      "",
    ]);
  });

  test("names a code of two companies once, as the first has it", () => {
    const both = [...sage, { kind: "vendor", code: "1350", name: "Another", group: "RTL" } as const];

    expect(exportDirectory(null, both).text).toBe(exportDirectory(null, sage).text);
  });
});

const cell = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.stringMatching(/^['"=+\-@;,\t\r\n 0-9a-z]{0,12}$/),
  fc.constantFrom(
    '="00123"',
    "'=1",
    "''+1",
    "0012",
    "3-4",
    "1E5",
    '"',
    "=",
    "'",
    "12:30",
    "MAY-20",
    "\uFEFFx",
  ),
);
const name = cell;
const code = fc.stringMatching(/^[A-Z0-9]{1,6}(?:[-/ .][A-Z0-9]{1,4})?$/);
const listed = fc.array(
  fc.record({
    kind: fc.constantFrom("vendor", "customer", "account"),
    code,
    name,
    group: fc.constantFrom("", "INV"),
  }),
  { maxLength: 20 },
);

describe("a cell", () => {
  test("is read back as it was, and is never run or changed by a spreadsheet", () => {
    fc.assert(
      fc.property(cell, (meant) => {
        const written = writtenAs(meant);

        expect(meantBy(written)).toBe(meant);
        expect(written).not.toMatch(/^[\s]*[=+\-@]|^[\t\r\n]|^0\d/);
      }),
    );
  });

  test.each(["1200", "BARMART", "Chloride Systems", "#ap", "4000-4999", "12*", "buyer@example.com"])(
    "%s is written as it is",
    (meant) => {
      expect(writtenAs(meant)).toBe(meant);
    },
  );
});

test("export, reading and export again give the same file, and lose nothing", () => {
  fc.assert(
    fc.property(listed, listed, fc.constantFrom(",", ";", "\t"), (before, after, separator) => {
      const first = reread(exportDirectory(null, before).text);
      const filled = { ...first, separator: separator as "," };
      const second = exportDirectory(filled, after);
      const again = reread(second.text);

      expect(again.separator).toBe(separator);
      expect(again.records.slice(0, first.records.length).map(withoutName)).toEqual(
        first.records.map(withoutName),
      );
      expect(exportDirectory(again, after).text).toBe(second.text);
      expect(exportDirectory(again, before).rows).toBe(again.records.length);
    }),
  );
});

function withoutName(cells: readonly string[]): string[] {
  return cells.filter((_cell, place) => place !== 2);
}

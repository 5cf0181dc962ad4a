/**
 * A cell as it is written, so that a spreadsheet neither runs it (`=`, `+`, `-`, `@`, tab and line ends in front) nor
 * changes it (`00123` to 123, `3-4` to a date): with an apostrophe before it. {@link meantBy} takes that off again.
 */
export function writtenAs(meant: string): string {
  return isAtRisk(meant) ? `'${meant}` : meant;
}

/** What a written cell means: also of `="00123"`, by which people keep a spreadsheet from changing it. */
export function meantBy(written: string): string {
  if (written.startsWith("'") && isAtRisk(written.slice(1))) return written.slice(1);
  const [, quoted] = /^="((?:[^"]|"")*)"$/.exec(written) ?? [];
  return quoted === undefined ? written : quoted.replaceAll('""', '"');
}

/** Apostrophes in front do not count, so that one that was there before is not taken for ours. */
function isAtRisk(cell: string): boolean {
  const rest = cell.replace(/^'+/, "");
  return isRun.test(rest) || areChanged.some((pattern) => pattern.test(rest));
}

/** The wide forms are for spreadsheets in Chinese, Japanese and Korean. */
const isRun = /^(?:[\t\r\n]|\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/;

const areChanged = [
  /^\s*0\d/, // leading zeros
  /^\s*\d{16}/, // digits beyond the fifteenth
  /^\s*\d+(?:\.\d*)?e[+-]?\d+\s*$/i, // 1E5
  /^\s*\d+\.(?:\d*0)?\s*$/, // 1.50
  /^\s*\d{1,2}[-/.]\d{1,4}(?:[-/.]\d{1,4})?\s*$/, // 3-4, 1/2/2026
  /^\s*\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?\s*$/, // 2026-11
  /^\s*\d+:\d/, // 12:30
  /^\s*\d{1,4}[-/. ]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*/i, // 1MAR
  /^\s*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/. ]?\d{1,4}\s*$/i, // MAY-20
];

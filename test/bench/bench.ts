/**
 * Measures what the program costs and holds it against the bars of docs/performance.md: `npm run bench`, with
 * `--long` for the figures that take minutes, `--only NAME` for one. Prints a table and writes `bench.json`.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import { longBackfill, shortBackfill } from "./backfill.ts";
import { commit } from "./commit.ts";
import { drain } from "./drain.ts";
import { machine } from "./measure.ts";
import { plainScript } from "./plain-script.ts";
import { quietPoll, startup } from "./process.ts";
import type { Figure, Row } from "./rows.ts";
import { year } from "./year.ts";

const figures: readonly Figure[] = [
  startup,
  quietPoll,
  commit,
  year,
  drain,
  plainScript,
  shortBackfill,
  longBackfill,
];

const { values } = parseArgs({
  options: {
    long: { type: "boolean", default: false },
    only: { type: "string" },
    output: { type: "string", default: "bench.json" },
  },
});

const chosen = figures.filter(({ name, isLong }) =>
  values.only === undefined ? values.long || isLong !== true : name === values.only,
);
if (chosen.length === 0)
  throw new Error(`no figure is called ${values.only}: ${figures.map(({ name }) => name).join(", ")}`);

const results: { figure: string; rows: readonly Row[] }[] = [];
say(Object.values(machine()).join(" · "));
for (const { name, measure } of chosen) {
  const rows = await measure();
  results.push({ figure: name, rows });
  say(`\n${name}`);
  for (const { what, measured, bar, isMet } of rows) {
    const verdict = isMet === null ? "" : isMet ? "met" : "NOT MET";
    say(`  ${what.padEnd(66)} ${measured.padStart(24)}  ${bar.padEnd(34)} ${verdict}`.trimEnd());
  }
}
await writeFile(values.output, `${JSON.stringify({ machine: machine(), results }, null, 2)}\n`);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * What the delivery protocol may lose, repeat or keep at worst: `npm run verify-delivery -- --crashes 2 --bad-answers 2`.
 * The same exploration with one of each is a unit test.
 */
import { parseArgs } from "node:util";

import { explore, type Assumptions } from "./delivery-model.ts";

const { values } = parseArgs({
  options: {
    crashes: { type: "string", default: "2" },
    "bad-answers": { type: "string", default: "2" },
  },
});

const budget = { crashes: Number(values.crashes), badAnswers: Number(values["bad-answers"]) };
const variants: readonly [string, Omit<Assumptions, keyof typeof budget>][] = [
  ["history readable", {}],
  ["unreadable, resend", { history: "unreadable", onUncertain: "resend" }],
  ["unreadable, hold", { history: "unreadable", onUncertain: "hold" }],
  ["no inflight mark", { mutant: "no inflight mark" }],
  ["no quarantine", { mutant: "no quarantine" }],
  ["internal_error means no", { mutant: "internal_error means no" }],
  ["blind retry", { mutant: "blind retry" }],
  ["cursor before outbox", { mutant: "cursor before outbox" }],
];

for (const [name, variant] of variants) {
  const began = performance.now();
  const worst = await explore({ ...budget, ...variant });
  const counts = Object.entries(worst).map(([what, count]) => `${what} ${count}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${name.padEnd(24)} ${counts.join(", ")} (${seconds} s)\n`);
  if (variant.mutant === undefined && worst.lost > 0) process.exitCode = 1;
  if (variant.mutant === undefined && variant.history === undefined && worst.duplicates > 0)
    process.exitCode = 1;
}

/**
 * What the delivery protocol may lose, repeat or keep at worst: `npm run verify-delivery -- --crashes 2 --bad-answers 2`.
 * The same exploration with one of each is a unit test.
 */
import { parseArgs } from "node:util";

import { explore, type Assumptions, type Worst } from "./delivery-model.ts";

const { values } = parseArgs({
  options: {
    crashes: { type: "string", default: "2" },
    "bad-answers": { type: "string", default: "2" },
  },
});

const budget = { crashes: Number(values.crashes), badAnswers: Number(values["bad-answers"]) };
interface Variant extends Omit<Assumptions, keyof typeof budget> {
  readonly name: string;
  /** What must not happen at all; for a mutant what must, or the exploration is blind to it. */
  readonly harms: readonly (keyof Worst)[];
}

const variants: readonly Variant[] = [
  { name: "history readable", harms: ["lost", "duplicates", "misordered", "parked", "wedged"] },
  {
    name: "unreadable, resend",
    history: "unreadable",
    onUncertain: "resend",
    harms: ["lost", "misordered", "parked", "wedged"],
  },
  {
    name: "unreadable, hold",
    history: "unreadable",
    onUncertain: "hold",
    harms: ["lost", "duplicates", "misordered", "wedged"],
  },
  { name: "no inflight mark", mutant: "no inflight mark", harms: ["duplicates"] },
  { name: "no quarantine", mutant: "no quarantine", harms: ["duplicates"] },
  { name: "internal_error means no", mutant: "internal_error means no", harms: ["duplicates"] },
  { name: "blind retry", mutant: "blind retry", harms: ["duplicates"] },
  { name: "cursor before outbox", mutant: "cursor before outbox", harms: ["lost"] },
  { name: "newest first", mutant: "newest first", harms: ["misordered"] },
];

for (const { name, harms, ...variant } of variants) {
  const began = performance.now();
  const worst = await explore({ ...budget, ...variant });
  const counts = Object.entries(worst).map(([what, count]) => `${what} ${count}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${name.padEnd(24)} ${counts.join(", ")} (${seconds} s)\n`);
  const isHarmed = harms.some((harm) => worst[harm] > 0);
  if (isHarmed !== (variant.mutant !== undefined)) {
    process.stdout.write(`${name}: ${harms.join(", ")} ${isHarmed ? "must be 0" : "must be seen"}\n`);
    process.exitCode = 1;
  }
}

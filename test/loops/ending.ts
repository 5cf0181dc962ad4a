import type { Setup, Tally } from "./life.ts";
import { brokenBy, summary } from "./promises.ts";

/** Each life's own seed; the first life of a loop started with one of them is that life again. */
export function seedsFrom(seed: number, lives: number): number[] {
  return Array.from({ length: lives }, (_life, index) => seed + index * 7919);
}

interface Ending {
  readonly tallies: readonly Tally[];
  readonly setup: Setup;
  readonly seed: string;
  /** Which counts the last line begins with. */
  readonly order: readonly ("runs" | "kills" | "cuts")[];
  /** What is wrong with the loop itself. */
  readonly problems: readonly string[];
}

/** Prints what was found, and tells the exit code: a control is good when it was caught. */
export function report({ tallies, setup, seed, order, problems }: Ending): number {
  const { control } = setup;
  const broken = tallies.flatMap((tally) =>
    brokenBy(tally, setup).map(({ promise, what }) => ({ promise, line: `seed ${tally.seed}: ${what}` })),
  );
  say(`seed ${seed}${control === null ? "" : `, control ${control.name}`}`);
  for (const line of [...broken.slice(0, 20).map((one) => one.line), ...problems]) say(line);
  const isCaught = broken.some(({ promise }) => control?.breaks.includes(promise));
  if (control !== null) say(isCaught ? "control caught" : "control NOT caught: the loop is blind to it");
  say(summary(tallies, order));
  if (control !== null) return isCaught ? 0 : 1;
  return broken.length === 0 && problems.length === 0 ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

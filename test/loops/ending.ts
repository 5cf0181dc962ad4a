import { broken, summary, type Setup, type Tally } from "./life.ts";

/** Each life's own seed; the first life of a loop started with one of them is that life again. */
export function seedsFrom(seed: number, lives: number): number[] {
  return Array.from({ length: lives }, (_life, index) => seed + index * 7919);
}

interface Ending {
  readonly tallies: readonly Tally[];
  readonly setup: Setup;
  readonly seed: string;
  readonly control: string | null;
  /** Which counts the last line begins with. */
  readonly order: readonly ("runs" | "kills" | "cuts")[];
  /** What is wrong with the loop itself. */
  readonly problems: readonly string[];
}

/** Prints what was found, and tells the exit code: a control is good when it was caught. */
export function report({ tallies, setup, seed, control, order, problems }: Ending): number {
  const findings = broken(tallies, setup);
  say(`seed ${seed}${control === null ? "" : `, control ${control}`}`);
  for (const finding of [...findings.slice(0, 20), ...problems]) say(finding);
  const isCaught = tallies.some(
    ({ lost, unmarked, refusal }) => lost.length > 0 || unmarked > 0 || refusal !== null,
  );
  if (control !== null) say(isCaught ? "control caught" : "control NOT caught: the loop is blind to it");
  say(summary(tallies, order));
  if (control !== null) return isCaught ? 0 : 1;
  return findings.length === 0 && problems.length === 0 ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

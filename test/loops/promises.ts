import type { Setup, Tally } from "./life.ts";

/** What the program promises of a life. */
export type Promised =
  | "goes on"
  | "nothing lost"
  | "nothing twice"
  | "repeats marked"
  | "one repeat a death"
  | "nothing misplaced"
  | "in order"
  | "pace"
  | "no litter"
  | "every run sound";

/** The promises that were not kept, each with what shows it. */
export function brokenBy(tally: Tally, setup: Setup): { promise: Promised; what: string }[] {
  const { isHistoryReadable, onUncertain } = setup;
  const isResending = !isHistoryReadable && onUncertain === "resend";
  const isHolding = !isHistoryReadable && onUncertain === "hold";
  // A death leaves at most one message a channel under way, and a bad answer one message in doubt.
  const mostRepeats = isResending ? tally.deaths * tally.channels + tally.badAnswers : 0;
  const promises: [Promised, boolean, string][] = [
    ["goes on", tally.refusal === null, `the program will not go on: ${tally.refusal}`],
    [
      "nothing lost",
      tally.lost.length === (isHolding ? tally.listed : 0),
      `lost ${tally.lost.slice(0, 10).join(", ")}`,
    ],
    ["nothing twice", isResending || tally.duplicates === 0, `${tally.duplicates} duplicates`],
    ["repeats marked", tally.unmarked === 0, `${tally.unmarked} duplicates without the mark of a repeat`],
    [
      "one repeat a death",
      tally.mostRepeats <= 1,
      `${tally.mostRepeats} messages sent again in one run and channel`,
    ],
    [
      "one repeat a death",
      tally.repeats <= mostRepeats,
      `${tally.repeats} messages sent again where ${mostRepeats} may be`,
    ],
    ["nothing misplaced", tally.phantoms === 0, `${tally.phantoms} documents where they do not belong`],
    ["in order", tally.misordered === 0, `${tally.misordered} documents after a later one of their kind`],
    ["pace", tally.close === 0, `${tally.close} of ${tally.gaps} posts too close to the one before`],
    ["no litter", tally.litter.length === 0, `left behind ${tally.litter.join(", ")}`],
    ["every run sound", tally.problems.length === 0, tally.problems.slice(0, 10).join("; ")],
  ];
  return promises.flatMap(([promise, isKept, what]) => (isKept ? [] : [{ promise, what }]));
}

/** `runs 31, kills 20, documents 43, lost 0, duplicates 0`, and what else there is to count. */
export function summary(tallies: readonly Tally[], order: readonly ("runs" | "kills" | "cuts")[]): string {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  const first = { runs: sum(({ runs }) => runs), kills: sum(({ deaths }) => deaths) };
  const counts: Record<string, number> = { ...first, cuts: first.kills };
  return [
    ...order.map((name) => `${name} ${counts[name]}`),
    `documents ${sum(({ documents }) => documents)}`,
    `lost ${sum(({ lost }) => lost.length)}`,
    `duplicates ${sum(({ duplicates }) => duplicates)}`,
    `phantoms ${sum(({ phantoms }) => phantoms)}`,
    `out of order ${sum(({ misordered }) => misordered)}`,
    `ops lines ${sum(({ opsLines }) => opsLines)}`,
    `messages repeated ${sum(({ repeats }) => repeats)}`,
    `unmarked ${sum(({ unmarked }) => unmarked)}`,
    `given up ${sum(({ parked }) => parked)}`,
    `held ${sum(({ held }) => held)}`,
    `refused ${tallies.filter(({ refusal }) => refusal !== null).length}`,
    `bad answers ${sum(({ badAnswers }) => badAnswers)}`,
    `too close ${sum(({ close }) => close)} of ${sum(({ gaps }) => gaps)} posts`,
  ].join(", ");
}

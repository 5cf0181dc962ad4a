/**
 * Lives through random histories of the books, polls in between, and compares what was told with what is true:
 * `npm run histories -- --seeds 50 --polls 100 --quirks each`. See CONTRIBUTING.md for the flags.
 */
import { parseArgs } from "node:util";

import type { SageFault } from "../../src/sandbox/sage/faults.ts";
import type { SageSwitches } from "../../src/sandbox/sage/switches.ts";
import { everySourceBothWays } from "../support/sources.ts";
import { startWorld, type World } from "../support/world.ts";
import { Chance } from "./chance.ts";
import { Clerks } from "./clerks.ts";
import { Listener } from "./listener.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2" },
    polls: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    /** `none`, `each` (one after the other), `all` (at once), or the name of one. */
    quirks: { type: "string", default: "none" },
  },
});

const quirks: Readonly<Record<string, Partial<SageSwitches>>> = {
  "small pages": { pageSize: 3 },
  "no next link": { nextLink: "absent" },
  "internal next link": { nextLink: "internal-host" },
  "relative next link": { nextLink: "relative" },
  "count as text": { countType: "string" },
  "no count": { countType: "missing" },
  "count of everything": { countRespectsFilter: false },
  "ge refused": { geRefused: true },
  "select ignored": { selectIgnored: true },
  "G33 rows descending": { rowOrder: "descending" },
  "G33 rows shuffled": { rowOrder: "shuffled" },
  "quoted dates": { dateLiterals: "quoted" },
  "other order names": { poNames: "variant" },
  "other payment names": { paymentNames: "variant" },
  "other provisional names": { glStatusNames: "ProvisionalPosted" },
  "further fields": { extraFields: true },
  "posting edits": { postingTouchesLastEdited: true },
  "scale kept": { decimalScale: "kept" },
  compressed: { compression: "gzip" },
};

interface Told {
  readonly events: number;
  readonly polls: number;
  readonly documents: number;
  readonly changes: number;
  readonly problems: readonly string[];
}

/** One installation and its clerks, for so many polls. */
async function live(seed: number, switches: Partial<SageSwitches>): Promise<Told> {
  const chance = new Chance(seed);
  await using world = await startWorld({
    slack: { quarantineSeconds: 0 },
    sources: everySourceBothWays,
  });
  Object.assign(world.sage.switches, switches);
  const clerks = new Clerks(world.sage.company("SAMINC"), chance);
  const listener = new Listener(world.slack);
  // The program goes by this machine's clock: that and Sage's are to be no further apart than a clock put back.
  world.sage.now.today = new Date().toISOString().slice(0, 10);
  await world.run("poll");
  let polls = 0;
  while (polls < Number(values.polls)) {
    world.sage.now.today = nextDay(world.sage.now.today, chance);
    for (let event = chance.whole(12, 32); event > 0; event -= 1) clerks.work();
    disturb(world, chance, clerks);
    // Somebody asks for history in between: what was announced must not come again.
    const flags = chance.happens(0.1) ? ["--since", chance.oneOf(["2025-01-01", "2026-11-01"])] : [];
    const { code, stderr } = await world.run("poll", ...flags);
    polls += 1;
    if (![0, 3, 5].includes(code))
      return {
        events: clerks.events,
        ...listener.told(),
        polls,
        problems: [`seed ${seed}: exit ${code}: ${stderr}`],
      };
    world.sage.clearFaults();
    world.slack.clearFaults();
    world.sage.onRequest = null;
    if (code === 0) await world.run("poll"); // what happened while it read
    const problems = code === 0 ? listener.check(clerks) : listener.checkRepeats(clerks);
    if (problems.length > 0) {
      return {
        events: clerks.events,
        ...listener.told(),
        polls,
        problems: problems.map((one) => `seed ${seed}, poll ${polls}: ${one}`),
      };
    }
  }
  const { code, stderr } = await world.run("poll");
  const problems =
    code === 0 ? listener.check(clerks) : [`the last run, without a fault, ended with ${code}: ${stderr}`];
  return { events: clerks.events, polls, ...listener.told(), problems };
}

/** Most runs come on the same day; a week-end lies between some, and a clock may be put back. */
function nextDay(today: string | null, chance: Chance): string {
  const days = chance.oneOf([0, 0, 0, 0, 0, 0, 1, 1, 3, -1]);
  return new Date(Date.parse(`${today}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** A page in which a row comes twice. */
const repeatedRow: SageFault = {
  kind: "rewrite",
  match: "$top=100",
  change: (body) => body.toString().replace(/("value":\[)(\{"BatchNumber":[^{}]*\})/, "$1$2,$2"),
};

/** What may go wrong in a run. */
function disturb({ sage, slack }: World, chance: Chance, clerks: Clerks): void {
  if (chance.happens(0.1)) sage.queueFault({ kind: "text500", match: "Batches", skip: chance.whole(0, 8) });
  if (chance.happens(0.1))
    slack.queueFault({ method: "chat.postMessage", kind: "reset", accept: chance.happens(0.5) });
  if (chance.happens(0.2)) interrupt(sage, chance, clerks);
  if (chance.happens(0.1)) sage.queueFault({ ...repeatedRow, skip: chance.whole(0, 8) });
}

/** Somebody keys something in between two requests of a run. */
function interrupt(sage: { onRequest: unknown }, chance: Chance, clerks: Clerks): void {
  let left = chance.whole(1, 12);
  sage.onRequest = () => {
    left -= 1;
    if (left === 0) clerks.work();
  };
}

function chosen(): [name: string, Partial<SageSwitches>][] {
  if (values.quirks === "none") return [["no quirk", {}]];
  if (values.quirks === "each") return Object.entries(quirks);
  // Not those that contradict each other.
  if (values.quirks === "all")
    return [["all at once", Object.assign({}, ...Object.values(quirks)) as Partial<SageSwitches>]];
  const one = quirks[values.quirks];
  if (one === undefined)
    throw new Error(`there is no quirk "${values.quirks}": ${Object.keys(quirks).join(", ")}`);
  return [[values.quirks, one]];
}

let isClean = true;
for (const [name, switches] of chosen()) {
  for (let index = 0; index < Number(values.seeds); index += 1) {
    const seed = Number(values.seed) + index;
    const { events, polls, documents, changes, problems } = await live(seed, switches);
    process.stdout.write(
      `${name}, seed ${seed}: events ${events}, polls ${polls}, documents ${documents}, changes told ${changes}, problems ${problems.length}\n`,
    );
    for (const problem of problems.slice(0, 10)) process.stdout.write(`  ${problem}\n`);
    isClean &&= problems.length === 0;
  }
}
process.exitCode = isClean ? 0 : 1;

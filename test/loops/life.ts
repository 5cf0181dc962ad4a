import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Control } from "./mutants.ts";
import type { SlackFault } from "../../src/sandbox/slack/faults.ts";
import { Chance } from "./chance.ts";
import { Installation, type Ended, type RunOptions, type Undelivered } from "./installation.ts";
import { problemsIn, stateIn } from "./ledger.ts";
import { opsLinesIn, wronglyTold } from "./ops-judge.ts";
import { Oracle, type Findings } from "./oracle.ts";
import { brokenBy, type Promised } from "./promises.ts";

/** How an installation is set up, and what may happen to a post whose fate is not known. */
export interface Setup {
  readonly program: string;
  /** The guard that is taken out of the program; null for the program as it is. */
  readonly control: Control | null;
  readonly isHistoryReadable: boolean;
  readonly onUncertain: "resend" | "hold";
}

/** What became of one installation. */
export interface Tally extends Findings {
  readonly seed: number;
  readonly runs: number;
  /** Times that it was killed, or that its power was cut. */
  readonly deaths: number;
  /** Bad answers that Slack had in store. */
  readonly badAnswers: number;
  /** Why the program would not go on, if it would not. */
  readonly refusal: string | null;
  /** Messages that it gave up, aloud, because they did not arrive in five attempts. */
  readonly parked: number;
  /** Messages that it keeps back because it cannot know. */
  readonly held: number;
  /** Lost ones that the outbox lists. */
  readonly listed: number;
  /** Files left in the state folder that nothing needs. */
  readonly litter: readonly string[];
  /** Channels in which a death may leave a message under way. */
  readonly channels: number;
  /** Lines that the operators were told. */
  readonly opsLines: number;
  /** What was wrong after a run, whatever became of it later. */
  readonly problems: readonly string[];
}

/** One installation from its first run on: it counts what happens to it, and in the end judges what is in Slack. */
export class Life implements AsyncDisposable {
  readonly chance: Chance;
  readonly installation: Installation;
  readonly oracle: Oracle;
  readonly #seed: number;
  readonly #setup: Setup;
  runs = 0;
  deaths = 0;
  #badAnswers = 0;
  #parked = 0;
  #refusal: string | null = null;
  readonly #problems = new Set<string>();
  /** One line a run, for whoever has to find out. */
  readonly #story: string[] = [];
  #isSettled = false;
  #isSound = false;

  static async begin(seed: number, setup: Setup): Promise<Life> {
    return new Life(seed, setup, await Installation.start(setup));
  }

  private constructor(seed: number, setup: Setup, installation: Installation) {
    this.#seed = seed;
    this.#setup = setup;
    this.chance = new Chance(seed);
    this.installation = installation;
    this.oracle = new Oracle(installation);
  }

  get isRefused(): boolean {
    return this.#refusal !== null;
  }

  /** Whether what the control takes away is already missed; some of that shows at the end alone. */
  get isCaught(): boolean {
    const { control } = this.#setup;
    if (control === null) return false;
    const { duplicates, misordered, close } = this.oracle.findings();
    const signs: Partial<Record<Promised, boolean>> = {
      "goes on": this.isRefused,
      "nothing twice": duplicates > 0,
      "in order": misordered > 0,
      pace: close > 0,
    };
    return control.breaks.some((promise) => signs[promise] === true);
  }

  get isHolding(): boolean {
    return !this.#setup.isHistoryReadable && this.#setup.onUncertain === "hold";
  }

  /** Work for the next run, and a Slack that misbehaves. */
  prepareRun({ mayHang }: { mayHang: boolean }): void {
    const { chance, installation } = this;
    this.#isSettled = false;
    installation.restrict(chance.happens(0.5));
    for (let batch = chance.whole(0, 2); batch > 0; batch -= 1) installation.keyIn(chance);
    installation.slack.clearFaults();
    for (let fault = chance.whole(0, 2); fault > 0; fault -= 1) {
      installation.slack.queueFault(badAnswer(chance, mayHang));
      this.#badAnswers += 1;
    }
  }

  /** Takes note of how a run ended. A state or lock that keeps the program from going on ends the life. */
  async note(ended: Ended): Promise<void> {
    this.runs += 1;
    this.oracle.look();
    await this.#examine(ended);
    if (ended.code === null) this.deaths += 1;
    else if (ended.code === 6 || ended.code === 8) this.#refusal = ended.stderr.trim();
    else if (![0, 3, 5].includes(ended.code)) throw new Error(`ended with ${ended.code}: ${ended.stderr}`);
  }

  async #examine({ code, how, stdout, stderr }: Ended): Promise<void> {
    const { installation, oracle } = this;
    const state = await stateIn(installation.stateFolder);
    const { length } = installation.slack.posts;
    this.#story.push(
      `run ${this.runs}: ${how}, code ${code}, epoch ${state?.epoch}, ${length} posts so far\n${stderr}`,
    );
    const { documents, isRestricted } = installation;
    const isNamed = oracle.isNamed.bind(oracle);
    const inState = state === null ? [] : problemsIn({ state, code, documents, isNamed, isRestricted });
    const shown = `${stdout}${stderr}`.includes(installation.slack.token) ? ["the token was shown"] : [];
    for (const problem of [...inState, ...shown]) this.#problems.add(`run ${this.runs} (${how}): ${problem}`);
  }

  /** Runs without faults until everything is delivered, or held. What was given up is asked for again. */
  async settle(options: RunOptions = {}): Promise<void> {
    this.installation.slack.clearFaults();
    this.installation.restrict(false);
    await this.installation.age();
    let ended: Ended | undefined;
    for (let runs = 1; runs <= 30 && !this.isRefused; runs += 1) {
      ended = await this.installation.poll(options);
      await this.note(ended);
      const isEnd = ended.code === 0 || (this.isHolding && ended.code === 3);
      this.#isSettled = isEnd && !(await this.#askAgain());
      if (this.#isSettled) return;
      await sleep(500);
    }
    if (!this.isRefused) throw new Error(`not settled after 30 runs without faults: ${ended?.stderr}`);
  }

  /** Messages that never arrived in five attempts are dead letters. Whether there were any. */
  async #askAgain(): Promise<boolean> {
    const dead = (await this.installation.undelivered()).filter(
      ({ status, reason }) => status === "dead" && reason === "unresolved",
    );
    for (const message of dead) await this.#retry(message);
    this.#parked += dead.length;
    return dead.length > 0;
  }

  /** As somebody does who looks into the channel for each message that the program holds. */
  async decideHeld(): Promise<void> {
    const held = (await this.installation.undelivered()).filter(isHeld);
    for (const message of held) {
      if (this.oracle.has(message.key)) await this.installation.decide("drop", message.key);
      else await this.#retry(message);
    }
  }

  async #retry({ key, channel, transactions }: Undelivered): Promise<void> {
    for (const [number, { id }] of this.installation.documents) {
      if (transactions.some((one) => one.startsWith(id)))
        this.oracle.excuse(number, channel.replace("#", ""));
    }
    await this.installation.decide("retry", key);
  }

  async tally(): Promise<Tally> {
    const found = this.oracle.findings();
    // What is still on its way is not lost; a program that goes no further has lost it.
    const findings = this.#isSettled || this.isRefused ? found : { ...found, lost: [] };
    // One that was broken off, because another life was caught, may have a state that nobody can read.
    const waiting = this.#isSettled ? await this.installation.undelivered() : [];
    const ids = waiting.flatMap(({ transactions }) => transactions);
    const listed = findings.lost.filter((place) => {
      const document = this.installation.documents.get(place.split(" ")[0] ?? "");
      return document !== undefined && ids.some((id) => id.startsWith(document.id));
    });
    const tally: Tally = {
      ...findings,
      seed: this.#seed,
      runs: this.runs,
      deaths: this.deaths,
      badAnswers: this.#badAnswers,
      refusal: this.#refusal,
      parked: this.#parked,
      held: waiting.filter(isHeld).length,
      listed: listed.length,
      litter: this.#isSettled ? await this.#litter() : [],
      channels:
        new Set([...this.installation.documents.values()].flatMap(({ channels }) => channels)).size + 1,
      problems: [
        ...this.#problems,
        ...(await this.#secretsOnDisk()),
        ...(this.#isSettled ? await this.#untold(waiting) : []),
      ],
      opsLines: opsLinesIn(this.installation.slack.posts).length,
    };
    this.#isSound = brokenBy(tally, this.#setup).length === 0;
    return tally;
  }

  /** What the operators were not told rightly, and what the program still believes not to be in order. */
  async #untold(undelivered: readonly Undelivered[]): Promise<string[]> {
    const state = await stateIn(this.installation.stateFolder);
    // A channel behind a message that is held is not in order; nor is one whose message is looked up later.
    const waiting = new Set(
      undelivered.filter(({ status }) => status !== "dead").map(({ channel }) => channel),
    );
    const troubles = Object.keys(state?.troubles ?? {}).filter(
      (scope) => !/^(?:state|message)/.test(scope) && !waiting.has(scope),
    );
    // Held or given up and asked for again, a line may be missing or come late.
    const mayLack = this.isHolding || this.#parked > 0;
    return [
      ...troubles.map((scope) => `still in trouble at the end: ${scope}`),
      ...(mayLack ? [] : wronglyTold(this.installation.slack.posts)),
    ];
  }

  async #secretsOnDisk(): Promise<string[]> {
    const { slack, stateFolder } = this.installation;
    const names = await readdir(stateFolder);
    const texts = await Promise.all(names.map((name) => readFile(join(stateFolder, name), "utf8")));
    return names
      .filter((_name, index) => texts[index]?.includes(slack.token))
      .map((name) => `a token in ${name}`);
  }

  async #litter(): Promise<string[]> {
    const names = await readdir(this.installation.stateFolder);
    return names.filter(
      (name) => !/^sage-slack\.(cursor\.(json(\.bak)?|initialized|corrupt-.*)|master\.json)$/.test(name),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isSound && this.#setup.control === null) await this.#keepEvidence();
    await this.installation[Symbol.asyncDispose]();
  }

  /** The state, all that Slack accepted and the story of the runs, for whoever has to find out. */
  async #keepEvidence(): Promise<void> {
    const folder = join(tmpdir(), `sage-slack-evidence-${this.#seed}`);
    await cp(this.installation.disk, folder, { recursive: true, force: true });
    await writeFile(join(folder, "runs.txt"), this.#story.join("\n"));
    await writeFile(join(folder, "posts.json"), JSON.stringify(this.installation.slack.posts, null, 1));
    process.stdout.write(`evidence of seed ${this.#seed} is in ${folder}\n`);
  }
}

/** One that is looked up later may still arrive: nobody can decide about it yet. */
function isHeld({ status, reason }: Undelivered): boolean {
  return status === "inflight" && reason?.startsWith("held") === true;
}

function badAnswer(chance: Chance, mayHang: boolean): SlackFault {
  const accept = chance.happens(0.5);
  const target = { method: "chat.postMessage", skip: chance.whole(0, 2) };
  const faults: SlackFault[] = [
    { ...target, kind: "reset", accept },
    { ...target, kind: "fin", accept },
    { ...target, kind: "http", status: chance.oneOf([500, 502, 503]), accept },
    { ...target, kind: "error", error: chance.oneOf(["internal_error", "fatal_error", "odd_error"]), accept },
    { ...target, kind: "truncate", afterBytes: 20, accept },
    { ...target, kind: "ratelimited", retryAfter: chance.oneOf([0, 1]) },
    // Without an answer the program waits for its own time-out; only runs that are killed anyway have that long.
    ...(mayHang ? [{ ...target, kind: "late", afterMs: 300 } as const] : []),
  ];
  return chance.oneOf(faults);
}

/** Lives side by side, so many at a time, each with a seed of its own. One that breaks ends them all, tidily. */
export async function liveAll(
  seeds: readonly number[],
  workers: number,
  live: (seed: number) => Promise<Tally | null>,
): Promise<Tally[]> {
  const waiting = [...seeds];
  const tallies: Tally[] = [];
  const work = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const tally = await live(seed).catch((error: unknown) => {
        waiting.length = 0;
        throw new Error(`the life of seed ${seed} ended badly`, { cause: error });
      });
      if (tally !== null) tallies.push(tally);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: workers }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return tallies;
}

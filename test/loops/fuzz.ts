/**
 * Feeds every parser of outside data with what is nearly right: `npm run fuzz -- --inputs 100000`. Each input is taken
 * or rejected in our own words, in time, with nothing in them that moves a cursor, and leaves every prototype as it was.
 * A finding is printed with what repeats it.
 */
import { fork } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect, parseArgs } from "node:util";

import { AppError } from "../../src/errors.ts";
import { Chance } from "./chance.ts";
import { mustBeSafeToShow, type Input, type Target, type Verdict } from "./fuzz/target.ts";
import { targets } from "./fuzz/targets.ts";

const { values } = parseArgs({
  options: {
    /** For each target; a tenth of them where each goes through a file or a connection. */
    inputs: { type: "string", default: "5000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    target: { type: "string" },
    /** The first input; with `--inputs 1` a finding again. */
    from: { type: "string", default: "0" },
    /** Of the process that feeds one target: where it notes the input it is at. */
    progress: { type: "string" },
  },
});

/** Longest that an input may take, unless its target says otherwise. */
const usualMs = 50;
/** An input that takes longer is a hang. */
const hangMs = 20_000;
const workers = 2;
const seed = Number(values.seed);

const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype] as const;
const before = prototypes.map((prototype) => Object.getOwnPropertyNames(prototype).join());

if (values.progress === undefined) process.exitCode = await feedAll();
else await feedTarget(values.target ?? "", values.progress);

/** Each target in a process of its own, so that a hang can be ended and told. */
async function feedAll(): Promise<number> {
  process.stdout.write(`seed ${seed}\n${"target".padEnd(16)} inputs rejected slowest ms\n`);
  const folder = mkdtempSync(join(tmpdir(), "sage-slack-fuzz-home-"));
  const findings: string[] = [];
  const waiting = Object.keys(targets).filter((name) => (values.target ?? name) === name);
  if (waiting.length === 0)
    throw new Error(`no target is called ${values.target}: ${Object.keys(targets).join()}`);
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      if (!(await isSound(name, folder))) findings.push(name);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  rmSync(folder, { recursive: true });
  process.stdout.write(
    findings.length === 0 ? "no findings\n" : `${findings.length} findings: ${findings.join(", ")}\n`,
  );
  return findings.length === 0 ? 0 : 1;
}

function isSound(name: string, home: string): Promise<boolean> {
  const progress = join(home, name);
  writeFileSync(progress, "");
  const { inputs, from } = values;
  const options = { target: name, inputs, seed: values.seed, from, progress };
  const child = fork(
    import.meta.filename,
    Object.entries(options).map(([option, value]) => `--${option}=${value}`),
    // A home of its own: commands that read or forget what was stored must not find the developer's.
    {
      env: {
        PATH: process.env["PATH"],
        HOME: home,
        XDG_CONFIG_HOME: home,
        DBUS_SESSION_BUS_ADDRESS: "disabled:",
      },
    },
  );
  let at = "";
  const watch = setInterval(() => {
    const now = readFileSync(progress, "utf8");
    if (now !== at || now === "") at = now;
    else {
      process.stdout.write(`${name}: no end after ${hangMs / 1000} s\n${repeatOf(name, Number(at))}\n`);
      child.kill("SIGKILL");
    }
  }, hangMs);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearInterval(watch);
      resolve(code === 0);
    });
  });
}

function repeatOf(name: string, index: number): string {
  return `again: npm run fuzz -- --target ${name} --seed ${seed} --from ${index} --inputs 1`;
}

async function feedTarget(name: string, progress: string): Promise<void> {
  const kind = targets[name];
  if (kind === undefined) throw new Error(`no target is called ${name}`);
  const wanted = Number(values.inputs);
  const inputs = kind.isSlow ? Math.ceil(wanted / 10) : wanted;
  const note = openSync(progress, "r+");
  await using target = await kind.open();
  const first = Number(values.from);
  let rejected = 0;
  let slowest = 0;
  for (let index = first; index < first + inputs; index += 1) {
    writeSync(note, String(index), 0);
    const input = target.make(chanceOf(index));
    const problem = await problemWith(target, input, kind.mostMs ?? usualMs);
    if (problem.text !== null) {
      process.stdout.write(
        `${name}: ${problem.text}\ninput: ${shortened(input)}\n${repeatOf(name, index)}\n`,
      );
      process.exitCode = 1;
      return;
    }
    if (problem.verdict === "rejected") rejected += 1;
    slowest = Math.max(slowest, problem.ms);
  }
  process.stdout.write(
    `${name.padEnd(16)} ${String(inputs).padStart(6)} ${String(rejected).padStart(8)} ${slowest.toFixed(1).padStart(10)}\n`,
  );
}

/** A chance for each input alone, well away from its neighbours'. */
function chanceOf(index: number): Chance {
  const chance = new Chance((Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 1);
  for (let turns = 0; turns < 8; turns += 1) chance.next();
  return chance;
}

interface Fed {
  readonly verdict: Verdict | null;
  readonly ms: number;
  /** What is wrong; null when nothing is. */
  readonly text: string | null;
}

async function problemWith(target: Target, input: Input, mostMs: number): Promise<Fed> {
  let fed = await feed(target, input);
  // What is slow once was disturbed; only what is slow every time counts.
  for (let tries = 0; tries < 10 && fed.text === null && fed.ms > mostMs; tries += 1) {
    await sleep(20);
    const again = await feed(target, input);
    if (again.ms < fed.ms || again.text !== null) fed = again;
  }
  return fed.text === null && fed.ms > mostMs ? { ...fed, text: `takes ${Math.round(fed.ms)} ms` } : fed;
}

async function feed(target: Target, input: Input): Promise<Fed> {
  const began = performance.now();
  const processor = process.cpuUsage();
  const verdict = await verdictOf(target, input);
  const { user, system } = process.cpuUsage(processor);
  // On a busy machine much of the time is not the parser's.
  const ms = Math.min(performance.now() - began, (user + system) / 1000);
  try {
    if (verdict instanceof AppError) mustBeSafeToShow(verdict);
    else if (typeof verdict !== "string") throw verdict;
    const isClean = prototypes.every(
      (prototype, index) => Object.getOwnPropertyNames(prototype).join() === before[index],
    );
    if (!isClean) throw new Error("a prototype was changed");
    return { verdict: verdict === "taken" ? "taken" : "rejected", ms, text: null };
  } catch (error) {
    return { verdict: null, ms, text: inspect(error).split("\n").slice(0, 12).join("\n") };
  }
}

async function verdictOf(target: Target, input: Input): Promise<Verdict | Error> {
  try {
    return await target.feed(input);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function shortened(input: Input): string {
  const text = JSON.stringify(input.toString());
  return text.length > 600 ? `${text.slice(0, 600)}… (${text.length} characters)` : text;
}

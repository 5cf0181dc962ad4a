/**
 * Cuts the power under the program's state folder again and again, and counts what was lost and what came twice:
 * `npm run power-loop -- --cuts 100`. What a cut leaves is worked out by disk.ts, or with `--ext4` by a file system.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { ModelDisk, type Disk } from "./disk.ts";
import { report, seedsFrom } from "./ending.ts";
import { Ext4Disk } from "./ext4-disk.ts";
import type { Installation } from "./installation.ts";
import { Life, liveAll, type Setup, type Tally } from "./life.ts";
import { controlCalled, programFolder } from "./mutants.ts";

const { values } = parseArgs({
  options: {
    cuts: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    control: { type: "string" },
    "stop-when-caught": { type: "boolean", default: false },
    ext4: { type: "boolean", default: false },
    workers: { type: "string", default: "2" },
  },
});

const cutsPerLife = 25;
/** Changes and flushes of a run with much to do. */
const mostChanges = 100;
const control = controlCalled(values.control);
const setup: Setup = {
  program: await programFolder(control),
  control,
  isHistoryReadable: true,
  onUncertain: "resend",
};
let isCaught = false;
let cutsLeft = Number(values.cuts);

async function live(seed: number): Promise<Tally | null> {
  const cuts = Math.min(cutsPerLife, cutsLeft);
  if (isCaught || cuts <= 0) return null;
  cutsLeft -= cuts;
  await using life = await Life.begin(seed, setup);
  await using disk = await diskFor(life.installation);
  if (disk === null) return null;
  // Before there is anything to announce: what is keyed in before the first run's end is history.
  for (let first = life.chance.whole(0, 3); first > 0; first -= 1) await runAndCut(life, disk);
  await settle(life, disk);
  if (life.chance.happens(0.5)) await disk.writeBack();
  while (life.deaths < cuts && !life.isRefused && !isCaught) {
    life.prepareRun({ mayHang: false });
    await runAndCut(life, disk);
    isCaught = values["stop-when-caught"] && life.isCaught;
  }
  if (!isCaught) await settle(life, disk);
  cutsLeft += Math.max(0, cuts - life.deaths);
  return await life.tally();
}

async function diskFor(installation: Installation): Promise<Disk | null> {
  const beside = join(installation.directory, "disk");
  if (values.ext4) return Ext4Disk.create(installation.disk, `${beside}.img`);
  await writeFile(`${beside}.journal`, "");
  return new ModelDisk(installation.disk, `${beside}.journal`);
}

/** A run in which the power goes, at some time or after some change; or soon after it, or not at all. */
async function runAndCut(life: Life, disk: Disk): Promise<void> {
  const { chance, installation } = life;
  const isByChange = disk.preload !== undefined && chance.happens(0.6);
  const ended = await installation.poll({
    ...preloadOf(disk),
    env: { ...disk.env, CUT_AFTER: isByChange ? String(chance.whole(1, mostChanges)) : "0" },
    ...(isByChange ? {} : { killAfterMs: chance.whole(40, 800) }),
  });
  await life.note(ended);
  const isIdle = ended.code !== null && chance.happens(0.3);
  if (isIdle) life.deaths += 1;
  if (isIdle || ended.code === null) await disk.cut(chance);
  else if (chance.happens(0.3)) await disk.writeBack();
}

function settle(life: Life, disk: Disk): Promise<void> {
  return life.settle({ ...preloadOf(disk), env: disk.env });
}

function preloadOf({ preload }: Disk): { preload?: string } {
  return preload === undefined ? {} : { preload };
}

// A life that ends early, because its state is damaged, leaves its cuts to others: only a control has any.
const lives = Math.ceil(Number(values.cuts) / cutsPerLife) * (values.control === undefined ? 1 : 20);
const tallies = await liveAll(seedsFrom(Number(values.seed), lives), Number(values.workers), live);
if (values.ext4 && tallies.length === 0) process.stdout.write("skipped\n");
else
  process.exitCode = report({
    tallies,
    setup,
    seed: values.seed,
    order: ["cuts", "runs"],
    problems: [],
  });

import { createHash } from "node:crypto";
import { readlinkSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import { parseEnvelope, writeEnvelope } from "../../../src/state/envelope.ts";
import { MasterFile } from "../../../src/state/master-file.ts";
import { acquireRunLock, readLockHolder } from "../../../src/state/run-lock.ts";
import { lookAtState, openStateFile } from "../../../src/state/state-file.ts";
import { attempt, outboxMessage, stateWith } from "../../support/messages.ts";
import type { Chance } from "../chance.ts";
import { nearlyJson, nearlyText } from "./mutate.ts";
import { accepted, inFolders, pure, type Input, type Kind, type Verdict } from "./target.ts";

/** What lies in the state folder. */
export const fileTargets: Readonly<Record<string, Kind>> = {
  "state-envelope": pure(makeEnvelope, feedEnvelope),
  "state-folder": inFolders(makeEnvelope, openState),
  "lock-file": inFolders(makeLock, takeLock),
  "master-file": inFolders((chance) => nearlyJson(names, chance), readMaster),
};

const state = {
  ...stateWith(
    outboxMessage({ status: "inflight", attempt, attempts: 1 }),
    outboxMessage({ key: "bbbb", kind: "more-rows", parent: "aaaa" }),
  ),
  sources: {
    "SAMINC/ap-invoices": {
      highWater: { "": "28" },
      known: { "": "1-26,28" },
      watch: {
        "28": { header: "h", status: "Open", isFinal: false, entries: { "1": "r" }, announced: true },
      },
      copies: {},
      lastRead: 1,
    },
  },
  delivered: {
    "SAMINC:ap-invoices:27": { C1: { posts: [{ ts: "1.000001", entries: ["1"] }], at: 1 } },
  },
};

/** Mostly with a checksum that fits, so that what is behind it is reached. */
function makeEnvelope(chance: Chance): string {
  if (chance.happens(0.4)) return nearlyText(writeEnvelope({ generation: 7, state }), chance);
  const body = nearlyJson(state as unknown as Parameters<typeof nearlyJson>[0], chance);
  const [version, minReader] = [1, 1].map((one) => (chance.happens(0.1) ? chance.whole(-1, 3) : one));
  const sha256 = createHash("sha256").update(`${version} ${minReader} 7\n${body}`).digest("hex");
  const head = { format: "sage-slack-state", version, minReader, generation: 7, sha256 };
  return `${JSON.stringify(head).slice(0, -1)},"body":${body}}\n`;
}

function feedEnvelope(input: Input): Verdict {
  return parseEnvelope(input.toString()).kind === "valid" ? "taken" : "rejected";
}

const lock = { isHeld: () => Promise.resolve(true) };

/** A damaged file beside a sound backup, whose generation is lower. */
async function openState(folder: string, input: Input): Promise<Verdict> {
  await writeFile(join(folder, "sage-slack.cursor.json"), input, { mode: 0o600 });
  const backup = writeEnvelope({ generation: 6, state });
  await writeFile(join(folder, "sage-slack.cursor.json.bak"), backup, { mode: 0o600 });
  return accepted(async () => {
    await lookAtState({ directory: folder });
    const store = await openStateFile({ directory: folder, lock });
    await store.commit((before) => ({ ...before, epoch: before.epoch + 1 }));
  });
}

const owner = {
  nonce: "0123456789abcdef0123456789abcdef",
  pid: 4_000_000,
  host: "elsewhere",
  bootId: null,
  pidNamespace: null,
  processStart: null,
  since: "2026-11-24T00:00:00.000Z",
};

/** Of another machine, or of a process of this one that has ended. */
function makeLock(chance: Chance): string {
  const here = chance.happens(0.5) ? { host: hostname(), pidNamespace: namespace() } : {};
  return nearlyJson({ ...owner, ...here }, chance);
}

function namespace(): string | null {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return null; // not Linux
  }
}

async function takeLock(folder: string, input: Input): Promise<Verdict> {
  await writeFile(join(folder, "sage-slack.lock"), input);
  return accepted(async () => {
    await readLockHolder(folder);
    await (await acquireRunLock({ directory: folder })).release();
  });
}

const names = {
  version: 1,
  companies: {
    SAMINC: {
      vendors: { "1200": { name: "Chloride Systems", group: "INV", currency: "USD", onHold: false } },
      customers: {},
      accounts: {},
      dialects: {
        "ap-invoices": { selectRefused: false, dates: "bare", openRefused: false, entriesRefused: false },
      },
    },
  },
  channels: [
    { id: "C1", name: "treasury", isMember: true, isArchived: false, isPrivate: false, isExtShared: false },
  ],
  mentions: { "cfo@example.com": { kind: "user", id: "U1" } },
};

/** The file can be read anew: whatever is in it, nothing is thrown. */
async function readMaster(folder: string, input: Input): Promise<Verdict> {
  await writeFile(join(folder, "sage-slack.master.json"), input, { mode: 0o600 });
  const file = await MasterFile.open(folder);
  const isKnown = file.company("SAMINC") !== null || file.channels.length > 0;
  for (const name of ["__proto__", "constructor", "toString"]) {
    const isThere = input.toString().includes(name);
    if (!isThere && (file.company(name) !== null || file.mention(name) !== null))
      throw new Error(`knows ${name}`);
  }
  file.keepMention("x", { kind: "user", id: "U2", readOn: 0 });
  await file.save();
  return isKnown ? "taken" : "rejected";
}

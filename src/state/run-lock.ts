import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { link, lstat, open, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import { AppError } from "../errors.ts";
import { codeOf } from "../runtime/durable-file.ts";

const lockName = "sage-slack.lock";

/** Who holds a lock; enough to prove that it is dead. */
interface Owner {
  readonly nonce: string;
  readonly pid: number;
  readonly host: string;
  /** Identify the machine's boot, the process's namespace and its start; null where the system does not tell. */
  readonly bootId: string | null;
  readonly pidNamespace: string | null;
  readonly processStart: string | null;
  readonly since: string;
}

export interface RunLock {
  /** Whether the lock file still names this process. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Takes the lock of the state folder. One whose owner is provably dead is broken, without a human and by one process
 * only: whoever breaks it first takes a guard that names the dead owner.
 *
 * @throws AppError `locked` when another run holds it, or may hold it
 */
export async function acquireRunLock({ directory }: { directory: string }): Promise<RunLock> {
  const me = thisProcess();
  const privateFile = join(directory, `.lock.${me.nonce}`);
  // Flushed before it becomes the lock: after a power cut an empty one would tell nothing about its holder.
  const options = { flag: "wx", mode: 0o600, flush: true };
  await writeFile(privateFile, JSON.stringify(me), options).catch((error: unknown) => {
    throw new AppError("state", `cannot write into the state folder ${directory} (${codeOf(error)})`, {
      cause: error,
    });
  });
  try {
    await take({ directory, me, privateFile });
  } finally {
    await unlink(privateFile).catch(() => {}); // the lock is another name of the same file
  }
  return { isHeld: () => isHeldBy(directory, me), release: () => release(directory, me) };
}

interface Attempt {
  readonly directory: string;
  readonly me: Owner;
  readonly privateFile: string;
}

async function take(attempt: Attempt): Promise<void> {
  const path = join(attempt.directory, lockName);
  for (let round = 0; round < 20; round += 1) {
    if (await claim(attempt, path)) return removeGuards(attempt.directory);
    const owner = await readOwner(path);
    if (owner === "gone") continue;
    if (owner === "unreadable" || !isProvablyDead(owner)) throw held(path, owner);
    await breakLock(attempt, path, owner);
  }
  throw new AppError("locked", `${path} changes hands too quickly`, { hint: "The next run tries again." });
}

/** Puts our name under a path unless another is there. A hard link does it in one step, content included. */
async function claim({ me, privateFile }: Attempt, path: string): Promise<boolean> {
  try {
    await link(privateFile, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EMLINK", "UNKNOWN"].includes(codeOf(error)))
      throw error;
  }
  // A file system without hard links: exclusive creation, and an empty file counts as held.
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(JSON.stringify(me));
    await file.sync();
    await file.close();
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Only the process that holds the guard for this dead owner may remove its lock. */
async function breakLock(attempt: Attempt, path: string, dead: Owner): Promise<void> {
  for (let k = 0; ; k += 1) {
    const guard = `${path}.brk.${dead.nonce}.${k}`;
    if (!(await claim(attempt, guard))) {
      const breaker = await readOwner(guard);
      if (breaker === "gone") return;
      if (breaker === "unreadable" || !isProvablyDead(breaker)) throw held(path, breaker);
      continue;
    }
    const now = await readOwner(path);
    if (typeof now === "object" && now.nonce === dead.nonce) await unlink(path);
    else await unlink(guard).catch(() => {}); // the new holder tidies up too
    return;
  }
}

async function removeGuards(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(`${lockName}.brk.`)) await unlink(join(directory, name)).catch(() => {}); // another did
    else if (name.startsWith(".lock.")) await removePrivateFileOfDead(join(directory, name));
  }
}

async function removePrivateFileOfDead(path: string): Promise<void> {
  const owner = await readOwner(path);
  const isLitter = typeof owner === "object" ? isProvablyDead(owner) : await isOld(path);
  if (isLitter) await unlink(path).catch(() => {}); // another did
}

/** Nobody takes a minute to write the few bytes of a private file: whoever began it was killed. */
async function isOld(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > 60_000;
}

async function release(directory: string, me: Owner): Promise<void> {
  if (await isHeldBy(directory, me)) await unlink(join(directory, lockName));
}

async function isHeldBy(directory: string, me: Owner): Promise<boolean> {
  const owner = await readOwner(join(directory, lockName));
  return typeof owner === "object" && owner.nonce === me.nonce;
}

async function readOwner(path: string): Promise<Owner | "gone" | "unreadable"> {
  const text = await readFile(path, "utf8").catch((error: unknown) =>
    codeOf(error) === "ENOENT" ? null : "",
  );
  if (text === null) return "gone";
  try {
    const parsed: unknown = JSON.parse(text);
    return isOwner(parsed) ? parsed : "unreadable";
  } catch {
    return "unreadable"; // half written, or not ours: whoever it is may be alive
  }
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== "object" || value === null) return false;
  const { nonce, pid, host } = value as Partial<Owner>;
  return (
    typeof nonce === "string" &&
    /^[0-9a-f]{16,64}$/.test(nonce) &&
    Number.isSafeInteger(pid) &&
    typeof host === "string"
  );
}

function thisProcess(): Owner {
  return {
    nonce: randomBytes(16).toString("hex"),
    pid: process.pid,
    host: hostname(),
    bootId: systemFile("/proc/sys/kernel/random/boot_id"),
    pidNamespace: pidNamespace(),
    processStart: processStart(process.pid),
    since: new Date().toISOString(),
  };
}

/** Certain only on the same machine, where process numbers mean the same; in doubt it is alive. */
function isProvablyDead(owner: Owner): boolean {
  if (owner.host !== hostname()) return false;
  const bootId = systemFile("/proc/sys/kernel/random/boot_id");
  if (owner.bootId !== null && bootId !== null && owner.bootId !== bootId) return true;
  if (owner.pidNamespace !== pidNamespace()) return false;
  if (!isRunning(owner.pid)) return true;
  const start = processStart(owner.pid);
  return owner.processStart !== null && start !== null && owner.processStart !== start;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH"; // EPERM: it runs as somebody else
  }
}

/** Start time in clock ticks since boot, field 22 of /proc/<pid>/stat; the name in field 2 may hold anything. */
function processStart(pid: number): string | null {
  const stat = systemFile(`/proc/${pid}/stat`);
  return stat === null ? null : (stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null);
}

function pidNamespace(): string | null {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return null; // not Linux
  }
}

function systemFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null; // not Linux, or the process has ended
  }
}

function held(path: string, owner: Owner | "unreadable"): AppError {
  const who =
    owner === "unreadable"
      ? "its holder cannot be told"
      : `process ${owner.pid} on ${owner.host} since ${owner.since}`;
  return new AppError("locked", `another run holds ${path}: ${who}`, {
    hint: "Nothing to do: the next run goes on. If no such process exists any more on that machine, remove the file.",
  });
}

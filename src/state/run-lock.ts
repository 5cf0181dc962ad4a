import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync, type Stats } from "node:fs";
import { link, lstat, open, readdir, unlink } from "node:fs/promises";
import { hostname, uptime } from "node:os";
import { join } from "node:path";

import { AppError } from "../errors.ts";
import { plainRead } from "../runtime/durable-file.ts";
import { cannotWrite, codeOf } from "../runtime/file-failure.ts";
import { giveSignOfLife, hasSignOfLife } from "./sign-of-life.ts";

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
  /** Seconds since that boot: a machine that is up for less has been started anew. */
  readonly uptime?: number;
  /** Whether it has a {@link giveSignOfLife sign of life}. */
  readonly givesSign?: boolean;
  readonly since: string;
}

/** Begun and never finished: its writer was killed, or lost power, on a file system without hard links. */
interface Unfinished {
  /** Of this file, as it is. */
  readonly nonce: string;
  /** By the clock of the file system, milliseconds. */
  readonly writtenAt: number;
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
  const nonce = randomBytes(16).toString("hex");
  const sign = await giveSignOfLife(nonce);
  const me = thisProcess(nonce, sign !== null);
  const privateFile = join(directory, `.lock.${me.nonce}`);
  try {
    await writeOwner(privateFile, me);
    await take({ directory, me, privateFile });
  } catch (error) {
    await release(directory, me).catch(() => {}); // the next run finds its owner dead
    sign?.end();
    throw error instanceof AppError ? error : cannotWrite(join(directory, lockName), error);
  } finally {
    await unlink(privateFile).catch(() => {}); // the lock is another name of the same file
  }
  return {
    isHeld: () => isHeldBy(directory, me),
    release: () =>
      release(directory, me)
        .catch((error: unknown) => {
          throw cannotWrite(join(directory, lockName), error);
        })
        .finally(() => sign?.end()),
  };
}

export interface LockHolder {
  /** Null when the lock file does not tell. */
  readonly process: { readonly pid: number; readonly host: string; readonly since: string } | null;
  /** It is gone for certain: the next run breaks its lock. */
  readonly isDead: boolean;
}

/** Who holds the lock, for those who only want to know; null when nobody does. */
export async function readLockHolder(directory: string): Promise<LockHolder | null> {
  const owner = await readOwner(join(directory, lockName));
  if (owner === "gone") return null;
  if (owner === "unreadable" || isUnfinished(owner)) return { process: null, isDead: false };
  const { pid, host, since } = owner;
  return { process: { pid, host, since }, isDead: await isProvablyDead(owner) };
}

/** Flushed: a lock that a power cut left empty would name nobody, and nobody could prove its owner dead. */
async function writeOwner(path: string, me: Owner): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(JSON.stringify(me));
    await file.sync();
  } catch (error) {
    await unlink(path).catch(() => {}); // nothing more can be done on a disk that fails
    throw error;
  } finally {
    await file.close();
  }
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
    if (owner === "unreadable" || !(await isBreakable(owner, attempt))) throw held(path, owner);
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
    await writeOwner(path, me);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Only the process that holds the guard for this dead owner may remove its lock. */
async function breakLock(attempt: Attempt, path: string, dead: Owner | Unfinished): Promise<void> {
  for (let k = 0; ; k += 1) {
    const guard = `${path}.brk.${dead.nonce}.${k}`;
    if (!(await claim(attempt, guard))) {
      const breaker = await readOwner(guard);
      if (breaker === "gone") return;
      if (breaker === "unreadable" || !(await isBreakable(breaker, attempt))) throw held(path, breaker);
      continue;
    }
    const now = await readOwner(path);
    if (typeof now === "object" && now.nonce === dead.nonce) await unlink(path);
    else await unlink(guard).catch(() => {}); // the new holder tidies up too
    return;
  }
}

/** Nobody takes a minute to write the few bytes of an owner: whoever began it was killed. */
const longestWriteMs = 60_000;

/** Both times are the file system's: clocks of machines differ. */
async function isBreakable(owner: Owner | Unfinished, { privateFile }: Attempt): Promise<boolean> {
  if (!isUnfinished(owner)) return isProvablyDead(owner);
  const { mtimeMs } = await lstat(privateFile);
  return mtimeMs - owner.writtenAt > longestWriteMs;
}

async function removeGuards(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(`${lockName}.brk.`)) await unlink(join(directory, name)).catch(() => {}); // another did
    else if (name.startsWith(".lock.")) await removePrivateFileOfDead(join(directory, name));
  }
}

async function removePrivateFileOfDead(path: string): Promise<void> {
  const owner = await readOwner(path);
  const isOwned = typeof owner === "object" && !isUnfinished(owner);
  const isLitter = isOwned ? await isProvablyDead(owner) : await isOld(path);
  if (isLitter) await unlink(path).catch(() => {}); // another did
}

async function isOld(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > longestWriteMs;
}

async function release(directory: string, me: Owner): Promise<void> {
  if (await isHeldBy(directory, me)) await unlink(join(directory, lockName));
}

async function isHeldBy(directory: string, me: Owner): Promise<boolean> {
  const owner = await readOwner(join(directory, lockName));
  return typeof owner === "object" && owner.nonce === me.nonce;
}

async function readOwner(path: string): Promise<Owner | Unfinished | "gone" | "unreadable"> {
  try {
    const file = await open(path, plainRead);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return "unreadable";
      const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
      return ownerIn(buffer.toString("utf8", 0, bytesRead), stat);
    } finally {
      await file.close();
    }
  } catch (error) {
    // Not ours to read: whoever it is may be alive.
    return codeOf(error) === "ENOENT" ? "gone" : "unreadable";
  }
}

/** Far more than an owner takes. */
const mostBytes = 4096;

function ownerIn(text: string, { size, ino, mtimeMs }: Stats): Owner | Unfinished | "unreadable" {
  try {
    const parsed: unknown = JSON.parse(text);
    // A newer version of this program may say it otherwise.
    return isOwner(parsed) ? parsed : "unreadable";
  } catch {
    if (size >= mostBytes) return "unreadable";
    return { nonce: `unfinished-${ino}-${Math.floor(mtimeMs)}`, writtenAt: mtimeMs };
  }
}

function isUnfinished(owner: Owner | Unfinished): owner is Unfinished {
  return "writtenAt" in owner;
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== "object" || value === null) return false;
  const { nonce, pid, host, since, ...proof } = value as Partial<Owner>;
  return (
    typeof nonce === "string" &&
    /^[0-9a-f]{16,64}$/.test(nonce) &&
    Number.isSafeInteger(pid) &&
    Number(pid) > 0 &&
    typeof host === "string" &&
    typeof since === "string" &&
    [proof.bootId, proof.pidNamespace, proof.processStart].every((one) => one === null || isText(one)) &&
    ["number", "undefined"].includes(typeof proof.uptime) &&
    ["boolean", "undefined"].includes(typeof proof.givesSign)
  );
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function thisProcess(nonce: string, givesSign: boolean): Owner {
  return {
    nonce,
    pid: process.pid,
    host: hostname(),
    bootId: systemFile("/proc/sys/kernel/random/boot_id"),
    pidNamespace: pidNamespace(),
    processStart: processStart(process.pid),
    uptime: Math.floor(uptime()),
    ...(givesSign ? { givesSign } : {}),
    since: new Date().toISOString(),
  };
}

/** Certain only on the same machine, where process numbers mean the same; in doubt it is alive. */
async function isProvablyDead(owner: Owner): Promise<boolean> {
  if (owner.host !== hostname()) return false;
  const bootId = systemFile("/proc/sys/kernel/random/boot_id");
  const tellsBoot = owner.bootId !== null && bootId !== null;
  if (tellsBoot ? owner.bootId !== bootId : (owner.uptime ?? 0) > uptime() + 60) return true;
  if (owner.pidNamespace !== pidNamespace()) return false;
  if (!isRunning(owner.pid)) return true;
  if (owner.givesSign === true) return !(await hasSignOfLife(owner.nonce));
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

function held(path: string, owner: Owner | Unfinished | "unreadable"): AppError {
  const who =
    owner === "unreadable" || isUnfinished(owner)
      ? "its holder cannot be told"
      : `process ${owner.pid} on ${owner.host} since ${owner.since}`;
  return new AppError("locked", `another run holds ${path}: ${who}`, {
    hint: "Nothing to do: the next run goes on. If no such process exists any more on that machine, remove the file.",
  });
}

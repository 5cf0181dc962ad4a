import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { AppError } from "../errors.ts";
import { z } from "../runtime/zod.ts";
import { meaningOf, surroundings, troubleIn, whatToDo, type KeychainTrouble } from "./keychain-advice.ts";
import { openSettings } from "./settings.ts";

/** The operating system's store of secrets, one account a secret. Each call throws AppError `secrets`. */
export interface Keychain {
  /** @returns null when nothing is stored under this account, and from a locked keychain that has not told us of one */
  get(account: string): Promise<string | null>;
  set(account: string, value: string): Promise<void>;
  /** @returns whether there was something to remove */
  delete(account: string): Promise<boolean>;
  /** Throws when it was locked, or is not there at all: for the Secret Service every account is absent then. */
  ensureUnlocked(): Promise<void>;
}

export interface KeychainOptions {
  readonly timeoutMs?: number;
  /** The script that makes one call; a test passes its own. */
  readonly script?: string;
  /** Remembers which accounts were stored, so that a locked keychain is told from an empty one. */
  readonly known?: KnownAccounts;
}

/** Names of stored accounts, never their values. */
export interface KnownAccounts {
  has(account: string): boolean;
  add(account: string): void;
  remove(account: string): void;
}

const service = "sage-slack";
const answer = z.union([
  z.object({ result: z.union([z.string(), z.boolean(), z.null()]) }),
  z.object({ error: z.string() }),
]);

/** What a child process needs to find the user's keychain; nothing else of our environment goes there. */
const passedOn =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|DISPLAY|WAYLAND_DISPLAY|DBUS_.*|XDG_.*|APPDATA|LOCALAPPDATA|USERPROFILE|USERNAME|USERDOMAIN|SYSTEMROOT|SystemRoot|windir|TEMP|TMP)$/;

export async function openKeychain(options: KeychainOptions = {}): Promise<Keychain> {
  const known = options.known ?? (await rememberedAccounts());
  const call = callerOf(options);
  // Only the Secret Service answers "not stored" when it is locked, and what it cannot store it complains about.
  const ensureUnlocked = async () => void (await call({ action: "probe", account: "probe" }));
  return {
    ensureUnlocked,
    get: async (account) => {
      const found = await call({ action: "get", account });
      if (found !== null || !known.has(account)) return typeof found === "string" ? found : null;
      await ensureUnlocked();
      throw new AppError("secrets", `the keychain has lost ${account}: somebody removed the entry`, {
        hint: `Store it anew: "sage-slack login ${account.split(":")[0]}".`,
      });
    },
    set: async (account, value) => {
      await call({ action: "set", account, value });
      if ((await call({ action: "get", account })) !== value)
        throw unavailable("other", "what was stored cannot be read back");
      known.add(account);
    },
    delete: async (account) => {
      const wasThere = await call({ action: "delete", account });
      if (wasThere !== true) await ensureUnlocked();
      known.remove(account);
      return wasThere === true;
    },
  };
}

/** One keychain that is opened when it is first needed. */
export function keychainOnDemand(): () => Promise<Keychain> {
  let opened: Promise<Keychain> | null = null;
  return () => (opened ??= openKeychain());
}

/** One that was silent once is not asked again: several accounts would take several times the limit. */
function callerOf(options: KeychainOptions) {
  let givenUp: AppError | null = null;
  return async (request: object): Promise<string | boolean | null> => {
    if (givenUp !== null) throw givenUp;
    const output = await ask(request, options).catch((error: unknown) => {
      if (error instanceof Silence) givenUp = unavailable("silent", error.message);
      throw givenUp ?? error;
    });
    const read = answer.safeParse(parsed(output));
    if (!read.success) throw unavailable("other", "its answer cannot be understood");
    if ("error" in read.data) throw unavailable(...explained(read.data.error));
    return read.data.result;
  };
}

class Silence extends Error {}

function ask(request: object, options: KeychainOptions): Promise<string> {
  const { timeoutMs = 5000, script = fileURLToPath(new URL("keychain-child.js", import.meta.url)) } = options;
  return run(script, JSON.stringify({ ...request, service }), timeoutMs);
}

function run(script: string, input: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
    const child = spawn(process.execPath, [script], {
      env,
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
    });
    let output = "";
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Silence(`it did not answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.stdin.on("error", () => {}); // the child ended early; its exit tells more
    child.on("error", (error) => reject(unavailable("other", error.message)));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else reject(unavailable("other", `its program ended with ${signal ?? String(code)}`));
    });
    child.stdin.end(input);
  });
}

function parsed(output: string): unknown {
  try {
    return JSON.parse(output) as unknown;
  } catch {
    return null;
  }
}

function explained(message: string): [KeychainTrouble, string] {
  const shown = message.replaceAll(/[^\x20-\x7E]+/g, " ").slice(0, 200);
  const trouble = troubleIn(message);
  return [trouble, trouble === "other" ? shown : `${meaningOf(trouble)} (${shown})`];
}

function unavailable(trouble: KeychainTrouble, why: string): AppError {
  return new AppError("secrets", `the keychain does not give its secrets: ${why}`, {
    hint: whatToDo(trouble, surroundings()),
  });
}

const forgetful: KnownAccounts = { has: () => false, add: () => {}, remove: () => {} };

async function rememberedAccounts(): Promise<KnownAccounts> {
  const settings = await openSettings<{ accounts: string[] }>().catch(() => null);
  if (settings === null) return forgetful; // a user without a home: an empty keychain looks like a locked one
  const stored = () => settings.get("accounts") ?? [];
  return {
    has: (account) => stored().includes(account),
    add: (account) => settings.set("accounts", [...new Set([...stored(), account])]),
    remove: (account) =>
      settings.set(
        "accounts",
        stored().filter((one) => one !== account),
      ),
  };
}

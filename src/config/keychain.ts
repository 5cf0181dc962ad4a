import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import { AppError } from "../errors.ts";
import { openSettings } from "./settings.ts";

/** The operating system's store of secrets, one account a secret. */
export interface Keychain {
  /** @returns null when nothing is stored under this account */
  get(account: string): Promise<string | null>;
  set(account: string, value: string): Promise<void>;
  /** @returns whether there was something to remove */
  delete(account: string): Promise<boolean>;
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
  const call = (request: object) => callChild(request, options);
  return {
    get: async (account) => {
      const found = await call({ action: "get", account });
      if (found === null && known.has(account))
        throw unavailable("it is locked, or somebody removed the entry");
      return typeof found === "string" ? found : null;
    },
    set: async (account, value) => {
      await call({ action: "set", account, value });
      if ((await call({ action: "get", account })) !== value)
        throw unavailable("what was stored cannot be read back");
      known.add(account);
    },
    delete: async (account) => {
      const wasThere = await call({ action: "delete", account });
      known.remove(account);
      return wasThere === true;
    },
  };
}

async function callChild(request: object, options: KeychainOptions): Promise<string | boolean | null> {
  const { timeoutMs = 5000, script = fileURLToPath(new URL("keychain-child.js", import.meta.url)) } = options;
  const output = await run(script, JSON.stringify({ ...request, service }), timeoutMs);
  const read = answer.safeParse(parsed(output));
  if (!read.success) throw unavailable("its answer cannot be understood");
  if ("error" in read.data) throw unavailable(explained(read.data.error));
  return read.data.result;
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
      reject(
        unavailable(
          `it did not answer within ${timeoutMs / 1000} s (a prompt may be waiting where nobody sees it)`,
        ),
      );
    }, timeoutMs);
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.stdin.on("error", () => {}); // the child ended early; its exit tells more
    child.on("error", (error) => reject(unavailable(error.message)));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else reject(unavailable(`its program ended with ${signal ?? String(code)}`));
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

function explained(message: string): string {
  const shown = message.replaceAll(/[^\x20-\x7E]+/g, " ").slice(0, 200);
  if (/D-Bus|DBus|autolaunch|Could not connect/i.test(message)) return `no D-Bus session (${shown})`;
  if (/1312|logon session/i.test(message)) return `this kind of logon has no credential store (${shown})`;
  return shown;
}

function unavailable(why: string): AppError {
  return new AppError("secrets", `the keychain does not give its secrets: ${why}`, {
    hint:
      "In cron there is no D-Bus session, and a task that runs without a stored password has no credential store. Use " +
      "SAGE_SLACK_SAGE_USER, SAGE_SLACK_SAGE_PASSWORD and SAGE_SLACK_SLACK_TOKEN, or the same names with _FILE and a path.",
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

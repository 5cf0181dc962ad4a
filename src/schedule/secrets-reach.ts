import { resolve } from "node:path";

import type { Logon, ScheduledRun, Scheduler } from "./scheduled-run.ts";

/** What a run can read when this scheduler calls it. */
export interface SecretsReach {
  /** Whether the keychain of the user can be read there. */
  readonly keychain: "yes" | "while logged on" | "no";
  /** Why, and what to do about it. */
  readonly advice: string;
}

type Context = Exclude<Scheduler, "windows"> | Logon;

const files =
  "write each secret into a file of its own that only this user can read, name the files in SAGE_SLACK_SAGE_USER_FILE, SAGE_SLACK_SAGE_PASSWORD_FILE and SAGE_SLACK_SLACK_TOKEN_FILE, and call schedule again: it takes the paths into the entry.";

const reaches: Readonly<Record<Context, SecretsReach>> = {
  password: {
    keychain: "yes",
    advice:
      'A task with a stored password reads the Credential Manager of its account, logged on or not: "sage-slack login" must have been called as that account. Where a policy forbids stored credentials, ' +
      files,
  },
  "no-password": {
    keychain: "no",
    advice: `A task without a stored password has no Credential Manager: ${files}`,
  },
  "logged-on": {
    keychain: "yes",
    advice:
      "The task reads the Credential Manager, and runs only while its account is logged on. --logon password runs it always.",
  },
  cron: {
    keychain: "no",
    advice: `cron has no D-Bus session, and without it no keychain: ${files}`,
  },
  systemd: {
    keychain: "while logged on",
    advice: `The timer runs while the user is logged on; "loginctl enable-linger" lets it run always, but after a restart the keyring stays locked until somebody logs on. For a server: ${files}`,
  },
  launchd: {
    keychain: "while logged on",
    advice: `The agent runs, and reads the keychain, while its user is logged on to the desktop. For a Mac to which nobody logs on: ${files}`,
  },
};

export function reachOf(scheduler: Scheduler, run: ScheduledRun): SecretsReach {
  const reach = reaches[scheduler === "windows" ? run.logon : scheduler];
  const names = Object.keys(run.secretFiles);
  if (names.length === 0) return reach;
  return {
    ...reach,
    advice: `The entry names ${names.join(", ")}: these secrets are read from their files.`,
  };
}

const secrets = ["SAGE_USER", "SAGE_PASSWORD", "SLACK_TOKEN", "SIGNING_SECRET"] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that name files of secrets, with absolute paths. A variable that holds a secret itself comes first there. */
export function secretFilesIn(env: Environment, cwd: string): Record<string, string> {
  const found = secrets.flatMap((secret) => {
    const [value, path] = [env[`SAGE_SLACK_${secret}`], env[`SAGE_SLACK_${secret}_FILE`]];
    if (value !== undefined || path === undefined || path === "") return [];
    return [[`SAGE_SLACK_${secret}_FILE`, resolve(cwd, path)] as const];
  });
  return Object.fromEntries(found);
}

/** The variables that hold secrets, which no entry takes over. */
export function secretsIn(env: Environment): string[] {
  return secrets.map((secret) => `SAGE_SLACK_${secret}`).filter((name) => env[name] !== undefined);
}

import { existsSync } from "node:fs";

/** Where a run is called, as far as it decides which keychain there is. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Null on Windows. */
  readonly uid: number | null;
  readonly isContainer: boolean;
}

export type KeychainTrouble =
  | "no session bus"
  | "no service"
  | "no keyring"
  | "no library"
  | "locked"
  | "silent"
  | "wrong logon"
  | "no interaction"
  | "too long"
  | "other";

export function surroundings(): Surroundings {
  const { platform } = process;
  const names = ["INVOCATION_ID", "XDG_RUNTIME_DIR", "KUBERNETES_SERVICE_HOST"];
  const env = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  const isContainer =
    env["KUBERNETES_SERVICE_HOST"] !== undefined ||
    existsSync("/.dockerenv") ||
    existsSync("/run/.containerenv");
  return { platform, env, uid: process.getuid?.() ?? null, isContainer };
}

/** As libsecret, GLib, the Credential Manager (1312, 1783) and macOS (-25308) word it. */
const wordings: readonly (readonly [RegExp, KeychainTrouble])[] = [
  [/not provided by any \.service files|ServiceUnknown/i, "no service"],
  [/secrets\/collection|Object does not exist/i, "no keyring"],
  [/D-Bus|DBus|autolaunch|Could not connect/i, "no session bus"],
  [/native addon|libsecret|shared object/i, "no library"],
  [/\blocked\b/i, "locked"],
  [/1312|logon session/i, "wrong logon"],
  [/-25308|interaction is not allowed/i, "no interaction"],
  [/1783|stub received bad data/i, "too long"],
];

/** @param message of the keychain's library, as it is */
export function troubleIn(message: string): KeychainTrouble {
  return wordings.find(([pattern]) => pattern.test(message))?.[1] ?? "other";
}

const meanings: Readonly<Record<KeychainTrouble, string>> = {
  "no session bus": "no D-Bus session",
  "no service": "nothing keeps secrets on this D-Bus session",
  "no keyring": "this user has no keyring yet",
  "no library": "its library cannot be loaded",
  locked: "it is locked",
  silent: "it did not answer in time",
  "wrong logon": "this kind of logon has no credential store",
  "no interaction": "it would ask somebody, and there is nobody to ask",
  "too long": "it takes no secret of this length",
  other: "it reports an error",
};

export function meaningOf(trouble: KeychainTrouble): string {
  return meanings[trouble];
}

const otherwise =
  "Otherwise set SAGE_SLACK_SAGE_USER, SAGE_SLACK_SAGE_PASSWORD and SAGE_SLACK_SLACK_TOKEN, or the same names with _FILE and a path.";

/** What to do about a keychain that gives nothing, in the context of this scheduler. */
export function whatToDo(trouble: KeychainTrouble, around: Surroundings): string {
  if (trouble === "too long") return "Store the secret alone: the Credential Manager takes 2560 bytes.";
  if (around.isContainer && lackingInContainers.has(trouble)) return inContainers;
  const first = firstStep(trouble, around);
  return first === null ? otherwise : `${first} ${otherwise}`;
}

function firstStep(trouble: KeychainTrouble, around: Surroundings): string | null {
  if (around.platform === "win32") return onWindows;
  if (around.platform === "darwin") return onMac;
  return trouble === "no session bus" ? withoutBus(around) : (onLinux[trouble] ?? null);
}

const lackingInContainers = new Set<KeychainTrouble>(["no session bus", "no service", "no library"]);

const inContainers =
  "A container has no keychain: mount each secret as a file, and name it in SAGE_SLACK_SAGE_USER_FILE, SAGE_SLACK_SAGE_PASSWORD_FILE and SAGE_SLACK_SLACK_TOKEN_FILE.";

const onWindows =
  'A task of Task Scheduler needs a stored password ("Run whether user is logged on or not" without "Do not store password"), of the user who called login; so do sessions over ssh or WinRM, which have no credential store.';

const onMac =
  "A LaunchAgent of this user can read it while the user is logged on and the keychain is unlocked; cron, a LaunchDaemon and ssh cannot.";

const onLinux: Readonly<Partial<Record<KeychainTrouble, string>>> = {
  "no service":
    "Install and start one for this user (gnome-keyring, KWallet), and log in on the desktop once.",
  "no keyring": "Log in on the desktop as this user once, so that one is made.",
  "no library": "Install libsecret (Debian: libsecret-1-0; Red Hat: libsecret).",
  locked:
    "It is unlocked when this user logs in on the desktop, and locked again after a restart: a schedule that must go on then needs the secrets elsewhere.",
  silent:
    "A window that asks for its password may be open where nobody sees it: unlock it on the desktop of this user.",
};

function withoutBus({ env, uid }: Surroundings): string {
  return isSystemService(env)
    ? "A system service has no D-Bus session: give it each secret with LoadCredential= and name the file in the variable with _FILE (%d/NAME), or use a user unit."
    : `cron, and whatever runs without a login, has no D-Bus session. While this user is logged on and the keyring is unlocked, DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/${uid ?? "UID"}/bus in the crontab leads there.`;
}

/** Of the system, not of a user: those have a folder of their session, as a login has. */
function isSystemService(env: Surroundings["env"]): boolean {
  return env["INVOCATION_ID"] !== undefined && env["XDG_RUNTIME_DIR"] === undefined;
}

/** Which schedulers can read what this user has stored, and which cannot. */
export function whoCanRead({ platform }: Surroundings): string {
  if (platform === "win32") {
    return 'Readable for tasks of this user with a stored password, and for those that run only when the user is logged on; not with "Do not store password", not as SYSTEM.';
  }
  if (platform === "darwin") {
    return "Readable for a LaunchAgent of this user while the user is logged on; not for cron, a LaunchDaemon or ssh.";
  }
  return "Readable for this user while the keyring is unlocked: on the desktop and in systemd user units during a login. Not for cron (no D-Bus session), system services, containers, or after a restart before somebody logs in: they need files (SAGE_SLACK_..._FILE).";
}

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A D-Bus session of its own, as a login has one. */
export interface Session extends AsyncDisposable {
  /** What a program of this session has in its environment, and cron does not. */
  readonly env: Readonly<Record<string, string>>;
  /** Stops the real keyring daemon in its tracks: calls reach it and are never answered. */
  freezeKeyring(): Promise<void>;
}

export interface SessionOptions {
  /** Where the keyrings of the user are; sessions with the same folder are those of one user. */
  readonly home: string;
  /** Unlocks the keyring, or makes it; without it the daemon is started when it is first asked, and is locked. */
  readonly password?: string;
  /** A session in which nothing keeps secrets. */
  readonly hasService?: boolean;
}

const packages = "apt-get install -y --no-install-recommends dbus gnome-keyring libsecret-1-0";

/** The programs come from Debian's packages dbus and gnome-keyring: nothing of the Secret Service is simulated. */
export async function startSession({ home, password, hasService = true }: SessionOptions): Promise<Session> {
  const env = await foldersOf(home);
  const config = hasService ? ["--session"] : [`--config-file=${await busWithoutServices(home)}`];
  const bus = await started("dbus-daemon", [...config, "--nofork", "--print-address=1"], env);
  const address = await firstLine(bus);
  const inSession = { ...env, DBUS_SESSION_BUS_ADDRESS: address };
  const keyring = password === undefined ? null : await unlockedKeyring(inSession, password);
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: address },
    freezeKeyring: async () => {
      if (keyring === null) throw new Error("the keyring of this session was not started here");
      keyring.kill("SIGSTOP");
      await delay(50); // the signal is on its way
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of [keyring, bus]) if (child !== null) await ended(child);
    },
  };
}

async function foldersOf(home: string): Promise<Record<string, string>> {
  const folders = { XDG_DATA_HOME: join(home, "data"), XDG_RUNTIME_DIR: join(home, "run") };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
  return { PATH: process.env["PATH"] ?? "", HOME: home, ...folders };
}

async function busWithoutServices(home: string): Promise<string> {
  const path = join(home, "bus.conf");
  await writeFile(
    path,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
  );
  return path;
}

async function unlockedKeyring(env: Record<string, string>, password: string): Promise<ChildProcess> {
  const args = ["--foreground", "--unlock", "--components=secrets"];
  const keyring = await started("gnome-keyring-daemon", args, env);
  keyring.stdin?.end(password);
  const asked = [
    "--session",
    "--print-reply",
    "--dest=org.freedesktop.DBus",
    "/org/freedesktop/DBus",
    "org.freedesktop.DBus.NameHasOwner",
    "string:org.freedesktop.secrets",
  ];
  for (let tries = 0; tries < 100; tries += 1) {
    const { stdout } = await run("dbus-send", asked, { env });
    if (stdout.includes("boolean true")) return keyring;
    await delay(50);
  }
  throw new Error("the keyring daemon did not come up within five seconds");
}

async function started(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<ChildProcess> {
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "ignore"] });
  await once(child, "spawn").catch((error: unknown) => {
    throw new Error(`${program} is needed: ${packages}`, { cause: error });
  });
  return child;
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("no output");
  const [line] = (await once(createInterface({ input: stdout }), "line")) as [string];
  return line;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

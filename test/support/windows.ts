import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const launcher = join(root, "test/windows/launch.mjs");

/** The scripts of the bench and the folder in which it was made, from test/windows/run-suite.sh. */
const scripts = process.env["WINDOWS_BENCH_SCRIPTS"] ?? "";
const bench = process.env["WINDOWS_BENCH"] ?? "";

export interface WindowsResult {
  /** Null after a kill. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface LaunchOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  /** A program that has the file open when the run begins, as a virus scanner would. */
  readonly hold?: { readonly path: string; readonly milliseconds: number };
  /** A lock whose process number the system has given to another program since. */
  readonly inherit?: string;
  /** Ends the process as soon as a file is there. */
  readonly kill?: { readonly when: string; readonly with: "taskkill" | "kill" };
}

/** The package as it is published, with what npm installs beside it on Windows. */
export interface WindowsInstallation extends AsyncDisposable {
  /** Runs a command of the program in a folder; both paths are those of Linux. */
  run(cwd: string, args: readonly string[], options?: LaunchOptions): Promise<WindowsResult>;
  /** A new folder on drive C:, with a space and letters beyond ASCII in its path. */
  folder(): Promise<string>;
  /** The same on a console, for what needs one: keys that are pressed, letters that are shown. */
  onConsole(cwd: string, args: readonly string[], options?: ConsoleOptions): Promise<ConsoleResult>;
}

export interface ConsoleOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Gets the keyboard as soon as there is a console. */
  readonly onStart?: (console: WindowsConsole) => void;
}

export interface WindowsConsole {
  press(keys: string): void;
  /** Resolves when these words were shown. */
  shows(words: string): Promise<void>;
}

export interface ConsoleResult {
  readonly code: number | null;
  readonly shown: string;
}

export async function installOnWindows(): Promise<WindowsInstallation> {
  if (bench === "") throw new Error('there is no bench here; "npm run test:windows" makes one');
  const drive = join(bench, "prefix/drive_c");
  const base = await mkdtemp(join(drive, "Buchhaltung Müller & Söhne-"));
  const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", base];
  await run("npm", pack, { cwd: root });
  const tarball = (await readdir(base)).find((name) => name.endsWith(".tgz")) ?? "";
  const platform = ["--os=win32", "--cpu=x64", "--ignore-scripts", "--omit=dev"];
  const quiet = ["--no-audit", "--no-fund", "--no-save"];
  await run("npm", ["install", "--prefix", base, ...platform, ...quiet, join(base, tarball)], { cwd: base });
  const binary = join(base, "node_modules/sage-slack/bin/sage-slack.js");
  return {
    folder: () => mkdtemp(join(base, "Ordner ä-")),
    run: (cwd, args, options = {}) => launch({ binary, cwd, args, options }),
    onConsole: (cwd, args, options = {}) => onConsole({ binary, cwd, args, options }),
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}

interface Launch {
  readonly binary: string;
  readonly cwd: string;
  readonly args: readonly string[];
  readonly options: LaunchOptions;
}

async function launch({ binary, cwd, args, options }: Launch): Promise<WindowsResult> {
  const { input = "", env = {}, hold, inherit, kill } = options;
  const request = {
    binary: windowsPath(binary),
    cwd: windowsPath(cwd),
    args,
    env,
    input: Buffer.from(input).toString("base64"),
    ...(hold === undefined ? {} : { hold: { ...hold, path: windowsPath(hold.path) } }),
    ...(inherit === undefined ? {} : { inherit: windowsPath(inherit) }),
    ...(kill === undefined ? {} : { kill: { ...kill, when: windowsPath(kill.when) } }),
  };
  const folder = await mkdtemp(join(bench, "request-"));
  const path = join(folder, "request.json");
  await writeFile(path, JSON.stringify(request));
  try {
    return JSON.parse(await runNode([windowsPath(launcher), windowsPath(path)])) as WindowsResult;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Calls the Windows Node.js of the bench; what it writes comes through a file. */
async function runNode(args: readonly string[]): Promise<string> {
  const { stdout } = await run(join(scripts, "run.sh"), [bench, ...args], {
    env: wineEnvironment(),
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

interface ConsoleLaunch extends Omit<Launch, "options"> {
  readonly options: ConsoleOptions;
}

/** Wine makes a console of a terminal, and `script` of util-linux has one. */
async function onConsole({ binary, cwd, args, options }: ConsoleLaunch): Promise<ConsoleResult> {
  const node = [join(bench, "node/bin/node.exe"), "--require", windowsPath(join(scripts, "preload.cjs"))];
  const command = ["wine", ...node, windowsPath(binary), ...args].map(quoted).join(" ");
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd,
    env: { ...wineEnvironment(), TERM: "xterm", ...options.env },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const console = new Terminal(child);
  options.onStart?.(console);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, shown: console.shown };
}

class Terminal implements WindowsConsole {
  shown = "";
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.shown += text));
  }

  press(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  async shows(words: string): Promise<void> {
    while (!this.shown.includes(words)) await once(this.#child.stdout ?? this.#child, "data");
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function wineEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_OPTIONS: "",
    SAGE_SLACK_CONFIG: "",
    WINEPREFIX: join(bench, "prefix"),
    WINEDEBUG: "-all",
  };
}

/** `C:\...` for what is on the bench's drive C:, else `Z:\...`, which is the root of Linux there. */
export function windowsPath(path: string): string {
  const drive = join(bench, "prefix/drive_c");
  const [letter, rest] = path.startsWith(`${drive}/`) ? ["C:", path.slice(drive.length)] : ["Z:", path];
  return `${letter}${rest.replaceAll("/", "\\")}`;
}

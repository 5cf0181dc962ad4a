import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface TerminalOptions {
  readonly columns: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where tmux has its socket. */
  readonly socket: string;
}

/** What stood in the terminal when a command had ended. */
export interface Shown {
  readonly code: number;
  /** Without the breaks that the terminal made. */
  readonly text: string;
  /** The same with the sequences for colours. */
  readonly coloured: string;
}

/** A real terminal of this width, in which one command runs after the other. */
export class Terminal implements AsyncDisposable {
  readonly #options: TerminalOptions;

  private constructor(options: TerminalOptions) {
    this.#options = options;
  }

  static async open(options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(options);
    const size = ["-x", String(options.columns), "-y", "50"];
    await terminal.#tmux("new-session", "-d", ...size, "sleep 1000");
    await terminal.#tmux("set-option", "-g", "history-limit", "5000");
    await terminal.#tmux("set-option", "-g", "remain-on-exit", "on");
    return terminal;
  }

  /** @param answers what is typed, each as soon as its question stands there */
  async run(command: readonly string[], answers: readonly Answer[] = []): Promise<Shown> {
    const { cwd, env } = this.#options;
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    await this.#tmux("clear-history");
    // tmux does not always tell the exit code of what has ended.
    const codeFile = `${this.#options.socket}.code`;
    const shell = ["sh", "-c", '"$@"; echo "$?" > "$0"', codeFile];
    const line = ["env", "-i", ...variables, "TERM=screen-256color", ...shell, ...command];
    // A window of its own: the one before is a page that has been written on.
    await this.#tmux("new-window", "-k", "-t", ":0", "-c", cwd, ...line);
    for (const { to, typed } of answers) {
      await this.#until(async () => (await this.#capture()).includes(to));
      await this.#tmux("send-keys", "-l", typed);
      await this.#tmux("send-keys", "Enter");
    }
    await this.#until(async () => (await this.#tmux("list-panes", "-F", "#{pane_dead}")).trim() === "1");
    const code = Number(await readFile(codeFile, "utf8"));
    const text = withoutEnd(await this.#capture());
    return { code, text, coloured: withoutEnd(await this.#capture("-e")) };
  }

  #capture(...flags: string[]): Promise<string> {
    return this.#tmux("capture-pane", "-p", "-J", "-S", "-", ...flags);
  }

  async #until(isSo: () => Promise<boolean>): Promise<void> {
    for (const start = Date.now(); !(await isSo()); await delay(30)) {
      if (Date.now() - start > 30_000) throw new Error(`the terminal shows:\n${await this.#capture()}`);
    }
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await run("tmux", ["-S", this.#options.socket, "-f", "/dev/null", ...args]);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server").catch(() => {}); // it may have ended
  }
}

export interface Answer {
  readonly to: string;
  readonly typed: string;
}

/** tmux says below it that the command has ended. */
function withoutEnd(text: string): string {
  return text
    .replace(/\n[^\n]*Pane is dead[^]*$/, "")
    .replaceAll(/[ \t]+$/gm, "")
    .trimEnd();
}

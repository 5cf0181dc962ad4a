/** The process as a command sees it; a test passes its own. */
export interface Host {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: () => string;
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  readonly stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  /** Aborted by SIGINT and SIGTERM; the reason is the name of the signal. */
  readonly signal: AbortSignal;
  /** Called when a command is loaded, before it begins; not for help. */
  readonly beforeAction?: () => Promise<void>;
}

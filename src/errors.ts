/** Who must act when a run fails; each kind has an exit code in `cli/exit-code.ts`. */
export type ErrorKind =
  /** A wrong flag or argument. */
  | "usage"
  /** The configuration, a URL, a certificate or a redirect: same again until somebody changes it. */
  | "config"
  /** One module's rights are missing; the others may go on. */
  | "forbidden"
  /** A channel that cannot be found or posted to; the others may go on. */
  | "channel"
  /** An answer that cannot be understood; waiting will not cure it. */
  | "unreadable"
  /** Credentials refused. Never tried again: it can lock the account. */
  | "auth"
  /** Unreachable, slow, busy: the next run goes on. */
  | "temporary"
  /** State files damaged, newer, or not writable. */
  | "state"
  /** The place where the secrets are kept does not give them. */
  | "secrets"
  /** Another run holds the lock. */
  | "locked";

/**
 * A foreseen failure: what failed, with its name, and in `hint` what to do next.
 * Anything else that reaches `main` is a bug and is shown with its stack.
 */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "AppError";
    this.kind = kind;
    this.hint = options.hint;
  }
}

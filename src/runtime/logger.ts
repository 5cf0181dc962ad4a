/** What the run tells while it works; who shows it, and how, is for the command line to decide. */
export interface Logger {
  /** Something an operator should know although the run goes on. */
  warn(message: string): void;
  /** A step of the run, shown with `--verbose`. */
  info(message: string): void;
}

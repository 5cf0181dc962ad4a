/** What the run tells while it works; who shows it, and how, is for the command line to decide. */
export interface Logger {
  /** Something an operator should know although the run goes on. */
  warn(message: string): void;
  /** Something that a log should hold; shown with `--verbose`. */
  info(message: string): void;
  /** What the run is about to do or has just done, shown with `--verbose`. A log tells what came of it. */
  step(message: string): void;
}

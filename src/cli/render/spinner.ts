import type { Host } from "../host.ts";

/** Shows that work goes on, where a person is watching and nothing else is being written. */
export async function withSpinner<Result>(
  { argv, stderr }: Host,
  text: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const isWatched =
    stderr.isTTY === true &&
    // Of a terminal that does not tell its width ora counts endless lines, and clears them one by one.
    stderr.columns !== 0 &&
    !["--quiet", "--json", "--verbose"].some((flag) => argv.includes(flag));
  if (!isWatched) return work();
  const { default: ora } = await import("ora");
  // Standard input is not ours to swallow: Ctrl+C must stay a signal.
  const spinner = ora({ text, stream: stderr, discardStdin: false }).start();
  try {
    return await work();
  } finally {
    spinner.stop();
  }
}

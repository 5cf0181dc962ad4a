/** Signals for which conf, or what it is built on, installs listeners that send the signal to the process again. */
const signals = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/**
 * The settings that the program keeps for itself, in the folder that this system has for them.
 *
 * To a run that takes its time to end well, a signal that is sent again means that somebody is losing patience:
 * what to do at a signal is decided in `main.ts` alone.
 */
export async function openSettings<Settings extends Record<string, unknown>>() {
  const before = signals.map((signal) => new Set(process.listeners(signal)));
  const { default: Conf } = await import("conf");
  for (const [index, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (before[index]?.has(listener) === false) process.off(signal, listener);
    }
  }
  return new Conf<Settings>({ projectName: "sage-slack", projectSuffix: "", configFileMode: 0o600 });
}

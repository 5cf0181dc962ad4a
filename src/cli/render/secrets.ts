import type { SecretStatus } from "../../pipeline/secret-status.ts";

/** Where each secret is; with `isQuiet` those alone that a run would not get. */
export function secretLines(
  secrets: readonly SecretStatus[],
  { isQuiet, whoCanRead }: { isQuiet: boolean; whoCanRead: string },
): string[] {
  const shown = secrets.filter(({ problem }) => !isQuiet || problem !== null);
  const lines = shown.flatMap((secret, index) => linesOf(secret, shown[index + 1]?.hint ?? null));
  const isKept = secrets.some(({ origin }) => origin?.startsWith("the keychain") === true);
  return [...lines, ...(isKept && !isQuiet ? [whoCanRead] : [])];
}

/** What to do about several in a row is said once, after the last. */
function linesOf({ name, origin, problem, hint }: SecretStatus, nextHint: string | null): string[] {
  if (problem !== null)
    return [
      `MISSING  ${name}: ${problem}`,
      ...(hint === null || hint === nextHint ? [] : [`         -> ${hint}`]),
    ];
  if (origin === null) return [`none     ${name}: not stored; a run does without it`];
  return [`found    ${name}: in ${origin}`];
}

import type { SecretStatus } from "../../pipeline/secret-status.ts";

/** Where each secret is; with `isQuiet` those alone that a run would not get. */
export function secretLines(
  secrets: readonly SecretStatus[],
  { isQuiet, whoCanRead }: { isQuiet: boolean; whoCanRead: string },
): string[] {
  const lines = secrets
    .filter(({ problem }) => !isQuiet || problem !== null)
    .flatMap(({ name, origin, problem, hint }) => {
      if (problem !== null)
        return [`MISSING  ${name}: ${problem}`, ...(hint === null ? [] : [`         -> ${hint}`])];
      if (origin === null) return [`none     ${name}: not stored; a run does without it`];
      return [`found    ${name}: in ${origin}`];
    });
  const isKept = secrets.some(({ origin }) => origin?.startsWith("the keychain") === true);
  return [...lines, ...(isKept && !isQuiet ? [whoCanRead] : [])];
}

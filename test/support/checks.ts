import type { Check } from "../../src/pipeline/checks/check.ts";
import type { World } from "./world.ts";

export interface Tested {
  readonly code: number;
  readonly checks: readonly Check[];
  /** What failed, and what drew a warning that does not depend on the user who runs the tests. */
  readonly failed: readonly Check[];
  readonly warned: readonly Check[];
}

/** What `test --json` tells. */
export async function tested(world: World, ...argv: string[]): Promise<Tested> {
  const { code, stdout } = await world.run("test", "--json", ...argv);
  const { checks } = JSON.parse(stdout) as { checks: Check[] };
  return {
    code,
    checks,
    failed: checks.filter(({ outcome }) => outcome === "failed"),
    warned: checks.filter(({ outcome, name }) => outcome === "warning" && name !== "user"),
  };
}

/** The scopes that the README asks for. */
export const neededScopes = [
  "chat:write",
  "channels:read",
  "groups:read",
  "channels:history",
  "groups:history",
  "users:read",
  "users:read.email",
  "usergroups:read",
];

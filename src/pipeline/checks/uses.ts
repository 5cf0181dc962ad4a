import type { Config } from "../../config/config.ts";

/** A place in the configuration that names a channel, and whom to mention there. */
export interface Use {
  /** As people find it: `route "large invoices"`, `sources.ap-payments`. */
  readonly by: string;
  readonly channel: string;
  readonly mentions: readonly string[];
}

/** Everything a message can be sent to. Rows of the directory belong here too: one use for each row. */
export function usesOf(config: Config): Use[] {
  return [...generalUses(config), ...sourceUses(config), ...routeUses(config)];
}

function generalUses({ slack }: Config): Use[] {
  const keys = ["channel", "opsChannel", "fallbackChannel"] as const;
  return keys.flatMap((key) => {
    const channel = slack[key];
    return channel === undefined ? [] : [{ by: `slack.${key}`, channel, mentions: [] }];
  });
}

function sourceUses({ sources, slack }: Config): Use[] {
  return Object.entries(sources)
    .filter(([, { enabled, channel }]) => enabled && channel !== slack.channel)
    .map(([name, { channel }]) => ({ by: `sources.${name}`, channel, mentions: [] }));
}

function routeUses({ routes }: Config): Use[] {
  return routes.map(({ name, channel, mention }) => ({ by: `route "${name}"`, channel, mentions: mention }));
}

/** What each channel, or each mention, is used by. */
export function byName(
  uses: readonly Use[],
  namesOf: (use: Use) => readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const use of uses) {
    for (const name of namesOf(use)) found.set(name, [...(found.get(name) ?? []), use.by]);
  }
  return found;
}

/** `slack.channel, route "large invoices" and 3 more`. */
export function usedBy(users: readonly string[]): string {
  const shown = users.slice(0, 3).join(", ");
  return users.length > 3 ? `${shown} and ${users.length - 3} more` : shown;
}

import type { Config } from "../config/config.ts";

/** A channel or a mention as the configuration spells it. */
export interface WantedName {
  readonly kind: "channel" | "mention";
  readonly name: string;
  /** Where it stands: `route "large invoices"`, `channel of ap-payments`. */
  readonly places: readonly string[];
}

/** Every channel and every mention that a message can be given, each once, in the order in which they are written. */
export function wantedNames(config: Config): WantedName[] {
  const found = new Map<string, { kind: WantedName["kind"]; name: string; places: string[] }>();
  const note = (kind: WantedName["kind"], name: string | undefined, place: string) => {
    if (name === undefined) return;
    const known = found.get(`${kind} ${name}`);
    if (known === undefined) found.set(`${kind} ${name}`, { kind, name, places: [place] });
    else if (!known.places.includes(place)) known.places.push(place);
  };
  const { slack, sources, routes } = config;
  for (const key of ["channel", "opsChannel", "fallbackChannel"] as const)
    note("channel", slack[key], `slack.${key}`);
  for (const [source, { channel, enabled }] of Object.entries(sources)) {
    if (enabled) note("channel", channel, `channel of ${source}`);
  }
  for (const { name, channel, mention } of routes) {
    note("channel", channel, `route "${name}"`);
    for (const one of mention) note("mention", one, `route "${name}"`);
  }
  return [...found.values()];
}

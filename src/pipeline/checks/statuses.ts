import type { Config } from "../../config/config.ts";
import { isOneOf } from "../../sage/source.ts";
import { sources } from "../../sage/sources/index.ts";
import { warning, type Check } from "./check.ts";

/** Statuses to announce that nothing of their source can have. One that is misspelt leaves records out in silence. */
export function checkStatuses(config: Config): Check[] {
  return sources.flatMap(({ name, has }) => {
    const settings = config.sources[name];
    if (settings?.enabled !== true) return [];
    return (settings.statuses ?? [])
      .filter((status) => !isOneOf(status, has.statuses))
      .map((status) =>
        warning(
          `sources.${name}.statuses`,
          `"${status}" is no status that Sage is known to give them: nothing is announced for it`,
          `Known are ${has.statuses.join(", ")}.`,
        ),
      );
  });
}

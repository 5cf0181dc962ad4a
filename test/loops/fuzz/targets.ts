import { fileTargets } from "./files.ts";
import { sageTargets } from "./sage.ts";
import { settingTargets } from "./settings.ts";
import { slackTargets } from "./slack.ts";
import type { Kind } from "./target.ts";
import { valueTargets } from "./values.ts";

/**
 * Every parser that reads outside data, by where the data comes from. A new parser has its target in one of these
 * families: text that people edit (configuration, arguments, tables of names) belongs to the settings.
 */
export const targets: Readonly<Record<string, Kind>> = {
  ...sageTargets,
  ...slackTargets,
  ...fileTargets,
  ...settingTargets,
  ...valueTargets,
};

import { typeName } from "./filter.ts";
import type { Model } from "./model.ts";
import { refuse } from "./refusal.ts";
import type { SageSwitches } from "./switches.ts";

export interface QueryOptions {
  readonly filter: string | null;
  readonly select: readonly string[] | null;
  readonly top: number | null;
  readonly skip: number;
  readonly count: boolean;
}

const documented: ReadonlySet<string> = new Set(["$filter", "$select", "$top", "$skip", "$count"]);

/** Each option at most once; those of OData that Sage does not document are refused. */
export function readOptions(parameters: URLSearchParams, model: Model, switches: SageSwitches): QueryOptions {
  const options = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (!name.startsWith("$")) continue;
    if (options.has(name))
      refuse("InvalidParameters", `Query option '${name}' was specified more than once.`);
    if (!documented.has(name) && !(name === "$orderby" && switches.orderby === "ignored")) {
      refuse("InvalidParameters", `The query option '${name}' is not allowed.`);
    }
    options.set(name, value);
  }
  return {
    filter: options.get("$filter") ?? null,
    select: switches.selectIgnored ? null : selection(options.get("$select"), model),
    top: wholeNumber("$top", options.get("$top")),
    skip: wholeNumber("$skip", options.get("$skip")) ?? 0,
    count: options.get("$count") === "true",
  };
}

function selection(text: string | undefined, model: Model): string[] | null {
  if (text === undefined) return null;
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!model.fields.has(name)) {
      refuse("InvalidParameters", `Could not find a property named '${name}' on type '${typeName(model)}'.`);
    }
  }
  return names;
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,9}$/.test(text)) refuse("InvalidParameters", `The value of ${name} is not a whole number.`);
  return Number(text);
}

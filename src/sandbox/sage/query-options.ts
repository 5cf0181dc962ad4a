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

export interface Queried {
  readonly model: Model;
  readonly typeName: string;
}

/** Each option at most once; those of OData that Sage does not document are refused. */
export function readOptions(
  parameters: URLSearchParams,
  queried: Queried,
  switches: SageSwitches,
): QueryOptions {
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
    select: switches.selectIgnored ? null : selection(options.get("$select"), queried),
    top: wholeNumber("$top", options.get("$top")),
    skip: wholeNumber("$skip", options.get("$skip")) ?? 0,
    count: flag("$count", options.get("$count")),
  };
}

function selection(text: string | undefined, { model, typeName }: Queried): string[] | null {
  if (text === undefined) return null;
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!model.fields.has(name)) {
      refuse("InvalidParameters", `Could not find a property named '${name}' on type '${typeName}'.`);
    }
  }
  return names;
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,9}$/.test(text)) refuse("InvalidParameters", `The value of ${name} is not a whole number.`);
  return Number(text);
}

function flag(name: string, text: string | undefined): boolean {
  if (text !== undefined && text !== "true" && text !== "false") {
    refuse("InvalidParameters", `The value of ${name} is neither true nor false.`);
  }
  return text === "true";
}

import { refuse } from "./refusal.ts";

/** What a request is about, taken from its path. */
export type Address =
  | { readonly kind: "landing-page" }
  | { readonly kind: "metadata"; readonly company: string; readonly module: string }
  | { readonly kind: "feed"; readonly company: string; readonly module: string; readonly resource: string }
  | {
      readonly kind: "entity";
      readonly company: string;
      readonly module: string;
      readonly resource: string;
      /** As it stands between the parentheses. */
      readonly key: string;
    };

/** IIS compares the virtual directory without case, OData the rest with it. */
const virtualDirectory = /^\/Sage300WebApi(?=\/|$)/i;

/** Null outside of the virtual directory, where IIS answers and not Sage. */
export function readAddress(pathname: string): Address | null {
  if (!virtualDirectory.test(pathname)) return null;
  const rest = pathname.replace(virtualDirectory, "");
  if (rest === "" || rest === "/") return { kind: "landing-page" };
  const match = /^\/v1\.0\/-\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(rest);
  if (match === null) return refuse("ResourceNotFound", "The resource does not exist.");
  const [company = "", module = "", last = ""] = match.slice(1).map(decoded);
  if (last === "$metadata") return { kind: "metadata", company, module };
  const entity = /^(\w+)\((.*)\)$/s.exec(last);
  if (entity === null) return { kind: "feed", company, module, resource: last };
  const [, resource = "", key = ""] = entity;
  return { kind: "entity", company, module, resource, key };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return refuse("InvalidParameters", "The address is malformed.");
  }
}

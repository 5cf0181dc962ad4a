/** What is not known for certain about a real server. Every switch may be changed while the simulator runs. */
export interface SageSwitches {
  /** Whether a lower-case user id or plain password is refused, or turned into capitals by the server. */
  caseRule: "upper-required" | "server-forces-upper";
  /** Wrong passwords after which an account is locked, even for the right one. */
  lockoutAfter: number;
  /** Whether ADMIN may use the Web API, as after a change of `web.config`. */
  adminAllowed: boolean;
  /** A second request of a login while its first is being served. */
  concurrency: "serve" | "429" | "409";
  /** Whether a GET without `Content-Type` is a 500. */
  contentTypeRequired: boolean;
  /** The answer about a company that does not exist. */
  unknownCompany: "404" | "500-DBLinkError" | "html-404";
  /** Whether answers are packed for a client that accepts it, as with dynamic compression in IIS. */
  compression: "none" | "gzip";
  /** Longest query string in characters, as sent; IIS answers longer ones with its own 404 page. */
  maxQueryLength: number;
  /** Most rows in one page, 1 to 1000. */
  pageSize: number;
  /** How a page says that there is another. */
  nextLink: "present" | "absent" | "relative" | "internal-host" | "foreign-host";
  /** The order of a feed's rows; the shuffled one is the same for every request. */
  rowOrder: "key" | "descending" | "shuffled";
  orderby: "400" | "ignored";
  /** Whether `$select` has no effect. */
  selectIgnored: boolean;
  /** Whether the operator `ge`, missing in the documentation, is refused. */
  geRefused: boolean;
  /** How a date is written in a filter: bare, in quotes as `'2026-11-24'`, or either. */
  dateLiterals: "unquoted" | "quoted" | "either";
  /** An enum member in a filter that the server does not have. */
  unknownEnumMember: "400" | "no-match";
  /** Most nodes (operators, properties, literals, calls) of a filter. */
  maxFilterNodes: number | undefined;
  countRespectsFilter: boolean;
  countType: "number" | "string" | "missing";
  countName: "@odata.count" | "odata.count";
  /** Amounts without trailing zeros, or with the three places Sage stores. */
  decimalScale: "trimmed" | "kept";
  /** The names of purchase order fields, which no documented payload proves. */
  poNames: "web-model" | "variant";
  /** The names of the payment batch header's fields that no documented payload proves. */
  paymentNames: "by-analogy" | "variant";
  /** Further renamed fields: `{ PurchaseOrder: { Completed: "IsCompleted" } }`, by model and field. */
  renames: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How the general ledger's two provisional statuses begin. */
  glStatusNames: "ProvPosted" | "ProvisionalPosted";
  /** Whether every row, nested ones too, has properties nobody has documented. */
  extraFields: boolean;
  /** Whether posting sets `DateLastEdited`. */
  postingTouchesLastEdited: boolean;
}

export const defaultSwitches: Readonly<SageSwitches> = {
  caseRule: "upper-required",
  lockoutAfter: 3,
  adminAllowed: false,
  concurrency: "429",
  contentTypeRequired: false,
  unknownCompany: "404",
  compression: "none",
  maxQueryLength: 2_048,
  pageSize: 100,
  nextLink: "present",
  rowOrder: "key",
  orderby: "400",
  selectIgnored: false,
  geRefused: false,
  dateLiterals: "unquoted",
  unknownEnumMember: "400",
  maxFilterNodes: undefined,
  countRespectsFilter: true,
  countType: "number",
  countName: "@odata.count",
  decimalScale: "trimmed",
  poNames: "web-model",
  paymentNames: "by-analogy",
  renames: {},
  glStatusNames: "ProvPosted",
  extraFields: false,
  postingTouchesLastEdited: false,
};

import { createHash } from "node:crypto";

import { parseFilter } from "./filter.ts";
import type { Model } from "./model.ts";
import { readOptions, type QueryOptions } from "./query-options.ts";
import { typeNameOf, type Resource } from "./resources.ts";
import { numberIn, textIn, type SageRow } from "./rows.ts";
import type { SageSwitches } from "./switches.ts";
import { rowText, servedFields, servedModel, servedRow } from "./wire.ts";

export interface FeedRequest {
  readonly resource: Resource;
  readonly rows: readonly SageRow[];
  readonly parameters: URLSearchParams;
  readonly switches: SageSwitches;
  /** Address of the module, without a slash at its end. */
  readonly moduleUrl: string;
}

/** One page of a feed as JSON text. */
export function feedText(request: FeedRequest): string {
  const { resource, parameters, switches, moduleUrl } = request;
  const model = servedModel(resource.model, switches);
  const queried = { model, typeName: typeNameOf(resource) };
  const options = readOptions(parameters, queried, switches);
  const all = inOrder(request);
  const found = options.filter === null ? all : all.filter(matching(options.filter, queried, request));
  const size = Math.min(options.top ?? Infinity, switches.pageSize);
  const page = found
    .slice(options.skip, options.skip + size)
    .map((row) => servedRow(row, resource.model, switches));
  const counted = (switches.countRespectsFilter ? found : all).length;
  const members = [
    `"@odata.context":${JSON.stringify(contextOf(moduleUrl, resource, options.select))}`,
    ...(options.count ? countMember(counted, switches) : []),
    `"value":[${page.map((row) => rowText(selected(row, options.select), model, switches)).join(",")}]`,
    ...nextLink(request, { options, shown: page.length, found: found.length }),
  ];
  return `{${members.join(",")}}`;
}

function matching(
  filter: string,
  queried: { model: Model; typeName: string },
  { resource, switches }: FeedRequest,
): (row: SageRow) => boolean {
  const matches = parseFilter(filter, { ...queried, ...switches });
  const fields = servedFields(filter, resource.model, switches);
  return (row) => matches(fields(row));
}

/** One record as JSON text. */
export function entityText(request: FeedRequest, row: SageRow): string {
  const { resource, parameters, switches, moduleUrl } = request;
  const model = servedModel(resource.model, switches);
  const { select } = readOptions(parameters, { model, typeName: typeNameOf(resource) }, switches);
  const served = servedRow(row, resource.model, switches);
  const context = `${contextOf(moduleUrl, resource, select)}/$entity`;
  const text = rowText(selected(served, select), model, switches);
  return `{"@odata.context":${JSON.stringify(context)},${text.slice(1)}`;
}

function contextOf(moduleUrl: string, { name }: Resource, select: QueryOptions["select"]): string {
  return `${moduleUrl}/$metadata#${name}${select === null ? "" : `(${select.join(",")})`}`;
}

function countMember(count: number, { countType, countName }: SageSwitches): string[] {
  if (countType === "missing") return [];
  return [`"${countName}":${countType === "string" ? `"${count}"` : count}`];
}

function selected(row: SageRow, select: QueryOptions["select"]): SageRow {
  if (select === null) return row;
  const picked: SageRow = {};
  for (const name of select) if (row[name] !== undefined) picked[name] = row[name];
  return picked;
}

function inOrder({ rows, resource, switches }: FeedRequest): SageRow[] {
  const sorted = rows.toSorted(byKey(resource));
  switch (switches.rowOrder) {
    case "key":
      return sorted;
    case "descending":
      return sorted.toReversed();
    case "shuffled":
      return sorted.toSorted((one, other) =>
        shuffleKey(one, resource) < shuffleKey(other, resource) ? -1 : 1,
      );
  }
}

function byKey({ keys, model }: Resource): (one: SageRow, other: SageRow) => number {
  return (one, other) => {
    for (const name of keys) {
      const isNumber = model.fields.get(name)?.kind === "number";
      const [a, b] = isNumber
        ? [numberIn(one, name), numberIn(other, name)]
        : [textIn(one, name), textIn(other, name)];
      if (a !== b) return a < b ? -1 : 1;
    }
    return 0;
  };
}

function shuffleKey(row: SageRow, { keys }: Resource): string {
  return createHash("sha256")
    .update(keys.map((name) => textIn(row, name)).join("|"))
    .digest("hex");
}

/** As the framework makes it: a `$top` above the page's size shrinks, `$skip` moves on and comes last. */
function nextLink(
  { moduleUrl, resource, parameters, switches }: FeedRequest,
  { options, shown, found }: { options: QueryOptions; shown: number; found: number },
): string[] {
  const next = options.skip + shown;
  const isLast = next >= found || shown === 0 || (options.top !== null && shown >= options.top);
  if (isLast || switches.nextLink === "absent") return [];
  const query = [...parameters]
    .filter(([name]) => name !== "$skip")
    .map(([name, value]) => [name, name === "$top" ? String((options.top ?? 0) - shown) : value] as const)
    .map(([name, value]) => `${encodeURIComponent(name).replace(/^%24/, "$")}=${encodeURIComponent(value)}&`);
  const path = `${resource.name}?${query.join("")}$skip=${next}`;
  const { pathname } = new URL(moduleUrl);
  const links = {
    present: `${moduleUrl}/${path}`,
    relative: path,
    "internal-host": `http://sageapp01${pathname}/${path}`,
    "foreign-host": `http://collector.example.net${pathname}/${path}`,
  };
  return [`"@odata.nextLink":${JSON.stringify(links[switches.nextLink])}`];
}

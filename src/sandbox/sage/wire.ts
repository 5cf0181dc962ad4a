import { decimal, isDecimal, withPlaces } from "./decimal.ts";
import type { Field, Model } from "./model.ts";
import { isRow, type SageRow, type SageValue } from "./rows.ts";
import type { SageSwitches } from "./switches.ts";

/** Names that no documented payload proves; a server may have others. */
const variants: Readonly<
  Record<"poNames" | "paymentNames", Readonly<Record<string, Readonly<Record<string, string>>>>>
> = {
  poNames: {
    PurchaseOrder: {
      Total: "OrderTotal",
      Lines: "NumberOfLines",
      Currency: "CurrencyCode",
      Name: "VendorName",
    },
    PurchaseOrderLine: { ExtendedCost: "LineTotal" },
  },
  paymentNames: {
    PaymentAdjustmentBatch: { NumberOfEntries: "NumberofEntries", DateLastEdited: "LastEditedDate" },
  },
};

/** A field's name on this server. */
function wireName(model: Model, field: string, switches: SageSwitches): string {
  const renamed = switches.renames[model.name]?.[field];
  if (renamed !== undefined) return renamed;
  if (switches.poNames === "variant") {
    const name = variants.poNames[model.name]?.[field];
    if (name !== undefined) return name;
  }
  return (
    (switches.paymentNames === "variant" ? variants.paymentNames[model.name]?.[field] : undefined) ?? field
  );
}

/** An enum member's name on this server; only the general ledger has provisional statuses. */
function wireMember(member: string, { glStatusNames }: SageSwitches): string {
  return glStatusNames === "ProvisionalPosted" ? member.replace(/^Prov(?=Post)/, "Provisional") : member;
}

/** The model as this server names it: for filters, selections and metadata. */
export function servedModel(model: Model, switches: SageSwitches): Model {
  const fields = [...model.fields.values()].map((field) => ({
    ...field,
    name: wireName(model, field.name, switches),
    members: field.members.map((member) => wireMember(member, switches)),
  }));
  return { name: model.name, fields: new Map(fields.map((field) => [field.name, field])) };
}

/** The fields of a row that a filter may name, under the names of this server: what a long feed is searched by. */
export function servedFields(
  filter: string,
  model: Model,
  switches: SageSwitches,
): (row: SageRow) => SageRow {
  const named = [...model.fields.values()]
    .map((field) => ({ field, name: wireName(model, field.name, switches) }))
    .filter(({ field, name }) => field.child === undefined && filter.includes(name));
  return (row) => {
    const served: SageRow = {};
    for (const { field, name } of named) {
      const value = row[field.name];
      if (value !== undefined) served[name] = servedValue(value, field, switches);
    }
    return served;
  };
}

/** A row under the names of this server. */
export function servedRow(row: SageRow, model: Model, switches: SageSwitches): SageRow {
  const served: SageRow = {};
  for (const [name, value] of Object.entries(row)) {
    served[wireName(model, name, switches)] = servedValue(value, model.fields.get(name), switches);
  }
  if (switches.extraFields) served["PartnerExtension"] = "added by a partner's module";
  return served;
}

function servedValue(value: SageValue, field: Field | undefined, switches: SageSwitches): SageValue {
  const child = field?.child;
  if (child !== undefined && Array.isArray(value)) {
    return value.map((element) => servedRow(element, child, switches));
  }
  return field?.kind === "enum" && typeof value === "string" ? wireMember(value, switches) : value;
}

/** JSON of a row; amounts are number tokens with every digit, which `JSON.stringify` would round. */
export function rowText(row: SageRow, model: Model, switches: SageSwitches): string {
  const members = Object.entries(row).map(([name, value]) => {
    const field = model.fields.get(name);
    return `${JSON.stringify(name)}:${valueText(value, { kind: field?.kind ?? "text", child: field?.child, switches })}`;
  });
  return `{${members.join(",")}}`;
}

function valueText(
  value: SageValue,
  { kind, child, switches }: { kind: string; child: Model | undefined; switches: SageSwitches },
): string {
  if (Array.isArray(value)) {
    const model = child === undefined ? { name: "", fields: new Map() } : servedModel(child, switches);
    return `[${value.map((element) => rowText(element, model, switches)).join(",")}]`;
  }
  if (isRow(value)) return rowText(value, { name: "", fields: new Map() }, switches);
  if (kind === "amount" && typeof value === "string") {
    // A test may put a token there that is no number, to see what a client makes of it.
    if (!isDecimal(value)) return value;
    return switches.decimalScale === "kept" ? withPlaces(value, 3) : decimal(value);
  }
  return JSON.stringify(value);
}

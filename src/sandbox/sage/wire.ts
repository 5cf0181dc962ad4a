import { withPlaces } from "./decimal.ts";
import type { Model } from "./model.ts";
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

/** The model as this server names it: for filters, selections and metadata. */
export function servedModel(model: Model, switches: SageSwitches): Model {
  const fields = [...model.fields.values()].map((field) => ({
    ...field,
    name: wireName(model, field.name, switches),
  }));
  return { name: model.name, fields: new Map(fields.map((field) => [field.name, field])) };
}

/** A row under the names of this server. */
export function servedRow(row: SageRow, model: Model, switches: SageSwitches): SageRow {
  const served: SageRow = {};
  for (const [name, value] of Object.entries(row)) {
    const child = model.fields.get(name)?.child;
    served[wireName(model, name, switches)] =
      child !== undefined && Array.isArray(value)
        ? value.map((element) => servedRow(element, child, switches))
        : value;
  }
  if (switches.extraFields) served["PartnerExtension"] = "added by a partner's module";
  return served;
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
    return switches.decimalScale === "kept" ? withPlaces(value, 3) : value;
  }
  return JSON.stringify(value);
}

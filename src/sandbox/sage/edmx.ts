import type { Kind, Model } from "./model.ts";

const edmTypes: Readonly<Record<Exclude<Kind, "list">, string>> = {
  text: "Edm.String",
  amount: "Edm.Decimal",
  number: "Edm.Int64",
  date: "Edm.DateTimeOffset",
  time: "Edm.DateTimeOffset",
  flag: "Edm.Boolean",
  enum: "Edm.String",
};

export interface DescribedResource {
  readonly name: string;
  readonly model: Model;
  readonly keys: readonly string[];
}

/** `$metadata` of a module: entity types with their collections as complex types. */
export function describe(module: string, resources: readonly DescribedResource[]): string {
  const namespace = `Sage.CA.SBS.ERP.Sage300.${module}.WebApi.Models`;
  const complex = new Map<string, Model>();
  const entities = resources.map(({ model, keys }) => {
    const key = keys.map((name) => `<PropertyRef Name="${name}"/>`).join("");
    return `<EntityType Name="${model.name}"><Key>${key}</Key>${properties(model, namespace, complex)}</EntityType>`;
  });
  const types = [...complex.values()].map((model) => complexType(model, namespace, complex));
  const sets = resources.map(
    ({ name, model }) => `<EntitySet Name="${name}" EntityType="${namespace}.${model.name}"/>`,
  );
  return (
    '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>' +
    `<Schema Namespace="${namespace}" xmlns="http://docs.oasis-open.org/odata/ns/edm">${entities.join("")}${types.join("")}</Schema>` +
    `<Schema Namespace="Default" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityContainer Name="Container">${sets.join("")}</EntityContainer></Schema>` +
    "</edmx:DataServices></edmx:Edmx>"
  );
}

function properties(model: Model, namespace: string, complex: Map<string, Model>): string {
  return [...model.fields.values()]
    .map(({ name, kind, child }) => {
      if (kind !== "list") return `<Property Name="${name}" Type="${edmTypes[kind]}"/>`;
      if (child !== undefined) complex.set(child.name, child);
      return `<Property Name="${name}" Type="Collection(${namespace}.${child?.name ?? "Unknown"})"/>`;
    })
    .join("");
}

function complexType(model: Model, namespace: string, complex: Map<string, Model>): string {
  return `<ComplexType Name="${model.name}">${properties(model, namespace, complex)}</ComplexType>`;
}

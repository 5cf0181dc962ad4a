import type { Field, Kind, Model } from "./model.ts";
import { namespaceOf, type Resource } from "./resources.ts";
import type { SageSwitches } from "./switches.ts";
import { servedModel } from "./wire.ts";

const edmTypes: Readonly<Record<Exclude<Kind, "list" | "enum">, string>> = {
  text: "Edm.String",
  amount: "Edm.Decimal",
  number: "Edm.Int64",
  date: "Edm.DateTimeOffset",
  time: "Edm.DateTimeOffset",
  flag: "Edm.Boolean",
};

const edm = 'xmlns="http://docs.oasis-open.org/odata/ns/edm"';

/** `$metadata` of a module: entity types, their collections as complex types, and enum types. */
export function describe(module: string, resources: readonly Resource[], switches: SageSwitches): string {
  const schema = new Schema(namespaceOf(module), switches);
  const sets = resources.map(({ name, model, keys }) => {
    schema.addEntity(model, keys);
    return `<EntitySet Name="${name}" EntityType="${namespaceOf(module)}.${model.name}"/>`;
  });
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>' +
    `<Schema Namespace="${namespaceOf(module)}" ${edm}>${schema.types.join("")}</Schema>` +
    `<Schema Namespace="Default" ${edm}><EntityContainer Name="Container">${sets.join("")}</EntityContainer></Schema>` +
    "</edmx:DataServices></edmx:Edmx>"
  );
}

/** Gathers types; a complex or enum type that several others use is described once. */
class Schema {
  readonly types: string[] = [];
  readonly #namespace: string;
  readonly #switches: SageSwitches;
  readonly #complexTypes = new Set<string>();
  readonly #enums = new Map<string, string>();

  constructor(namespace: string, switches: SageSwitches) {
    this.#namespace = namespace;
    this.#switches = switches;
  }

  addEntity(model: Model, keys: readonly string[]): void {
    const key = keys.map((name) => `<PropertyRef Name="${name}"/>`).join("");
    this.types.push(
      `<EntityType Name="${model.name}"><Key>${key}</Key>${this.#properties(model)}</EntityType>`,
    );
  }

  #properties(model: Model): string {
    const served = [...servedModel(model, this.#switches).fields.values()];
    return served
      .map((field) => `<Property Name="${field.name}" Type="${this.#type(model, field)}"/>`)
      .join("");
  }

  #type(model: Model, field: Field): string {
    if (field.kind === "list") return `Collection(${this.#complexType(field.child)})`;
    return field.kind === "enum" ? this.#enumType(model, field) : edmTypes[field.kind];
  }

  #complexType(model: Model | undefined): string {
    if (model === undefined) throw new TypeError("a collection without a model");
    if (!this.#complexTypes.has(model.name)) {
      this.#complexTypes.add(model.name);
      this.types.push(`<ComplexType Name="${model.name}">${this.#properties(model)}</ComplexType>`);
    }
    return `${this.#namespace}.${model.name}`;
  }

  /** Two models may use one property's name for different members. */
  #enumType(model: Model, { name: property, members, initial }: Field): string {
    const names = members.length > 0 ? members : typeof initial === "string" ? [initial] : [];
    const list = names.map((member, value) => `<Member Name="${member}" Value="${value}"/>`).join("");
    const common = this.#enums.get(`${property}Enum`);
    const name = common === undefined || common === list ? `${property}Enum` : `${model.name}${property}Enum`;
    if (!this.#enums.has(name)) {
      this.#enums.set(name, list);
      this.types.push(`<EnumType Name="${name}">${list}</EnumType>`);
    }
    return `${this.#namespace}.${name}`;
  }
}

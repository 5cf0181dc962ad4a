/** A `$filter` expression of OData 4, made by the functions below so that no value is ever pasted in unquoted. */
export type Filter = string;

type Operator = "eq" | "ne" | "gt" | "lt" | "le";

const propertyName = /^[A-Z][A-Za-z0-9]*$/;

/** Compares a property with a literal. `ge` is missing on purpose: Sage's documentation does not list it. */
export function compare(property: string, operator: Operator, literal: string): Filter {
  if (!propertyName.test(property)) throw new TypeError(`not a property name: ${property}`);
  return `${property} ${operator} ${literal}`;
}

export function and(...filters: readonly Filter[]): Filter {
  return joined("and", filters);
}

export function or(...filters: readonly Filter[]): Filter {
  return joined("or", filters);
}

function joined(word: "and" | "or", filters: readonly Filter[]): Filter {
  if (filters.length === 1 && filters[0] !== undefined) return filters[0];
  return filters.map((filter) => `(${filter})`).join(` ${word} `);
}

/** A string or an enum member: in single quotes, a quote inside doubled. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A whole number given as digits. */
export function integer(digits: string): string {
  if (!/^\d{1,18}$/.test(digits)) throw new TypeError(`not a whole number: ${digits}`);
  return digits;
}

/** A calendar date as Sage serialises it: midnight `Z`, unquoted. */
export function date(day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new TypeError(`not a calendar date: ${day}`);
  return `${day}T00:00:00Z`;
}

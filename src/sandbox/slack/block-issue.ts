import { isList, isObject, type Json, type JsonObject } from "./json.ts";

/** One finding about a message's blocks, at a JSON pointer below the block list. */
export interface BlockIssue {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
}

export interface TextLimits {
  readonly min?: number;
  readonly max?: number;
}

/** Collects findings while the checks walk down a block. */
export class BlockIssues {
  readonly found: BlockIssue[] = [];

  add(pointer: string, code: string, message: string): void {
    this.found.push({ pointer, code, message });
  }

  missing(pointer: string, field: string): void {
    this.found.push({ pointer, code: "missing_field", message: `missing required field: ${field}`, field });
  }

  /** Whether `owner[field]` is text within the limits. */
  checkString(owner: JsonObject, at: string, limits: TextLimits & { field: string }): void {
    const { field, min = 1, max = Infinity } = limits;
    const value = owner[field];
    const pointer = `${at}/${field}`;
    if (value === undefined || value === null) this.missing(at, field);
    else if (typeof value !== "string") this.add(pointer, "invalid_type", "must provide a string");
    else if (value.length < min) this.add(pointer, "too_short", `must be more than ${min - 1} characters`);
    else if (value.length > max) this.add(pointer, "too_long", `must be less than ${max + 1} characters`);
  }

  checkOptionalString(owner: JsonObject, at: string, limits: TextLimits & { field: string }): void {
    if (owner[limits.field] !== undefined) this.checkString(owner, at, limits);
  }

  /** The items of `owner[field]`, or none when it is not a list of an allowed length. */
  checkList(owner: JsonObject, at: string, limits: TextLimits & { field: string }): readonly Json[] {
    const { field, min = 1, max = Infinity } = limits;
    const value = owner[field];
    const pointer = `${at}/${field}`;
    if (value === undefined || value === null) {
      this.missing(at, field);
      return [];
    }
    if (!isList(value)) {
      this.add(pointer, "invalid_type", "must provide an array");
      return [];
    }
    if (value.length < min) this.add(pointer, "too_few", `no less than ${min} items allowed`);
    if (value.length > max) this.add(pointer, "too_many", `no more than ${max} items allowed`);
    return value;
  }

  checkKeys(owner: JsonObject, at: string, allowed: readonly string[]): void {
    for (const key of Object.keys(owner)) {
      if (!allowed.includes(key)) {
        this.add(at, "additional_property", `invalid additional property: ${key}`);
      }
    }
  }

  checkOneOf(value: Json | undefined, at: string, allowed: readonly Json[]): void {
    if (value !== undefined && !allowed.includes(value)) {
      this.add(at, "invalid_value", `must be one of: ${allowed.map(String).join(", ")}`);
    }
  }

  /** The value as an object; anything else is a finding. */
  checkObject(value: Json | undefined, at: string): JsonObject | undefined {
    if (isObject(value)) return value;
    this.add(at, "invalid_type", "must provide an object");
    return undefined;
  }
}

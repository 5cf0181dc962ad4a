import { parseJson, type Json, type JsonObject } from "./json.ts";
import { SlackRefusal } from "./refusal.ts";

/** The arguments of one call, whether they came as text of a form or as JSON values. */
export class CallArguments {
  readonly values: JsonObject;

  constructor(values: JsonObject) {
    this.values = values;
  }

  /** Absent, empty and an explicit null are the same to Slack. */
  string(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null || value === "") return undefined;
    return typeof value === "string" ? value : JSON.stringify(value);
  }

  required(name: string): string {
    const value = this.string(name);
    if (value !== undefined) return value;
    throw new SlackRefusal("invalid_arguments", {
      response_metadata: { messages: [`[ERROR] missing required field: ${name}`] },
    });
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = this.string(name);
    return value === undefined ? otherwise : value === "true" || value === "1";
  }

  /** A whole number from 1 up to, and without, `below`. */
  limit(otherwise: number, below: number): number {
    const value = this.string("limit");
    if (value === undefined) return otherwise;
    const limit = Number(value);
    if (!Number.isInteger(limit) || limit < 1 || limit >= below) throw new SlackRefusal("invalid_limit");
    return limit;
  }

  /** A structured argument; in a form it is JSON text. */
  structure(name: string, refusal: string): Json | undefined {
    const value = this.values[name];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value !== "string") return value;
    const parsed = parseJson(value);
    if (parsed === undefined) throw new SlackRefusal(refusal);
    return parsed;
  }
}

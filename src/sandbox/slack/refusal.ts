import type { JsonObject } from "./json.ts";

/** An answer with `ok: false`; `extra` is merged into its body. */
export class SlackRefusal extends Error {
  readonly code: string;
  readonly extra: JsonObject;

  constructor(code: string, extra: JsonObject = {}) {
    super(code);
    this.name = "SlackRefusal";
    this.code = code;
    this.extra = extra;
  }
}

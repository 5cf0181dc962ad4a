import { z } from "../runtime/zod.ts";
import { configSchema } from "./config.ts";

/** The JSON Schema of the file as people write it, for completion and checks in an editor. */
export function jsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, { io: "input", target: "draft-7", unrepresentable: "any" });
  // What the loader takes; VS Code asks the schema.
  const leniency = { allowComments: true, allowTrailingCommas: true };
  return { title: "sage-slack configuration", ...leniency, ...schema };
}

/** Builds `dist` and `schema.json`. */
import { writeFileSync } from "node:fs";

import { jsonSchema } from "../src/config/json-schema.ts";
import { bundleProgram } from "./program.ts";

await bundleProgram("dist");
// For editors.
writeFileSync("schema.json", `${JSON.stringify(jsonSchema(), null, 2)}\n`);

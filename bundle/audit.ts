/**
 * Asks the registry for known holes, and fails for those in what is shipped: what is bundled into the program, and what
 * npm installs beside it. A hole in a tool of development is told, and holds no release back.
 */
import { spawnSync } from "node:child_process";

import { bundledPackages, withoutVersion } from "./third-party-notices.ts";

interface Report {
  /** Why there is no answer. */
  readonly message?: string;
  /** By the name of the package. */
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>;
}

const installed = ["keytar", "@github/keytar", "node-addon-api"];
const shipped = new Set([...installed, ...bundledPackages().map(withoutVersion)]);
const { stdout } = spawnSync("npm", ["audit", "--json"], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
const { message, vulnerabilities } = JSON.parse(stdout) as Report;

if (vulnerabilities === undefined) {
  process.stderr.write(`npm audit has no answer: ${message ?? "the registry says nothing"}\n`);
  process.exitCode = 2;
} else {
  for (const [name, { severity }] of Object.entries(vulnerabilities)) {
    process.stdout.write(`${shipped.has(name) ? "SHIPPED" : "development"} ${severity} ${name}\n`);
    if (shipped.has(name)) process.exitCode = 1;
  }
}

/**
 * Prints a CycloneDX list of all that the package is made of: what is bundled into the program, and what npm installs
 * beside it. npm itself takes the bundled packages for development tools.
 */
import { execFileSync } from "node:child_process";

import { bundledPackages } from "./third-party-notices.ts";

interface Component {
  readonly "bom-ref": string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

interface Sbom {
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const developmentOnly = "cdx:npm:package:development";
const options = ["--sbom-format", "cyclonedx", "--sbom-type", "application"];
const everything = JSON.parse(
  execFileSync("npm", ["sbom", ...options], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }),
) as Sbom & { metadata: { component: Component } };
const bundled = new Set(bundledPackages());

const components = everything.components
  .filter((one) => bundled.has(one["bom-ref"]) || !isForDevelopment(one))
  .map((one) => ({
    ...one,
    properties: one.properties?.filter(({ name }) => name !== developmentOnly) ?? [],
  }));
const shipped = new Set([
  everything.metadata.component["bom-ref"],
  ...components.map((one) => one["bom-ref"]),
]);
const dependencies = everything.dependencies
  .filter(({ ref }) => shipped.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => shipped.has(one)) }));

process.stdout.write(`${JSON.stringify({ ...everything, components, dependencies }, null, 2)}\n`);

function isForDevelopment({ properties = [] }: Component): boolean {
  return properties.some(({ name, value }) => name === developmentOnly && value === "true");
}

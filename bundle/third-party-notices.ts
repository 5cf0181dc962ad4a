import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Plugin } from "rolldown";

export const noticesFile = "third-party-notices.txt";

interface Package {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** Writes the name, version and licence of every package of which a file has become part of the program. */
export function thirdPartyNotices(): Plugin {
  return {
    name: "third-party-notices",
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
      const folders = new Set(modules.flatMap((id) => folderOfPackage(id) ?? []));
      const packages = [...folders].map(packageIn).toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
      this.emitFile({ type: "asset", fileName: noticesFile, source: noticesOf(packages) });
    },
  };
}

/** `got@14.6.6` of each package in the program that was built last. */
export function bundledPackages(): string[] {
  const notices = readFileSync(join(import.meta.dirname, "../dist", noticesFile), "utf8");
  return [...notices.matchAll(/^=== (\S+) \(/gm)].map(([, name = ""]) => name);
}

/** `got` of `got@14.6.6` */
export function withoutVersion(spec: string): string {
  return spec.replace(/@[^@]+$/, "");
}

/** `/node_modules/@slack/web-api` of a file in it; null for a file of the program's own. */
function folderOfPackage(id: string): string | null {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll("\\", "/"))?.[0] ?? null;
}

function packageIn(folder: string): Package {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as Package;
  return { folder, name, version, license };
}

function nameOf({ name, version }: Package): string {
  return `${name}@${version}`;
}

function noticesOf(packages: readonly Package[]): string {
  const parts = packages.map((one) => `=== ${nameOf(one)} (${one.license})\n\n${licenseText(one.folder)}\n`);
  return ["This program contains the packages below, each under its own license.\n", ...parts].join("\n");
}

function licenseText(folder: string): string {
  const name = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  if (name === undefined) return "The package brings no text of its license.";
  return readFileSync(join(folder, name), "utf8").trim();
}

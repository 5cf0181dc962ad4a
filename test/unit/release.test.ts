import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const manifest = JSON.parse(read("package.json")) as {
  version: string;
  scripts: Record<string, string>;
  publishConfig: object;
};

interface Workflow {
  readonly permissions: object;
  readonly jobs: { readonly publish: { readonly permissions: object; readonly steps: { run?: string }[] } };
}

test("the release runs commands that there are, and may do nothing but read and prove who it is", () => {
  const { permissions, jobs } = parse(read(".github/workflows/release.yml")) as Workflow;
  const commands = jobs.publish.steps.flatMap(({ run }) => run ?? []);
  const scripts = commands.flatMap((line) => /^npm run (?:--silent )?([\w:]+)/.exec(line)?.[1] ?? []);

  expect(permissions).toEqual({ contents: "read" });
  expect(jobs.publish.permissions).toEqual({ contents: "read", "id-token": "write" });
  expect(scripts).toEqual(["check", "test:slow", "test:package", "audit:shipped", "sbom"]);
  expect(scripts.filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
  expect(commands.at(-1)).toBe("npm publish --provenance --access public");
  expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
});

test.each(["examples/Containerfile", "examples/kubernetes.yaml"])("%s names this version", (name) => {
  const versions = [...read(name).matchAll(/sage-slack[@:](\d+\.\d+\.\d+)/g)].map(([, version]) => version);

  expect(versions.length).toBeGreaterThan(0);
  expect(new Set(versions)).toEqual(new Set([manifest.version]));
});

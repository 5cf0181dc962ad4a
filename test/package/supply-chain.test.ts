import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

import { temporaryDirectory } from "../support/temporary-directory.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const manyBytes = { maxBuffer: 64 * 1024 * 1024 };

function namesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
}

/** What the package holds: the compiled sources and the documents, and nothing that happens to lie around. */
const golden = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "SECURITY.md",
  "bin/sage-slack.js",
  ...namesIn("src")
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `dist/${name.replace(/\.ts$/, ".js")}`),
  ...["docs", "examples"].flatMap((folder) => namesIn(folder).map((name) => `${folder}/${name}`)),
  "package.json",
  "schema.json",
].toSorted();

const secretShapes =
  /xox[a-z]-\d{6,}-\d{6,}-(?!sandbox)\w+|-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|npm_\w{30,}|\beyJ\w{10,}\.eyJ\w+|authorization"?:\s*"?(?:Basic|Bearer) \w{8,}/i;

describe("the package", () => {
  test("SR-48 holds what it must and nothing else, and no secret", async () => {
    await using directory = await temporaryDirectory();
    const { stdout } = await run(
      "npm",
      ["pack", "--ignore-scripts", "--json", "--pack-destination", directory.path],
      {
        cwd: root,
        ...manyBytes,
      },
    );
    const json = stdout.slice(stdout.indexOf("["));
    const [packed] = JSON.parse(json) as [{ filename: string; files: { path: string }[] }];
    await run("tar", ["-xzf", join(directory.path, packed.filename), "-C", directory.path]);

    const paths = packed.files.map(({ path }) => path).toSorted();
    expect(paths).toEqual(golden);
    const withSecrets = paths.filter((path) =>
      secretShapes.test(readFileSync(join(directory.path, "package", path), "utf8")),
    );
    expect(withSecrets).toEqual([]);
    expect(secretShapes.test("xoxb-123456789012-123456789012-abcdefABCDEF")).toBe(true);
  });

  test("SR-46 has a list of everything it is made of", async () => {
    const { stdout } = await run("npm", ["run", "--silent", "sbom"], { cwd: root, ...manyBytes });
    const list = JSON.parse(stdout) as {
      bomFormat: string;
      components: { "bom-ref": string; properties?: { name: string; value: string }[] }[];
    };
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, { name?: string; version: string; dev?: boolean }>;
    };
    // Not with `--omit dev`, which leaves out what development tools need as well.
    const shipped = list.components.filter(
      ({ properties = [] }) => !properties.some(({ name }) => name === "cdx:npm:package:development"),
    );
    const wanted = Object.entries(lock.packages)
      .filter(([path, { dev }]) => path !== "" && dev !== true)
      .map(([path, { name, version }]) => `${name ?? path.replace(/^.*node_modules\//, "")}@${version}`);

    expect(list.bomFormat).toBe("CycloneDX");
    expect(wanted.length).toBeGreaterThan(50);
    const listed = new Set(shipped.map((component) => component["bom-ref"]));
    expect(wanted.filter((one) => !listed.has(one))).toEqual([]);
    expect([...listed].filter((one) => one.startsWith("vitest@"))).toEqual([]);
  });
});

import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

import { bundledPackages, noticesFile, withoutVersion } from "../../bundle/third-party-notices.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const manyBytes = { maxBuffer: 64 * 1024 * 1024 };

function namesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
}

/** What the package holds beside the built program: the documents, and nothing that happens to lie around. */
const documents = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "SECURITY.md",
  "bin/sage-slack.js",
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
    const built = paths.filter((path) => path.startsWith("dist/"));
    expect(paths.filter((path) => !built.includes(path))).toEqual(documents);
    expect(built.filter((path) => !/^dist\/[a-z0-9-]+\.js$/.test(path))).toEqual([`dist/${noticesFile}`]);
    expect(built).toEqual(expect.arrayContaining(["dist/main.js", "dist/keychain-child.js"]));
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
      components: { "bom-ref": string }[];
    };
    const listed = list.components.map((component) => component["bom-ref"]);
    const names = new Set(listed.map(withoutVersion));
    const text = readdirSync(join(root, "dist"))
      .filter((name) => name.endsWith(".js"))
      .map((name) => readFileSync(join(root, "dist", name), "utf8"))
      .join("\n");
    const within = [...text.matchAll(/^\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm)];

    expect(list.bomFormat).toBe("CycloneDX");
    expect(within.length).toBeGreaterThan(100);
    expect(within.map(([, name = ""]) => name).filter((name) => !names.has(name))).toEqual([]);
    expect(listed).toEqual(expect.arrayContaining(["@github/keytar@7.10.6", "node-addon-api@8.9.2"]));
    expect(listed.filter((one) => /^(?:vitest|typescript|rolldown)@/.test(one))).toEqual([]);
    expect(JSON.stringify(list)).not.toContain("cdx:npm:package:development");
  });
});

/** What the program is built from: who adds to it should know. */
const inside = [
  "@commander-js/extra-typings",
  "@sindresorhus/is",
  "@slack/logger",
  "@slack/types",
  "@slack/web-api",
  "ajv",
  "ajv-formats",
  "ansi-regex",
  "atomically",
  "big.js",
  "byte-counter",
  "chalk",
  "cli-cursor",
  "cli-spinners",
  "commander",
  "conf",
  "croner",
  "csv-parse",
  "csv-stringify",
  "debounce-fn",
  "decompress-response",
  "dot-prop",
  "env-paths",
  "eventemitter3",
  "fast-deep-equal",
  "fast-uri",
  "form-data-encoder",
  "get-east-asian-width",
  "got",
  "hpagent",
  "is-interactive",
  "is-unicode-supported",
  "json-schema-traverse",
  "jsonc-parser",
  "log-symbols",
  "lowdb",
  "lowercase-keys",
  "mimic-function",
  "mimic-response",
  "onetime",
  "ora",
  "p-cancelable",
  "p-finally",
  "p-queue",
  "p-retry",
  "p-timeout",
  "restore-cursor",
  "retry",
  "semver",
  "signal-exit",
  "stdin-discarder",
  "string-width",
  "strip-ansi",
  "stubborn-fs",
  "stubborn-utils",
  "uint8array-extras",
  "when-exit",
  "yoctocolors",
  "zod",
];

test("SR-42 is built from these packages alone", () => {
  const names = bundledPackages().map(withoutVersion);

  expect([...new Set(names)].toSorted()).toEqual(inside.toSorted());
});

test("the licence of every package inside comes with it", () => {
  const notices = readFileSync(join(root, "dist", noticesFile), "utf8");
  const parts = notices.split(/^=== /m).slice(1);

  expect(parts.length).toBe(bundledPackages().length);
  expect(parts.filter((part) => !/permission|redistribut/i.test(part))).toEqual([]);
});

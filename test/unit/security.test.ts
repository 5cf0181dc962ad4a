import { readdirSync, readFileSync } from "node:fs";
import * as nodeFiles from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { renderError } from "../../src/cli/render/error.ts";
import { jsonSchema } from "../../src/config/json-schema.ts";
import { AppError } from "../../src/errors.ts";
import { replaceFile } from "../../src/runtime/durable-file.ts";
import { messageMetadata } from "../../src/slack/metadata.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const root = join(import.meta.dirname, "../..");

function read(name: string): string {
  return readFileSync(join(root, name), "utf8");
}

const sources = filesOf("src").filter((name) => !name.startsWith("src/sandbox/"));

function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

/** Files of the product in which the expression matches, comments left out. */
function found(expression: RegExp): string[] {
  return sources.filter((name) => expression.test(withoutComments(read(name))));
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

/** What the product imports from npm, types left out. */
function importedPackages(): string[] {
  const imports = sources.flatMap((name) => [
    ...read(name).matchAll(/^import (?!type )[^;]*?from "([^".][^"]*)";|import\("([^".][^"]*)"\)/gm),
  ]);
  const names = imports.map(([, fixed, onDemand]) => fixed ?? onDemand ?? "");
  return [...new Set(names.filter((name) => !name.startsWith("node:")))].toSorted();
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { dev?: boolean; resolved?: string; hasInstallScript?: boolean; version: string }>
  >;
}

const lock = JSON.parse(read("package-lock.json")) as Lock;
const manifest = JSON.parse(read("package.json")) as {
  dependencies: Record<string, string>;
  files: string[];
};
const runtimePackages = Object.entries(lock.packages).filter(
  ([path, { dev }]) => path !== "" && dev !== true,
);

describe("the source", () => {
  test("has been found", () => {
    expect(sources.length).toBeGreaterThan(60);
    expect(found(/\bspawn\(/)).not.toEqual([]);
  });

  test.each<[string, RegExp, readonly string[]]>([
    [
      "SR-12 never switches certificate checks off",
      /rejectUnauthorized|checkServerIdentity|NODE_TLS_REJECT_UNAUTHORIZED"\]\s*=[^=]/,
      [],
    ],
    [
      "SR-13 asks for TLS 1.2 wherever it connects",
      /minVersion: "TLSv1\.2"/,
      ["src/monitor/ping.ts", "src/sage/odata-client.ts", "src/slack/transport.ts"],
    ],
    ["SR-16 follows no redirect", /followRedirect: true|redirect: "follow"|maxRedirects/, []],
    [
      "SR-19 reads a link of the server's nowhere but to see that there is one",
      /nextLink/,
      ["src/sage/odata-client.ts"],
    ],
    ["SR-23 uses no undici, whose packed answers have no limit", /\bundici\b|(?<!\.)\bfetch\(/, []],
    [
      "SR-10 switches no dump or inspector on",
      /process\.report|writeHeapSnapshot|node:inspector|setFlagsFromString/,
      [],
    ],
    [
      "SR-32 runs no text as code",
      /\beval\(|new Function\b|node:vm|\brequire\(|createRequire|process\.binding|process\.dlopen/,
      [],
    ],
    [
      "SR-32 starts the keychain's program and the tools of schedulers, without a shell",
      /node:child_process|node:worker_threads|node:cluster/,
      ["src/config/keychain.ts", "src/schedule/tool.ts"],
    ],
    ["SR-32 has no shell", /\bexec(?:File)?(?:Sync)?\(\s*["'`]|shell:\s*true/, []],
    [
      "SR-31 makes expressions from secrets alone, letter by letter",
      /new RegExp\(/,
      ["src/runtime/redact.ts"],
    ],
    [
      "SR-6 reads the environment of the process in two places, to pass on less of it and to tell where it runs",
      /process\.env/,
      ["src/config/keychain-advice.ts", "src/config/keychain.ts"],
    ],
  ])("%s", (_name, expression, expected) => {
    expect(found(expression).filter((name) => name !== "src/main.ts")).toEqual(expected);
  });

  test("SR-16 says so where it asks Sage", () => {
    expect(read("src/sage/odata-client.ts")).toContain("followRedirect: false");
  });

  test("SR-33 asks Slack to look for no names and no links, where it posts and nowhere else", () => {
    const posts = found(/"chat\.(?:postMessage|update|postEphemeral|scheduleMessage)"/);

    expect(posts).toEqual(["src/slack/heading.ts", "src/slack/sender.ts"]);
    expect(read("src/slack/heading.ts")).toContain("link_names: false");
    for (const argument of [
      "link_names: false",
      "unfurl_links: false",
      "unfurl_media: false",
      'parse: "none"',
    ]) {
      expect(read("src/slack/sender.ts")).toContain(argument);
    }
  });
});

describe("what leaves with a message, or is shown of a failure", () => {
  test("SR-27 metadata is a key, a version and a MAC, and nothing of the books", () => {
    const metadata = messageMetadata({ key: "abcdefghij", channelId: "C0FINANCE", macKey: "salt" });

    expect(Object.keys(metadata)).toEqual(["event_type", "event_payload"]);
    expect(metadata.event_payload).toEqual({
      key: "abcdefghij",
      v: 1,
      mac: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
  });

  test.each([true, false])(
    "SR-53 SR-54 a bug shows where it is and no property of its error (verbose: %s)",
    (isVerbose) => {
      const bug = Object.assign(new Error("boom"), {
        body: "the-body",
        headers: { authorization: "the-header" },
        cause: Object.assign(new Error("inner"), { data: "the-data" }),
      });
      const shown = [bug, new AppError("temporary", "it failed", { cause: bug })].map((error) =>
        renderError(error, { isVerbose, redact: String }),
      );

      expect(shown.join()).not.toMatch(/the-body|the-header|the-data/);
      expect(shown[0]).toContain("boom");
      expect(shown[0]).toMatch(/ at .*security\.test\.ts/);
    },
  );

  test("SR-35 a temporary file has a name that nobody can foresee", async () => {
    await using directory = await temporaryDirectory();
    const opened: string[] = [];
    const fileSystem = {
      ...nodeFiles,
      open: (...args: Parameters<typeof nodeFiles.open>) => {
        opened.push(String(args[0]));
        return nodeFiles.open(...args);
      },
    };
    await replaceFile(join(directory.path, "a"), "1", { fileSystem });
    await replaceFile(join(directory.path, "a"), "2", { fileSystem });

    const random = opened.flatMap((path) => /\.([0-9a-f]{16})\.tmp$/.exec(path)?.[1] ?? []);
    expect(new Set(random).size).toBe(2);
  });

  test("SR-41 a file that is written anew is the owner's alone, whatever it was before", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "a");
    const modes: string[] = [];
    for (const mode of [0o600, 0o644, 0o666]) {
      await nodeFiles.writeFile(path, "before");
      await nodeFiles.chmod(path, mode);
      await replaceFile(path, "after");
      modes.push(((await nodeFiles.stat(path)).mode & 0o777).toString(8));
    }

    expect(modes).toEqual(["600", "600", "600"]);
  });

  test("SR-1 the configuration has no place for a secret", () => {
    const keys = JSON.stringify(jsonSchema()).match(/"[a-z]\w*":/gi) ?? [];

    expect(keys.length).toBeGreaterThan(50);
    expect(keys.filter((key) => /pass(?:word)?":|token|secret/i.test(key))).toEqual([]);
  });
});

describe("the supply chain", () => {
  test("SR-42 names the packages it is built from, and installs one with its own", () => {
    expect(importedPackages()).toEqual([
      "@commander-js/extra-typings",
      "@slack/web-api",
      "big.js",
      "chalk",
      "conf",
      "croner",
      "csv-parse/sync",
      "csv-stringify/sync",
      "got",
      "hpagent",
      "jsonc-parser",
      "keytar",
      "lowdb",
      "ora",
      "zod",
    ]);
    expect(Object.keys(manifest.dependencies)).toEqual(["keytar"]);
    expect(runtimePackages.map(([path]) => path)).toEqual([
      "node_modules/keytar",
      "node_modules/node-addon-api",
    ]);
  });

  test("what the builder leaves out of got is asked for nowhere", () => {
    expect(found(/\b(?:http2|cache|dnsCache):/).filter((name) => name.startsWith("src/sage/"))).toEqual([]);
  });

  test("SR-43 has one run-time package with an install script, which is not run and not needed", () => {
    const withScript = runtimePackages.filter(([, { hasInstallScript }]) => hasInstallScript === true);

    expect(withScript.map(([path]) => path)).toEqual(["node_modules/keytar"]);
    expect(manifest.dependencies["keytar"]).toMatch(/^npm:@github\/keytar@/);
  });

  test("SR-47 npm runs no install scripts and pins what it adds", () => {
    const settings = read(".npmrc").split("\n");

    expect(settings).toEqual(expect.arrayContaining(["ignore-scripts=true", "save-exact=true"]));
  });

  test("SR-50 there is no axios", () => {
    expect(Object.keys(lock.packages).filter((path) => /axios/.test(path))).toEqual([]);
    expect(lock.packages["node_modules/@slack/web-api"]?.version).toMatch(/^8\./);
  });

  test("SR-51 nothing comes from another place than the npm registry", () => {
    const places = Object.values(lock.packages).flatMap(({ resolved }) => resolved ?? []);
    const text = read("package-lock.json").matchAll(/"resolved":\s*"([^"]*)"/g);

    expect(places.filter((place) => !place.startsWith("https://registry.npmjs.org/"))).toEqual([]);
    expect([...text].length).toBe(places.length);
    expect(read("package-lock.json")).not.toMatch(/"(?:git\+|git:|github:|file:|http:)/);
  });
});

/** `| SR-1 | what | where |` of SECURITY.md. */
const rows = [...read("SECURITY.md").matchAll(/^\| (SR-\d+) +\| (.*?) +\| (.*?) +\|$/gm)].map(
  ([, id = "", what = "", where = ""]) => ({ id, what, where }),
);

/** Every id in a test's title, with the file. */
const titles = ["unit", "contract", "e2e", "faults", "package", "schedulers", "keychain", "windows"]
  .flatMap((folder) => filesOf(`test/${folder}`))
  .flatMap((name) => {
    const quoted = read(name).matchAll(/(?:"[^"\n]*\bSR-\d+\b[^"\n]*")|(?:`[^`\n]*\bSR-\d+\b[^`\n]*`)/g);
    const ids = [...quoted].flatMap(([title]) => title.match(/SR-\d+/g) ?? []);
    return [...new Set(ids)].map((id) => `${id} ${name}`);
  });

describe("SECURITY.md", () => {
  test("SR-60 lists every requirement once", () => {
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 60 }, (_row, index) => `SR-${index + 1}`));
  });

  test("SR-60 says for each where it is checked, and every check is listed", () => {
    const listed = rows.flatMap(({ id, where }) =>
      (where.match(/test\/[\w/.-]+\.test\.ts/g) ?? []).map((file) => `${id} ${file}`),
    );

    expect(listed.toSorted()).toEqual(titles.toSorted());
  });

  test("SR-60 gives a command or a reason where there is no test", () => {
    const others = rows.filter(({ where }) => !where.includes("test/"));

    expect(others.filter(({ where }) => !/`[^`]+`|comes with|not done|does not apply/.test(where))).toEqual(
      [],
    );
  });

  test("SR-11 SR-60 tells how to report, how to rotate and what is out of scope", () => {
    const text = read("SECURITY.md");

    for (const part of ["## Reporting", "## Rotating secrets", "## Limits", "logout", "login"])
      expect(text).toContain(part);
    expect(read("README.md")).toContain("(SECURITY.md)");
    expect(manifest.files).toEqual(expect.arrayContaining(["SECURITY.md", "LICENSE"]));
  });
});

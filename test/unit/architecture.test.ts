import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../src");

/** Who may import whom; `errors.ts` and `runtime/` are open to all but the sandbox. This table is the architecture. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  main: ["cli"],
  cli: [
    "cli",
    "pipeline",
    "config",
    "sage/sources",
    "schedule",
    "slack/compose",
    "slack/message",
    "monitor",
    "transactions",
  ],
  pipeline: ["pipeline", "config", "sage", "routing", "slack", "state", "monitor", "transactions", "sandbox"],
  config: ["config", "sage/sources", "routing/directory", "transactions"],
  sage: ["sage", "transactions"],
  routing: ["routing", "transactions"],
  slack: ["slack", "transactions"],
  state: ["state", "transactions"],
  transactions: ["transactions"],
  schedule: ["schedule"],
  monitor: ["monitor"],
  runtime: ["runtime"],
  errors: [],
  sandbox: ["sandbox"],
};

/** Third parties have one door each, and so has what stands for one. */
const doors: Readonly<Record<string, readonly string[]>> = {
  "@commander-js/extra-typings": ["cli"],
  chalk: ["cli"],
  ora: ["cli"],
  got: ["sage"],
  hpagent: ["runtime"],
  "runtime/http-agent.ts": ["sage", "slack", "monitor"],
  "@slack/web-api": ["slack"],
  conf: ["config"],
  keytar: ["config"],
  "jsonc-parser": ["config"],
  lowdb: ["state"],
  croner: ["pipeline", "config"],
  "csv-parse/sync": ["routing"],
  "csv-stringify/sync": ["routing"],
  zod: ["runtime"],
  "runtime/zod.ts": ["config", "sage", "state", "slack"],
  "big.js": ["transactions", "sage", "routing"],
  "node:fs": ["state", "runtime", "config"],
  "node:fs/promises": ["state", "runtime", "config", "schedule"],
  "node:child_process": ["config", "schedule"],
};

/** Exceptions, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {
  "cli/program.ts -> node:fs": "reads the version from package.json",
  "pipeline/demo.ts -> sandbox": "the demo is the one product code that starts the simulators",
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), "utf8");
  const specifiers = source.matchAll(/(?<!Array\.)(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...specifiers].map(([, specifier = ""]) => ({
    file,
    room: roomOf(file),
    target: specifier.startsWith(".") ? relative(root, join(root, file, "..", specifier)) : specifier,
  }));
}

function roomOf(file: string): string {
  return file.replace(/\.ts$/, "").split("/")[0] ?? "";
}

function isAllowed({ room, target }: Import): boolean {
  if (!target.endsWith(".ts")) return isDoor(room, target);
  if (doors[target] !== undefined) return isDoor(room, target);
  const targetRoom = roomOf(target);
  if (room !== "sandbox" && (targetRoom === "errors" || targetRoom === "runtime")) return true;
  return (mayImport[room] ?? []).some((allowed) => targetRoom === allowed || target.startsWith(allowed));
}

function isDoor(room: string, specifier: string): boolean {
  const door = doors[specifier];
  if (door !== undefined) return room === "sandbox" ? specifier.startsWith("node:") : door.includes(room);
  return specifier.startsWith("node:");
}

describe("the architecture", () => {
  test("has found the source files", () => {
    expect(files.length).toBeGreaterThan(40);
    expect(imports.length).toBeGreaterThan(100);
  });

  test("has a rule for every room", () => {
    expect([...new Set(files.map(roomOf))].filter((room) => mayImport[room] === undefined)).toEqual([]);
  });

  test("is kept by every import", () => {
    const broken = imports
      .filter((one) => !isAllowed(one))
      .map(({ file, target }) => `${file} -> ${target}`)
      .filter((line) => exceptions[line] === undefined);

    expect(broken).toEqual([]);
  });

  test("lets only the demo start the sandbox", () => {
    const starters = imports.filter(
      ({ room, target }) => room !== "sandbox" && target.startsWith("sandbox/"),
    );

    expect([...new Set(starters.map(({ file }) => file))]).toEqual(["pipeline/demo.ts"]);
  });

  test("has no drawer", () => {
    expect(
      files.filter((file) => /(?:^|\/)(?:utils?|helpers?|common|types|constants|misc)(?:\.ts|\/)/.test(file)),
    ).toEqual([]);
  });
});

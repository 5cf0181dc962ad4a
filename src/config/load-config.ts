import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import {
  createScanner,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from "jsonc-parser";

import { AppError } from "../errors.ts";
import { Directory } from "../routing/directory.ts";
import type { z } from "../runtime/zod.ts";
import { configSchema, type Config } from "./config.ts";
import {
  lineAndColumn,
  nearest,
  nodeAt,
  secretsIn,
  syntaxWords,
  wordsOf,
  type Problem,
} from "./config-problems.ts";
import { decode, readBytes } from "./guarded-file.ts";
import { knownKeysAt } from "./known-keys.ts";
import { proxyFromEnvironment } from "./proxy.ts";
import { openSettings } from "./settings.ts";

export interface LoadedConfig {
  readonly config: Config;
  readonly path: string;
  readonly directory: string;
  readonly stateDirectory: string;
  /** The rows of `directory`; none without it, and where it was not asked for. */
  readonly spreadsheet: Directory;
}

/** Where a command is called: enough to find the configuration. */
export interface LoadOptions {
  /** Of `--config`; it comes before SAGE_SLACK_CONFIG and the usual places. */
  readonly explicitPath?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Reads the directory too: what routes needs it, what makes it may find it missing. Others do without. */
  readonly directory?: "needed" | "may be missing" | undefined;
  /** Told what the file says as soon as that is known: what it refers to may fail yet. */
  readonly onConfig?: ((config: Config) => void) | undefined;
}

const fileName = "sage-slack.json";

/**
 * Finds, reads and checks the configuration.
 *
 * @throws AppError `config` that lists every problem with file, line, column and key
 */
export async function loadConfig({
  explicitPath,
  env,
  cwd,
  directory: directoryWish,
  onConfig,
}: LoadOptions): Promise<LoadedConfig> {
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") {
    throw new AppError(
      "config",
      "NODE_TLS_REJECT_UNAUTHORIZED=0 is set: nobody would notice a server that is not yours",
      {
        hint: "Unset it, and name a private certificate authority in sage.caFile.",
      },
    );
  }
  const path = await locateConfig({ explicitPath, env, cwd });
  const text = decode(await readBytes(path, { what: "the configuration" }), `the configuration ${path}`);
  const directory = dirname(path);
  const config = parseConfig(text, path);
  onConfig?.(config);
  const { caFile } = config.sage;
  const ca = caFile === undefined ? undefined : await readAuthority(resolve(directory, caFile));
  const { sage, slack } = config;
  const file = config.directory === undefined ? null : resolve(directory, config.directory);
  const spreadsheet = await loadSpreadsheet(file, directoryWish);
  return {
    config: {
      ...config,
      sage: { ...sage, ca, proxy: sage.proxy ?? proxyFromEnvironment(sage.url, env) },
      slack: { ...slack, proxy: slack.proxy ?? proxyFromEnvironment(slack.apiUrl, env) },
    },
    path,
    directory,
    stateDirectory: resolve(directory, config.stateDir ?? "."),
    spreadsheet,
  };
}

/** What reads spreadsheets is loaded only where there is one. */
async function loadSpreadsheet(file: string | null, wish: LoadOptions["directory"]): Promise<Directory> {
  if (file === null || wish === undefined) return new Directory([]);
  const { loadDirectory } = await import("./directory.ts");
  return loadDirectory(file, { mayLack: wish === "may be missing" });
}

/**
 * Where the configuration is, whatever is in it. One that is named is not looked for.
 *
 * @throws AppError `config` where none is named and none is found
 */
export async function locateConfig({ explicitPath, env, cwd }: LoadOptions): Promise<string> {
  const named = namedPath({ explicitPath, env, cwd });
  if (named !== null) return named;
  const here = join(cwd, fileName);
  if (await isThere(here)) return here;
  const folder = await userConfigFolder();
  const places = folder === null ? [here] : [here, join(folder, fileName)];
  for (const place of places) {
    if (await isThere(place)) return place;
  }
  throw new AppError("config", `there is no configuration: looked for ${places.join(" and ")}`, {
    hint: '"sage-slack init" writes one to begin with; --config or SAGE_SLACK_CONFIG names one elsewhere.',
  });
}

/** Where this system keeps a user's settings; null for a user who has no home that can be written to. */
async function userConfigFolder(): Promise<string | null> {
  return openSettings().then(
    ({ path }) => dirname(path),
    () => null,
  );
}

/** Where a configuration is written that is not there yet. */
export function placeOfNewConfig(options: LoadOptions): string {
  return namedPath(options) ?? join(options.cwd, fileName);
}

function namedPath({ explicitPath, env, cwd }: LoadOptions): string | null {
  const named = explicitPath ?? env["SAGE_SLACK_CONFIG"] ?? "";
  return named === "" ? null : resolve(cwd, named);
}

async function isThere(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/** A file without a certificate in it would be taken in silence, and every server distrusted. */
async function readAuthority(path: string): Promise<string> {
  // Bytes, because what Windows exports by default is not text at all.
  const pem = (await readBytes(path, { what: "sage.caFile" })).toString("latin1");
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  throw new AppError("config", `sage.caFile ${path} holds no certificate in PEM form`, {
    hint: 'A PEM file begins with "-----BEGIN CERTIFICATE-----"; in Windows export it as "Base-64 encoded X.509".',
  });
}

/** @throws AppError `config` with all problems at once */
export function parseConfig(text: string, path: string): Config {
  const tooDeep = depthProblem(text);
  if (tooDeep !== null) throw problemsError([tooDeep], text, path);
  const syntax: ParseError[] = [];
  const tree = parseTree(text, syntax, { allowTrailingComma: true });
  if (tree === undefined || syntax.length > 0) {
    const problems = syntax.map(({ error, offset }) => ({
      offset,
      key: "",
      message: syntaxWords(printParseErrorCode(error)),
    }));
    const isEmpty = text.trim() === "" || problems.length === 0;
    throw problemsError(
      isEmpty ? [{ offset: 0, key: "", message: "the file is empty" }] : problems,
      text,
      path,
    );
  }
  const problems = [...secretsIn(tree), ...duplicatesIn(tree)];
  const result = configSchema.safeParse(
    problems.some(({ isFatal }) => isFatal) ? {} : (getNodeValue(tree) as unknown),
  );
  if (!result.success && !problems.some(({ isFatal }) => isFatal)) {
    problems.push(...result.error.issues.flatMap((issue) => problemsOf(issue, tree)));
  }
  if (!result.success || problems.length > 0) throw problemsError(problems, text, path);
  return result.data;
}

const deepest = 64;

/** The parser calls itself for each level; a file that is meant has a handful. */
function depthProblem(text: string): Problem | null {
  const scanner = createScanner(text, true);
  const next = (): number => scanner.scan();
  let depth = 0;
  for (let token = next(); token !== tokens.end; token = next()) {
    if (token === tokens.openBrace || token === tokens.openBracket) depth += 1;
    if (token === tokens.closeBrace || token === tokens.closeBracket) depth -= 1;
    if (depth > deepest)
      return { offset: scanner.getTokenOffset(), key: "", message: "is nested too deeply" };
  }
  return null;
}

/** `SyntaxKind` of jsonc-parser, which it declares for inlining only. */
const tokens = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 } as const;

/** The last of two keys wins silently in JSON, which is never what was meant. */
function duplicatesIn(node: Node): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const child of node.children ?? []) {
    const [key] = child.type === "property" ? (child.children ?? []) : [];
    const name = key === undefined ? undefined : String(key.value);
    if (key !== undefined && name !== undefined) {
      if (seen.has(name)) problems.push({ offset: key.offset, key: name, message: "is there twice" });
      if (["__proto__", "constructor", "prototype"].includes(name)) {
        problems.push({ offset: key.offset, key: name, message: "is not a key of this file", isFatal: true });
      }
      seen.add(name);
    }
    problems.push(...duplicatesIn(child));
  }
  return problems;
}

function problemsOf(issue: z.core.$ZodIssue, tree: Node): Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const others = knownKeysAt(issue.path).filter((known) => known !== key);
      const suggestion = nearest(key, others);
      const message = `is not known${suggestion === null ? "" : `; did you mean "${suggestion}"?`}`;
      return {
        offset: nodeAt(tree, [...issue.path, key])?.keyOffset ?? 0,
        key: [...issue.path, key].join("."),
        message,
      };
    });
  }
  const found = nodeAt(tree, issue.path);
  return [{ offset: found?.offset ?? 0, key: issue.path.join("."), message: wordsOf(issue) }];
}

/** A file that is something else altogether has a problem in every word, and each costs a look for its line. */
const mostShown = 50;
const longestKey = 200;

function problemsError(problems: readonly Problem[], text: string, path: string): AppError {
  const count = problems.length;
  const shown = problems.toSorted((a, b) => a.offset - b.offset).slice(0, mostShown);
  const lines = shown.map(
    ({ offset, key, message }) =>
      `${path}:${lineAndColumn(text, offset)} ${key === "" ? "" : `${shortKey(key)}: `}${message}`,
  );
  const more = count > mostShown ? [`and ${count - mostShown} more`] : [];
  const head = `the configuration has ${count} ${count === 1 ? "problem" : "problems"}`;
  return new AppError("config", [head, ...lines, ...more].join("\n"), { hint: "Nothing was read or sent." });
}

function shortKey(key: string): string {
  return key.length > longestKey ? `${key.slice(0, longestKey)}…` : key;
}

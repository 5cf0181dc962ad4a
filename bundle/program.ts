import { join } from "node:path";

import { build, type BuildOptions, type Plugin } from "rolldown";

import { thirdPartyNotices } from "./third-party-notices.ts";

const sources = join(import.meta.dirname, "../src");

/**
 * What got can do and this program never asks of it: HTTP/2, a cache of answers, a cache of names. To load them takes
 * a fifth of a quiet run: the first reads the root certificates and Node's own HTTP/2 just to be ready. And commander
 * can start commands that are programs of their own.
 */
const unused = new Set(["http2-wrapper", "cacheable-request", "cacheable-lookup"]);
const ofCommander = /[\\/]node_modules[\\/]commander[\\/]/;
const standIn = `
  const refuse = () => { throw new Error("this is not part of the program: bundle/program.ts"); };
  export default class { static auto = refuse; constructor() { refuse(); } }
  export class CacheError extends Error {}`;

const withoutUnused: Plugin = {
  name: "without-unused",
  resolveId: (id, importer = "") => {
    if (id === "node:child_process" && ofCommander.test(importer)) return "\0nothing";
    return unused.has(id) ? "\0unused" : null;
  },
  load: (id) => (id === "\0unused" ? standIn : id === "\0nothing" ? "module.exports = {};" : null),
};

/**
 * got's checks make two formatters for lists as soon as they are loaded, for errors that nobody sees here, and the first
 * of them takes V8 ten milliseconds.
 */
const withoutFormatters: Plugin = {
  name: "without-formatters",
  transform: {
    filter: { id: /[\\/]@sindresorhus[\\/]is[\\/]/, code: "new Intl.ListFormat(" },
    handler: (code) =>
      code.replaceAll("new Intl.ListFormat(", 'new (class { format = (words) => words.join(", "); })('),
  },
};

/** V8 compiles a text faster, and holds it in half the memory, where each character is a byte. */
const inAscii: Plugin = {
  name: "in-ascii",
  generateBundle: (_options, bundle) => {
    for (const file of Object.values(bundle)) {
      if (file.type === "chunk") file.code = file.code.replaceAll(/[^\0-\u007F]/g, escaped);
    }
  },
};

/** As both halves of a pair where there are two: what is written so means the same in strings and in expressions. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const common = {
  platform: "node",
  transform: { target: "node20.19" },
  // Native: it stays a package of its own.
  external: ["keytar"],
  // jsonc-parser's CommonJS form cannot be bundled.
  resolve: { mainFields: ["module", "main"] },
} satisfies BuildOptions;

/**
 * Puts the sources and the packages that they use into a few files. How many a run loads, and what stands in them,
 * decides what a quiet run costs: docs/performance.md has the figures.
 *
 * @param plugins what changes the sources on the way, for a program with a fault built in
 */
export async function bundleProgram(folder: string, plugins: readonly Plugin[] = []): Promise<void> {
  await build({
    ...common,
    input: { main: join(sources, "main.ts") },
    plugins: [...plugins, withoutUnused, withoutFormatters, inAscii, thirdPartyNotices()],
    output: {
      dir: folder,
      cleanDir: true,
      chunkFileNames: "[name].js",
      codeSplitting: {
        groups: [
          // What every command needs, `--version` included, and what a poll needs on top.
          { name: "start", test: /[\\/]src[\\/]main\.ts$/, priority: 2 },
          { name: "run", test: /[\\/]src[\\/]cli[\\/]commands[\\/]poll\.ts$/, priority: 1 },
        ],
      },
    },
  });
  await build({
    ...common,
    // A process of its own, started for each secret: nothing of the program is loaded into it.
    input: { "keychain-child": join(sources, "config/keychain-child.ts") },
    output: { dir: folder, codeSplitting: false },
  });
}

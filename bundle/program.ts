import { join } from "node:path";

import { build, type BuildOptions, type Plugin } from "rolldown";

import { thirdPartyNotices } from "./third-party-notices.ts";

const sources = join(import.meta.dirname, "../src");

/**
 * What got can do and this program never asks of it: HTTP/2, a cache of answers, a cache of names. To load them takes
 * a fifth of a quiet run: the first reads the root certificates and Node's own HTTP/2 just to be ready.
 */
const unused = new Set(["http2-wrapper", "cacheable-request", "cacheable-lookup"]);
const standIn = `
  const refuse = () => { throw new Error("this is not part of the program: bundle/program.ts"); };
  export default class { static auto = refuse; constructor() { refuse(); } }
  export class CacheError extends Error {}`;

const withoutUnused: Plugin = {
  name: "without-unused",
  resolveId: (id) => (unused.has(id) ? "\0unused" : null),
  load: (id) => (id === "\0unused" ? standIn : null),
};

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
    plugins: [...plugins, withoutUnused, thirdPartyNotices()],
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

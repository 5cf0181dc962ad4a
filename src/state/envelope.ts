import { createHash } from "node:crypto";

import { z } from "zod";

import { migrate, newestVersion, type Migration } from "./migrations/index.ts";
import { readState } from "./state-schema.ts";
import type { State } from "./state.ts";

/** A document of the state file. The checksum is over the text of `body`, which is written last. */
export interface Envelope {
  readonly generation: number;
  readonly state: State;
}

const header = z.object({
  format: z.literal("sage-slack-state"),
  version: z.int().positive(),
  /** Programs older than this version of the format must not touch the file. */
  minReader: z.int().positive(),
  generation: z.int().nonnegative(),
  sha256: z.string(),
  body: z.unknown(),
});

export type Parsed =
  | { readonly kind: "valid"; readonly envelope: Envelope; readonly version: number }
  | { readonly kind: "damaged" }
  | { readonly kind: "newer"; readonly version: number };

export function writeEnvelope({ generation, state }: Envelope): string {
  const body = JSON.stringify(state);
  const head = {
    format: "sage-slack-state",
    version: newestVersion,
    minReader: 1,
    generation,
    sha256: digest(body),
  };
  return `${JSON.stringify(head).slice(0, -1)},"body":${body}}\n`;
}

/** Reads a document back; any damage, a single bit included, is found by its checksum. */
export function parseEnvelope(text: string, migrations?: readonly Migration[]): Parsed {
  let document: unknown;
  try {
    document = JSON.parse(text, refusePrototypes);
  } catch {
    return { kind: "damaged" };
  }
  const read = header.safeParse(document);
  if (!read.success) return { kind: "damaged" };
  const { version, minReader, generation, sha256, body } = read.data;
  if (minReader > newestVersion) return { kind: "newer", version };
  const start = text.indexOf(',"body":') + ',"body":'.length;
  if (sha256 !== digest(text.slice(start).trimEnd().slice(0, -1))) return { kind: "damaged" };
  const state = readState(migrate(body, version, migrations));
  return state === null ? { kind: "damaged" } : { kind: "valid", envelope: { generation, state }, version };
}

function digest(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

function refusePrototypes(key: string, value: unknown): unknown {
  if (key === "__proto__" || key === "constructor" || key === "prototype")
    throw new SyntaxError(`key ${key}`);
  return value;
}

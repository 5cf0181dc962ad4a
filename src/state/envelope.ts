import { createHash } from "node:crypto";

import { z } from "../runtime/zod.ts";
import { migrate, migrations, newestVersion, type Migration } from "./migrations/index.ts";
import { readState } from "./state-schema.ts";
import type { OutboxMessage, State } from "./state.ts";

/** A document of the state file. */
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

export function writeEnvelope({ generation, state }: Envelope, chain = migrations): string {
  const body = bodyOf(state);
  const head = {
    format: "sage-slack-state",
    version: newestVersion(chain),
    minReader: newestVersion(chain),
    generation,
  };
  const sha256 = digest(head, body);
  return `${JSON.stringify({ ...head, sha256 }).slice(0, -1)},"body":${body}}\n`;
}

/** Messages never change in place, and each is written by every commit while it waits. */
const written = new WeakMap<OutboxMessage, string>();

function bodyOf({ outbox, ...others }: State): string {
  return `${JSON.stringify(others).slice(0, -1)},"outbox":[${outbox.map(textOf).join(",")}]}`;
}

function textOf(message: OutboxMessage): string {
  const text = written.get(message) ?? JSON.stringify(message);
  written.set(message, text);
  return text;
}

/** Reads a document back; any damage, a single bit included, is found by its checksum. */
export function parseEnvelope(text: string, chain = migrations): Parsed {
  const read = header.safeParse(parsed(text));
  if (!read.success) return { kind: "damaged" };
  const { version, minReader, generation, sha256, body } = read.data;
  const start = text.indexOf(bodyMark) + bodyMark.length;
  if (sha256 !== digest(read.data, text.slice(start).trimEnd().slice(0, -1))) return { kind: "damaged" };
  if (Math.max(version, minReader) > newestVersion(chain)) return { kind: "newer", version };
  const state = readState(migrated(body, version, chain));
  return state === null ? { kind: "damaged" } : { kind: "valid", envelope: { generation, state }, version };
}

const bodyMark = ',"body":';

/**
 * Over the numbers of the head and the text of the body, which is written last. No later version of the format may
 * reckon it otherwise: a file from a newer program must not look damaged to this one.
 */
function digest(
  { version, minReader, generation }: { version: number; minReader: number; generation: number },
  body: string,
): string {
  return createHash("sha256").update(`${version} ${minReader} ${generation}\n${body}`).digest("hex");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, refusePrototypes) as unknown;
  } catch {
    return null; // not JSON, or nested so deeply that it is not ours
  }
}

/** A body with a good checksum is one that some version wrote; a migration that stumbles over it finds damage. */
function migrated(body: unknown, version: number, chain: readonly Migration[]): unknown {
  try {
    return migrate(body, version, chain);
  } catch {
    return null;
  }
}

function refusePrototypes(key: string, value: unknown): unknown {
  if (key === "__proto__" || key === "constructor" || key === "prototype")
    throw new SyntaxError(`key ${key}`);
  return value;
}

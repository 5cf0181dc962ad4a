import { join } from "node:path";

import { z } from "zod";

import { readOwnFile, replaceFile } from "../runtime/durable-file.ts";

const entry = z.object({
  name: z.string(),
  group: z.string(),
  currency: z.string(),
  onHold: z.boolean(),
  startDate: z.string().exactOptional(),
});
const byCode = z.record(z.string(), entry);
const dialect = z.object({
  selectRefused: z.boolean(),
  dates: z.enum(["bare", "quoted", "none"]),
  openRefused: z.boolean(),
  entriesRefused: z.boolean(),
});
const company = z.object({
  vendors: byCode,
  customers: byCode,
  accounts: byCode,
  /** What the company's server was found to refuse, by source. */
  dialects: z.record(z.string(), dialect),
});
const channel = z.object({
  id: z.string(),
  name: z.string(),
  isMember: z.boolean(),
  isArchived: z.boolean(),
  isPrivate: z.boolean(),
  isExtShared: z.boolean(),
});
const file = z.object({
  version: z.literal(1),
  companies: z.record(z.string(), company),
  channels: z.array(channel),
  /** Spelling in the configuration -> Slack's id. */
  mentions: z.record(z.string(), z.object({ kind: z.enum(["user", "group"]), id: z.string() })),
});

type Cache = z.output<typeof file>;
export type CachedCompany = z.output<typeof company>;
export type CachedChannel = z.output<typeof channel>;
export type CachedMention = Cache["mentions"][string];

const empty: Cache = { version: 1, companies: {}, channels: [], mentions: {} };

/** `sage-slack.master.json`: names and ids read before. It can be deleted at any time; a damaged one is read anew. */
export class MasterFile {
  readonly #path: string;
  #cache: Cache;
  #isChanged = false;

  private constructor(path: string, cache: Cache) {
    this.#path = path;
    this.#cache = cache;
  }

  static async open(directory: string): Promise<MasterFile> {
    const path = join(directory, "sage-slack.master.json");
    return new MasterFile(path, await read(path));
  }

  company(id: string): CachedCompany | null {
    return this.#cache.companies[id] ?? null;
  }

  keep(id: string, known: CachedCompany): void {
    if (JSON.stringify(this.#cache.companies[id]) === JSON.stringify(known)) return;
    this.#change({ companies: { ...this.#cache.companies, [id]: known } });
  }

  get channels(): readonly CachedChannel[] {
    return this.#cache.channels;
  }

  keepChannels(channels: readonly CachedChannel[]): void {
    this.#change({ channels: [...channels] });
  }

  mention(name: string): CachedMention | null {
    return this.#cache.mentions[name] ?? null;
  }

  keepMention(name: string, mention: CachedMention): void {
    this.#change({ mentions: { ...this.#cache.mentions, [name]: mention } });
  }

  /** Writes the file if anything is new in it. */
  async save(): Promise<void> {
    if (!this.#isChanged) return;
    await replaceFile(this.#path, JSON.stringify(this.#cache));
    this.#isChanged = false;
  }

  #change(part: Partial<Cache>): void {
    this.#cache = { ...this.#cache, ...part };
    this.#isChanged = true;
  }
}

async function read(path: string): Promise<Cache> {
  try {
    const text = await readOwnFile(path, { maxBytes: 64 * 1024 * 1024 });
    return text === null ? empty : file.parse(JSON.parse(text));
  } catch {
    // Absent, damaged or of another version: everything in it can be read again.
    return empty;
  }
}

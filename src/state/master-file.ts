import { join } from "node:path";

import { readOwnFile, replaceFile } from "../runtime/durable-file.ts";
import { z } from "../runtime/zod.ts";

/** Defaults stand for what version 1 did not keep. */
const entry = z.object({
  name: z.string(),
  group: z.string(),
  currency: z.string(),
  terms: z.string().default(""),
  onHold: z.boolean(),
  isInactive: z.boolean().default(false),
  startDate: z.string().exactOptional(),
  /** Days since 1970, here and below. */
  readOn: z.int().default(0),
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
  synced: z.record(z.string(), z.object({ on: z.string(), wholeOn: z.string() })).default({}),
});
const channel = z.object({
  id: z.string(),
  name: z.string(),
  isMember: z.boolean(),
  isArchived: z.boolean(),
  isPrivate: z.boolean(),
  isExtShared: z.boolean(),
});
const mentioned = z.object({ kind: z.enum(["user", "group"]), id: z.string(), readOn: z.int().default(0) });
const user = z.object({ id: z.string(), name: z.string(), isDeleted: z.boolean() });
const userGroup = z.object({ id: z.string(), handle: z.string() });
const file = z.object({
  version: z.union([z.literal(1), z.literal(2)]).transform(() => 2 as const),
  companies: z.record(z.string(), company),
  channels: z.array(channel),
  /** Spelling in the configuration -> Slack's id. */
  mentions: z.record(z.string(), mentioned),
  /** Null until they have been listed. */
  users: z.array(user).nullable().default(null),
  userGroups: z.array(userGroup).nullable().default(null),
});

type Cache = z.output<typeof file>;
export type CachedCompany = z.output<typeof company>;
export type CachedChannel = z.output<typeof channel>;
export type CachedMention = Cache["mentions"][string];

const empty: Cache = {
  version: 2,
  companies: {},
  channels: [],
  mentions: {},
  users: null,
  userGroups: null,
};

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
    return own(this.#cache.companies, id);
  }

  keep(id: string, known: CachedCompany): void {
    if (JSON.stringify(this.company(id)) === JSON.stringify(known)) return;
    this.#change({ companies: { ...this.#cache.companies, [id]: known } });
  }

  get channels(): readonly CachedChannel[] {
    return this.#cache.channels;
  }

  keepChannels(channels: readonly CachedChannel[]): void {
    this.#change({ channels: [...channels] });
  }

  mention(name: string): CachedMention | null {
    return own(this.#cache.mentions, name);
  }

  keepMention(name: string, mention: CachedMention): void {
    this.#change({ mentions: { ...this.#cache.mentions, [name]: mention } });
  }

  forgetMention(name: string): void {
    const { [name]: _forgotten, ...mentions } = this.#cache.mentions;
    this.#change({ mentions });
  }

  /** People and user groups as they were last listed; null when they never were. */
  get people(): Pick<Cache, "users" | "userGroups"> {
    return { users: this.#cache.users, userGroups: this.#cache.userGroups };
  }

  keepPeople(people: Partial<Pick<Cache, "users" | "userGroups">>): void {
    this.#change(people);
  }

  /** In the place of all that were known: what does not resolve any more is forgotten. */
  replaceMentions(mentions: Readonly<Record<string, CachedMention>>): void {
    this.#change({ mentions });
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

/** Not what every object has, such as a `constructor`. */
function own<Value>(values: Readonly<Record<string, Value>>, key: string): Value | null {
  return Object.hasOwn(values, key) ? (values[key] ?? null) : null;
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

import { AppError } from "../errors.ts";
import {
  channelNamed,
  manyAddresses,
  type ChannelInfo,
  type User,
  type UserGroup,
  type Workspace,
} from "../slack/workspace.ts";
import type { CachedMention, MasterFile } from "../state/master-file.ts";
import type { Channel } from "../state/state.ts";
import type { Mention } from "../transactions/notice.ts";
import { isAddress } from "../transactions/spelling.ts";
import type { WorkspaceDirectory } from "./ports.ts";

/** What was looked up longer ago is looked up again when it is needed, some of it in each run. */
const freshDays = 7;
const mostRenewed = 20;

/** Channels and people by the names in the configuration: from the cache, and from Slack what is not in it. */
export class CachedWorkspace implements WorkspaceDirectory {
  readonly mentioned = new Map<string, boolean>();
  readonly #workspace: Workspace;
  readonly #cache: MasterFile;
  readonly #infos = new Map<string, ChannelInfo | null | "unknown">();
  /** Day of this run, counted from 1970. */
  readonly #today: number;
  /** Addresses that are nobody's, by the list of everybody. */
  readonly #absent = new Set<string>();
  #hasReadChannels = false;
  #renewed = 0;
  #users: Promise<User[] | null> | null = null;
  #userGroups: Promise<UserGroup[] | null> | null = null;

  constructor(workspace: Workspace, cache: MasterFile, today: number) {
    this.#workspace = workspace;
    this.#cache = cache;
    this.#today = today;
  }

  async load({
    channels,
    mentions,
    refresh = false,
  }: {
    channels: readonly string[];
    mentions: readonly string[];
    refresh?: boolean;
  }): Promise<void> {
    const isAsking = refresh || channels.some((name) => this.#find(name) === null);
    if (isAsking && !this.#hasReadChannels) {
      this.#cache.keepChannels(await this.#workspace.channels());
      this.#hasReadChannels = true;
    }
    const unknown = mentions.filter((name) => isAddress(name) && this.#cache.mention(name) === null);
    if (unknown.length > manyAddresses) await this.#loadAddresses(unknown);
    for (const name of mentions) await this.#loadMention(name);
  }

  channel(name: string): Channel {
    return this.#find(name) ?? { id: name, name };
  }

  named(id: string): Channel {
    const known = this.#cache.channels.find((channel) => channel.id === id);
    return { id, name: known === undefined ? id : `#${known.name}` };
  }

  async info(id: string): Promise<ChannelInfo | null | "unknown"> {
    const known = this.#infos.get(id);
    if (known !== undefined) return known;
    const asked = await this.#workspace.channel(id);
    const found =
      asked === "unknown" ? (this.#cache.channels.find((channel) => channel.id === id) ?? asked) : asked;
    this.#infos.set(id, found);
    return found;
  }

  mention(name: string): Mention {
    const direct = mentionById(name);
    if (direct !== null) return direct;
    const found = this.#cache.mention(name);
    this.mentioned.set(name, found !== null);
    return found ?? { kind: "unresolved", name };
  }

  #find(name: string): Channel | null {
    if (/^[CGD][A-Z0-9]{6,}$/.test(name)) return { id: name, name };
    const found = channelNamed(name, this.#cache.channels);
    return found === undefined ? null : { id: found.id, name: `#${found.name}` };
  }

  async #loadMention(name: string): Promise<void> {
    if (mentionById(name) !== null || this.#absent.has(name)) return;
    const known = this.#cache.mention(name);
    if (known === null) return this.#keep(name, await this.#lookUp(name));
    if (this.#today - known.readOn <= freshDays || this.#renewed >= mostRenewed) return;
    this.#renewed += 1;
    try {
      this.#keep(name, await this.#lookUp(name));
    } catch (error) {
      // What was known will do while Slack does not answer.
      if (!(error instanceof AppError) || error.kind !== "temporary") throw error;
    }
  }

  #keep(name: string, found: Omit<CachedMention, "readOn"> | null): void {
    if (found !== null) this.#cache.keepMention(name, { ...found, readOn: this.#today });
    else if (this.#cache.mention(name) !== null) this.#cache.forgetMention(name);
  }

  async #loadAddresses(addresses: readonly string[]): Promise<void> {
    const users = (await this.#listUsers())?.filter(({ isDeleted, email }) => !isDeleted && email !== null);
    const ids = new Map(users?.map(({ id, email }) => [email?.toLowerCase(), id]));
    // Without the right to read addresses there are none in the list: then each is asked for.
    if (ids.size === 0) return;
    for (const name of addresses) {
      const id = ids.get(name.toLowerCase());
      if (id === undefined) this.#absent.add(name);
      else this.#keep(name, { kind: "user", id });
    }
  }

  async #lookUp(name: string): Promise<Omit<CachedMention, "readOn"> | null> {
    if (!isAddress(name)) return this.#byHandle(name);
    const user = await this.#workspace.findUserByEmail(name);
    return user === null ? null : { kind: "user", id: user.id };
  }

  async #byHandle(name: string): Promise<Omit<CachedMention, "readOn"> | null> {
    const handle = name.replace(/^@/, "").toLowerCase();
    this.#userGroups ??= this.#workspace.userGroups();
    const group = (await this.#userGroups)?.find((one) => one.handle.toLowerCase() === handle);
    if (group !== undefined) return { kind: "group", id: group.id };
    const user = (await this.#listUsers())?.find(
      (one) => !one.isDeleted && one.name.toLowerCase() === handle,
    );
    return user === undefined ? null : { kind: "user", id: user.id };
  }

  /** Once a run, however many names are looked for. */
  #listUsers(): Promise<User[] | null> {
    return (this.#users ??= this.#workspace.users());
  }
}

function mentionById(name: string): Mention | null {
  if (/^[UW][A-Z0-9]{6,}$/.test(name)) return { kind: "user", id: name };
  return /^S[A-Z0-9]{6,}$/.test(name) ? { kind: "group", id: name } : null;
}

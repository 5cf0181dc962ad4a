import type { ChannelInfo, Workspace } from "../slack/workspace.ts";
import type { MasterFile } from "../state/master-file.ts";
import type { Channel } from "../state/state.ts";
import type { Mention } from "../transactions/notice.ts";
import type { WorkspaceDirectory } from "./ports.ts";

/** Channels and people by the names in the configuration: from the cache, and from Slack what is not in it. */
export class CachedWorkspace implements WorkspaceDirectory {
  readonly #workspace: Workspace;
  readonly #cache: MasterFile;
  readonly #infos = new Map<string, ChannelInfo | null | "unknown">();
  #hasReadChannels = false;

  constructor(workspace: Workspace, cache: MasterFile) {
    this.#workspace = workspace;
    this.#cache = cache;
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
    return this.#cache.mention(name) ?? { kind: "unresolved", name };
  }

  #find(name: string): Channel | null {
    if (/^[CGD][A-Z0-9]{6,}$/.test(name)) return { id: name, name };
    const wanted = name.replace(/^#/, "").toLowerCase();
    // An archived channel keeps its name until another takes it.
    const found = this.#cache.channels
      .filter((channel) => channel.name.toLowerCase() === wanted)
      .toSorted((a, b) => Number(a.isArchived) - Number(b.isArchived))[0];
    return found === undefined ? null : { id: found.id, name: `#${found.name}` };
  }

  async #loadMention(name: string): Promise<void> {
    if (mentionById(name) !== null || this.#cache.mention(name) !== null) return;
    const found = name.includes("@", 1) ? await this.#byEmail(name) : await this.#byHandle(name);
    if (found !== null) this.#cache.keepMention(name, found);
  }

  async #byEmail(email: string): Promise<{ kind: "user"; id: string } | null> {
    const user = await this.#workspace.findUserByEmail(email);
    return user === null ? null : { kind: "user", id: user.id };
  }

  async #byHandle(name: string): Promise<{ kind: "user" | "group"; id: string } | null> {
    const handle = name.replace(/^@/, "").toLowerCase();
    const group = (await this.#workspace.userGroups()).find((one) => one.handle.toLowerCase() === handle);
    if (group !== undefined) return { kind: "group", id: group.id };
    const user = (await this.#workspace.users()).find((one) => one.name.toLowerCase() === handle);
    return user === undefined ? null : { kind: "user", id: user.id };
  }
}

function mentionById(name: string): Mention | null {
  if (/^[UW][A-Z0-9]{6,}$/.test(name)) return { kind: "user", id: name };
  return /^S[A-Z0-9]{6,}$/.test(name) ? { kind: "group", id: name } : null;
}

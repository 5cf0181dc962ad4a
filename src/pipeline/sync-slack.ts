import {
  channelNamed,
  manyAddresses,
  type ChannelInfo,
  type User,
  type UserGroup,
  type Workspace,
} from "../slack/workspace.ts";
import type { CachedMention, MasterFile } from "../state/master-file.ts";
import { isAddress } from "../transactions/spelling.ts";
import type { WantedName } from "./wanted-names.ts";

/** What has become of the people, channels or user groups of the workspace since they were last read. */
export interface SlackReport {
  readonly kind: "channels" | "users" | "user groups";
  /** `first`: nothing to compare with; `not needed`: e-mail addresses were looked up one by one instead. */
  readonly read: "first" | "all" | "not needed" | "not allowed";
  readonly count: number;
  readonly added: readonly string[];
  /** Under the name of before and of now. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  /** Archived channels, deactivated people. */
  readonly inactive: readonly string[];
  readonly gone: readonly string[];
}

/** A channel or a mention of the configuration or the directory that leads nowhere. */
export interface Unresolved extends WantedName {
  readonly reason: string;
}

export interface SlackSync {
  readonly workspace: Workspace;
  readonly cache: MasterFile;
  readonly wanted: readonly WantedName[];
  /** Counted from 1970. */
  readonly today: number;
}

interface People {
  readonly users: readonly User[] | null;
  readonly groups: readonly UserGroup[] | null;
  readonly reports: readonly SlackReport[];
}

/** Lists channels, people and user groups, and finds every wanted name in them. */
export async function syncSlack(
  sync: SlackSync,
): Promise<{ reports: SlackReport[]; unresolved: Unresolved[] }> {
  const { cache, workspace } = sync;
  const channels = await workspace.channels();
  const channelReport = compare(
    "channels",
    cache.channels.length === 0 ? null : cache.channels.map(asItem),
    channels.map(asItem),
  );
  cache.keepChannels(channels);
  const people = await listPeople(sync);
  const unresolved: Unresolved[] = [];
  const mentions: Record<string, CachedMention> = {};
  for (const wanted of sync.wanted) {
    if (wanted.kind === "channel") {
      const reason = channelProblem(wanted.name, channels);
      if (reason !== null) unresolved.push({ ...wanted, reason });
      continue;
    }
    const found = await resolve(wanted.name, people, workspace);
    if (typeof found === "string") unresolved.push({ ...wanted, reason: found });
    else if (!isId(wanted.name)) mentions[wanted.name] = { ...found, readOn: sync.today };
  }
  cache.replaceMentions(mentions);
  return { reports: [channelReport, ...people.reports], unresolved };
}

async function listPeople(sync: SlackSync): Promise<People> {
  const { users, report } = await listUsers(sync);
  const groups = await sync.workspace.userGroups();
  const before = sync.cache.people.userGroups;
  if (groups !== null) sync.cache.keepPeople({ userGroups: groups });
  const groupReport = compare("user groups", itemsOf(before, groupItem), itemsOf(groups, groupItem));
  return { users, groups, reports: [report, groupReport] };
}

/** Where only mail addresses are wanted, and few of them, nobody else's name is read. */
async function listUsers({
  workspace,
  cache,
  wanted,
}: SlackSync): Promise<{ users: People["users"]; report: SlackReport }> {
  const mentions = wanted.filter(({ kind }) => kind === "mention").map(({ name }) => name);
  if (mentions.length <= manyAddresses && mentions.every(isAddress))
    return { users: null, report: { ...nothing("users"), read: "not needed" } };
  const users = await workspace.users();
  const before = cache.people.users;
  if (users !== null)
    cache.keepPeople({ users: users.map(({ id, name, isDeleted }) => ({ id, name, isDeleted })) });
  return { users, report: compare("users", itemsOf(before, userItem), itemsOf(users, userItem)) };
}

function itemsOf<Entry>(entries: readonly Entry[] | null, item: (entry: Entry) => Item): Item[] | null {
  return entries?.map(item) ?? null;
}

interface Item {
  readonly id: string;
  readonly name: string;
  readonly isInactive: boolean;
}

function asItem({ id, name, isArchived }: Pick<ChannelInfo, "id" | "name" | "isArchived">): Item {
  return { id, name: `#${name}`, isInactive: isArchived };
}

function userItem({ id, name, isDeleted }: Pick<User, "id" | "name" | "isDeleted">): Item {
  return { id, name: `@${name}`, isInactive: isDeleted };
}

function groupItem({ id, handle }: UserGroup): Item {
  return { id, name: `@${handle}`, isInactive: false };
}

function nothing(kind: SlackReport["kind"]) {
  return { kind, count: 0, added: [], renamed: [], inactive: [], gone: [] };
}

function compare(
  kind: SlackReport["kind"],
  before: readonly Item[] | null,
  after: readonly Item[] | null,
): SlackReport {
  if (after === null) return { ...nothing(kind), read: "not allowed" };
  const count = after.filter(({ isInactive }) => !isInactive).length;
  if (before === null) return { ...nothing(kind), read: "first", count };
  const old = new Map(before.map((item) => [item.id, item]));
  const now = new Set(after.map(({ id }) => id));
  const known = after.flatMap((item) => {
    const was = old.get(item.id);
    return was === undefined ? [] : [{ was, item }];
  });
  return {
    kind,
    read: "all",
    count,
    added: after.filter(({ id, isInactive }) => !old.has(id) && !isInactive).map(({ name }) => name),
    renamed: known
      .filter(({ was, item }) => was.name !== item.name)
      .map(({ was, item }) => ({ from: was.name, to: item.name })),
    inactive: known
      .filter(({ was, item }) => item.isInactive && !was.isInactive)
      .map(({ item }) => item.name),
    gone: before.filter(({ id }) => !now.has(id)).map(({ name }) => name),
  };
}

function channelProblem(name: string, channels: readonly ChannelInfo[]): string | null {
  if (name.startsWith("D")) return null; // a direct message is in no list
  const found = channels.find(({ id }) => id === name) ?? channelNamed(name, channels);
  if (found === undefined) return "Slack has no such channel that this app can see";
  return found.isArchived ? "the channel is archived" : null;
}

type Found = Omit<CachedMention, "readOn">;

/** The person or group, or why there is none. */
async function resolve(name: string, people: People, workspace: Workspace): Promise<Found | string> {
  if (isAddress(name)) return resolveAddress(name, people, workspace);
  const { users, groups } = people;
  if (isId(name)) return resolveId(name, people);
  const handle = name.replace(/^@/, "").toLowerCase();
  const group = groups?.find((one) => one.handle.toLowerCase() === handle);
  if (group !== undefined) return { kind: "group", id: group.id };
  const named = users?.filter((one) => one.name.toLowerCase() === handle) ?? [];
  const user = named.find(({ isDeleted }) => !isDeleted);
  if (user !== undefined) return { kind: "user", id: user.id };
  if (named.length > 0) return "the person's account is deactivated";
  if (users === null || groups === null) return notAllowed(people);
  return "nobody and no user group has that handle";
}

function resolveId(id: string, { users, groups }: People): Found | string {
  if (id.startsWith("S")) {
    if (groups === null || groups.some((one) => one.id === id)) return { kind: "group", id };
    return "there is no such user group";
  }
  const user = users?.find((one) => one.id === id);
  if (users === null || user?.isDeleted === false) return { kind: "user", id };
  return user === undefined ? "nobody has that id" : "the person's account is deactivated";
}

async function resolveAddress(
  address: string,
  { users }: People,
  workspace: Workspace,
): Promise<Found | string> {
  const isReadable = users?.some(({ email }) => email !== null) === true;
  if (!isReadable) {
    const user = await workspace.findUserByEmail(address);
    return user === null
      ? "Slack finds nobody with that address (or the app lacks users:read.email)"
      : { kind: "user", id: user.id };
  }
  const owners = users.filter(({ email }) => email?.toLowerCase() === address.toLowerCase());
  const user = owners.find(({ isDeleted }) => !isDeleted);
  if (user !== undefined) return { kind: "user", id: user.id };
  return owners.length > 0 ? "the person's account is deactivated" : "nobody has that address";
}

function notAllowed({ users, groups }: People): string {
  const missing = [
    ...(users === null ? ["users:read"] : []),
    ...(groups === null ? ["usergroups:read"] : []),
  ];
  return `not found; the app lacks ${missing.join(" and ")}`;
}

function isId(name: string): boolean {
  return /^[UWS][A-Z0-9]{6,}$/.test(name);
}

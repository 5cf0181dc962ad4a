import type {
  ChannelRecord,
  ChannelSpec,
  PostedMessage,
  TokenRecord,
  TokenSpec,
  UserGroupRecord,
  UserGroupSpec,
  UserRecord,
  UserSpec,
} from "./records.ts";

/** One Slack workspace in memory. */
export class Workspace {
  readonly teamId = "T0SANDBOX01";
  readonly teamName = "Sandbox";
  readonly webUrl = "https://sandbox.slack.com/";
  readonly channels: ChannelRecord[] = [];
  readonly users: UserRecord[] = [];
  readonly userGroups: UserGroupRecord[] = [];
  readonly tokens = new Map<string, TokenRecord>();
  readonly posts: PostedMessage[] = [];
  readonly now: () => number;
  #lastMicroseconds = 0;
  #lastId = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  addChannel(spec: ChannelSpec, directMessageWith?: string): ChannelRecord {
    const channel: ChannelRecord = {
      id: spec.id ?? this.newId(directMessageWith === undefined ? "C" : "D"),
      name: spec.name,
      isPrivate: spec.isPrivate ?? false,
      isMember: spec.isMember ?? true,
      isArchived: spec.isArchived ?? false,
      isExtShared: spec.isExtShared ?? false,
      restricted: spec.restricted ?? false,
      posters: [],
      ...(directMessageWith === undefined ? {} : { directMessageWith }),
      messages: [],
      notified: [],
      createdSeconds: Math.floor(this.now() / 1000),
    };
    this.channels.push(channel);
    return channel;
  }

  addUser(spec: UserSpec): UserRecord {
    const user: UserRecord = {
      id: spec.id ?? this.newId("U"),
      name: spec.name,
      ...(spec.email === undefined ? {} : { email: spec.email }),
      realName: spec.realName ?? spec.name,
      isBot: spec.isBot ?? false,
      deleted: spec.deleted ?? false,
    };
    this.users.push(user);
    return user;
  }

  addUserGroup(spec: UserGroupSpec): UserGroupRecord {
    const group = { id: spec.id ?? this.newId("S"), handle: spec.handle, name: spec.name ?? spec.handle };
    this.userGroups.push(group);
    return group;
  }

  addToken(spec: TokenSpec): TokenRecord {
    const appName = spec.appName ?? `App ${this.tokens.size + 1}`;
    const handle = appName.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    const token: TokenRecord = {
      token: spec.token,
      scopes: spec.scopes,
      revoked: spec.revoked ?? false,
      appId: spec.appId ?? this.newId("A"),
      appName,
      botId: spec.botId ?? this.newId("B"),
      userId: this.addUser({ name: handle, realName: appName, isBot: true }).id,
      teamId: spec.teamId ?? this.teamId,
    };
    this.tokens.set(token.token, token);
    return token;
  }

  channelById(id: string): ChannelRecord | undefined {
    return this.channels.find((channel) => channel.id === id);
  }

  /** By id, `name` or `#name`; the open direct message with a user also by the user's id. */
  findChannel(nameOrId: string): ChannelRecord | undefined {
    const name = nameOrId.replace(/^#/, "");
    return (
      this.channelById(nameOrId) ??
      this.channels.find(({ directMessageWith }) => directMessageWith === nameOrId) ??
      this.channels.find((channel) => channel.directMessageWith === undefined && channel.name === name)
    );
  }

  user(id: string): UserRecord | undefined {
    return this.users.find((user) => user.id === id);
  }

  /** Unique and rising over the whole workspace, whatever the clock does. */
  newTs(): string {
    this.#lastMicroseconds = Math.max(this.#lastMicroseconds + 1, Math.floor(this.now() * 1000));
    return tsOf(this.#lastMicroseconds);
  }

  newId(prefix: string): string {
    this.#lastId += 1;
    return `${prefix}0SBX${this.#lastId.toString(36).toUpperCase().padStart(6, "0")}`;
  }
}

function tsOf(microseconds: number): string {
  const digits = String(microseconds).padStart(16, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

import type { Json, JsonObject } from "./json.ts";

export interface ChannelSpec {
  readonly name: string;
  readonly isPrivate?: boolean;
  /** Whether the bot was invited; default true. */
  readonly isMember?: boolean;
  readonly isArchived?: boolean;
  readonly isExtShared?: boolean;
  readonly id?: string;
  /** Only admins may post. */
  readonly restricted?: boolean;
}

/** Its flags may be changed at any time, as people do in Slack. */
export interface ChannelRecord {
  readonly id: string;
  name: string;
  isPrivate: boolean;
  isMember: boolean;
  isArchived: boolean;
  isExtShared: boolean;
  restricted: boolean;
  /** Ids of the users who may post in spite of that. */
  posters: readonly string[];
  /** The user of a direct message; such a channel has no name of its own. */
  readonly directMessageWith?: string;
  /** What people see now, replies included: edited, without the deleted. Oldest first. */
  readonly messages: ChannelMessage[];
  /** Every ping that a message of this channel caused. */
  readonly notified: Notification[];
  readonly createdSeconds: number;
}

export interface ChannelMessage {
  readonly ts: string;
  readonly threadTs?: string;
  readonly broadcast: boolean;
  text: string;
  blocks: readonly JsonObject[];
  attachments: readonly Json[];
  metadata?: JsonObject;
  editedTs?: string;
  readonly author: TokenRecord;
}

export interface Notification {
  readonly ts: string;
  /** `!channel`, `!here`, `!everyone`, a user id or a user group id. */
  readonly who: string;
}

/** One accepted message, as it was when it was accepted. */
export interface PostedMessage {
  readonly channel: string;
  readonly channelName: string;
  readonly ts: string;
  readonly threadTs?: string;
  readonly text: string;
  readonly blocks: readonly JsonObject[];
  readonly attachments: readonly Json[];
  readonly metadata?: JsonObject;
  readonly clientMsgId?: string;
  readonly botId: string;
  readonly appId: string;
  /** Arrival of the request in ms: the simulator's clock if it was given one, else performance.now(). */
  readonly at: number;
  readonly notified: readonly string[];
  /** Everything that would be shown as a link, written as one or recognised by Slack. */
  readonly links: readonly string[];
  readonly unfurlLinks: boolean;
  readonly unfurlMedia: boolean;
  deleted?: boolean;
  edits: number;
}

export interface UserSpec {
  readonly name: string;
  readonly email?: string;
  readonly realName?: string;
  readonly isBot?: boolean;
  readonly deleted?: boolean;
  readonly id?: string;
}

export interface UserRecord {
  readonly id: string;
  name: string;
  email?: string;
  realName: string;
  isBot: boolean;
  deleted: boolean;
}

export interface UserGroupSpec {
  readonly handle: string;
  readonly name?: string;
  readonly id?: string;
}

export interface UserGroupRecord {
  readonly id: string;
  handle: string;
  name: string;
}

export interface TokenSpec {
  readonly token: string;
  readonly scopes: readonly string[];
  readonly revoked?: boolean;
  readonly appId?: string;
  readonly appName?: string;
  readonly botId?: string;
  readonly teamId?: string;
}

export interface TokenRecord {
  readonly token: string;
  scopes: readonly string[];
  revoked: boolean;
  readonly appId: string;
  readonly appName: string;
  readonly botId: string;
  readonly userId: string;
  readonly teamId: string;
}

export interface RecordedCall {
  readonly method: string;
  /** As sent; `blocks`, `attachments` and `metadata` of a form are decoded when they hold JSON. */
  readonly args: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: string;
  /** Arrival, as performance.now(). */
  readonly at: number;
  /** The HTTP status of the answer; 0 while, or because, none was given. */
  status: number;
  error?: string;
}

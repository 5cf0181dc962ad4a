import type { CallArguments } from "./call-arguments.ts";
import type { JsonObject } from "./json.ts";
import type { ChannelRecord, TokenRecord } from "./records.ts";
import { SlackRefusal } from "./refusal.ts";
import type { SlackSwitches } from "./switches.ts";
import type { Workspace } from "./workspace.ts";

/** What a method needs to answer one call. */
export interface CallContext {
  readonly workspace: Workspace;
  readonly switches: SlackSwitches;
  readonly args: CallArguments;
  readonly caller: TokenRecord;
  /** Arrival of the request on the simulator's pacing clock, in ms. */
  readonly at: number;
}

/** Answers with the fields beside `ok: true`, or throws a SlackRefusal. */
export type MethodHandler = (context: CallContext) => JsonObject;

export function hasScope(context: CallContext, scope: string): boolean {
  return context.caller.scopes.includes(scope);
}

/** `needed` and `provided` as Slack names them. */
export function requireScope(context: CallContext, scope: string): void {
  if (hasScope(context, scope)) return;
  throw new SlackRefusal("missing_scope", { needed: scope, provided: context.caller.scopes.join(",") });
}

/** The scope family of a channel: `channels:read` for public ones, `groups:read`, `im:read`. */
export function scopeFor(channel: ChannelRecord, action: string): string {
  if (channel.directMessageWith !== undefined) return `im:${action}`;
  return `${channel.isPrivate ? "groups" : "channels"}:${action}`;
}

/** The channel with the id in `channel`; a private one exists only for its members. */
export function visibleChannel(context: CallContext): ChannelRecord {
  const channel = context.workspace.channelById(context.args.required("channel"));
  if (!channel || (channel.isPrivate && !channel.isMember)) throw new SlackRefusal("channel_not_found");
  return channel;
}

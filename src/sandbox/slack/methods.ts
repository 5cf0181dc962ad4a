import type { CallContext, MethodHandler } from "./call-context.ts";
import { deleteMessage, getPermalink, updateMessage, validateBlocks } from "./chat-methods.ts";
import {
  conversationInfo,
  conversationMembers,
  joinConversation,
  listConversations,
  listOwnConversations,
} from "./conversation-methods.ts";
import { listUserGroups, listUsers, lookupUser, testApi, testAuth, userInfo } from "./directory-methods.ts";
import { history, replies } from "./history-methods.ts";
import type { JsonObject } from "./json.ts";
import { postMessage } from "./post-message.ts";

interface MethodBase {
  /** Requests a minute that Slack publishes for it. */
  readonly perMinute: number;
  /** Any one of them lets a token call it; its handler asks for more where the channel decides. */
  readonly scopes: readonly string[];
}

export type Method = MethodBase &
  (
    | { readonly isPublic?: false; readonly handle: MethodHandler }
    | { readonly isPublic: true; readonly handle: (call: Pick<CallContext, "args">) => JsonObject }
  );

const tier2 = 20;
const tier3 = 50;
const tier4 = 100;
const special = 600;
const readScopes = ["channels:read", "groups:read", "im:read", "mpim:read"];
const historyScopes = ["channels:history", "groups:history", "im:history", "mpim:history"];

/** Tiers and bot scopes as published: https://docs.slack.dev/reference/methods */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["api.test", { perMinute: tier4, scopes: [], isPublic: true, handle: testApi }],
  ["blocks.validate", { perMinute: special, scopes: [], isPublic: true, handle: validateBlocks }],
  ["auth.test", { perMinute: special, scopes: [], handle: testAuth }],
  ["chat.postMessage", { perMinute: Infinity, scopes: ["chat:write"], handle: postMessage }],
  ["chat.update", { perMinute: tier3, scopes: ["chat:write"], handle: updateMessage }],
  ["chat.delete", { perMinute: tier3, scopes: ["chat:write"], handle: deleteMessage }],
  ["chat.getPermalink", { perMinute: special, scopes: [], handle: getPermalink }],
  ["conversations.list", { perMinute: tier2, scopes: readScopes, handle: listConversations }],
  ["users.conversations", { perMinute: tier3, scopes: readScopes, handle: listOwnConversations }],
  ["conversations.info", { perMinute: tier3, scopes: readScopes, handle: conversationInfo }],
  ["conversations.members", { perMinute: tier4, scopes: readScopes, handle: conversationMembers }],
  ["conversations.history", { perMinute: tier3, scopes: historyScopes, handle: history }],
  ["conversations.replies", { perMinute: tier3, scopes: historyScopes, handle: replies }],
  ["conversations.join", { perMinute: tier3, scopes: ["channels:join"], handle: joinConversation }],
  ["users.list", { perMinute: tier2, scopes: ["users:read"], handle: listUsers }],
  ["users.info", { perMinute: tier4, scopes: ["users:read"], handle: userInfo }],
  ["users.lookupByEmail", { perMinute: tier3, scopes: ["users:read.email"], handle: lookupUser }],
  ["usergroups.list", { perMinute: tier2, scopes: ["usergroups:read"], handle: listUserGroups }],
]);

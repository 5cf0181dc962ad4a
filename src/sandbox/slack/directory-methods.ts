import { hasScope, type CallContext } from "./call-context.ts";
import type { Json, JsonObject } from "./json.ts";
import { pageOf } from "./pages.ts";
import type { UserRecord } from "./records.ts";
import { SlackRefusal } from "./refusal.ts";

/** https://docs.slack.dev/reference/methods/auth.test/ */
export function testAuth({ workspace, caller, switches }: CallContext): JsonObject {
  return {
    url: workspace.webUrl,
    team: workspace.teamName,
    user: workspace.user(caller.userId)?.name ?? "",
    team_id: caller.teamId,
    user_id: caller.userId,
    bot_id: caller.botId,
    is_enterprise_install: false,
    ...(switches.authTestNamesApp ? { app_id: caller.appId, app_name: caller.appName } : {}),
  };
}

/** Gives its arguments back: https://docs.slack.dev/reference/methods/api.test/ */
export function testApi({ args }: Pick<CallContext, "args">): JsonObject {
  const error = args.string("error");
  const echoed = { ...args.values };
  delete echoed["token"];
  if (error !== undefined) throw new SlackRefusal(error, { args: echoed });
  return Object.keys(echoed).length > 0 ? { args: echoed } : {};
}

/** https://docs.slack.dev/reference/methods/users.list/ */
export function listUsers(context: CallContext): JsonObject {
  const { args, workspace, switches } = context;
  const page = pageOf(args, workspace.users, {
    limit: args.limit(100, 1_001),
    short: switches.shortPages,
  });
  return {
    members: page.items.map((user) => userView(context, user)),
    cache_ts: Math.floor(workspace.now() / 1000),
    response_metadata: { next_cursor: page.nextCursor },
  };
}

export function userInfo(context: CallContext): JsonObject {
  const user = context.workspace.user(context.args.required("user"));
  if (!user) throw new SlackRefusal("user_not_found");
  return { user: userView(context, user) };
}

/** Deactivated people are not found: https://docs.slack.dev/reference/methods/users.lookupByEmail/ */
export function lookupUser(context: CallContext): JsonObject {
  const email = context.args.required("email").toLowerCase();
  const user = context.workspace.users.find(
    (candidate) => candidate.email?.toLowerCase() === email && !candidate.deleted,
  );
  if (!user) throw new SlackRefusal("users_not_found");
  return { user: userView(context, user) };
}

/** https://docs.slack.dev/reference/methods/usergroups.list/ */
export function listUserGroups({ workspace, caller }: CallContext): JsonObject {
  const usergroups: Json[] = workspace.userGroups.map((group) => ({
    id: group.id,
    team_id: caller.teamId,
    is_usergroup: true,
    name: group.name,
    description: "",
    handle: group.handle,
    is_external: false,
    date_delete: 0,
    auto_type: null,
  }));
  return { usergroups };
}

/** https://docs.slack.dev/reference/objects/user-object/ */
function userView(context: CallContext, user: UserRecord): JsonObject {
  const showsEmail = user.email !== undefined && hasScope(context, "users:read.email");
  return {
    id: user.id,
    team_id: context.caller.teamId,
    name: user.name,
    deleted: user.deleted,
    real_name: user.realName,
    tz: "America/New_York",
    profile: {
      real_name: user.realName,
      display_name: user.isBot ? "" : user.name,
      ...(showsEmail ? { email: user.email } : {}),
    },
    is_admin: false,
    is_bot: user.isBot,
    is_app_user: false,
    is_restricted: false,
    is_ultra_restricted: false,
    updated: 1_700_000_000,
  };
}

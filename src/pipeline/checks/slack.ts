import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";
import type { Identity, WebApiSender } from "../../slack/sender.ts";
import { Workspace, type ChannelInfo } from "../../slack/workspace.ts";
import type { Directory } from "../../routing/directory.ts";
import type { State } from "../../state/state.ts";
import { wantedNames, type WantedName } from "../wanted-names.ts";
import { checkChannels } from "./channels.ts";
import { failed, failedBy, passed, warning, type Check } from "./check.ts";
import { clockCheck } from "./clock.ts";
import { checkMentions } from "./mentions.ts";
import { checkScopes } from "./scopes.ts";

export interface SlackAsked {
  readonly config: Config;
  readonly spreadsheet: Directory;
  readonly sender: WebApiSender;
  /** What the installation belongs to already; null where there is none. */
  readonly state: State | null;
  readonly isSigning: boolean;
}

export interface SlackChecks {
  readonly checks: readonly Check[];
  /** Null where Slack does not take the token. */
  readonly channels: ReadonlyMap<string, ChannelInfo> | null;
}

/** The token and what it may do, then every channel and mention that the configuration can reach. */
export async function checkSlack(asked: SlackAsked): Promise<SlackChecks> {
  const { config, spreadsheet, sender } = asked;
  let identity: Identity;
  try {
    identity = await sender.authTest();
  } catch (error) {
    return { checks: [refusal(error, config)], channels: null };
  }
  const { scopes, userId: botUserId } = identity;
  const workspace = new Workspace(sender);
  const names = wantedNames(config, spreadsheet);
  const wanted = names.filter(({ kind }) => kind === "channel");
  const people = names.filter(({ kind }) => kind === "mention");
  const channels = await checkChannels({ config, workspace, wanted, scopes, botUserId });
  const mentions = await checkMentions(people, { workspace, scopes });
  return {
    checks: [
      tokenCheck(identity, asked),
      ...clockOf(asked),
      ...scopeChecks(scopes, { wanted, found: channels.found, people }),
      ...channels.checks,
      ...mentions,
    ],
    channels: channels.found,
  };
}

function refusal(error: unknown, { slack }: Config): Check {
  const check = failedBy("Slack", error);
  if (!(error instanceof AppError) || error.kind !== "temporary") return check;
  return {
    ...check,
    hint: `Is there a way from this machine to ${slack.apiUrl}? A firewall or a proxy may stand in between.`,
  };
}

/** A state that belongs to another workspace is never used with this token. */
function tokenCheck({ teamId, url }: Identity, { state }: SlackAsked): Check {
  const bound = state?.bind.teamId ?? null;
  const workspace = url === "" ? teamId : url;
  if (bound === null || bound === teamId) return passed("Slack", `${workspace} accepts the token`);
  return failed(
    "Slack",
    `the token belongs to workspace ${teamId}, the state to ${bound}`,
    "Use the token of the first workspace, or a state folder of its own (stateDir) for the new one.",
  );
}

function clockOf({ sender, isSigning }: SlackAsked): Check[] {
  const time = sender.serverNow();
  return time === null ? [] : [clockCheck("clock and Slack", time, { isSigning })];
}

interface Reached {
  readonly wanted: readonly WantedName[];
  readonly found: ReadonlyMap<string, ChannelInfo>;
  readonly people: readonly WantedName[];
}

function scopeChecks(scopes: readonly string[] | null, { wanted, found, people }: Reached): Check[] {
  if (scopes === null) {
    return [
      warning(
        "Slack scopes",
        "Slack does not say what the token may do",
        "Does a proxy take out the header x-oauth-scopes?",
      ),
    ];
  }
  const names = people.map(({ name }) => name);
  const channels = wanted.map(({ name }) => name);
  const isPrivate = [...found.values()].some((one) => one.isPrivate);
  const needs = {
    hasPrivate: isPrivate || channels.some((name) => !found.has(name) && !name.startsWith("D")),
    hasDirectMessages: channels.some((name) => name.startsWith("D")),
    hasEmails: names.some((name) => name.includes("@", 1)),
    hasHandles: names.some((name) => name.startsWith("@")),
  };
  return checkScopes(scopes, needs);
}

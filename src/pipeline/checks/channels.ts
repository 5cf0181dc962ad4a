import type { Config } from "../../config/config.ts";
import { nearest } from "../../config/config-problems.ts";
import { channelNamed, type ChannelInfo, type Workspace } from "../../slack/workspace.ts";
import type { WantedName } from "../wanted-names.ts";
import { failed, failedBy, passed, placesWords, warning, type Check } from "./check.ts";

export interface ChannelsAsked {
  readonly config: Config;
  readonly workspace: Workspace;
  readonly wanted: readonly WantedName[];
  /** Null where Slack does not tell. */
  readonly scopes: readonly string[] | null;
  readonly botUserId: string;
}

export interface ChannelChecks {
  readonly checks: readonly Check[];
  /** Of those that were found, by the name in the configuration. */
  readonly found: ReadonlyMap<string, ChannelInfo>;
}

/** Looks at every channel as Slack has it now, not as the cache remembers it. */
export async function checkChannels(asked: ChannelsAsked): Promise<ChannelChecks> {
  const found = new Map<string, ChannelInfo>();
  try {
    const all = await asked.workspace.channels();
    const checks: Check[] = [];
    for (const { name, places } of asked.wanted) {
      const info = await find(name, all, asked.workspace);
      if (info !== null && info !== "unknown") found.set(name, info);
      const { outcome, detail, hint } = findingOn(name, info, { asked, all });
      checks.push({ name: `channel ${name}`, outcome, detail: `${detail} (${placesWords(places)})`, hint });
    }
    return { checks, found };
  } catch (error) {
    return { checks: [failedBy("channels", error)], found };
  }
}

async function find(
  name: string,
  all: readonly ChannelInfo[],
  workspace: Workspace,
): Promise<ChannelInfo | null | "unknown"> {
  if (!name.startsWith("#")) return all.find(({ id }) => id === name) ?? workspace.channel(name);
  return channelNamed(name, all) ?? null;
}

type Finding = Omit<Check, "name">;

interface Circumstances {
  readonly asked: ChannelsAsked;
  readonly all: readonly ChannelInfo[];
}

function findingOn(name: string, info: ChannelInfo | null | "unknown", at: Circumstances): Finding {
  if (info === "unknown") return warning("", "Slack does not tell about it", "Run the test again.");
  if (info === null)
    return failed("", "Slack has no such channel that this app can see", missingHint(name, at));
  if (info.isArchived)
    return failed("", "it is archived", "Unarchive it, or send its messages to another channel.");
  return sharingProblem(name, info, at.asked) ?? postingProblem(info, at.asked) ?? membership(info, at.asked);
}

function missingHint(name: string, { asked, all }: Circumstances): string {
  if (!name.startsWith("#"))
    return 'Is the id right? Into a private channel the app must be invited ("/invite").';
  const like = nearest(
    name.slice(1),
    all.filter(({ isArchived }) => !isArchived).map((one) => one.name),
  );
  const suggestion = like === null ? "" : `Did you mean #${like}? Else create it; `;
  const sees = asked.scopes === null || asked.scopes.includes("groups:read");
  const invite = sees
    ? 'if it is private, invite the app to it ("/invite" in the channel).'
    : "if it is private, the app needs the scope groups:read to see it.";
  return suggestion === "" ? `Create it; ${invite}` : `${suggestion}${invite}`;
}

function sharingProblem(name: string, info: ChannelInfo, { config }: ChannelsAsked): Finding | null {
  if (!info.isExtShared) return null;
  const isAllowed = config.slack.allowShared.some(
    (allowed) => allowed === info.id || allowed === name || allowed === `#${info.name}`,
  );
  if (isAllowed) return null;
  return failed(
    "",
    "it is shared with another company, which would read the amounts",
    'Choose a channel of your own, or name it in "slack.allowShared" if that is what you want.',
  );
}

function postingProblem({ posters }: ChannelInfo, { botUserId }: ChannelsAsked): Finding | null {
  if (posters === undefined || posters.includes(botUserId)) return null;
  return failed(
    "",
    "only some people may post there, and this app is not one of them",
    "Let the app post in the channel's settings (posting permissions), or choose another channel.",
  );
}

function membership({ isMember, isPrivate }: ChannelInfo, { scopes }: ChannelsAsked): Finding {
  if (isMember) return passed("", `found, ${isPrivate ? "private" : "public"}, the app is a member`);
  if (scopes !== null && !scopes.includes("chat:write.public")) {
    return failed(
      "",
      "the app is not in the channel and may not post there",
      'Invite it: "/invite" in the channel.',
    );
  }
  return warning(
    "",
    "the app may post but is not a member: an uncertain post cannot be looked up there",
    'Invite it: "/invite" in the channel.',
  );
}

import type { ChannelInfo } from "../slack/workspace.ts";
import type { State } from "../state/state.ts";
import { reroute, resolveChannel } from "../state/transitions.ts";
import type { Channel } from "./plan.ts";
import type { Ports } from "./ports.ts";
import type { Failure } from "./report.ts";

export interface Places {
  /** Where messages go whose own channel takes none; null without `slack.fallbackChannel`. */
  readonly fallback: Channel | null;
  /** Ids of channels to which nothing is sent in this run. */
  readonly closed: ReadonlySet<string>;
  readonly failures: readonly Failure[];
}

/**
 * Makes sure that what waits has a channel that may take it: one that was only a name is looked for again, and nothing
 * goes to a channel shared with another company unless `slack.allowShared` names it. What has none goes to the
 * fallback, or waits.
 */
export async function openPlaces(ports: Ports): Promise<Places> {
  const fallback = await fallbackOf(ports);
  const closed = new Set<string>();
  const failures: Failure[] = [];
  for (const channel of channelsInUse(ports.store.state)) {
    const problem = await problemOf(ports, channel);
    if (problem === null) continue;
    if (fallback !== null && fallback.id !== channel.id) {
      ports.logger.warn(`${problem.message}: its messages go to ${fallback.name}. ${problem.hint}`);
      await ports.store.commit((state) => reroute(state, channel.id, fallback));
    } else {
      closed.add(channel.id);
      failures.push({ scope: channel.name, kind: "channel", ...problem });
    }
  }
  return { fallback, closed, failures };
}

/** Channels of the messages that have no stand-in, and the stand-ins. */
function channelsInUse({ outbox }: State): Channel[] {
  const waiting = outbox.filter(({ status }) => status === "pending");
  return [...new Map(waiting.map(({ channel, via }) => [(via ?? channel).id, via ?? channel])).values()];
}

interface Problem {
  readonly message: string;
  readonly hint: string;
}

async function problemOf(ports: Ports, channel: Channel): Promise<Problem | null> {
  const found = await settledChannel(ports, channel);
  if (found === null) return missing(channel.name);
  const info = await ports.directory.info(found.id);
  if (info === null || info === "unknown" || !info.isExtShared || isAllowed(ports, info)) return null;
  return {
    message: `${channel.name} is shared with another company`,
    hint: "Route to another channel, or name it in slack.allowShared.",
  };
}

/**
 * The channel under its id of today. A name may have found its channel, or another one have taken it; a channel that
 * was renamed, and whose name nobody has taken, is still the one.
 */
async function settledChannel({ directory, store }: Ports, channel: Channel): Promise<Channel | null> {
  const isOnlyName = channel.id.startsWith("#");
  if (!isOnlyName) {
    const info = await directory.info(channel.id);
    if (info === "unknown" || !channel.name.startsWith("#") || `#${info?.name}` === channel.name)
      return channel;
  }
  await directory.load({ channels: [channel.name], mentions: [], refresh: true });
  const found = directory.channel(channel.name);
  if (found.id.startsWith("#")) return isOnlyName ? null : channel;
  if (found.id !== channel.id) await store.commit((state) => resolveChannel(state, channel.id, found));
  return found;
}

function isAllowed({ config }: Ports, { id, name }: ChannelInfo): boolean {
  return config.slack.allowShared.some((allowed) => allowed === id || allowed === `#${name}`);
}

async function fallbackOf({ config, directory }: Ports): Promise<Channel | null> {
  const name = config.slack.fallbackChannel;
  if (name === undefined) return null;
  await directory.load({ channels: [name], mentions: [] });
  const found = directory.channel(name);
  return found.id.startsWith("#") ? null : found;
}

function missing(name: string): Problem {
  return {
    message: `Slack has no channel ${name} that this app can see`,
    hint: `Create it, or invite the app to it if it is private ("/invite" in the channel), or correct the configuration.`,
  };
}

import { AppError } from "../errors.ts";
import type { ChannelInfo } from "../slack/workspace.ts";
import { waitingChannels, waitingPlaces } from "../state/outbox.ts";
import type { Channel } from "../state/state.ts";
import { reroute, resolveChannel } from "../state/moves.ts";
import type { Ports } from "./ports.ts";
import { failureOf, type Failure } from "./report.ts";
import type { Selection } from "./source-poll.ts";

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
 *
 * @param diverted is given the names of the channels whose messages go to the fallback
 */
export async function openPlaces(ports: Ports, diverted: Set<string>): Promise<Places> {
  const fallback = await fallbackOf(ports);
  const closed = new Set<string>();
  const failures: Failure[] = [];
  for (const channel of waitingPlaces(ports.store.state)) {
    const problem = await problemOf(ports, channel);
    if (problem === null) continue;
    const { id, failure, isLasting } = problem;
    closed.add(id);
    if (isLasting && fallback !== null && fallback.id !== id) {
      ports.logger.warn(`${failure.message}: its messages go to ${fallback.name}. ${failure.hint ?? ""}`);
      diverted.add(channel.name);
      await ports.store.commit((state) => reroute(state, id, fallback));
    }
    // Replies to what is in the channel stay, with or without a fallback.
    if (waitingChannels(ports.store.state).includes(id)) failures.push(failure);
  }
  return { fallback, closed, failures };
}

/**
 * What is tried out is asked for by hand, and must not wait for a channel that may never be.
 *
 * @throws AppError `usage` when Slack has no such channel, as far as this app can see
 */
export async function expectTrialChannel(
  { directory }: Pick<Ports, "directory">,
  { backfill }: Selection,
): Promise<void> {
  const name = backfill?.trialChannel ?? null;
  if (name === null) return;
  const isFound = name.startsWith("#")
    ? await isKnown(directory, name)
    : (await directory.info(name)) !== null;
  if (isFound) return;
  throw new AppError("usage", `Slack has no channel ${name} that this app can see`, {
    hint: 'Is it spelled right? A private channel must have the app invited: "/invite" in the channel.',
  });
}

async function isKnown(directory: Ports["directory"], name: string): Promise<boolean> {
  await directory.load({ channels: [name], mentions: [], refresh: true });
  return !isOnlyName(directory.channel(name));
}

/** A channel that was never found in Slack is known by the name in the configuration alone. */
export function isOnlyName({ id }: Channel): boolean {
  return id.startsWith("#");
}

interface Problem {
  /** Of the channel, which may have another id than a moment ago. */
  readonly id: string;
  readonly failure: Failure;
  readonly isLasting: boolean;
}

async function problemOf(ports: Ports, channel: Channel): Promise<Problem | null> {
  try {
    return await lastingProblemOf(ports, channel);
  } catch (error) {
    const failure = failureOf(channel.name, error);
    const message = `cannot look for ${channel.name}: ${failure.message}`;
    return { id: channel.id, failure: { ...failure, message }, isLasting: false };
  }
}

async function lastingProblemOf(ports: Ports, channel: Channel): Promise<Problem | null> {
  const found = await settledChannel(ports, channel);
  if (found === null) return missing(channel);
  const info = await ports.directory.info(found.id);
  if (info === null || info === "unknown" || !info.isExtShared || isAllowed(ports, info)) return null;
  return lasting(found, {
    message: `${channel.name} is shared with another company`,
    hint: "Route to another channel, or name it in slack.allowShared.",
  });
}

/**
 * The channel under its id of today. A name may have found its channel, or another one have taken it; a channel that
 * was renamed, and whose name nobody has taken, is still the one.
 */
async function settledChannel({ directory, store }: Ports, channel: Channel): Promise<Channel | null> {
  if (!isOnlyName(channel)) {
    const info = await directory.info(channel.id);
    if (info === "unknown" || !channel.name.startsWith("#") || `#${info?.name}` === channel.name)
      return channel;
  }
  await directory.load({ channels: [channel.name], mentions: [], refresh: true });
  const found = directory.channel(channel.name);
  if (isOnlyName(found)) return isOnlyName(channel) ? null : channel;
  if (found.id !== channel.id) await store.commit((state) => resolveChannel(state, channel.id, found));
  return found;
}

function isAllowed({ config }: Ports, { id, name }: ChannelInfo): boolean {
  return config.slack.allowShared.some((allowed) => allowed === id || allowed === `#${name}`);
}

async function fallbackOf({ config, directory, logger }: Ports): Promise<Channel | null> {
  const name = config.slack.fallbackChannel;
  if (name === undefined) return null;
  try {
    await directory.load({ channels: [name], mentions: [] });
  } catch (error) {
    const { message } = failureOf(name, error);
    logger.warn(`No channel stands in for others in this run: cannot look for ${name}: ${message}`);
    return null;
  }
  const found = directory.channel(name);
  return isOnlyName(found) ? null : found;
}

function missing(channel: Channel): Problem {
  return lasting(channel, {
    message: `Slack has no channel ${channel.name} that this app can see`,
    hint:
      'Create it, or invite the app to it if it is private ("/invite" in the channel). If the name is wrong, correct the ' +
      'configuration; what waits already is sent elsewhere by: sage-slack outbox retry ID --channel "#NAME"',
  });
}

function lasting({ id, name }: Channel, words: Pick<Failure, "message" | "hint">): Problem {
  return { id, failure: { scope: name, kind: "channel", ...words }, isLasting: true };
}

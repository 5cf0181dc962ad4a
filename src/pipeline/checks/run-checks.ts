import type { Config } from "../../config/config.ts";
import { keychainOnDemand } from "../../config/keychain.ts";
import { loadConfig, type LoadOptions } from "../../config/load-config.ts";
import { proxySecrets } from "../../config/proxy.ts";
import type { SageCredentials } from "../../config/secrets.ts";
import { AppError } from "../../errors.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Directory } from "../../routing/directory.ts";
import { WebApiSender } from "../../slack/sender.ts";
import { Workspace, type ChannelInfo } from "../../slack/workspace.ts";
import { acquireRunLock } from "../../state/run-lock.ts";
import type { State } from "../../state/state.ts";
import { lookAtState, openStateFile } from "../../state/state-file.ts";
import { credentialsHash, withRefusals } from "../refusals.ts";
import { checkChannels } from "./channels.ts";
import { passed, warning, type Check } from "./check.ts";
import { checkSettings, checkStateFolder } from "./machine.ts";
import { checkMonitor } from "./monitor.ts";
import { checkRouting } from "./routing.ts";
import { checkStatuses } from "./statuses.ts";
import { checkSage, type SageChecks } from "./sage.ts";
import { sendSamples } from "./sample.ts";
import { findSecrets, type FoundSecrets } from "./secrets.ts";
import { checkSlack } from "./slack.ts";

export interface CheckOptions extends LoadOptions {
  readonly signal: AbortSignal;
  /** Told each secret as soon as it is known, so that no text can show it. */
  readonly remember: (secret: string) => void;
  /** Where to post a sample message of each source. */
  readonly sendTo?: string | undefined;
}

/**
 * Looks at everything that a scheduled run needs, in the context in which it is called. Takes no lock and writes no
 * state, but for a refusal of credentials that is to be remembered or forgotten.
 *
 * @throws AppError `config` when the configuration cannot be read: then nothing else can be checked
 */
export async function runChecks(options: CheckOptions): Promise<Check[]> {
  const loaded = await loadConfig({ ...options, directory: "needed" });
  const { config, spreadsheet, stateDirectory } = loaded;
  for (const secret of proxySecrets(config)) options.remember(secret);
  const local = [
    ...checkSettings(loaded, options.env),
    ...checkStatuses(config),
    ...checkRouting(config, spreadsheet),
    ...(await checkStateFolder(stateDirectory)),
    ...(await checkMonitor(config, options)),
  ];
  const secrets = await findSecrets(
    { config, env: options.env, keychain: keychainOnDemand() },
    options.remember,
  );
  const state = await stateIn(stateDirectory);
  const sage = await checkSage({ config, credentials: secrets.sage, signal: options.signal });
  const refusals = state === null ? [] : await settleRefusals(stateDirectory, { state, config, sage });
  const slack = await slackChecks(secrets, { options, config, spreadsheet, state });
  return [...local, ...secrets.checks, ...sage.checks, ...refusals, ...slack];
}

/** Null as well where it cannot be read, which is a check of its own. */
async function stateIn(directory: string): Promise<State | null> {
  try {
    return (await lookAtState({ directory })).state;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return null;
  }
}

interface Installation {
  readonly options: CheckOptions;
  readonly config: Config;
  readonly spreadsheet: Directory;
  readonly state: State | null;
}

async function slackChecks(
  { slackToken, signingSecret }: FoundSecrets,
  { options, config, spreadsheet, state }: Installation,
): Promise<Check[]> {
  if (slackToken === null) return [];
  const sender = new WebApiSender({
    token: slackToken.secret.reveal(),
    apiUrl: config.slack.apiUrl,
    macKey: "",
    proxyUrl: config.slack.proxy,
    signingSecret: signingSecret?.secret.reveal(),
    signal: options.signal,
  });
  const isSigning = signingSecret !== null;
  const { checks, channels } = await checkSlack({ config, spreadsheet, sender, state, isSigning });
  const { sendTo } = options;
  if (sendTo === undefined || channels === null) return [...checks];
  return [...checks, ...(await samples(sendTo, { config, sender }))];
}

/** A channel of the command line is looked at like those of the configuration. */
async function samples(
  name: string,
  { config, sender }: { config: Config; sender: WebApiSender },
): Promise<Check[]> {
  const { scopes, userId: botUserId } = await sender.authTest();
  const wanted = [{ kind: "channel" as const, name, places: ["--send"] }];
  const workspace = new Workspace(sender);
  const { checks, found } = await checkChannels({ config, workspace, wanted, scopes, botUserId });
  const channel: ChannelInfo | undefined = found.get(name);
  if (channel === undefined || checks.some(({ outcome }) => outcome === "failed")) {
    return checks.map((check) => ({ ...check, name: `sample in ${name}` }));
  }
  return sendSamples({ config, sender, clock: systemClock, channel: { id: channel.id, name } });
}

/**
 * Credentials that Sage takes are tried by the next run again, and those that it refuses are not: a schedule must not
 * lock an account. During a run, which holds the lock, nothing is changed.
 */
async function settleRefusals(
  directory: string,
  { state, config, sage }: { state: State; config: Config; sage: SageChecks },
): Promise<Check[]> {
  const hashOf = (one: SageCredentials) => credentialsHash(state.salt, config.sage.url, one);
  const found = { refused: sage.refused.map(hashOf), accepted: sage.accepted.map(hashOf) };
  if (withRefusals(state.refusedCredentials, found) === state.refusedCredentials) return [];
  const isLifted = sage.refused.length === 0;
  try {
    const lock = await acquireRunLock({ directory });
    try {
      const store = await openStateFile({ directory, lock });
      await store.commit((now) => ({
        ...now,
        refusedCredentials: withRefusals(now.refusedCredentials, found),
      }));
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const what = isLifted ? "that Sage takes the credentials again" : "that Sage refused the credentials";
    return [
      warning(
        "refused credentials",
        `${what} could not be noted: ${error.message}`,
        "Run the test again after that.",
      ),
    ];
  }
  return isLifted ? [passed("refused credentials", "Sage takes them again: runs go on")] : [];
}

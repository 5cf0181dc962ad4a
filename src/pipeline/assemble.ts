import { randomBytes } from "node:crypto";

import { keychainOnDemand } from "../config/keychain.ts";
import { loadConfig, type LoadOptions } from "../config/load-config.ts";
import { proxySecrets } from "../config/proxy.ts";
import { loadSecrets, type Secrets } from "../config/secrets.ts";
import { isInsecure, type Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import type { Directory } from "../routing/directory.ts";
import { ensureStateDirectory } from "../runtime/durable-file.ts";
import { daysSince1970, systemClock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import { MasterData } from "../sage/master-data.ts";
import { ODataClient } from "../sage/odata-client.ts";
import { WebApiSender } from "../slack/sender.ts";
import { Workspace } from "../slack/workspace.ts";
import { MasterFile } from "../state/master-file.ts";
import { acquireRunLock } from "../state/run-lock.ts";
import { sealerFor } from "../state/sealed.ts";
import { MemoryStore, type Store } from "../state/memory-store.ts";
import type { State } from "../state/state.ts";
import { openStateFile, readStateFile } from "../state/state-file.ts";
import { beginRun, emptyState, noteWait } from "../state/transitions.ts";
import { CachedWorkspace } from "./cached-workspace.ts";
import type { Company, Ports } from "./ports.ts";
import { credentialsHash } from "./refusals.ts";

export interface AssembleOptions extends LoadOptions {
  readonly maxDurationSeconds: number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Told each secret as soon as it is known, so that no text can show it. */
  readonly remember: (secret: string) => void;
}

export interface Run {
  readonly ports: Ports;
  readonly enabledSources: readonly string[];
  /** Writes down how it ended, ends connections and lets go of the lock. */
  finish(exitCode: number): Promise<void>;
}

/**
 * Puts a run together: configuration, then secrets, then the lock, then the state.
 *
 * @throws AppError from each of them, in that order, before any request is made
 */
export async function assembleRun(options: AssembleOptions): Promise<Run> {
  const { ports, enabledSources: sources, end } = await assembleLocked(options);
  const finish = (exitCode: number) =>
    end((state) => ({ ...state, lastRun: { endedAt: Date.now(), exitCode } }));
  return { ports, enabledSources: sources, finish };
}

/** What reads names into the cache holds the lock as a run does, and is none. */
export async function assembleSync(
  options: AssembleOptions,
): Promise<Pick<Run, "ports"> & { readonly master: MasterFile; readonly finish: () => Promise<void> }> {
  const { ports, master, end } = await assembleLocked(options);
  return { ports, master, finish: () => end((state) => state) };
}

interface Locked extends Omit<Run, "finish"> {
  readonly master: MasterFile;
  readonly end: (lastChange: (state: State) => State) => Promise<void>;
}

async function assembleLocked(options: AssembleOptions): Promise<Locked> {
  const prepared = await prepare(options);
  await ensureStateDirectory(prepared.directory);
  const lock = await acquireRunLock({ directory: prepared.directory });
  try {
    const store = await openStateFile({ directory: prepared.directory, lock });
    if (store.recoveryNote !== null) options.logger.warn(store.recoveryNote);
    const master = await MasterFile.open(prepared.directory);
    const ports = connect({ ...prepared, store, master, options });
    const end = async (lastChange: (state: State) => State) => {
      try {
        close(ports);
        await store.commit(lastChange);
        await keepMaster(master, ports);
      } finally {
        await lock.release();
      }
    };
    return { ports, enabledSources: enabledSources(prepared.config), master, end };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Only a cache: a run that did its work is not failed for it. */
async function keepMaster(master: MasterFile, { sage, logger }: Ports): Promise<void> {
  for (const company of sage) master.keep(company.id, company.master.known());
  await master.save().catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    logger.warn(`what was read of vendors, customers and channels is not kept: ${error.message}`);
  });
}

/** The same without lock and without writing: what a run would do is worked out on a copy of the state. */
export async function assembleDryRun(options: AssembleOptions): Promise<Run> {
  const prepared = await prepare(options);
  const known = await readStateFile({ directory: prepared.directory });
  // As the run that it foretells would begin.
  const store = new MemoryStore(
    beginRun(known ?? emptyState({ instance: "dry-run", salt: randomBytes(32).toString("hex") })),
  );
  const ports = connect({ ...prepared, store, master: await MasterFile.open(prepared.directory), options });
  const finish = async () => close(ports);
  return { ports, enabledSources: enabledSources(prepared.config), finish };
}

interface Prepared {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly spreadsheet: Directory;
  readonly directory: string;
}

async function prepare(options: AssembleOptions): Promise<Prepared> {
  const { env, remember, logger } = options;
  warnOfInspectors(env, logger);
  const { config, stateDirectory, spreadsheet } = await loadConfig({
    ...options,
    directory: options.directory ?? "needed",
  });
  if (isInsecure(config.sage.url)) {
    logger.warn(`${config.sage.url}: user, password and books cross the network in the clear (sage.url)`);
  }
  for (const secret of proxySecrets(config)) remember(secret);
  const secrets = await loadSecrets({ config, env, keychain: keychainOnDemand() });
  for (const secret of secrets.values) remember(secret.reveal());
  return { config, secrets, spreadsheet, directory: stateDirectory };
}

function warnOfInspectors(env: AssembleOptions["env"], logger: Logger): void {
  const found = inspectorIn(env);
  if (found !== null) logger.warn(`NODE_OPTIONS has ${found}: other code can see the secrets of this run`);
}

/** Whoever sets these can read every secret of the process; null where nobody does. */
export function inspectorIn({ NODE_OPTIONS }: LoadOptions["env"]): string | null {
  const options = /--(?:inspect|require|import|loader|experimental-loader|heapsnapshot|report)\b/;
  return options.exec(NODE_OPTIONS ?? "")?.[0] ?? null;
}

interface Connection extends Prepared {
  readonly store: Store;
  readonly master: MasterFile;
  readonly options: AssembleOptions;
}

function connect(connection: Connection): Ports {
  const { config, spreadsheet, store, master, options } = connection;
  const startedAt = systemClock.elapsed();
  const sender = senderFor(connection);
  return {
    config,
    spreadsheet,
    clock: systemClock,
    logger: options.logger,
    store,
    sealer: sealerFor({ secret: connection.secrets.slackToken.reveal(), salt: store.state.salt }),
    // What was begun in time has until the end of the run.
    sage: companiesOf(connection, startedAt + options.maxDurationSeconds * 1000),
    sender,
    directory: new CachedWorkspace(new Workspace(sender), master, daysSince1970(systemClock.now())),
    signal: options.signal,
    deadline: startedAt + timeToBegin(options.maxDurationSeconds * 1000),
  };
}

/** Some of a run's time is kept free for the answer to the last request and the last commit. */
function timeToBegin(durationMs: number): number {
  return durationMs - Math.min(20_000, durationMs / 4);
}

function close(ports: Ports): void {
  for (const { client } of ports.sage) client.close();
}

function enabledSources({ sources }: Config): string[] {
  return Object.entries(sources)
    .filter(([, settings]) => settings.enabled)
    .map(([name]) => name);
}

function senderFor({ config, secrets, store, options }: Connection): WebApiSender {
  return new WebApiSender({
    signal: options.signal,
    token: secrets.slackToken.reveal(),
    apiUrl: config.slack.apiUrl,
    macKey: store.state.salt,
    waits: {
      untilOf: (method) => store.state.pace.waitUntil[method] ?? 0,
      note: (method, until) => store.commit((state) => noteWait(state, method, until)),
    },
    proxyUrl: config.slack.proxy,
    signingSecret: secrets.signingSecret?.reveal(),
  });
}

function companiesOf(connection: Connection, deadline: number): Company[] {
  const { config, secrets, store, master, options } = connection;
  const known = { today: daysSince1970(systemClock.now()) };
  return config.sage.companies.map((company) => {
    const { user, password } = secrets.sage(company);
    const client = new ODataClient({
      url: config.sage.url,
      company,
      user,
      password: password.reveal(),
      timeoutSeconds: config.sage.timeoutSeconds,
      signal: options.signal,
      deadline,
      ca: config.sage.ca,
      proxyUrl: config.sage.proxy,
    });
    return {
      id: company,
      client,
      master: new MasterData(client, master.company(company), known),
      credentials: credentialsHash(store.state.salt, config.sage.url, secrets.sage(company)),
    };
  });
}
